## The shop as an installed app, and without a network

offline-title = No connection
offline-text = This page could not be fetched: the network is away, or the shop is.
offline-hint-network = Look whether the phone is in flight mode, or go nearer to the Wi-Fi.
offline-hint-orders = Nothing is lost: what you have bought or written is kept by the shop.
offline-by-itself = The page comes back by itself as soon as there is a network.
install-title = Keep the shop on your home screen
install-text = It opens at once and in full, and tells you when a show begins.
install = Install
install-ios = Tap Share, then “Add to Home Screen”.
install-later = Not now
