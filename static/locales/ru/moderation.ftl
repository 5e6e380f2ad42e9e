## Вопросы

questions-none = Здесь появятся вопросы зрителей, сначала самые популярные.
question-put-live = Вывести в эфир
question-done = Отвечено
question-back = Вернуть в очередь
question-hide = Скрыть
question-show = Показать снова

## Товары и покупка

desk-title = К отправке

## Вход

logout = Выйти

## Модерация

moderation-title = Модерация
moderate-title = Модерация — Эфир
moderate-login = Вход для модератора
moderate-login-text = Для модераторов эфира «{ $title }».
moderate-register = Создайте аккаунт
moderate-register-text = У модератора есть аккаунт, чтобы ведущий мог его назначить. Имя останется при том, что вы уже написали.
moderate-refused = Вы не модератор этого эфира
moderate-refused-text = Вы вошли как { $name }. Напишите что-нибудь в чат: рядом с вашим сообщением { $host } сможет назначить вас модератором.
moderate-to-show = К эфиру
moderate-check-again = Проверить снова
moderate-watch = Смотреть эфир
moderators-title = Модераторы
moderators-empty = Назначьте кого-нибудь рядом с его сообщением в чате.
held-title = На проверке
held-empty = Проверять нечего.
held-approve = Показать
held-reject = Отклонить
held-approve-first = Проверка всех
held-banned-word = Запрещённое слово
held-link = Ссылка
held-repeat = Повтор
held-flood = Слишком часто
rules-title = Правила
rule-slow-mode = Медленный режим
rule-slow-mode-off = Выключен
rule-slow-mode-span = Одно сообщение в { $span }
rule-approve-first = Сначала проверка
rule-approve-first-hint = Каждое сообщение ждёт модератора
rule-followers-only = Только подписчики
rule-followers-only-hint = Остальные могут читать
rule-filter-words = Задерживать запрещённые слова
rule-filter-words-hint = Наши списки для русского и английского и ваши слова
rule-filter-links = Задерживать ссылки
rule-filter-links-hint = Сообщения с адресом ждут модератора
rule-words = Ваши запрещённые слова
rule-words-hint = По одному в строке, для всех ваших эфиров. * в конце заменяет любое окончание
rule-words-save = Сохранить слова
rule-words-invalid = В слове от 2 до 60 букв, слов не больше 500
people-title = Люди
sanctions-title = Ограниченные
sanctions-empty = Никто не ограничен.
sanction-mute = Не может писать
sanction-block = Заблокирован
sanction-shadow = Видит только себя
sanction-until = до { $when }
sanction-by = решение: { $name }
audit-title = Журнал
audit-empty = Здесь записано всё, что делают модераторы.
audit-more = Прежние записи
audit-broken = Запись в журнале изменена или пропала.
audit-remove = Удалены сообщения
audit-mute = Запрет писать:
audit-block = Блокировка:
audit-shadow = Показ только автору:
audit-lift = Снято ограничение:
audit-settings = Изменены правила
audit-words = Изменены запрещённые слова
audit-pin = Закреплено
audit-unpin = Откреплено
audit-approve = Показано после проверки
audit-reject = Отклонено
audit-appoint = Назначен модератор:
audit-dismiss = Больше не модератор:
