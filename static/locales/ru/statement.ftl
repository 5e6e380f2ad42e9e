## Books and webhooks

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
statement-audit-good =
    Книги проверены { $when }: { $transfers ->
        [one] { $transfers } проводка
        [few] { $transfers } проводки
       *[other] { $transfers } проводок
    }, расхождений нет.
statement-audit-bad =
    Проверка { $when } нашла в книгах { $problems ->
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
