## Студия

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
broadcast-connecting = Подключаемся…
broadcast-reconnecting = Связь прервалась. Пробуем снова…

## Гости, в студии

tile-label = Картинка: { $name }
tile-you = Вы
tile-muted = Звук выключен
tile-away = нет связи
