## Everywhere

start-title = Efir — live shopping

## Start page

show-by = with { $name }

## Notifications: the inbox and pushes; the server makes the words of a push from these as well

inbox-title = Notifications
inbox-open =
    { $count ->
        [0] Notifications
        [one] Notifications: { $count } new
       *[other] Notifications: { $count } new
    }
inbox-empty = Nothing yet. Follow a host, and you will hear of the next show.
inbox-new = New
inbox-arrived = New notification: { $title }
notification-show-started-title = { $host } is live
notification-show-started-body = “{ $title }” has started.
notification-show-reminder-title = “{ $title }” begins in 10 minutes
notification-show-reminder-body = { $host } is getting ready.
notification-outbid-title = You have been outbid
notification-outbid-body = Somebody bids more for “{ $title }”.
notification-order-confirmed-title = Your order is confirmed
notification-order-confirmed-body = “{ $title }” is yours.
notification-order-cancelled-title = Your order was cancelled
notification-order-cancelled-body =
    { $reason ->
        [sold_out] “{ $title }” was sold out. You are not charged.
        [hold_expired] The time to pay for “{ $title }” is over.
       *[other] “{ $title }” will not be delivered. You are not charged.
    }
notification-order-shipped-title = Your order is on its way
notification-order-shipped-body =
    { $tracked ->
        [yes] “{ $title }” travels with { $carrier }, { $tracking }.
       *[no] “{ $title }” travels with { $carrier }.
    }
notification-order-refunded-title = Money back: { $amount }
notification-order-refunded-body = For “{ $title }”. Your bank may take a few days to show it.
notification-question-answered-title = The host has answered your question
notification-question-answered-body = “{ $text }”
notification-your-turn-title = It is your turn
notification-your-turn-body = “{ $title }” is kept for you for a moment. Buy it now.
notification-giveaway-won-title = You have won
notification-giveaway-won-body = “{ $title }” is yours, for nothing.
remind = Remind me
remind-of = Remind me of “{ $title }”
reminded = You will be reminded
remind-not = Do not remind me of “{ $title }”
push-on = Also tell me when this page is closed
push-off = Tell me only here
push-asking = Waiting for your answer to the browser…
push-active = This browser tells you even when the page is closed.
push-denied = The browser may not show notifications. Allow it in the address bar and load the page again.
push-unsupported = This browser shows notifications only while the page is open. On an iPhone, add the page to the home screen first.

## Errors, by name

notification-lot-won-title = You won the auction!
notification-lot-won-body = “{ $title }” is yours. Pay soon to keep it.
notification-lot-sold-title = Sold
notification-lot-sold-body = The hammer fell for “{ $title }”.
notification-lot-offered-title = You can still have it
notification-lot-offered-body = The winner of “{ $title }” did not pay. The shop offers it to you.

## Books and webhooks

notification-webhook-failed-title = A webhook is switched off
notification-webhook-failed-body = Nothing has reached “{ $title }” for days. Nothing is lost: mend it and replay.
