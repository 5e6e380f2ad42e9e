## Главная

start-headline = Покупки в прямом эфире
start-lead = Смотрите, спрашивайте и покупайте, не отрываясь от видео.
start-live = Сейчас в эфире
start-next = Скоро
start-ended = Недавние эфиры
start-also-live = Ещё в эфире
start-watch = Смотреть: { $title }
start-watch-now = Смотреть
start-search = Поиск эфиров
start-tags = Теги
start-nothing-found = Ничего не нашлось. Попробуйте другое слово.
start-hosts = Ведущие
start-empty-title = Пока никто не в эфире
start-empty-text = Эфиры появятся здесь, как только их запланируют.
show-starts = Начало { $when }
show-ended-at = Завершён { $when }

## Студия

