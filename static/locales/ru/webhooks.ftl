## Books and webhooks

webhooks-title = Вебхуки
webhooks-lead = Ваши системы сразу узнают, что здесь происходит: склад, бухгалтерия, чат-бот. Каждое сообщение подписано (Standard Webhooks), при сбое отправляется снова в течение суток, и месяц его можно повторить.
webhooks-empty = Пока ничего не подключено.
webhooks-new = Новый вебхук
webhooks-add = Добавить вебхук
webhooks-save = Сохранить
webhooks-url = Адрес
webhooks-url-hint = Доступен по https из интернета.
webhooks-description = Название, для себя
webhooks-events = О чём сообщать
webhooks-no-events = Выберите хотя бы одно событие.
webhooks-orders = Заказы
webhooks-payments = Платежи
webhooks-lots = Аукционы
webhooks-sales = Флеш-распродажи
webhooks-shows = Эфиры
webhooks-on = Работает
webhooks-off = Выключен
webhooks-failed = Отключён
webhooks-failing = Сбои, в очереди: { $waiting }
webhooks-failed-text = Ничего не доходит с { $since }. Почините приёмник, включите вебхук и отправьте пропущенное заново.
webhooks-old-secret = До { $until } сообщения подписываются и старым секретом.
webhooks-deliveries = Отправки
webhooks-edit = Изменить
webhooks-rotate = Новый секрет
webhooks-rotate-text = Старый секрет действует ещё 24 часа, чтобы приёмник успел перейти на новый.
webhooks-switch-on = Включить
webhooks-switch-off = Выключить
webhooks-remove = Удалить
webhooks-remove-text = Сюда больше ничего не отправляется, список отправок тоже исчезнет.
webhooks-secret-title = Секрет
webhooks-secret = Секрет для подписи
webhooks-secret-text = Им приёмник проверяет подписи. Он показан только сейчас.
webhooks-show = Показать
webhooks-all = Все
webhooks-waiting = В очереди
webhooks-delivered = Доставлено
webhooks-dead = Не доставлено
webhooks-test = Отправить проверку
webhooks-replay = Отправить снова
webhooks-replay-failed = Повторить недоставленное
webhooks-none = Здесь ничего нет.
webhooks-tries =
    { $count ->
        [0] ещё не отправлено
        [one] { $count } попытка
        [few] { $count } попытки
       *[other] { $count } попыток
    }
webhooks-no-answer = Нет ответа
webhooks-took = { $ms } мс
webhooks-next = Следующая попытка { $when }.
webhooks-payload = Сообщение
