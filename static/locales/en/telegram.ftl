## The shop as a Mini App of Telegram

telegram-title = We do not know who you are yet
telegram-no-cookies = Your browser keeps nothing for pages inside Telegram, so you cannot be recognised here.
telegram-meanwhile = You can go on watching. To write, bid or buy we need to know you.
telegram-close = Close the app
telegram-open-browser = Open in the browser
