## Столы студии

desks-title = Столы
desk-run = План эфира
desk-chat = Чат
desk-sell = Продажи
desk-flash = Распродажи
desk-auctions = Аукционы
desk-giveaways = Розыгрыши
desk-polls = Опросы
desk-coupons = Промокоды
desk-guests = Гости
desk-orders = Заказы
desk-stock = Склад
desk-moderation = Правила
desk-links = Ссылки
desk-more = Ещё
links-title = Ссылки и кодировщики
embed-title = На вашем сайте
embed-text = Вставьте эту строку туда, где должен быть эфир: в блог, на лендинг, в другой магазин.
embed-mode = Как он выглядит
embed-mode-inline = Плеер на странице
embed-mode-bubble = Окошко в углу, которое раскрывается
embed-live = Только пока идёт эфир
embed-snippet = Строка для страницы
embed-origins = Сайт должен быть в списке EMBED_ORIGINS этого сервера.

## Живые числа

numbers-title = Эфир в числах
number-viewers = Зрители
number-orders = Заказы
number-revenue = Выручка
number-left = Остаток
number-rate = Чат / мин
number-questions = Вопросы

## План эфира

run-title = План эфира
run-add = Сегмент
run-next = Дальше
run-now = Сейчас
run-up-next = Следом
run-stock = осталось { $available } · продано { $sold }
run-to-stock = Открыть склад
run-moved = { $title }: место { $place } из { $count }
run-grip = Переместить: { $title }. Тяните или нажмите Alt со стрелкой
run-menu = Ещё: { $title }
run-pin = Закрепить: { $title }
run-unpin = Открепить: { $title }
run-go = Перейти сюда сейчас
run-flash = Распродажа
run-auction = Аукцион
run-giveaway = Розыгрыш
run-poll = Опрос
run-edit = Заметка и минуты
run-up = Выше
run-down = Ниже
run-remove = Убрать из плана
run-planned =
    { $minutes ->
        [one] В плане { $minutes } минута
        [few] В плане { $minutes } минуты
        [many] В плане { $minutes } минут
       *[other] В плане { $minutes } минуты
    }
run-minutes = { $minutes } мин
run-left = здесь осталось { $time }
run-over = сверх плана { $time }
run-title-label = Сегмент
run-title-placeholder = Приветствие и что будет сегодня
run-title-empty = Назовите сегмент
run-minutes-label = Минуты
run-minutes-wrong = Целые минуты, не больше 240
run-note-label = Заметка
run-note-hint = Её видите только вы
run-save = Сохранить
run-cancel = Отменить
poll-about = Хотите «{ $title }»?
poll-yes = Да
poll-no = Не моё

## Сцена

stage-title = Ваша картинка
screen-share = Показать экран
screen-stop = Вернуться к камере
go-live-soon = Сейчас начнётся эфир
go-live-cancel = Ещё нет

## Проверка устройств

check-open = Камера и звук
check-title = Камера и звук
check-done = Всё хорошо
check-again = Повторить
check-waiting = Ждём камеру…
check-picture = { $width } × { $height }{ $fps ->
    [0] {""}
   *[other] , { $fps } кадров в секунду
}
check-picture-poor = { $width } × { $height }{ $fps ->
    [0] {""}
   *[other] , { $fps } кадров в секунду
}. Больше света или другая камера — и станет лучше.
check-say-something = Скажите что-нибудь: слышно ли микрофон?
check-heard = Вас хорошо слышно
check-muted = Вы выключили микрофон
check-not-heard = Вас не слышно
check-not-heard-help = Вас не слышно. Тот ли это микрофон и включён ли он?
check-no-microphone = Микрофона нет. Подключите его и выберите здесь. Выйти в эфир можно и без звука.
check-refused-help = Браузеру нельзя использовать камеру и микрофон. Нажмите значок камеры в адресной строке, разрешите оба и повторите.
check-missing-help = Камера не нашлась. Подключите её или ведите эфир из OBS: стол «Ссылки».
check-busy-help = Камеру занимает другая программа. Закройте её (может быть, это видеозвонок) и повторите.
check-insecure-help = Браузеры дают камеру только страницам https. Откройте студию по адресу https, а на этом компьютере — по localhost.
check-path-trying = Проверяем путь до сервера…
check-path-udp = Путь до сервера свободен ({ $rtt } мс)
check-path-tcp = Эта сеть не пропускает UDP, идём по TCP ({ $rtt } мс). Всё работает, но на слабой связи замирает раньше.
check-path-blocked = Из этой сети видео до сервера не доходит. Обычно помогает другой Wi-Fi или мобильный интернет.
check-path-taken = В этот эфир уже кто-то вещает — может быть, OBS или другая вкладка.
check-path-refused = Сервер не отвечает. Проверьте связь и повторите.
check-path-on-air = Вы в эфире: путь свободен

## Клавиши

shortcuts-title = Клавиши
shortcut-next = К следующему пункту плана
shortcut-pin = Закрепить или открепить текущий товар
shortcut-mute = Выключить или включить микрофон
shortcut-camera = Выключить или включить картинку
shortcut-help = Этот список
shortcut-move = Переместить пункт, который в фокусе
shortcuts-on = Одиночные клавиши работают

## Первые шаги

setup-title = Три шага до первого эфира
setup-text = Это займёт минут пять.
setup-skip = Позже
setup-done = готово
setup-product = Добавьте товар
setup-product-text = Для начала хватит одного. Всё можно поменять потом.
setup-show = Запланируйте первый эфир
setup-show-text = Нужно только название.
setup-camera = Посмотрите в камеру
setup-camera-text = Проверим картинку, звук и связь. Вас пока никто не видит.
report-of = Отчёт: { $title }
report-open-page = Открыть отчёт
