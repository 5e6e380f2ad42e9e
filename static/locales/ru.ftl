### Все тексты страниц по-русски. Сообщение, которого нет в en.ftl (или наоборот), роняет тесты.

## Везде

brand = Эфир
start-title = Эфир — покупки в прямом эфире
watch-title = { $title } — Эфир
studio-title = Студия — Эфир
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
reload = Обновить страницу

## Главная

start-headline = Покупки в прямом эфире
start-lead = Смотрите, спрашивайте и покупайте, не отрываясь от видео.
start-live = Сейчас в эфире
start-next = Скоро
start-ended = Недавние эфиры
start-empty-title = Пока никто не в эфире
start-empty-text = Эфиры появятся здесь, как только их запланируют.
start-open-studio = Открыть студию
show-by = ведёт { $name }
show-starts = Начало { $when }
show-ended-at = Завершён { $when }

## Плеер

player-video = Видео эфира
player-connecting = Подключаемся…
player-waiting = Картинка вот-вот появится
player-scheduled = Эфир начнётся { $when }
player-scheduled-soon = Эфир скоро начнётся
player-host-back = Ведущий сейчас вернётся
player-reconnecting = Восстанавливаем картинку…
player-ended = Эфир завершён
player-ended-text = Спасибо, что были с нами. Ваши заказы сохранены.
player-failed = Не удаётся показать картинку
player-to-start = Ко всем эфирам
player-sound-on = Включить звук
player-mute = Выключить звук
player-play = Смотреть
player-guest-video = Видео: { $name }
player-silent = Без звука
quality-title = Картинка и связь
quality-label = { $state } { $lines }
quality-good = Связь хорошая
quality-fair = Связь средняя
quality-poor = Связь слабая
quality-busy = Устройство не успевает за полной картинкой
quality-unknown = Измеряем связь
quality-lines = { $lines }p
quality-size = Размер картинки
quality-auto = Автоматически: самый крупный, какой тянет связь
quality-one-size = Картинка идёт в одном размере.
quality-bitrate-label = Данные
quality-bitrate = { $mbits } Мбит/с
quality-loss-label = Потери
quality-loss = { $percent } %
quality-delay-label = Задержка
quality-delay = { $ms } мс
share = Поделиться
share-copied = Ссылка скопирована

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
nickname-title = Как вас называть?
nickname-text = Это имя увидят ведущий и другие зрители.
nickname-label = Ваше имя
nickname-save = Продолжить

## Вопросы

questions-title = Вопросы
questions-open = { $count ->
    [0] Вопросы ведущему
    [one] Вопросы ведущему: { $count } открытый
   *[other] Вопросы ведущему: { $count } открытых
}
questions-empty = Вопросов пока нет. Задайте первый.
questions-none = Здесь появятся вопросы зрителей, сначала самые популярные.
question-label = Ваш вопрос ведущему
question-ask = Спросить
question-vote = { $count ->
    [one] { $count } голос. Поддержать: { $text }
    [few] { $count } голоса. Поддержать: { $text }
   *[other] { $count } голосов. Поддержать: { $text }
}
question-votes = { $count ->
    [one] { $count } голос
    [few] { $count } голоса
   *[other] { $count } голосов
}
question-own = Ваш вопрос
question-live = Сейчас отвечают
question-live-by = Отвечают на вопрос: { $name }
question-answered = Ответили в { $time }
question-hidden = Скрыт от зрителей
question-put-live = Вывести в эфир
question-done = Отвечено
question-back = Вернуть в очередь
question-hide = Скрыть
question-show = Показать снова

## Опросы

poll-title = Опрос
poll-final = Итог
poll-votes = { $count ->
    [one] { $count } голос
    [few] { $count } голоса
   *[other] { $count } голосов
}
poll-hidden = Результат по окончании
poll-mine = Ваш голос
poll-percent = { $percent } %
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

## Реакции и зрители

reaction-send = { $name }: уже { $total }
reaction-kinds = Реакции
reaction-heart = Сердце
reaction-fire = Огонь
reaction-clap = Аплодисменты
reaction-laugh = Смех
reaction-wow = Ого
viewers-now = { $count ->
    [one] Смотрит { $count } человек
    [few] Смотрят { $count } человека
   *[other] Смотрят { $count } человек
}
viewers-more = { $count ->
    [one] и ещё { $count }
   *[other] и ещё { $count }
}

## Товары и покупка

products-title = В этом эфире
products-empty = Товары появятся здесь во время эфира
stock-left = { $count ->
    [one] Осталась { $count } штука
    [few] Осталось { $count } штуки
    [many] Осталось { $count } штук
   *[other] Осталось { $count } шт.
}
stock-sold-out = Распродано
stock-held = Все отложены для других
buy = Купить
buy-limit = { $count ->
    [one] До { $count } штуки в одни руки
   *[other] До { $count } штук в одни руки
}
quantity = Количество
quantity-less = Меньше
quantity-more = Больше
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
bank-title = Тестовый банк
bank-pay = Магазин хочет списать с вашей карты:
bank-keep = Магазин хочет сохранить вашу карту для будущих платежей.
bank-text = Настоящий банк спросил бы код. Здесь нужен только ваш ответ, деньги не списываются.
bank-approve = Подтвердить
bank-refuse = Отказать
bank-approved = Подтверждено. Магазин узнает об этом через мгновение.
bank-refused = Отказано. Ничего не списано.
bank-back = Вернуться в магазин
pay = Оплатить { $amount }
cancel-order = Отменить заказ
orders-title = Мои заказы
orders-empty = Покупок пока нет
order-open = Оплата не завершена
order-units = { $count ->
    [one] { $count } товар
    [few] { $count } товара
    [many] { $count } товаров
   *[other] { $count } товара
}
order-hold = Отложено для вас: { $time }
order-held = Отложено для вас. Осталось оплатить
order-pending = Оплата проходит…
order-declined = Карта отклонена. Попробуйте другую
order-confirmed = Подтверждено, завершаем оплату…
order-paid = Оплачено. Это ваше!
order-expired = Время вышло, товар снова в продаже
order-gone = Товар закончился до оплаты. Деньги не списаны
order-cancelled = Отменён

# Заказы: корзина, сумма, доставка, страница заказа
cart-title = Корзина
cart-add = В корзину
cart-open = Корзина · { $count ->
    [one] { $count } товар
    [few] { $count } товара
    [many] { $count } товаров
   *[other] { $count } товара
}
cart-empty = Корзина пуста
cart-remove = Убрать: { $title }
bill-goods = Товары
bill-discount = Скидка
bill-delivery = Доставка
bill-free = бесплатно
bill-total = Итого
bill-tax = В том числе налог
bill-address = Куда доставить
bill-address-new = Другой адрес…
bill-code = Промокод
bill-code-use = Применить
bill-code-unknown = В этом эфире нет такого кода.
bill-code-sale = В распродаже коды не действуют.
bill-code-new-buyers = Код только для первого заказа в этом магазине.
bill-code-minimum = Сумма товаров мала для этого кода.
bill-code-currency = Код для другой валюты.
bill-code-used-up = Код уже использован.
bill-code-used-by-you = Вы уже использовали этот код.
address-title = Куда отправить?
address-name = Имя и фамилия
address-street = Улица, дом, квартира
address-postal-code = Индекс
address-city = Город
address-country = Страна
address-region = Область, край (если нужно)
address-choose = Выберите
address-missing = Заполните это поле.
address-back = Назад к сохранённым
address-phone = Телефон (для курьера)
address-save = Сохранить адрес
order-action = Оплата ждёт вас
order-action-go = Продолжить оплату
order-shipped = В пути
order-delivered = Доставлено
order-withdrawn = Магазин отменил заказ. Деньги вернутся
order-returned = Возвращено
order-refunded = Деньги возвращены
sale-shipped = Отправлен
sale-delivered = Доставлен
sale-withdrawn = Отозван
sale-returned = Возврат
sale-refunded = Деньги возвращены
order-page-title = Заказ { $number }
order-page-placed = Оформлен { $time }
order-page-lines = Товары
order-page-parcel = Доставка
order-page-no-address = Адреса нет; магазин договорится с вами
order-page-tracking = { $carrier } { $tracking }
order-page-history = Что произошло
order-page-print = Печать
order-page-refunds = Возврат денег
order-page-returns = Возврат товара
order-page-received = Заказ получен
order-page-return = Вернуть
order-page-return-reason = Что не так?
order-page-units = Количество
order-page-cancel = Отменить заказ
order-page-host = Для ведущего
order-page-ship = Отметить отправленным
order-page-carrier = Перевозчик
order-page-tracking-number = Трек-номер
order-page-withdraw = Отозвать и вернуть деньги
order-page-reason = Причина
order-page-refund = Вернуть деньги
order-page-amount = Сумма
order-page-accept = Принять
order-page-refuse = Отказать
order-page-receive = Товар вернулся
order-page-receive-broken = Вернулся, не для продажи
order-page-kept = Оплачено с учётом возвратов
order-page-dispute-open = Банк отозвал деньги: спор открыт
order-page-dispute-won = Спор выигран
order-page-dispute-lost = Спор проигран
refund-requested = в пути
refund-done = выплачено
refund-failed = не прошёл; верните иначе
return-requested = ждёт магазина
return-accepted = принят, отправляйте
return-refused = отказано
return-received = получен
history-placed = Заказ оформлен
history-won = Выигран в розыгрыше
history-payment-requested = Оплата начата
history-action-required = Банк просит подтверждения
history-payment-failed = Оплата отклонена
history-confirmed = Подтверждён: товар ваш
history-paid = Оплачен
history-paid-too-late = Оплачен слишком поздно: деньги вернутся
history-voided = Деньги вернулись
history-cancelled = Отменён
history-withdrawn = Отозван магазином
history-hold-ended = Бронь кончилась во время оплаты
history-packed = Упакован
history-shipped = Отправлен
history-tracking-changed = Трек-номер исправлен
history-delivered = Доставлен
history-moved = Другой адрес
history-refund-requested = Решён возврат денег
history-refunded = Деньги возвращены
history-refund-failed = Возврат денег не прошёл
history-return-requested = Запрошен возврат товара
history-return-accepted = Возврат принят
history-return-refused = В возврате отказано
history-return-received = Товар вернулся
history-dispute-open = Открыт спор
history-dispute-won = Спор выигран
history-dispute-lost = Спор проигран
history-held = Реестр: товар отложен
history-hold-extended = Реестр: бронь продлена
history-hold-committed = Реестр: товар продан
history-hold-released = Реестр: товар освобождён
history-hold-expired = Реестр: бронь истекла
history-hold-restocked = Реестр: товар снова в продаже
history-lot-ended = Реестр: молоток упал
history-lot-awarded = Реестр: лот предложен дальше
history-refused = отказ: { $why }
history-by = { $name }
desk-title = К отправке
desk-empty = Отправлять нечего
desk-parcel = { $count ->
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
keep-watching = Смотреть дальше

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
addresses-full = { $count ->
    [one] У вас { $count } адрес, это предел. Чтобы добавить новый, удалите его.
    [few] У вас { $count } адреса, это предел. Чтобы добавить новый, удалите один из них.
   *[many] У вас { $count } адресов, это предел. Чтобы добавить новый, удалите один из них.
}
addresses-remove = Удалить: { $address }
addresses-remove-sure = Удалить этот адрес?
addresses-remove-yes = Удалить
addresses-remove-no = Оставить
move-open = Отправить по другому адресу
move-to = Куда отправить?
move-send = Доставить сюда
move-save = Сохранить и доставить сюда
move-keep = Оставить как есть
move-too-late = Посылка уже собрана или заказ завершён, поэтому адрес не изменить. Напишите в магазин.
move-not-there = Оплаченная доставка в эту страну не ходит. Выберите другой адрес.
move-gone = Этот адрес удалён. Выберите другой.

## Заказы ведущего

studio-orders = Заказы
orders-host-title = Заказы
orders-show = Эфир
orders-filter = Какие заказы
orders-all = Все
orders-unpaid = Не оплачены
orders-to-send = К отправке
orders-sent = Отправлены
orders-returns = Возвраты
orders-refunded = С возвратом денег
orders-disputed = Споры
orders-cancelled = Отменены
orders-none = Таких заказов в этом эфире нет.
orders-returning = Идёт возврат
desk-all = Все заказы

## Вход

claim-title = Сделайте этот магазин своим
claim-text = У вас ключ установки. Создайте аккаунт владельца.
claim-submit = Создать аккаунт
login-title = Вход в студию
login-text = Для ведущих этого магазина.
login-submit = Войти
logout = Выйти
name-label = Имя
email-label = Эл. почта
password-label = Пароль
password-hint = Не короче 10 символов
host-only = Этот аккаунт не ведущий. Войдите под другим.

## Студия

studio = Студия
studio-shows = Ваши эфиры
studio-shows-empty = Запланируйте первый эфир: нужно только название.
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
camera-label = Камера
microphone-label = Микрофон
device-number = Устройство { $number }
level-label = Уровень микрофона
preview-label = Картинка с камеры
preview-off = Включите камеру, чтобы увидеть себя
camera-on = Включить камеру
camera-hide = Выключить картинку
camera-show = Включить картинку
microphone-mute = Выключить микрофон
microphone-unmute = Включить микрофон
go-live = Выйти в эфир
go-live-again = Вернуть картинку
end-show = Завершить эфир
end-show-sure = Завершить для всех?
end-show-keep = Продолжить эфир
broadcast-connecting = Подключаемся…
broadcast-live = Ваша картинка в эфире
broadcast-reconnecting = Связь прервалась. Пробуем снова…
broadcast-waiting = В эфире, ждём картинку
obs-title = OBS или другой кодировщик
obs-text = Выберите сервис WHIP, вставьте эти две строки и выходите в эфир.
obs-url = Адрес сервера
obs-token = Токен
obs-go-live = В эфир через OBS
products-in-show = Товары эфира
products-in-show-empty = Добавьте товар в эфир, чтобы его продавать.
product-new = Новый товар
product-title-label = Название
product-variant-label = Вариант
product-variant-placeholder = Размер M (не обязательно)
product-sku-label = Артикул
product-sku-hint = Заглавные латинские буквы, цифры, точка и дефис
product-price-label = Цена
product-currency-label = Валюта
product-stock-label = На складе
product-image-label = Адрес картинки
product-image-hint = Путь на этом сервере, начинается с /
product-create = Сохранить товар
price-invalid = Это не сумма
warehouse = Склад
warehouse-empty = Товаров пока нет. Создайте первый.
on-hand = { $count } на складе
fund-quantity = Штук для эфира
fund = Добавить в эфир

stock-edit = Остаток и цена: { $title }
stock-counted = Посчитано на складе
stock-reason = Причина
stock-reason-placeholder = Инвентаризация, поставка, брак
stock-save = Сохранить остаток
stock-history = Изменения остатка
stock-kind-pool = Вернулось из эфира
stock-kind-goods = Возврат от покупателя
stock-price-new = Цена, { $currency }
stock-price-tax = Налог в цене, %
stock-price-save = Сохранить цену
stock-price-lowest = Минимум за 30 дней: { $price }
stock-tax-invalid = От 0 до 100, например 20 или 7,5
stock-return-quantity = Забрать из эфира (свободно { $free })
stock-return-save = Вернуть на склад
stock-return-refused = Их уже заняли. Попробуйте меньше.
pin = Закрепить
unpin = Открепить
stock-numbers = { $available } в продаже · { $held } отложено · { $sold } продано
sales-title = Продажи
sales-empty = Первая продажа появится здесь
revenue = Выручка
orders-count = Заказы
units-sold = Продано штук
sale-held = Отложен
sale-pending = Оплата
sale-declined = Отказ
sale-confirmed = Подтверждён
sale-paid = Оплачен
sale-expired = Истёк
sale-gone = Закончился
sale-cancelled = Отменён

## Модерация

moderation-title = Модерация
moderator-link = Ссылка для модераторов
moderate-title = Модерация — Эфир
moderate-login = Вход для модератора
moderate-login-text = Для модераторов эфира «{ $title }».
moderate-register = Создайте аккаунт
moderate-register-text = У модератора есть аккаунт, чтобы ведущий мог его назначить. Имя останется при том, что вы уже написали.
moderate-no-account = У меня ещё нет аккаунта
moderate-have-account = У меня есть аккаунт
moderate-refused = Вы не модератор этого эфира
moderate-refused-text = Вы вошли как { $name }. Напишите что-нибудь в чат: рядом с вашим сообщением { $host } сможет назначить вас модератором.
moderate-to-show = К эфиру
moderate-check-again = Проверить снова
moderate-watch = Смотреть эфир
moderate-message = Модерация: { $name }
moderate-remove-of = Удалить сообщение: { $name }
moderate-remove = Удалить сообщение
moderate-remove-all = Удалить все сообщения этого человека
moderate-pin = Закрепить над чатом
moderate-mute = { $minutes ->
    [60] Запретить писать на час
   *[other] Запретить писать на { $minutes } мин
}
moderate-shadow = Показывать сообщения только автору
moderate-block = Заблокировать во всех эфирах
moderate-block-sure = Нажмите ещё раз, чтобы заблокировать
moderator-appoint = Сделать модератором
moderator-dismiss = Больше не модератор
moderate-not-here = Этого сообщения на экранах нет или пока нет. Попробуйте через секунду.
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
sanction-lift = Снять
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

## Гости, в студии

guests-title = Гости
guests-on-stage = В эфире
guests-waiting = { $count ->
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
invite-hours = { $hours ->
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
tile-label = Картинка: { $name }
tile-you = Вы
tile-muted = Звук выключен
tile-away = нет связи

## Страница гостя

guest-title = Вас приглашают — Эфир
guest-invited-by = { $name } приглашает вас в эфир
guest-step-camera = Проверьте камеру и микрофон
guest-step-waiting = Подождите там, где вас видит только ведущий
guest-step-live = Выходите в эфир, когда ведущий вас позовёт
guest-name-label = Ваше имя
guest-name-hint = Зрители увидят его под вашей картинкой
guest-accept = Принять приглашение
guest-check = Как вас видно и слышно?
guest-check-text = Вас пока никто не видит.
guest-say-something = Скажите что-нибудь: полоска должна двигаться.
guest-heard = Микрофон работает.
guest-join = Войти в комнату ожидания
guest-join-stage = Выйти в эфир
guest-waiting = Вы в комнате ожидания
guest-waiting-text = { $name } видит и слышит вас, зрители пока нет.
guest-live = Вы в эфире
guest-live-text = Все зрители эфира «{ $title }» видят и слышат вас.
guest-unseen = Сейчас вас никто не видит: картинка ещё не дошла.
guest-muted-audio = Ведущий выключил ваш звук
guest-muted-video = Ведущий скрыл вашу картинку
guest-muted-both = Ведущий выключил ваш звук и скрыл картинку
guest-leave = Выйти
guest-left = Вы вышли
guest-left-text = Камера выключена. Приглашение остаётся за вами.
guest-come-back = Вернуться
guest-help-used = Если это были вы, откройте ссылку в том же браузере. Иначе попросите у ведущего новую.
guest-help-new-link = Попросите у ведущего новую ссылку.
guest-help-whole-link = Скопируйте ссылку из сообщения целиком и откройте ещё раз.
guest-help-removed = Если это ошибка, попросите у ведущего новую ссылку: по ней можно вернуться.
guest-help-ended = Спасибо, что участвовали.

## Уведомления: на странице и push; слова push-уведомлений сервер берёт отсюда же

inbox-title = Уведомления
inbox-open = { $count ->
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
notification-order-cancelled-body = { $reason ->
    [sold_out] «{ $title }»: всё распродано. Деньги не списаны.
    [hold_expired] Время на оплату «{ $title }» вышло.
   *[other] «{ $title }» не будет доставлен. Деньги не списаны.
  }
notification-order-shipped-title = Заказ в пути
notification-order-shipped-body = { $tracked ->
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
follow = Подписаться
follow-host = Подписаться: { $name }
following = Вы подписаны
unfollow-host = Отписаться: { $name }
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

# Auctions
lot-title = Аукцион
lot-announced = Скоро аукцион
lot-open = Аукцион
lot-sold = Продано
lot-unsold = Не продано
lot-void = Снято с торгов
lot-starts-in = начнётся через { $time }
lot-starting = Начинаем…
lot-hammer = Раз, два…
lot-price-now = текущая ставка
lot-price-start = начальная цена
lot-price-sold = цена продажи
lot-leader = Лидирует { $name }
lot-sold-to = Покупатель: { $name }
lot-bidder = Участник { $number }
lot-bids = { $count ->
    [0] ставок пока нет
    [one] { $count } ставка
    [few] { $count } ставки
   *[other] { $count } ставок
  }
lot-maxima = { $count ->
    [0] тайных ставок пока нет
    [one] { $count } тайная ставка
    [few] { $count } тайные ставки
   *[other] { $count } тайных ставок
  }
lot-reserve-met = резерв достигнут
lot-reserve-not-met = резерв не достигнут
lot-sudden-death = без продления
lot-truth-link = Все ставки этого аукциона
lot-you-wait = Ваша тайная ставка принята.
lot-you-lead = Вы лидируете.
lot-you-are-outbid = Вашу ставку перебили!
lot-you-won = Лот ваш за { $price }!
lot-you-lost = Лот достался другому.
lot-your-maximum = Ваш максимум: { $amount }
lot-paid = Оплачено
lot-to-order = К заказу
lot-bid-next = Ставка { $amount }
lot-own-amount = Своя сумма
lot-set-maximum = Тайная ставка
lot-raise = Поднять максимум
lot-maximum-label = Не больше ({ $currency })
lot-maximum-hint = Сумму никто не видит. Мы поднимаем ставку за вас шаг за шагом, от { $amount }.
lot-exact-label = Ровно ({ $currency })
lot-exact-hint = Сумма сразу станет ценой, её увидят все.
lot-exact = Ставка ровно на эту сумму
lot-send-maximum = Задать максимум
lot-send-exact = Поставить ровно
lot-cancel = Отмена
lot-amount-wrong = Введите сумму, например 25 или 25,50.
lot-amount-low = Это меньше следующей ставки.
lot-too-low = Нужно { $amount } или больше.
lot-over-ceiling = Здесь вам доступны ставки до { $amount }.
lot-confirm = { $amount } — намного выше цены. Точно?
lot-confirm-yes = Да, ставлю
lot-confirm-no = Нет
bidder-title = Перед первой ставкой
bidder-why = Ставка обязывает. Деньги спишутся, только если вы победите.
bidder-account = Аккаунт
bidder-card = Карта
bidder-address = Адрес
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
truth-title = Лот: { $title }
truth-heading = Все ставки этого аукциона
truth-full = Вы ведёте этот эфир и видите всё. Тайные максимумы — после окончания.
truth-public = Имена сокращены. Свои записи вы видите полностью.
truth-more = Показать ещё
truth-empty = Пока смотреть не на что. После аукциона здесь будет вся история.
truth-won = { $name } за { $price }
truth-when = Когда
truth-who = Кто
truth-what = Что
truth-you = вы
truth-prepared = Подготовлен
truth-announced = Открыт, от { $price }
truth-started = Торги начались
truth-bid = Ставит ровно { $amount }
truth-maximum = Задаёт максимум
truth-maximum-amount = Задаёт максимум { $amount }
truth-refused = Отказ: { $why }
truth-refused-amount = { $amount } — отказ: { $why }
truth-sold = Продан за { $price }
truth-unsold = Не продан
truth-void = Аннулирован
truth-void-why = Аннулирован: { $why }
truth-settled = Сверено с записью
truth-disputed = Запись говорит другое: { $why }
truth-offered = Предложен за { $amount }
truth-paid = Оплачено { $amount }
truth-unpaid = Не оплачено
truth-rerun = Подготовлен снова
truth-given-up = Оставлен непроданным
truth-price = цена { $price }
truth-leads = лидирует
truth-extended = время продлено
notification-lot-won-title = Вы выиграли аукцион!
notification-lot-won-body = «{ $title }» — ваш лот. Оплатите поскорее, чтобы не потерять.
notification-lot-sold-title = Продано
notification-lot-sold-body = Молоток упал: «{ $title }».
notification-lot-offered-title = Лот ещё может стать вашим
notification-lot-offered-body = Победитель «{ $title }» не заплатил. Магазин предлагает лот вам.

error-offline = Нет связи. Проверьте сеть и повторите.
error-malformed = Не удалось прочитать запрос.
error-invalid_field = Проверьте, что вы ввели.
error-unsupported_media_type = Такой формат здесь не принимается.
error-too_large = Слишком много данных.
error-not_found = Здесь ничего нет.
error-method_not_allowed = Здесь это не работает.
error-rate_limited = Чуть помедленнее, пожалуйста.
error-idempotency_conflict = Это уже отправлено с другим содержанием. Обновите страницу.
error-idempotency_key_missing = В запросе чего-то не хватает. Обновите страницу.
error-request_timeout = Ответ занял слишком много времени. Попробуйте ещё раз.
error-internal = У нас что-то сломалось. Мы уже знаем об этом.
error-unavailable = Сейчас недоступно. Попробуйте через минуту.
error-unknown_operation = Эта страница устарела. Обновите её.
error-not_acceptable = У браузера и сервера нет общего формата видео.
error-precondition_failed = Сеанс изменился. Попробуйте ещё раз.
error-precondition_required = Сеанс изменился. Попробуйте ещё раз.
error-not_signed_in = Сначала войдите.
error-forbidden = Вам это не разрешено.
error-ticket_expired = Сеанс истёк. Обновите страницу.
error-cross_origin = Запросы с других сайтов не принимаются.
error-wrong_credentials = Неверная почта или пароль.
error-email_taken = Аккаунт с этой почтой уже есть.
error-invite_invalid = Этот ключ уже использован или истёк.
error-invite_unknown = Такого приглашения нет. Возможно, ссылка скопирована не целиком.
error-invite_used = Это приглашение уже использовано.
error-invite_expired = Срок приглашения истёк.
error-invite_revoked = Ведущий отозвал это приглашение.
error-guest_removed = Ведущий завершил ваше участие в эфире.
error-show_not_live = Эфир сейчас не идёт.
error-show_ended = Эфир завершён.
error-stream_inactive = Трансляция ещё не началась.
error-stream_taken = В этот эфир уже кто-то вещает.
error-stream_full = Мест нет. Мы продолжаем пробовать.
error-unknown_channel = Такого эфира нет.
error-not_subscribed = Обновите страницу.
error-too_many_channels = Слишком много эфиров сразу. Закройте один из них.
error-read_only_channel = Здесь нельзя писать.
error-message_empty = Сначала напишите что-нибудь.
error-message_too_long = Слишком длинное сообщение.
error-stage_full = В эфире больше нет мест. Сначала верните кого-нибудь в комнату ожидания.
error-waiting_room_full = Комната ожидания заполнена. Попробуйте через минуту.
error-not_on_stage = Крупно можно показать только того, кто в эфире.
error-too_many_invites = У этого эфира слишком много приглашений.
error-question_closed = За этот вопрос больше нельзя голосовать.
error-too_many_polls = Сначала закройте один из опросов.
error-muted = Модератор на время запретил вам писать. Читать можно.
error-blocked = Ведущий закрыл для вас этот эфир.
error-slow_mode = Включён медленный режим. Подождите немного и напишите снова.
error-followers_only = Сейчас пишут только подписчики ведущего. Подпишитесь, чтобы участвовать.
error-repeated = Вы это только что написали.
error-poll_closed = Опрос завершён.
error-already_voted = Вы уже проголосовали.
error-too_many_questions = Дождитесь ответа на один из ваших вопросов.
error-push_subscription_invalid = Не удалось включить уведомления в этом браузере. Попробуйте ещё раз.
error-sold_out = Распродано. Кто-то успел чуть раньше.
error-limit_reached = Это больше, чем можно купить в одни руки.
error-unknown_sku = Этот товар не продаётся в эфире.
error-hold_expired = Время на оплату вышло, товар снова в продаже.
error-order_not_payable = Этот заказ не ждёт оплаты.
error-payment_in_progress = Оплата этого заказа уже идёт.
error-payment_declined = Карта отклонена. Попробуйте другую.
error-not_enough_stock = На складе столько нет.
error-stale_epoch = Эфир был восстановлен. Обновите страницу.
error-price_changed = Цена изменилась. Посмотрите ещё раз.
error-order_not_cancellable = Этот заказ уже нельзя отменить.
error-order_not_shippable = Этот заказ нельзя отправить.
error-sale_not_open = Распродажа сейчас не идёт.
error-coupon_invalid = Этот промокод не подходит к заказу.
error-not_listed = Этот товар не продаётся по фиксированной цене.
error-waitlist_full = За этим товаром стоит уже слишком много людей.
error-bid_too_low = Уже предложили больше. Посмотрите следующую ставку.
error-lot_not_started = Торги ещё не начались.
error-lot_over = Торги по этому лоту закончились.
error-lot_not_over = Торги по этому лоту ещё идут.
error-unknown_lot = В этом эфире нет такого лота.
error-own_lot = Нельзя делать ставки на свой лот.
error-bidder_not_eligible = В этом эфире вы не можете делать ставки.
error-needs_confirmation = Ставка намного выше цены. Подтвердите, если так и задумано.
error-over_ceiling = Это больше вашего предела ставок.
error-wrong_currency = Это продаётся в другой валюте.
error-lot_has_bids = Ставки уже есть.
error-lot_settled = Этот лот оплачен.
error-no_card_on_file = Сначала сохраните карту.
error-no_address_on_file = Сначала сохраните адрес.
error-unknown_giveaway = В этом эфире нет такого розыгрыша.
error-giveaway_over = Розыгрыш закончился.
error-giveaway_not_over = Розыгрыш ещё идёт.
error-not_eligible = Вы не можете в этом участвовать.
error-order_not_refundable = Вернуть деньги за этот заказ сейчас нельзя.
error-refund_too_large = Это больше, чем осталось вернуть.
error-shipping_unavailable = Такой доставки туда нет.
error-return_not_possible = Этот заказ нельзя вернуть.
error-signature_invalid = Подпись неверна, устарела или отсутствует.
error-already_running = В этом эфире уже идёт другое такое событие.
error-camera_refused = Браузеру нельзя использовать камеру. Разрешите это в адресной строке и повторите.
error-camera_missing = Такая камера или микрофон не найдены.
error-camera_busy = Камера занята другой программой.
error-camera_insecure = Камера работает только по https или на localhost.

## Books and webhooks

notification-webhook-failed-title = Вебхук отключён
notification-webhook-failed-body = До «{ $title }» уже несколько дней ничего не доходит. Ничего не потеряно: почините и отправьте заново.
studio-statement = Отчёт о продажах
studio-webhooks = Вебхуки
statement-title = Отчёт о продажах
statement-period = Период
statement-this-month = Этот месяц
statement-last-month = Прошлый месяц
statement-30-days = 30 дней
statement-this-year = Этот год
statement-from = С
statement-to = По
statement-empty = За это время ничего не продано и не возвращено.
statement-orders = Заказы
statement-order = Заказ
statement-csv = Скачать CSV
statement-more = Показать ещё
statement-show = Открыть эфир
statement-gross = Продано товаров
statement-discount = Скидки
statement-shipping = Доставка
statement-total = Оплачено покупателями
statement-refunded = Возвраты
statement-tax = Налог
statement-fees = Комиссии
statement-platform-fee = Комиссия площадки
statement-provider-fee = Комиссия за платежи
statement-disputed = Оспаривается
statement-lost = Потеряно в спорах
statement-net = Ваше
statement-audit-running = Книги сейчас проверяются.
statement-audit-good = Книги проверены { $when }: { $transfers ->
    [one] { $transfers } проводка
    [few] { $transfers } проводки
   *[other] { $transfers } проводок
  }, расхождений нет.
statement-audit-bad = Проверка { $when } нашла в книгах { $problems ->
    [one] { $problems } расхождение
    [few] { $problems } расхождения
   *[other] { $problems } расхождений
  }. Сообщите тому, кто ведёт этот магазин.
books-transfers = Проводки
books-account = Счёт
books-debit = Дебет
books-credit = Кредит
books-sale = Продажа
books-capture = Оплата
books-refund = Возврат
books-dispute = Открыт спор
books-dispute-won = Спор выигран
books-dispute-lost = Спор проигран
books-buyer-receivable = Долг покупателя
books-psp-clearing = У платёжной системы
books-psp-fees = Комиссия за платежи
books-seller-payable = Долг продавцу
books-platform-fee = Комиссия площадки
books-tax-payable = Налог к уплате
books-shipping = Доставка
books-coupon-subsidy = Скидки
books-disputes = Оспаривается
books-chargeback-loss = Потеряно в спорах
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
webhooks-tries = { $count ->
    [0] ещё не отправлено
    [one] { $count } попытка
    [few] { $count } попытки
   *[other] { $count } попыток
  }
webhooks-no-answer = Нет ответа
webhooks-took = { $ms } мс
webhooks-next = Следующая попытка { $when }.
webhooks-payload = Сообщение
# Распродажи, очередь, купоны, розыгрыши

flash-title = Распродажа
flash-soon = Скоро распродажа
flash-on = Идёт сейчас
flash-was = Вместо
flash-lowest = Минимальная цена за 30 дней: { $amount }
flash-starts-in = начало через { $time }
flash-ends-in = осталось { $time }
flash-units = { $count ->
    [one] { $count } штука по этой цене
    [few] { $count } штуки по этой цене
   *[other] { $count } штук по этой цене
  }
flash-units-left = { $count ->
    [one] Осталась { $count } штука по этой цене
    [few] Осталось { $count } штуки по этой цене
   *[other] Осталось { $count } штук по этой цене
  }
flash-limit = { $count } в одни руки
wait-join = Встать в очередь
wait-place = Вы { $place }-й в очереди
wait-leave = Выйти из очереди
turn-title = Ваша очередь!
turn-text = { $count ->
    [one] «{ $title }» отложен для вас.
   *[other] { $count } × «{ $title }» отложены для вас.
  }
turn-back = Уступить
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
giveaway-title = Розыгрыш
giveaway-units = { $count ->
    [one] { $count } победитель
    [few] { $count } победителя
   *[other] { $count } победителей
  }
giveaway-entries = { $count ->
    [0] Пока никто не участвует
    [one] { $shown } участник
    [few] { $shown } участника
   *[other] { $shown } участников
  }
giveaway-enter = Участвовать
giveaway-in = Вы участвуете. Оставайтесь до розыгрыша: выигрывают только те, кто здесь.
giveaway-stay = Оставайтесь, сейчас будет розыгрыш.
giveaway-closed = Приём участников закончен.
giveaway-draw-in = розыгрыш через { $time }
giveaway-drawn = Розыгрыш состоялся
giveaway-you-won = Вы выиграли!
giveaway-won-text = «{ $title }» получает: { $names }. Подарок ждёт в ваших заказах.
giveaway-winners = «{ $title }» получает: { $names }.
giveaway-nobody = Выигрывать было некому.
giveaway-nameless = Кто-то
giveaway-check = Проверить розыгрыш
giveaways-title = Розыгрыши
giveaway-new = Новый розыгрыш
giveaways-empty = Пока ничего не разыгрывали.
giveaway-winners-label = Победителей
giveaway-rules = Каждый победитель получает одну штуку. Участвуют люди с аккаунтом и адресом; при розыгрыше надо быть в эфире. Отменить нельзя.
giveaway-start = Начать розыгрыш
giveaway-refused = Не начался: не хватило товара.
gate-account = Сначала аккаунт
gate-account-text = Приз должен вас найти.
gate-address = Ваш адрес
gate-address-text = Куда отправить приз.
gate-save = Сохранить и участвовать
draw-title = Розыгрыш
draw-how = До начала сервер выбрал тайное число и опубликовал его SHA-256. После конца был закрыт список тех, кто здесь. У каждого в списке есть число SHA-256(тайное число : отпечаток списка : свой номер); выигрывают наименьшие. Ваш браузер вычислил всё это заново.
draw-right = Всё сходится: у этого браузера те же победители.
draw-wrong = Это не сходится с опубликованным.
draw-insecure = Этот браузер вычисляет отпечатки только на страницах https.
draw-commitment = Опубликовано заранее: SHA-256 тайного числа
draw-seed = Тайное число
draw-digest = SHA-256 списка присутствовавших
draw-entrants = Участников: { $count }, присутствовали: { $present }
draw-won = победитель
draw-absent = не было
