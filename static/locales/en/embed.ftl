## The player on other sites

embed-smaller = Make the player smaller
embed-account = Your account
embed-account-text = Sign in, and orders and bids are yours on every device.
embed-signed-in = You are signed in as { $name }.
embed-leave = Sign out
embed-forgotten-title = Watch here, take part over there
embed-forgotten-text = This browser keeps nothing for players on other sites. To write and to buy, open the show in a window of its own.
embed-outside = Open the show
paid-title = Back to the show
paid-text = You can close this window. Your order goes on where you were watching.
