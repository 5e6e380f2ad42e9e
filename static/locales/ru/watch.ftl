## Везде

watch-title = { $title } — Эфир

## Плеер

player-video = Видео эфира
player-connecting = Подключаемся…
player-waiting = Картинка вот-вот появится
player-scheduled = Эфир начнётся { $when }
player-scheduled-soon = Эфир скоро начнётся
player-host-back = Ведущий сейчас вернётся
player-reconnecting = Восстанавливаем картинку…
player-ended-text = Спасибо, что были с нами. Ваши заказы сохранены.
player-failed = Не удаётся показать картинку
player-blocked = Эта сеть не пропускает живое видео
player-blocked-text = Выключите VPN или перейдите с Wi-Fi на мобильный интернет. Чат и покупки тем временем работают, и мы продолжаем пробовать.
player-full = Свободных мест нет
player-full-text = Вы следующие: мы продолжаем пробовать. Чат и покупки тем временем работают.
player-help-browser = Видео покажет свежий Chrome, Firefox, Edge или Safari. Чат и покупки работают и здесь.
player-help-codec = Скорее всего, видео покажет другой браузер или телефон. Чат и покупки работают и здесь.
player-sound-on = Включить звук
player-mute = Выключить звук
player-play = Смотреть
player-guest-video = Видео: { $name }
player-silent = Без звука
quality-title = Картинка и связь
quality-size = Размер картинки
quality-auto = Автоматически: самый крупный, какой тянет связь
quality-one-size = Картинка идёт в одном размере.
quality-bitrate-label = Данные
quality-loss-label = Потери
quality-loss = { $percent } %
quality-delay-label = Задержка
quality-delay = { $ms } мс
share = Поделиться
share-copied = Ссылка скопирована

## Чат

nickname-title = Как вас называть?
nickname-text = Это имя увидят ведущий и другие зрители.
nickname-label = Ваше имя
nickname-save = Продолжить

## Вопросы

questions-open =
    { $count ->
        [0] Вопросы ведущему
        [one] Вопросы ведущему: { $count } открытый
       *[other] Вопросы ведущему: { $count } открытых
    }
questions-empty = Вопросов пока нет. Задайте первый.
question-label = Ваш вопрос ведущему
question-ask = Спросить
question-live-by = Отвечают на вопрос: { $name }

## Опросы

poll-title = Опрос
poll-hidden = Результат по окончании

## Реакции и зрители

reaction-send = { $name }: уже { $total }
reaction-kinds = Реакции
reaction-heart = Сердце
reaction-fire = Огонь
reaction-clap = Аплодисменты
reaction-laugh = Смех
reaction-wow = Ого

## Товары и покупка

products-title = В этом эфире
products-empty = Товары появятся здесь во время эфира
stock-left =
    { $count ->
        [one] Осталась { $count } штука
        [few] Осталось { $count } штуки
        [many] Осталось { $count } штук
       *[other] Осталось { $count } шт.
    }
stock-sold-out = Распродано
stock-held = Все отложены для других
buy = Купить
buy-limit =
    { $count ->
        [one] До { $count } штуки в одни руки
       *[other] До { $count } штук в одни руки
    }
quantity-less = Меньше
quantity-more = Больше
orders-title = Мои заказы
orders-empty = Покупок пока нет
order-open = Оплата не завершена
# Заказы: корзина, сумма, доставка, страница заказа
cart-title = Корзина
cart-add = В корзину
cart-open =
    Корзина · { $count ->
        [one] { $count } товар
        [few] { $count } товара
        [many] { $count } товаров
       *[other] { $count } товара
    }
cart-empty = Корзина пуста
cart-remove = Убрать: { $title }
bill-free = бесплатно
bill-address = Куда доставить
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
address-back = Назад к сохранённым
keep-watching = Смотреть дальше

## Уведомления: на странице и push; слова push-уведомлений сервер берёт отсюда же


## Ошибки, по имени

# Auctions
lot-title = Аукцион
lot-announced = Скоро аукцион
lot-open = Аукцион
lot-sold = Продано
lot-unsold = Не продано
lot-void = Снято с торгов
lot-starting = Начинаем…
lot-price-now = текущая ставка
lot-price-start = начальная цена
lot-price-sold = цена продажи
lot-sold-to = Покупатель: { $name }
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

## Books and webhooks

flash-title = Распродажа
flash-units =
    { $count ->
        [one] { $count } штука по этой цене
        [few] { $count } штуки по этой цене
       *[other] { $count } штук по этой цене
    }
flash-units-left =
    { $count ->
        [one] Осталась { $count } штука по этой цене
        [few] Осталось { $count } штуки по этой цене
       *[other] Осталось { $count } штук по этой цене
    }
flash-limit = { $count } в одни руки
wait-join = Встать в очередь
wait-place = Вы { $place }-й в очереди
wait-leave = Выйти из очереди
turn-title = Ваша очередь!
turn-text =
    { $count ->
        [one] «{ $title }» отложен для вас.
       *[other] { $count } × «{ $title }» отложены для вас.
    }
turn-back = Уступить
giveaway-title = Розыгрыш
giveaway-units =
    { $count ->
        [one] { $count } победитель
        [few] { $count } победителя
       *[other] { $count } победителей
    }
giveaway-enter = Участвовать
giveaway-in = Вы участвуете. Оставайтесь до розыгрыша: выигрывают только те, кто здесь.
giveaway-stay = Оставайтесь, сейчас будет розыгрыш.
giveaway-closed = Приём участников закончен.
giveaway-drawn = Розыгрыш состоялся
giveaway-you-won = Вы выиграли!
giveaway-won-text = «{ $title }» получает: { $names }. Подарок ждёт в ваших заказах.
gate-account = Сначала аккаунт
gate-account-text = Приз должен вас найти.
gate-address = Ваш адрес
gate-address-text = Куда отправить приз.
gate-save = Сохранить и участвовать
player-pip = Маленькое окно
player-pip-back = Вернуть из маленького окна

## Вслух, для тех, кто слушает страницу

said-sold = Продано за { $amount }
said-sold-out = Распродано: { $title }
said-seconds =
    { $seconds ->
        [one] Осталась { $seconds } секунда
        [few] Осталось { $seconds } секунды
       *[many] Осталось { $seconds } секунд
    }
