## Плеер

player-ended = Эфир завершён
quality-label = { $state } { $lines }
quality-good = Связь хорошая
quality-fair = Связь средняя
quality-poor = Связь слабая
quality-unknown = Измеряем связь
quality-lines = { $lines }p
quality-bitrate = { $mbits } Мбит/с

## Чат

chat-title = Чат
chat-empty = Поздоровайтесь первым
chat-placeholder = Напишите что-нибудь…
chat-send = Отправить
chat-host = Ведущий
chat-newer = Новые сообщения
chat-moderator = Модератор
chat-to-you = Вам:
chat-held = Ждёт модератора
chat-reply-to = Ответить: { $name }
chat-reply-cancel = Не отвечать
chat-pinned = Закреплено:
chat-unpin = Открепить
chat-older-failed = Загрузить прежние сообщения
chat-beginning = Начало чата
chat-emoji = Эмодзи
chat-suggestions = Кого упомянуть
chat-slow = Медленный режим: одно сообщение в { $span }
chat-wait = Написать снова можно через { $time }
chat-muted = Модератор запретил вам писать. Читать можно.
chat-muted-until = Модератор запретил вам писать. Снова можно через { $time }
chat-followers = Сейчас пишут только подписчики ведущего
chat-approve-first = Сообщения появляются после проверки модератором
talk-title = Чат и вопросы

## Вопросы

questions-title = Вопросы
question-vote =
    { $count ->
        [one] { $count } голос. Поддержать: { $text }
        [few] { $count } голоса. Поддержать: { $text }
       *[other] { $count } голосов. Поддержать: { $text }
    }
question-votes =
    { $count ->
        [one] { $count } голос
        [few] { $count } голоса
       *[other] { $count } голосов
    }
question-own = Ваш вопрос
question-live = Сейчас отвечают
question-answered = Ответили в { $time }
question-hidden = Скрыт от зрителей

## Опросы

poll-final = Итог
poll-votes =
    { $count ->
        [one] { $count } голос
        [few] { $count } голоса
       *[other] { $count } голосов
    }
poll-mine = Ваш голос
poll-percent = { $percent } %

## Реакции и зрители

viewers-now =
    { $count ->
        [one] Смотрит { $count } человек
        [few] Смотрят { $count } человека
       *[other] Смотрят { $count } человек
    }
viewers-more =
    { $count ->
        [one] и ещё { $count }
       *[other] и ещё { $count }
    }

## Товары и покупка

quantity = Количество

## Студия

pin = Закрепить

## Модерация

moderate-message = Модерация: { $name }
moderate-remove-of = Удалить сообщение: { $name }
moderate-remove = Удалить сообщение
moderate-remove-all = Удалить все сообщения этого человека
moderate-pin = Закрепить над чатом
moderate-mute =
    { $minutes ->
        [60] Запретить писать на час
       *[other] Запретить писать на { $minutes } мин
    }
moderate-shadow = Показывать сообщения только автору
moderate-block = Заблокировать во всех эфирах
moderate-block-sure = Нажмите ещё раз, чтобы заблокировать
moderator-appoint = Сделать модератором
moderator-dismiss = Больше не модератор
moderate-not-here = Этого сообщения на экранах нет или пока нет. Попробуйте через секунду.
sanction-lift = Снять

## Ошибки, по имени

lot-starts-in = начнётся через { $time }
lot-hammer = Раз, два…
lot-leader = Лидирует { $name }
lot-bidder = Участник { $number }
lot-bids =
    { $count ->
        [0] ставок пока нет
        [one] { $count } ставка
        [few] { $count } ставки
       *[other] { $count } ставок
    }
lot-maxima =
    { $count ->
        [0] тайных ставок пока нет
        [one] { $count } тайная ставка
        [few] { $count } тайные ставки
       *[other] { $count } тайных ставок
    }
lot-reserve-met = резерв достигнут
lot-reserve-not-met = резерв не достигнут
lot-sudden-death = без продления
lot-amount-wrong = Введите сумму, например 25 или 25,50.

## Books and webhooks

flash-soon = Скоро распродажа
flash-was = Вместо
flash-lowest = Минимальная цена за 30 дней: { $amount }
flash-starts-in = начало через { $time }
flash-ends-in = осталось { $time }
giveaway-entries =
    { $count ->
        [0] Пока никто не участвует
        [one] { $shown } участник
        [few] { $shown } участника
       *[other] { $shown } участников
    }
giveaway-draw-in = розыгрыш через { $time }
giveaway-winners = «{ $title }» получает: { $names }.
giveaway-nobody = Выигрывать было некому.
giveaway-check = Проверить розыгрыш

## Hosts

follow-host = Подписаться: { $name }
following = Вы подписаны
unfollow-host = Отписаться: { $name }
