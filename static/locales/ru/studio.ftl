## Везде

studio-title = Студия — Эфир

## Плеер

quality-busy = Устройство не успевает за полной картинкой

## Опросы

polls-title = Опросы
polls-empty = Спросите всех сразу: от двух до шести ответов, у каждого один голос.
poll-new = Новый опрос
poll-question-label = Вопрос
poll-question-placeholder = Какую глазурь обжигаем следующей?
poll-question-empty = Напишите, что хотите узнать
poll-option-label = Ответ { $number }
poll-option-add = Ещё ответ
poll-options-few = Нужно хотя бы два ответа
poll-options-same = Два ответа совпадают
poll-span-label = Сколько идёт
poll-hide = Показать зрителям результат только в конце
poll-hidden-now = Зрители этого пока не видят
poll-open = Спросить сейчас
poll-cancel = Отменить
poll-close = Завершить опрос

## Товары и покупка

desk-empty = Отправлять нечего
desk-parcel =
    { $count ->
        [one] { $count } заказ
        [few] { $count } заказа
        [many] { $count } заказов
       *[other] { $count } заказа
    }
desk-delivery = Способы доставки
desk-delivery-id = Краткое имя (латиница и цифры)
desk-delivery-en = Название по-английски
desk-delivery-ru = Название по-русски
desk-delivery-price = Цена
desk-delivery-countries = Страны (коды; пусто — все)
desk-delivery-free = Бесплатно от
desk-delivery-save = Сохранить
desk-delivery-remove = Убрать: { $name }
desk-delivery-none = Пока нет: адрес ни у кого не спрашивают

## Студия

show-new = Новый эфир
show-title-label = Название
show-title-placeholder = Осенние платья в прямом эфире
show-description-label = Об эфире
show-unlisted = Найти можно только по ссылке
show-create = Создать эфир
state-scheduled = Запланирован
state-live = В эфире
state-ended = Завершён
viewer-link = Ссылка для зрителей
go-live = Выйти в эфир
rehearse = Репетиция
rehearse-text = Копия этого эфира, о которой никто не узнает. Роботы приходят, пишут и покупают; деньги не списываются, остатки не меняются.
rehearsal-text = Покупают роботы, деньги не списываются, никто не узнает
rehearsal-back = К эфиру
rehearsal-end = Завершить репетицию
rehearsal-go = Начать репетицию
go-live-again = Вернуть картинку
end-show = Завершить эфир
end-show-sure = Завершить для всех?
end-show-keep = Продолжить эфир
broadcast-live = Ваша картинка в эфире
broadcast-waiting = В эфире, ждём картинку
obs-title = OBS или другой кодировщик
obs-text = Выберите сервис WHIP, вставьте эти две строки и выходите в эфир.
obs-url = Адрес сервера
obs-token = Токен
obs-go-live = В эфир через OBS
products-in-show-empty = Добавьте товар в эфир, чтобы его продавать.
warehouse = Склад
warehouse-empty = Товаров пока нет. Создайте первый.
fund-quantity = Штук для эфира
fund = Добавить в эфир
unpin = Открепить
stock-numbers = { $available } в продаже · { $held } отложено · { $sold } продано

## Модерация

moderator-link = Ссылка для модераторов

## Гости, в студии

guests-title = Гости
guests-on-stage = В эфире
guests-waiting =
    { $count ->
        [one] Ждёт { $count } гость
        [few] Ждут { $count } гостя
       *[many] Ждут { $count } гостей
    }
guests-empty = Пока никого. Пригласите собеседника в эфир.
guest-admit = Вывести в эфир
guest-back = В комнату ожидания
guest-mute-audio = Выключить звук: { $name }
guest-unmute-audio = Включить звук: { $name }
guest-mute-video = Скрыть картинку: { $name }
guest-unmute-video = Показать картинку: { $name }
guest-remove = Удалить насовсем: { $name }
invites-title = Приглашения
invite-label = Кого приглашаете
invite-label-placeholder = Иван, гончар
invite-label-empty = Напишите, для кого приглашение
invite-uses = На сколько человек
invite-uses-range = От 1 до 10
invite-valid = Срок действия
invite-hours =
    { $hours ->
        [one] { $hours } час
        [24] сутки
        [168] неделя
        [few] { $hours } часа
       *[many] { $hours } часов
    }
invite-create = Создать ссылку
invite-link = Ссылка для гостя
invite-link-once = Скопируйте сейчас: ссылка не хранится, и показать её снова нельзя.
invite-open = Использовано { $uses } из { $max } · до { $when }
invite-used = Использовано
invite-expired = Истекло
invite-revoked = Отозвано
invite-revoke = Отозвать
invite-revoke-sure = Отозвать ссылку? Все, кто по ней пришёл, покинут эфир.
invite-keep = Оставить
layout-title = Раскладка
layout-now = Так видят зрители
layout-preview = Предпросмотр: зрители этого ещё не видят
layout-side-by-side = Рядом
layout-picture-in-picture = Картинка в картинке
layout-solo = Один на экране
layout-featured = Крупно
layout-apply = Показать зрителям
layout-keep = Оставить как есть

## Ошибки, по имени

auctions-title = Аукционы
auctions-empty = Подготовьте лоты заранее и запускайте, когда придёт время.
auction-new = Новый лот
auction-prepare = Подготовить лот
auction-cancel = Отмена
auction-sku = Товар
auction-no-goods = Сначала добавьте товары в эфир.
auction-start-price = Начальная цена ({ $currency })
auction-reserve = Резерв ({ $currency })
auction-reserve-hint = Дешевле лот не продаётся. Сумму никто не видит. Пусто — без резерва.
auction-quantity = Штук
auction-duration = Длится
auction-soft-close = Поздние ставки
auction-soft-close-reset = возвращают на таймер { $time }
auction-soft-close-none = Ничего не продлевают
auction-pay-within = Победитель платит в течение
auction-ceiling = Предел ставки одного человека ({ $currency })
auction-ceiling-hint = Пусто — без предела.
auction-auto-offer = Если победитель не заплатит, сразу предложить следующему
auction-more = Ещё настройки
auction-start = Начать сейчас
auction-announce = Объявить, начать через { $time }
auction-withdraw = Убрать
auction-take-back = Снять с торгов
auction-void = Аннулировать
auction-void-reason = Почему лот аннулирован? Участники это увидят.
auction-rerun = Провести снова
auction-offer = Предложить следующему
auction-give-up = Оставить непроданным
auction-history = История
auction-state-prepared = Подготовлен
auction-state-opening = Запускается…
auction-state-open = Идёт
auction-state-ended = Молоток упал, сверяем
auction-state-disputed = Остановлено: записи расходятся
auction-state-sold = Продан, ждём оплаты
auction-state-offered = Предложен следующему
auction-state-unpaid = Не оплачен
auction-state-paid = Оплачен
auction-state-unsold = Не продан
auction-state-void = Аннулирован
auction-line = от { $start } · { $time }
auction-with-reserve = резерв { $amount }
auction-sold-line = { $name } · { $price }
auction-due-line = { $name } платит { $price } до { $time }
auction-reason-no-bids = Ставок не было.
auction-reason-reserve = Резерв не достигнут.
auction-reason-no-stock = Не хватило товара.
auction-reason-unpaid = Никто не заплатил.

## Books and webhooks

flash-on = Идёт сейчас
flash-desk-title = Распродажи
flash-new = Новая распродажа
flash-empty = Ничего не идёт. Низкая цена на несколько минут будит всех.
flash-refused = Распродажа не началась: этого товара нет в эфире. Сначала добавьте штуки.
flash-close = Закончить
flash-product-label = Товар
flash-price-label = Цена
flash-price-wrong = Больше нуля и меньше обычной цены.
flash-units-label = Штук
flash-units-wrong = Хотя бы одна.
flash-each-label = В одни руки
flash-add = Ещё товар
flash-countdown-label = Начало через
flash-now = сразу
flash-span-label = Длится
flash-coupons = Купоны действуют и здесь
flash-start = Начать распродажу
coupons-title = Купоны
coupon-new = Новый купон
coupons-empty = Кодов пока нет. Назовите код в эфире — увидите, кто слушает.
coupon-percent = −{ $percent } %
coupon-used = использован { $used } из { $most }
coupon-withdrawn = отозван
coupon-cap = не больше { $amount }
coupon-minimum = от { $amount }
coupon-new-buyers = Только для новых покупателей
coupon-withdraw = Отозвать
coupon-code-label = Код
coupon-code-hint = От 4 до 15 латинских букв и цифр
coupon-code-wrong = От 4 до 15 букв A–Z и цифр, без пробелов.
coupon-kind-label = Скидка
coupon-kind-percent = Процент
coupon-kind-amount = Сумма ({ $currency })
coupon-percent-label = Процент
coupon-percent-wrong = Целое число от 1 до 90.
coupon-cap-label = Не больше
coupon-amount-label = Сумма
coupon-amount-wrong = Сумма больше нуля.
coupon-minimum-label = От суммы
coupon-uses-label = Всего раз
coupon-issue = Выпустить
giveaways-title = Розыгрыши
giveaway-new = Новый розыгрыш
giveaways-empty = Пока ничего не разыгрывали.
giveaway-winners-label = Победителей
giveaway-rules = Каждый победитель получает одну штуку. Участвуют люди с аккаунтом и адресом; при розыгрыше надо быть в эфире. Отменить нельзя.
giveaway-start = Начать розыгрыш
giveaway-refused = Не начался: не хватило товара.
