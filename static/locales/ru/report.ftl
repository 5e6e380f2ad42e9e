## The report of a show

report-title = Отчёт
report-back = К эфиру
report-grows = Обновляется само, пока вы в эфире
report-not-begun = Отчёт начнёт заполняться вместе с эфиром.
report-figures = Эфир в цифрах
report-revenue = Выручка
report-refunded = Из них возвращено { $amount }
report-orders = Заказы
report-units =
    { $count ->
        [one] Продан { $count } товар
        [few] Продано { $count } товара
       *[other] Продано { $count } товаров
    }
report-unpaid = не оплачено: { $count }
report-viewers = Зрители
report-peak = до { $peak } одновременно
report-watched = Просмотрено
report-average = в среднем зрителей: { $average }
report-messages = Сообщения
report-questions-votes =
    { $questions ->
        [one] { $questions } вопрос
        [few] { $questions } вопроса
       *[other] { $questions } вопросов
    }, { $votes ->
        [one] { $votes } голос
        [few] { $votes } голоса
       *[other] { $votes } голосов
    }
report-share = Купили
report-share-note = заказов на зрителя
report-hearts = Реакции
report-more = на { $percent } % больше, чем в прошлый раз
report-less = на { $percent } % меньше, чем в прошлый раз
report-more-count = на { $count } больше, чем в прошлый раз
report-fewer-count = на { $count } меньше, чем в прошлый раз
report-times =
    в { $times } { $times ->
        [one] раз
        [many] раз
       *[other] раза
    } больше, чем в прошлый раз
report-first = в прошлый раз не было
report-same = как в прошлый раз
report-previous = Прошлый раз: «{ $title }», { $when }
report-minutes = По минутам
report-minute = Минута
report-pinned = Закреплено
report-plot =
    Зрители и заказы за { $count ->
        [one] { $count } минуту
        [few] { $count } минуты
       *[other] { $count } минут
    }
report-plot-help = Стрелки влево и вправо выбирают минуту, Home и End — первую и последнюю. Её цифры будут прочитаны.
report-plot-hint = Наведите на минуту или используйте стрелки.
report-minute-viewers =
    { $count ->
        [one] { $count } зритель
        [few] { $count } зрителя
       *[other] { $count } зрителей
    }
report-minute-orders =
    { $count ->
        [one] { $count } заказ
        [few] { $count } заказа
       *[other] { $count } заказов
    }
report-minute-messages =
    { $count ->
        [one] { $count } сообщение
        [few] { $count } сообщения
       *[other] { $count } сообщений
    }
report-minute-pinned = закреплено: { $titles }
report-as-table = Показать таблицей
report-best = Лучшие моменты
report-best-none = Пока ничего не выделилось.
report-best-viewers =
    { $count ->
        [one] { $count } зритель одновременно
        [few] { $count } зрителя одновременно
       *[other] { $count } зрителей одновременно
    }
report-best-orders =
    { $count ->
        [one] { $count } заказ за минуту
        [few] { $count } заказа за минуту
       *[other] { $count } заказов за минуту
    }
report-best-messages =
    { $count ->
        [one] { $count } сообщение за минуту
        [few] { $count } сообщения за минуту
       *[other] { $count } сообщений за минуту
    }
report-best-hearts =
    { $count ->
        [one] { $count } реакция за минуту
        [few] { $count } реакции за минуту
       *[other] { $count } реакций за минуту
    }
report-questions = Вопросы
report-questions-none = Никто ничего не спросил.
report-answered = Отвечено: { $answered } из { $questions }
report-open = Ещё ждут ответа
report-open-more = и ещё { $count }
report-products = Товары
report-products-none = В этом эфире ничего не продавалось.
report-product = Товар
report-sold = Продано
report-after-pin = За 5 мин после показа
report-lots = Аукционы
report-lot-unsold = Не продан
report-files = Забрать с собой
report-files-text = Для таблиц и других программ. Скачать это можете только вы.
report-file-minutes = По минутам (CSV)
report-file-products = Товары (CSV)
report-file-chat = Чат (CSV)
report-file-chat-json = Чат (JSON)
