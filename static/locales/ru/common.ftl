## Везде

brand = Эфир
guest-name = Гость { $number }
language-switch = Язык
close = Закрыть
retry = Повторить
loading = Секунду…
live-badge = В эфире
copy = Копировать
copied = Скопировано
reconnecting = Связь прервалась. Подключаемся…
disconnected = Сервер закрыл соединение.
account-open = Ваш аккаунт
reload = Обновить страницу
embed-back = Назад к эфиру

## Главная

start-open-studio = Открыть студию

## Плеер

player-to-start = Ко всем эфирам

## Товары и покупка

order-units =
    { $count ->
        [one] { $count } товар
        [few] { $count } товара
        [many] { $count } товаров
       *[other] { $count } товара
    }

## Вход

claim-title = Сделайте этот магазин своим
claim-text = У вас ключ установки. Создайте аккаунт владельца.
claim-submit = Создать аккаунт
login-title = Вход в студию
login-text = Для ведущих этого магазина.
login-submit = Войти
name-label = Имя
email-label = Эл. почта
password-label = Пароль
password-hint = Не короче 10 символов
host-only = Этот аккаунт не ведущий. Войдите под другим.

## Студия

studio-shows = Ваши эфиры

## Модерация

moderate-no-account = У меня ещё нет аккаунта
moderate-have-account = У меня есть аккаунт

## Уведомления: на странице и push; слова push-уведомлений сервер берёт отсюда же

follow = Подписаться

## Books and webhooks

statement-more = Показать ещё
giveaway-nameless = Кто-то
studio = Студия

## Репетиции

rehearsal = Репетиция
rehearsal-note = Ничего не продаётся и не списывается
