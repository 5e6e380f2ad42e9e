## Товары и покупка

pay-with = Карта
pay-test = Тестовая карта
pay-usual = Ваша обычная карта
pay-on-page = Новая карта, на странице { $provider }
pay-on-page-hint = Карту вы введёте на странице { $provider }, а потом вернётесь сюда.
pay-keep = Сохранить карту на будущее
pay-other-card = Заплатить другой картой
pay-another-way = Оплатить по-другому
pay-no-way = В этом магазине пока нельзя платить здесь.
cards-new = Новая карта
cards-save-on-page = Перейти на страницу оплаты
card-visa = Visa •••• 4242
card-declined = Карта с отказом
card-slow = Карта с медленным ответом
card-timeout = Карта с запоздалым ответом
card-sandbox = Тестовые карты: деньги не списываются.
cards-title = Ваши карты
cards-empty = Пока нет сохранённых карт.
cards-save = Сохранить карту
cards-why = С сохранённой картой можно делать ставки и платить в одно касание. Её номер хранит только платёжный сервис.
cards-usual = Платит сама, если вы выиграли
cards-make-usual = Платить этой
cards-unconfirmed = Карта ещё не подтверждена
cards-confirm = Продолжить
cards-remove = Удалить: { $card }
card-3ds = Карта с подтверждением банка
card-chargeback = Карта с возвратным платежом
pay = Оплатить { $amount }
cancel-order = Отменить заказ
order-hold = Отложено для вас: { $time }
order-held = Отложено для вас. Осталось оплатить
order-pending = Оплата проходит…
order-declined = Карта отклонена. Попробуйте другую
order-confirmed = Подтверждено, завершаем оплату…
order-paid = Оплачено. Это ваше!
order-expired = Время вышло, товар снова в продаже
order-gone = Товар закончился до оплаты. Деньги не списаны
order-cancelled = Отменён
bill-goods = Товары
bill-discount = Скидка
bill-delivery = Доставка
bill-total = Итого
bill-tax = В том числе налог
bill-address-new = Другой адрес…
address-name = Имя и фамилия
address-street = Улица, дом, квартира
address-postal-code = Индекс
address-city = Город
address-country = Страна
address-region = Область, край (если нужно)
address-choose = Выберите
address-missing = Заполните это поле.
address-phone = Телефон (для курьера)
address-save = Сохранить адрес
order-action = Оплата ждёт вас
order-action-go = Продолжить оплату
order-shipped = В пути
order-delivered = Доставлено
order-withdrawn = Магазин отменил заказ. Деньги вернутся
order-returned = Возвращено
order-refunded = Деньги возвращены

## Адреса

addresses-title = Мои адреса
addresses-sign-in = Войдите, чтобы увидеть свои адреса.
addresses-empty = Адресов пока нет. Добавьте один, и он подставится при оформлении заказа.
addresses-why = Заказы едут на основной адрес, если не выбрать другой.
addresses-usual = Основной
addresses-make-usual = Сделать основным
addresses-add = Добавить адрес
addresses-edit = Изменить адрес
addresses-edit-this = Изменить адрес: { $address }
addresses-edit-why = В оформленных заказах останется прежний адрес; изменить его можно на странице заказа.
addresses-full =
    { $count ->
        [one] У вас { $count } адрес, это предел. Чтобы добавить новый, удалите его.
        [few] У вас { $count } адреса, это предел. Чтобы добавить новый, удалите один из них.
       *[many] У вас { $count } адресов, это предел. Чтобы добавить новый, удалите один из них.
    }
addresses-remove = Удалить: { $address }
addresses-remove-sure = Удалить этот адрес?
addresses-remove-yes = Удалить
addresses-remove-no = Оставить
variants = Вариант
