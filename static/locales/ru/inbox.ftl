## Везде

start-title = Эфир — покупки в прямом эфире

## Главная

show-by = ведёт { $name }

## Уведомления: на странице и push; слова push-уведомлений сервер берёт отсюда же

inbox-title = Уведомления
inbox-open =
    { $count ->
        [0] Уведомления
        [one] Уведомления: { $count } новое
        [few] Уведомления: { $count } новых
       *[other] Уведомления: { $count } новых
    }
inbox-empty = Пока пусто. Подпишитесь на ведущего, и вы узнаете о следующем эфире.
inbox-new = Новое
inbox-arrived = Новое уведомление: { $title }
notification-show-started-title = { $host } в эфире
notification-show-started-body = «{ $title }»: эфир начался.
notification-show-reminder-title = «{ $title }» через 10 минут
notification-show-reminder-body = { $host } готовится к эфиру.
notification-outbid-title = Вашу ставку перебили
notification-outbid-body = За «{ $title }» предложили больше.
notification-order-confirmed-title = Заказ подтверждён
notification-order-confirmed-body = «{ $title }» теперь ваш.
notification-order-cancelled-title = Заказ отменён
notification-order-cancelled-body =
    { $reason ->
        [sold_out] «{ $title }»: всё распродано. Деньги не списаны.
        [hold_expired] Время на оплату «{ $title }» вышло.
       *[other] «{ $title }» не будет доставлен. Деньги не списаны.
    }
notification-order-shipped-title = Заказ в пути
notification-order-shipped-body =
    { $tracked ->
        [yes] «{ $title }» едет к вам: { $carrier }, { $tracking }.
       *[no] «{ $title }» едет к вам: { $carrier }.
    }
notification-order-refunded-title = Возврат денег: { $amount }
notification-order-refunded-body = За «{ $title }». Банк может зачислить деньги через несколько дней.
notification-question-answered-title = Ведущий ответил на ваш вопрос
notification-question-answered-body = «{ $text }»
notification-your-turn-title = Ваша очередь
notification-your-turn-body = «{ $title }» ненадолго отложен для вас. Покупайте сейчас.
notification-giveaway-won-title = Вы выиграли
notification-giveaway-won-body = «{ $title }» — ваш подарок.
remind = Напомнить
remind-of = Напомнить об эфире «{ $title }»
reminded = Напомним
remind-not = Не напоминать об эфире «{ $title }»
push-on = Сообщать и когда страница закрыта
push-off = Сообщать только здесь
push-asking = Ответьте на вопрос браузера…
push-active = Этот браузер сообщит вам, даже когда страница закрыта.
push-denied = Браузеру нельзя показывать уведомления. Разрешите это в адресной строке и обновите страницу.
push-unsupported = Этот браузер показывает уведомления, только пока страница открыта. На iPhone сначала добавьте страницу на экран «Домой».

## Ошибки, по имени

notification-lot-won-title = Вы выиграли аукцион!
notification-lot-won-body = «{ $title }» — ваш лот. Оплатите поскорее, чтобы не потерять.
notification-lot-sold-title = Продано
notification-lot-sold-body = Молоток упал: «{ $title }».
notification-lot-offered-title = Лот ещё может стать вашим
notification-lot-offered-body = Победитель «{ $title }» не заплатил. Магазин предлагает лот вам.

## Books and webhooks

notification-webhook-failed-title = Вебхук отключён
notification-webhook-failed-body = До «{ $title }» уже несколько дней ничего не доходит. Ничего не потеряно: почините и отправьте заново.
