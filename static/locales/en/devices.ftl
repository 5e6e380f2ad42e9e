## Studio

camera-label = Camera
microphone-label = Microphone
device-number = Device { $number }
level-label = Microphone level
preview-label = Camera preview
preview-off = Turn the camera on to see yourself
camera-on = Turn the camera on
camera-hide = Turn off the picture
camera-show = Turn on the picture
microphone-mute = Mute
microphone-unmute = Unmute
broadcast-connecting = Connecting…
broadcast-reconnecting = Connection lost. Trying again…

## Guests, in the studio

tile-label = Picture of { $name }
tile-you = You
tile-muted = Muted
tile-away = away
