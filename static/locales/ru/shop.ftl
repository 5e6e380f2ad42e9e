## Страницы ведущего

host-pages = Страницы магазина
studio-shop = Магазин
studio-orders = Заказы
studio-statement = Отчёт о продажах
studio-staff = Команда
studio-webhooks = Вебхуки

## Товары

product-new = Новый товар
product-title-label = Название
product-variant-label = Вариант
product-variant-placeholder = Размер M (не обязательно)
product-sku-label = Артикул
product-sku-hint = Заглавные латинские буквы, цифры, точка и дефис
product-price-label = Цена
product-currency-label = Валюта
product-stock-label = На складе
product-create = Сохранить товар
price-invalid = Это не сумма
on-hand = { $count } на складе
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
product-description-label = Описание
product-description-hint = Из чего сделано, какого размера, как ухаживать
product-tax-label = Налог в цене, %
product-sku-auto = Если не заполнить, создадим сами
product-pictures = Фотографии
product-variants = Варианты и остатки
product-variants-hint = Вариант — то, что выбирает покупатель: размер или цвет. Хватит и одного.
product-variant-number = Вариант { $number }
product-variant-add = Добавить вариант
product-variant-remove = Убрать вариант { $number }
product-variant-save = Сохранить вариант
product-details = Что видят покупатели
product-save = Сохранить изменения
product-saved = Сохранено
product-pictures-busy = Дождитесь, пока загрузятся фотографии
product-sku-invalid = Заглавные латинские буквы, цифры, точка и дефис, до 32 знаков
product-archive = В архив
product-archive-hint = Товар больше не предлагается для новых эфиров. Всё, что уже в эфире, остаётся в продаже, заказы не меняются.
product-restore = Вернуть
product-restore-hint = Товар в архиве. Верните его, чтобы продавать в новых эфирах.
product-unknown = Такого товара нет.

## Фотографии

pictures-add = Добавить фотографии
picture-add = Добавить фотографию
pictures-drop = Или перетащите сюда. JPEG, PNG или WebP, до 10 МБ каждая.
picture-drop = Или перетащите сюда. JPEG, PNG или WebP, до 10 МБ.
picture-main = Главная
picture-number = Фотография { $number } из { $count }
picture-earlier = Передвинуть фотографию { $number } вперёд
picture-later = Передвинуть фотографию { $number } назад
picture-remove = Убрать фотографию { $number }
picture-again = Загрузить фотографию { $number } ещё раз
picture-uploading = Фотография { $number } загружается
pictures-full =
    { $count ->
        [one] Поместится только { $count } фотография
        [few] Поместятся только { $count } фотографии
       *[many] Поместятся только { $count } фотографий
    }

## Магазин

shop-title = Магазин
shop-search = Поиск по товарам
shop-on-sale = Товары
shop-archive = Архив
shop-empty-title = Пока полка пуста
shop-empty-text = Три шага — и можно продавать в эфире.
shop-step-picture = Сфотографируйте товар у окна на ровном фоне. Первую фотографию увидят зрители.
shop-step-variants = Укажите, из чего выбирают покупатели: размеры или цвета, цену и сколько штук у вас есть.
shop-step-show = В студии добавьте штуки в эфир. Купить в эфире можно только то, что в него добавлено.
shop-archive-empty = В архиве пусто. Сюда попадает то, что вы больше не продаёте, и отсюда это можно вернуть.
shop-nothing-found = Ничего похожего на «{ $query }» нет.
shop-price-range = { $from } – { $to }
shop-no-stock = Нет на складе
shop-variants =
    { $count ->
        [one] { $count } вариант
        [few] { $count } варианта
       *[many] { $count } вариантов
    }

## Анонс эфира

show-cover = Обложка
show-cover-hint = Лучше вертикальная, 4 на 5. Без неё показываем фотографию первого товара.
show-when = Когда
show-when-zone = Ваше время ({ $zone })
show-when-hint = Ваше время ({ $zone }). Если не заполнить, эфир можно начать сразу.
show-when-invalid = Выберите день и время
show-tags = Теги
show-tags-hint = До десяти, через запятую: лён, лето, ручная работа
show-tags-many = Не больше десяти тегов, каждый до 30 букв
show-edit = Изменить: { $title }
show-edit-title = Изменить эфир
show-save = Сохранить изменения
