## Команда магазина

staff-title = Команда
staff-text = Кто работает в магазине и что кому можно.
staff-invite = Пригласить
staff-invites = Открытые приглашения
staff-you = (вы)
staff-role =
    { $role ->
        [owner] Владелец
        [host] Ведущий
        [moderator] Модератор
       *[packer] Сборщик
    }
staff-role-text =
    { $role ->
        [owner] Всё, что может ведущий, и состав команды.
        [host] Ведёт эфиры, продаёт, видит свои заказы и выручку.
        [moderator] Следит за чатом всех эфиров. Заказов не видит.
       *[packer] Видит, что упаковать и отправить. Без цен и выручки.
    }
staff-until = до { $date }
staff-revoke = Отозвать
staff-take =
    { $role ->
        [owner] Больше не владелец
        [host] Больше не ведущий
        [moderator] Больше не модератор
       *[packer] Больше не сборщик
    }
staff-take-of =
    { $role ->
        [owner] { $name }: больше не владелец
        [host] { $name }: больше не ведущий
        [moderator] { $name }: больше не модератор
       *[packer] { $name }: больше не сборщик
    }
staff-keep = Оставить
staff-which = Что этот человек будет делать?
staff-label = Для кого?
staff-label-hint = Это видите только вы.
staff-make = Создать ссылку
staff-link = Приглашение
staff-link-text = Отправьте ссылку одному человеку. Она сработает один раз в течение недели и показана только сейчас.
staff-done = Готово

## Приглашение

join-title = Вас приглашают
join-text = { $name } зовёт вас работать в этом магазине.
join-account = Зарегистрируйтесь или войдите, и роль ваша.
join-accept = Присоединиться: { $name }
join-welcome = Добро пожаловать!
join-go = Начать

## Сборка

packing-title = К отправке
packing-nothing = Всё отправлено
packing-nothing-text = Оплаченные заказы появятся здесь сами.
packing-no-address = Без адреса
packing-pack = Отметить упакованным
packing-packed = Упаковано
packing-send = Отправить…
packing-carrier = Служба доставки
packing-tracking = Трек-номер
packing-sent = Отправлено
