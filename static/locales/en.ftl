### Every text of the pages, English. A message here and not in ru.ftl (or the other way) fails the tests.

## Everywhere

brand = Efir
start-title = Efir — live shopping
watch-title = { $title } — Efir
studio-title = Studio — Efir
guest-name = Guest { $number }
language-switch = Language
close = Close
retry = Try again
loading = One moment…
live-badge = Live
copy = Copy
copied = Copied
reconnecting = Connection lost. Reconnecting…
disconnected = The server ended the connection.
reload = Load the page again

## Start page

start-headline = Live shopping, right now
start-lead = Watch, ask and buy without leaving the video.
start-live = On air
start-next = Coming up
start-ended = Recent shows
start-empty-title = Nothing is on air yet
start-empty-text = Shows appear here the moment they are planned.
start-open-studio = Open the studio
show-by = with { $name }
show-starts = Starts { $when }
show-ended-at = Ended { $when }

## Player

player-video = Video of the show
player-connecting = Connecting…
player-waiting = The picture starts any moment
player-scheduled = The show starts { $when }
player-scheduled-soon = The show starts soon
player-host-back = The host will be right back
player-reconnecting = Reconnecting the picture…
player-ended = The show is over
player-ended-text = Thank you for being here. Your orders are safe.
player-failed = The picture cannot be shown
player-to-start = To all shows
player-sound-on = Tap for sound
player-mute = Mute
player-play = Play
player-guest-video = Video of { $name }
player-silent = Muted
quality-title = Picture and connection
quality-label = { $state } { $lines }
quality-good = Good connection
quality-fair = Fair connection
quality-poor = Weak connection
quality-busy = This device is too busy for the full picture
quality-unknown = Measuring the connection
quality-lines = { $lines }p
quality-size = Size of the picture
quality-auto = Automatic: as large as your connection carries
quality-one-size = The picture comes in one size.
quality-bitrate-label = Data
quality-bitrate = { $mbits } Mbit/s
quality-loss-label = Lost
quality-loss = { $percent } %
quality-delay-label = Delay
quality-delay = { $ms } ms
share = Share
share-copied = The link is copied

## Chat

chat-title = Chat
chat-empty = Be the first to say hello
chat-placeholder = Say something…
chat-send = Send
chat-host = Host
chat-newer = New messages
chat-moderator = Moderator
chat-to-you = To you:
chat-held = Waiting for a moderator
chat-reply-to = Reply to { $name }
chat-reply-cancel = Do not reply
chat-pinned = Pinned:
chat-unpin = Unpin
chat-older-failed = Load older messages
chat-beginning = This is where the chat begins
chat-emoji = Emoji
chat-suggestions = People to mention
chat-slow = Slow mode: one message every { $span }
chat-wait = You can write again in { $time }
chat-muted = A moderator has muted you. You can read on.
chat-muted-until = A moderator has muted you. You can write again in { $time }
chat-followers = Only followers of the host can write now
chat-approve-first = Messages appear once a moderator has seen them
talk-title = Chat and questions
nickname-title = What shall we call you?
nickname-text = The host and other viewers see this name.
nickname-label = Your name
nickname-save = Continue

## Questions

questions-title = Questions
questions-open = { $count ->
    [0] Questions to the host
    [one] Questions to the host: { $count } open
   *[other] Questions to the host: { $count } open
}
questions-empty = No questions yet. Ask the first one.
questions-none = Questions of viewers appear here, most votes first.
question-label = Your question to the host
question-ask = Ask
question-vote = { $count ->
    [one] { $count } vote. Vote for: { $text }
   *[other] { $count } votes. Vote for: { $text }
}
question-votes = { $count ->
    [one] { $count } vote
   *[other] { $count } votes
}
question-own = Your question
question-live = Being answered now
question-live-by = Answering { $name } now
question-answered = Answered at { $time }
question-hidden = Hidden from viewers
question-put-live = Put on air
question-done = Answered
question-back = Back to the queue
question-hide = Hide
question-show = Show again

## Polls

poll-title = Poll
poll-final = Final result
poll-votes = { $count ->
    [one] { $count } vote
   *[other] { $count } votes
}
poll-hidden = Result when the poll ends
poll-mine = Your vote
poll-percent = { $percent }%
polls-title = Polls
polls-empty = Ask everybody at once: two to six answers, one vote each.
poll-new = New poll
poll-question-label = Question
poll-question-placeholder = Which glaze shall we fire next?
poll-question-empty = Write what you want to know
poll-option-label = Answer { $number }
poll-option-add = One more answer
poll-options-few = Give at least two answers
poll-options-same = Two answers are the same
poll-span-label = Open for
poll-hide = Show viewers the result only at the end
poll-hidden-now = Viewers do not see this yet
poll-open = Ask now
poll-cancel = Cancel
poll-close = End the poll now

## Reactions and viewers

reaction-send = { $name }: { $total } so far
reaction-kinds = Reactions
reaction-heart = Heart
reaction-fire = Fire
reaction-clap = Applause
reaction-laugh = Laughter
reaction-wow = Wow
viewers-now = { $count ->
    [one] { $count } person is watching
   *[other] { $count } people are watching
}
viewers-more = { $count ->
    [one] and one more
   *[other] and { $count } more
}

## Products and buying

products-title = In this show
products-empty = Products appear here during the show
stock-left = { $count ->
    [one] { $count } left
   *[other] { $count } left
}
stock-sold-out = Sold out
stock-held = All held for other buyers
buy = Buy
buy-limit = { $count ->
    [one] One per person
   *[other] Up to { $count } per person
}
quantity = Quantity
quantity-less = Less
quantity-more = More
pay-with = Card
pay-test = Test card
pay-usual = Your usual card
pay-on-page = New card, on the page of { $provider }
pay-on-page-hint = You enter the card on the page of { $provider } and come back here.
pay-keep = Keep this card for next time
pay-other-card = Pay with another card
pay-another-way = Pay another way
pay-no-way = This shop cannot take payments here yet.
cards-new = New card
cards-save-on-page = Go on to the payment page
card-visa = Visa •••• 4242
card-declined = Card that declines
card-slow = Card that answers slowly
card-timeout = Card with a late answer
card-sandbox = Test cards: nobody is charged.
cards-title = Your cards
cards-empty = No card is saved yet.
cards-save = Save this card
cards-why = With a saved card you can bid, and pay with one tap. Its number stays with the payment service.
cards-usual = Pays by itself when you win
cards-make-usual = Use this one
cards-unconfirmed = Card not confirmed yet
cards-confirm = Go on
cards-remove = Remove { $card }
card-3ds = Card whose bank asks
card-chargeback = Card with a chargeback
bank-title = Test bank
bank-pay = The shop wants to charge your card:
bank-keep = The shop wants to keep your card for later payments.
bank-text = A real bank would now ask for a code. This one only asks for your answer; nobody is charged.
bank-approve = Approve
bank-refuse = Refuse
bank-approved = Approved. The shop knows in a moment.
bank-refused = Refused. Nothing is charged.
bank-back = Back to the shop
pay = Pay { $amount }
cancel-order = Cancel the order
orders-title = My orders
orders-empty = Nothing bought yet
order-open = Payment under way
order-units = { $count ->
    [one] { $count } item
   *[other] { $count } items
}
order-hold = Yours for { $time }
order-held = Held for you. Pay to keep it
order-pending = Payment under way…
order-declined = The card was declined. Try another one
order-confirmed = Confirmed, completing the payment…
order-paid = Paid. It is yours!
order-expired = Time ran out, the units went back on sale
order-gone = Sold out before the payment came. You were not charged
order-cancelled = Cancelled

# Orders: the cart, the sum, delivery, the order's page
cart-title = Cart
cart-add = Add to the cart
cart-open = Cart · { $count ->
    [one] { $count } item
   *[other] { $count } items
}
cart-empty = The cart is empty
cart-remove = Take { $title } out
bill-goods = Goods
bill-discount = Discount
bill-delivery = Delivery
bill-free = free
bill-total = Total
bill-tax = Tax within
bill-address = Deliver to
bill-address-new = Another address…
bill-code = Coupon
bill-code-use = Use
bill-code-unknown = There is no such code in this show.
bill-code-sale = Flash sales take no codes.
bill-code-new-buyers = This code is for a first order with this shop.
bill-code-minimum = The goods cost too little for this code.
bill-code-currency = This code is for another currency.
bill-code-used-up = This code is used up.
bill-code-used-by-you = You have used this code.
address-title = Where should it go?
address-name = Name
address-street = Street and number
address-postal-code = Postcode
address-city = City
address-country = Country
address-region = State or region (where it has one)
address-choose = Choose
address-missing = Fill this in.
address-back = Back to the saved ones
address-phone = Phone (for the courier)
address-save = Save the address
order-action = The payment waits for you
order-action-go = Go on with the payment
order-shipped = On its way
order-delivered = Delivered
order-withdrawn = Cancelled by the shop. You get your money back
order-returned = Returned
order-refunded = Paid back
sale-shipped = Sent
sale-delivered = Delivered
sale-withdrawn = Withdrawn
sale-returned = Returned
sale-refunded = Paid back
order-page-title = Order { $number }
order-page-placed = Placed { $time }
order-page-lines = Items
order-page-parcel = Delivery
order-page-no-address = No address; the shop and you settle it
order-page-tracking = { $carrier } { $tracking }
order-page-history = What happened
order-page-print = Print
order-page-refunds = Money back
order-page-returns = Returns
order-page-received = It has arrived
order-page-return = Send back
order-page-return-reason = What is wrong with it?
order-page-units = Units
order-page-cancel = Cancel the order
order-page-host = For the host
order-page-ship = Mark as sent
order-page-carrier = Carrier
order-page-tracking-number = Tracking number
order-page-withdraw = Withdraw and pay back
order-page-reason = Reason
order-page-refund = Pay back
order-page-amount = Amount
order-page-accept = Accept
order-page-refuse = Refuse
order-page-receive = Goods are back
order-page-receive-broken = Back, not for sale
order-page-kept = Paid after refunds
order-page-dispute-open = The bank has taken the money back: dispute open
order-page-dispute-won = Dispute won
order-page-dispute-lost = Dispute lost
refund-requested = under way
refund-done = paid
refund-failed = failed; pay it another way
return-requested = waits for the shop
return-accepted = accepted, send it
return-refused = refused
return-received = received
history-placed = Order placed
history-won = Won in the giveaway
history-payment-requested = Payment begun
history-action-required = The bank asks for a confirmation
history-payment-failed = Payment declined
history-confirmed = Confirmed: the units are the buyer’s
history-paid = Paid
history-paid-too-late = Paid too late: the money goes back
history-voided = The money went back
history-cancelled = Cancelled
history-withdrawn = Withdrawn by the shop
history-hold-ended = The hold ended while the payment was under way
history-packed = Packed
history-shipped = Sent
history-tracking-changed = Tracking changed
history-delivered = Delivered
history-moved = Another address
history-refund-requested = Refund decided
history-refunded = Refund paid
history-refund-failed = Refund failed
history-return-requested = Return asked for
history-return-accepted = Return accepted
history-return-refused = Return refused
history-return-received = Goods came back
history-dispute-open = Dispute opened
history-dispute-won = Dispute won
history-dispute-lost = Dispute lost
history-held = Ledger: units held
history-hold-extended = Ledger: hold extended
history-hold-committed = Ledger: units sold
history-hold-released = Ledger: units released
history-hold-expired = Ledger: hold expired
history-hold-restocked = Ledger: units on sale again
history-lot-ended = Ledger: the hammer fell
history-lot-awarded = Ledger: lot offered on
history-refused = refused: { $why }
history-by = by { $name }
desk-title = To send
desk-empty = Nothing waits to be sent
desk-parcel = { $count ->
    [one] { $count } order
   *[other] { $count } orders
}
desk-delivery = Ways of delivery
desk-delivery-id = Short name (letters and digits)
desk-delivery-en = Name in English
desk-delivery-ru = Name in Russian
desk-delivery-price = Price
desk-delivery-countries = Countries (codes, empty for all)
desk-delivery-free = Free from
desk-delivery-save = Save
desk-delivery-remove = Remove { $name }
desk-delivery-none = None yet: nobody is asked for an address
keep-watching = Keep watching

## Addresses

addresses-title = My addresses
addresses-sign-in = Sign in to see your addresses.
addresses-empty = No address yet. Add one now, and the checkout will know it.
addresses-why = Orders go to the usual one when you choose no other.
addresses-usual = The usual one
addresses-make-usual = Make it the usual one
addresses-add = Add an address
addresses-edit = Change the address
addresses-edit-this = Change the address: { $address }
addresses-edit-why = Orders that you have placed keep the old address; change it on the page of the order.
addresses-full = { $count ->
    [one] You have { $count } address, which is the most. Delete it to add another one.
   *[other] You have { $count } addresses, which is the most. Delete one to add another one.
}
addresses-remove = Delete { $address }
addresses-remove-sure = Delete this address?
addresses-remove-yes = Delete
addresses-remove-no = Keep
move-open = Send it somewhere else
move-to = Where should it go?
move-send = Deliver here
move-save = Save and deliver here
move-keep = Leave it as it is
move-too-late = The parcel is packed or the order is over, so its address stays. Write to the shop.
move-not-there = The delivery that you paid for does not go to this country. Choose another address.
move-gone = This address was deleted. Choose another one.

## The host's orders

studio-orders = Orders
orders-host-title = Orders
orders-show = Show
orders-filter = Which orders
orders-all = All
orders-unpaid = Not paid
orders-to-send = To send
orders-sent = Sent
orders-returns = Returns
orders-refunded = Paid back
orders-disputed = Disputes
orders-cancelled = Cancelled
orders-none = No such orders in this show.
orders-returning = Return open
desk-all = All orders

## Signing in

claim-title = Make this shop yours
claim-text = You hold the set-up key. Create the owner's account.
claim-submit = Create the account
login-title = Sign in to the studio
login-text = For hosts of this shop.
login-submit = Sign in
logout = Sign out
name-label = Name
email-label = E-mail
password-label = Password
password-hint = At least 10 characters
host-only = This account is not a host. Sign in with another one.

## Studio

studio = Studio
studio-shows = Your shows
studio-shows-empty = Plan your first show: a title is all it needs.
show-new = New show
show-title-label = Title
show-title-placeholder = Autumn dresses, live
show-description-label = About the show
show-unlisted = Only people with the link can find it
show-create = Create the show
state-scheduled = Planned
state-live = On air
state-ended = Over
viewer-link = Link for viewers
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
go-live = Go live
go-live-again = Send the picture again
end-show = End the show
end-show-sure = Really end it for everybody?
end-show-keep = Keep going
broadcast-connecting = Connecting…
broadcast-live = Your picture is on air
broadcast-reconnecting = Connection lost. Trying again…
broadcast-waiting = On air, waiting for a picture
obs-title = OBS or another encoder
obs-text = Choose WHIP as the service, paste these two, then press Go live.
obs-url = Server address
obs-token = Bearer token
obs-go-live = Go live with OBS
products-in-show = Products in the show
products-in-show-empty = Put a product into the show to sell it.
product-new = New product
product-title-label = Name
product-variant-label = Variant
product-variant-placeholder = Size M (optional)
product-sku-label = SKU
product-sku-hint = Capital letters, digits, dot and dash
product-price-label = Price
product-currency-label = Currency
product-stock-label = In stock
product-image-label = Picture address
product-image-hint = A path on this server, starting with /
product-create = Save the product
price-invalid = Not an amount
warehouse = Warehouse
warehouse-empty = No products yet. Create the first one.
on-hand = { $count } in stock
fund-quantity = Units for the show
fund = Put into the show

stock-edit = Stock and price of { $title }
stock-counted = Counted in the warehouse
stock-reason = Why
stock-reason-placeholder = Inventory, delivery, breakage
stock-save = Save the count
stock-history = Changes of the stock
stock-kind-pool = Back from a show
stock-kind-goods = Sent back by a buyer
stock-price-new = Price, { $currency }
stock-price-tax = Tax within it, %
stock-price-save = Save the price
stock-price-lowest = Lowest of the last 30 days: { $price }
stock-tax-invalid = Between 0 and 100, for example 19 or 7.5
stock-return-quantity = Take out of the show ({ $free } free)
stock-return-save = Back into the warehouse
stock-return-refused = Somebody took them meanwhile. Try a smaller number.
pin = Pin
unpin = Unpin
stock-numbers = { $available } left · { $held } held · { $sold } sold
sales-title = Sales
sales-empty = The first sale will appear here
revenue = Revenue
orders-count = Orders
units-sold = Units sold
sale-held = Held
sale-pending = Paying
sale-declined = Declined
sale-confirmed = Confirmed
sale-paid = Paid
sale-expired = Expired
sale-gone = Sold out
sale-cancelled = Cancelled

## Moderation

moderation-title = Moderation
moderator-link = Link for moderators
moderate-title = Moderation — Efir
moderate-login = Sign in as a moderator
moderate-login-text = For moderators of “{ $title }”.
moderate-register = Make an account
moderate-register-text = Moderators have an account, so that the host can appoint them. Your name stays with what you have written.
moderate-no-account = I have no account yet
moderate-have-account = I have an account
moderate-refused = You do not moderate this show
moderate-refused-text = You are signed in as { $name }. Write something in the chat; { $host } can appoint you beside your message.
moderate-to-show = To the show
moderate-check-again = Check again
moderate-watch = Watch the show
moderate-message = Moderate { $name }
moderate-remove-of = Remove the message of { $name }
moderate-remove = Remove the message
moderate-remove-all = Remove all messages of this person
moderate-pin = Pin above the chat
moderate-mute = { $minutes ->
    [60] Mute for 1 hour
   *[other] Mute for { $minutes } minutes
}
moderate-shadow = Show their messages only to themselves
moderate-block = Block from all your shows
moderate-block-sure = Press again to block
moderator-appoint = Make a moderator
moderator-dismiss = No longer a moderator
moderate-not-here = This message is not on the screens, or not yet. Try again in a second.
moderators-title = Moderators
moderators-empty = Appoint somebody beside a message in the chat.
held-title = On hold
held-empty = Nothing waits for you.
held-approve = Show
held-reject = Reject
held-approve-first = Approve first
held-banned-word = Banned word
held-link = Link
held-repeat = Repeated
held-flood = Too many at once
rules-title = Rules
rule-slow-mode = Slow mode
rule-slow-mode-off = Off
rule-slow-mode-span = One message every { $span }
rule-approve-first = Approve first
rule-approve-first-hint = Every message waits for a moderator
rule-followers-only = Followers only
rule-followers-only-hint = Others can read
rule-filter-words = Hold banned words
rule-filter-words-hint = Our lists for Russian and English, and your own words
rule-filter-links = Hold links
rule-filter-links-hint = Messages with an address wait for a moderator
rule-words = Your own banned words
rule-words-hint = One a line, for all your shows. * at the end stands for any ending
rule-words-save = Save the words
rule-words-invalid = Words have 2 to 60 letters; there can be 500 of them
people-title = People
sanctions-title = Restrained people
sanctions-empty = Nobody is muted or blocked.
sanction-mute = Muted
sanction-block = Blocked
sanction-shadow = Sees only themselves
sanction-until = until { $when }
sanction-by = by { $name }
sanction-lift = Lift
audit-title = Log
audit-empty = What moderators do is recorded here.
audit-more = Older entries
audit-broken = A recorded line was changed or is missing.
audit-remove = Messages removed
audit-mute = Muted:
audit-block = Blocked:
audit-shadow = Shown only to themselves:
audit-lift = Lifted:
audit-settings = Rules changed
audit-words = Banned words changed
audit-pin = Pinned
audit-unpin = Unpinned
audit-approve = Shown after review
audit-reject = Rejected
audit-appoint = Moderator appointed:
audit-dismiss = Moderator dismissed:

## Guests, in the studio

guests-title = Guests
guests-on-stage = On stage
guests-waiting = { $count ->
    [one] { $count } guest waits
   *[other] { $count } guests wait
}
guests-empty = Nobody is here yet. Invite somebody to talk with you in the show.
guest-admit = Bring on stage
guest-back = To the waiting room
guest-mute-audio = Mute { $name }
guest-unmute-audio = Let { $name } be heard
guest-mute-video = Hide the picture of { $name }
guest-unmute-video = Show the picture of { $name }
guest-remove = Remove { $name } for good
invites-title = Invitations
invite-label = Who is invited
invite-label-placeholder = Ivan, the potter
invite-label-empty = Say who it is for
invite-uses = How many people
invite-uses-range = From 1 to 10
invite-valid = Good for
invite-hours = { $hours ->
    [one] { $hours } hour
    [24] a day
    [168] a week
   *[other] { $hours } hours
}
invite-create = Make a link
invite-link = Link for the guest
invite-link-once = Copy it now: it is not stored, so it cannot be shown again.
invite-open = { $uses } of { $max } used · until { $when }
invite-used = Used
invite-expired = Expired
invite-revoked = Withdrawn
invite-revoke = Withdraw
invite-revoke-sure = Withdraw the link? Everybody who came by it leaves the show.
invite-keep = Keep it
layout-title = Layout
layout-now = Viewers see this
layout-preview = Preview: viewers do not see it yet
layout-side-by-side = Side by side
layout-picture-in-picture = Picture in picture
layout-solo = One alone
layout-featured = Large
layout-apply = Show it
layout-keep = Leave it as it is
tile-label = Picture of { $name }
tile-you = You
tile-muted = Muted
tile-away = away

## Guest's page

guest-title = You are invited — Efir
guest-invited-by = { $name } invites you to talk in the show
guest-step-camera = Check your camera and microphone
guest-step-waiting = Wait a moment where only the host sees you
guest-step-live = Go on air when the host brings you in
guest-name-label = Your name
guest-name-hint = Viewers see it under your picture
guest-accept = Accept the invitation
guest-check = How do you look and sound?
guest-check-text = Nobody sees you yet.
guest-say-something = Say something: the bar should move.
guest-heard = Your microphone works.
guest-join = Enter the waiting room
guest-join-stage = Go on air
guest-waiting = You are in the waiting room
guest-waiting-text = { $name } sees and hears you, viewers do not yet.
guest-live = You are on air
guest-live-text = Everybody in “{ $title }” sees and hears you.
guest-unseen = Nobody sees you at the moment: your picture is on its way.
guest-muted-audio = The host has muted you
guest-muted-video = The host hides your picture
guest-muted-both = The host has muted you and hides your picture
guest-leave = Leave
guest-left = You have left
guest-left-text = Your camera is off. The invitation is still yours.
guest-come-back = Come back
guest-help-used = If it was you, open it in the same browser as before. Otherwise ask the host for a new link.
guest-help-new-link = Ask the host for a new link.
guest-help-whole-link = Copy the whole link from the message and open it again.
guest-help-removed = Ask the host if this was a mistake: a new link brings you back.
guest-help-ended = Thank you for being a part of it.

## Notifications: the inbox and pushes; the server makes the words of a push from these as well

inbox-title = Notifications
inbox-open = { $count ->
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
notification-order-cancelled-body = { $reason ->
    [sold_out] “{ $title }” was sold out. You are not charged.
    [hold_expired] The time to pay for “{ $title }” is over.
   *[other] “{ $title }” will not be delivered. You are not charged.
  }
notification-order-shipped-title = Your order is on its way
notification-order-shipped-body = { $tracked ->
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
follow = Follow
follow-host = Follow { $name }
following = Following
unfollow-host = Stop following { $name }
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

# Auctions
lot-title = Auction
lot-announced = Auction soon
lot-open = Auction
lot-sold = Sold
lot-unsold = Not sold
lot-void = Taken back
lot-starts-in = starts in { $time }
lot-starting = Starting…
lot-hammer = Going, going…
lot-price-now = current bid
lot-price-start = to start with
lot-price-sold = hammer price
lot-leader = { $name } leads
lot-sold-to = to { $name }
lot-bidder = Bidder { $number }
lot-bids = { $count ->
    [0] no bids yet
    [one] { $count } bid
   *[other] { $count } bids
  }
lot-maxima = { $count ->
    [0] no secret bids yet
    [one] { $count } secret bid
   *[other] { $count } secret bids
  }
lot-reserve-met = reserve met
lot-reserve-not-met = reserve not met
lot-sudden-death = sudden death
lot-truth-link = Every bid of this auction
lot-you-wait = Your secret bid is in.
lot-you-lead = You lead.
lot-you-are-outbid = You have been outbid!
lot-you-won = It is yours for { $price }!
lot-you-lost = Somebody else has it.
lot-your-maximum = Your maximum: { $amount }
lot-paid = Paid
lot-to-order = To the order
lot-bid-next = Bid { $amount }
lot-own-amount = My amount
lot-set-maximum = Bid secretly
lot-raise = Raise my maximum
lot-maximum-label = Up to ({ $currency })
lot-maximum-hint = Nobody sees it. We bid for you, one step at a time; from { $amount } on.
lot-exact-label = Exactly ({ $currency })
lot-exact-hint = This becomes the price at once, for everybody to see.
lot-exact = Bid exactly this
lot-send-maximum = Set maximum
lot-send-exact = Bid exactly
lot-cancel = Cancel
lot-amount-wrong = Type an amount, like 25 or 25.50.
lot-amount-low = That is less than the next bid.
lot-too-low = Bid { $amount } or more.
lot-over-ceiling = You may bid up to { $amount } here.
lot-confirm = { $amount } is far above the price. Really?
lot-confirm-yes = Yes, bid it
lot-confirm-no = No
bidder-title = Before your first bid
bidder-why = Bids are binding. Your card is charged only when you win.
bidder-account = Account
bidder-card = Card
bidder-address = Address
auctions-title = Auctions
auctions-empty = Prepare lots before the show; start them when the moment comes.
auction-new = New lot
auction-prepare = Prepare lot
auction-cancel = Cancel
auction-sku = Product
auction-no-goods = Bring products into the show first.
auction-start-price = Start price ({ $currency })
auction-reserve = Reserve ({ $currency })
auction-reserve-hint = Below this it is not sold. Nobody sees the amount. Empty: no reserve.
auction-quantity = Units
auction-duration = Lasts
auction-soft-close = Late bids
auction-soft-close-reset = reset the clock to { $time }
auction-soft-close-none = Sudden death: no extension
auction-pay-within = Winner pays within
auction-ceiling = Most that one person may bid ({ $currency })
auction-ceiling-hint = Empty: as much as they like.
auction-auto-offer = If the winner does not pay, ask the runner-up by itself
auction-more = More settings
auction-start = Start now
auction-announce = Announce, start in { $time }
auction-withdraw = Remove
auction-take-back = Take back
auction-void = Void
auction-void-reason = Why is it void? Bidders see it.
auction-rerun = Run again
auction-offer = Offer to runner-up
auction-give-up = Leave unsold
auction-history = History
auction-state-prepared = Prepared
auction-state-opening = Starting…
auction-state-open = Running
auction-state-ended = Hammer fell, checking
auction-state-disputed = Stopped: the records differ
auction-state-sold = Sold, waiting for payment
auction-state-offered = Offered to the runner-up
auction-state-unpaid = Not paid
auction-state-paid = Paid
auction-state-unsold = Not sold
auction-state-void = Void
auction-line = from { $start } · { $time }
auction-with-reserve = reserve { $amount }
auction-sold-line = { $name } · { $price }
auction-due-line = { $name } owes { $price } until { $time }
auction-reason-no-bids = Nobody bid.
auction-reason-reserve = The reserve was not met.
auction-reason-no-stock = There were not enough units.
auction-reason-unpaid = Nobody paid.
truth-title = Lot: { $title }
truth-heading = Every bid of this auction
truth-full = You see everything, because you run this show. Secret maxima show once the auction is over.
truth-public = Names are shortened. Your own entries are shown in full.
truth-more = Show more
truth-empty = Nothing to see yet. The whole story is here once the auction is over.
truth-won = { $name } for { $price }
truth-when = When
truth-who = Who
truth-what = What
truth-you = you
truth-prepared = Prepared
truth-announced = Opened, from { $price }
truth-started = Bidding begins
truth-bid = Bids exactly { $amount }
truth-maximum = Sets a maximum
truth-maximum-amount = Sets a maximum of { $amount }
truth-refused = Refused: { $why }
truth-refused-amount = { $amount } refused: { $why }
truth-sold = Sold for { $price }
truth-unsold = Not sold
truth-void = Voided
truth-void-why = Voided: { $why }
truth-settled = Checked against the record
truth-disputed = The record says something else: { $why }
truth-offered = Offered for { $amount }
truth-paid = Paid { $amount }
truth-unpaid = Not paid
truth-rerun = Prepared again
truth-given-up = Left unsold
truth-price = price { $price }
truth-leads = leads
truth-extended = more time
notification-lot-won-title = You won the auction!
notification-lot-won-body = “{ $title }” is yours. Pay soon to keep it.
notification-lot-sold-title = Sold
notification-lot-sold-body = The hammer fell for “{ $title }”.
notification-lot-offered-title = You can still have it
notification-lot-offered-body = The winner of “{ $title }” did not pay. The shop offers it to you.

error-offline = No connection. Check the network and try again.
error-malformed = The request could not be read.
error-invalid_field = Check what you typed.
error-unsupported_media_type = This kind of content is not accepted.
error-too_large = That is too large.
error-not_found = There is nothing here.
error-method_not_allowed = This does not work here.
error-rate_limited = A little slower, please.
error-idempotency_conflict = This was sent before with other content. Load the page again.
error-idempotency_key_missing = Something is missing in the request. Load the page again.
error-request_timeout = The answer took too long. Try again.
error-internal = Something broke on our side. It has been recorded.
error-unavailable = Not reachable just now. Try again in a moment.
error-unknown_operation = This page is too old. Load it again.
error-not_acceptable = Your browser and the server share no video format.
error-precondition_failed = The session has changed. Try again.
error-precondition_required = The session has changed. Try again.
error-not_signed_in = Sign in first.
error-forbidden = You are not allowed to do this.
error-ticket_expired = The session has expired. Load the page again.
error-cross_origin = Requests from other sites are refused.
error-wrong_credentials = The e-mail or the password is wrong.
error-email_taken = There is an account with this e-mail already.
error-invite_invalid = This key has been used or has expired.
error-invite_unknown = There is no such invitation. The link may be cut off.
error-invite_used = This invitation has been used already.
error-invite_expired = This invitation has expired.
error-invite_revoked = The host has withdrawn this invitation.
error-guest_removed = The host has ended your part in the show.
error-show_not_live = The show is not on air.
error-show_ended = The show is over.
error-stream_inactive = Nothing is being broadcast yet.
error-stream_taken = Somebody is broadcasting to this show already.
error-stream_full = The show is full. We keep trying.
error-unknown_channel = There is no such show.
error-not_subscribed = Load the page again.
error-too_many_channels = Too many shows at once. Close another one.
error-read_only_channel = Nothing can be written here.
error-message_empty = Write something first.
error-message_too_long = That message is too long.
error-stage_full = The stage is full. Send somebody back first.
error-waiting_room_full = The waiting room is full. Try again in a moment.
error-not_on_stage = Only somebody on stage can be large.
error-too_many_invites = This show has too many invitations already.
error-question_closed = This question takes no votes any more.
error-too_many_polls = Close a poll before you open another.
error-muted = A moderator has muted you for a while. You can read on.
error-blocked = The host does not want you in this show.
error-slow_mode = Slow mode is on. Wait a little before you write again.
error-followers_only = Only followers of the host can write now. Follow the host to take part.
error-repeated = You have just said that.
error-poll_closed = The poll is over.
error-already_voted = You have voted already.
error-too_many_questions = Wait until one of your questions is answered.
error-push_subscription_invalid = This browser's notifications could not be switched on. Try again.
error-sold_out = Sold out. Somebody was a moment faster.
error-limit_reached = That is more than one person may buy.
error-unknown_sku = This product is not sold in the show.
error-hold_expired = The time to pay is over; the units went back on sale.
error-order_not_payable = This order does not wait for a payment.
error-payment_in_progress = A payment for this order is under way.
error-payment_declined = The card was declined. Try another one.
error-not_enough_stock = There are not so many units in stock.
error-stale_epoch = The show was recovered. Load the page again.
error-price_changed = The price has changed. Look at it again.
error-order_not_cancellable = This order can no longer be cancelled.
error-order_not_shippable = This order cannot be sent.
error-sale_not_open = The flash sale is not on.
error-coupon_invalid = This code cannot be used for this order.
error-not_listed = This product is not sold at a fixed price.
error-waitlist_full = Too many people are waiting for this product already.
error-bid_too_low = Somebody bids more. Look at the next bid.
error-lot_not_started = Bidding has not begun yet.
error-lot_over = The auction of this lot is over.
error-lot_not_over = The auction of this lot is still going on.
error-unknown_lot = There is no such lot in this show.
error-own_lot = You cannot bid on your own lot.
error-bidder_not_eligible = You cannot bid in this show.
error-needs_confirmation = This bid is far above the price. Confirm it if you mean it.
error-over_ceiling = This is more than you may bid.
error-wrong_currency = This is sold in another currency.
error-lot_has_bids = Somebody has bid already.
error-lot_settled = This lot is paid.
error-no_card_on_file = Save a card first.
error-no_address_on_file = Save an address first.
error-unknown_giveaway = There is no such giveaway in this show.
error-giveaway_over = The giveaway is over.
error-giveaway_not_over = The giveaway is still going on.
error-not_eligible = You cannot take part in this.
error-order_not_refundable = This order cannot be refunded now.
error-refund_too_large = This is more than is left to refund.
error-shipping_unavailable = This way of delivery is not offered there.
error-return_not_possible = This order cannot be returned.
error-signature_invalid = The signature is wrong, missing or too old.
error-already_running = Another one is running in this show already.
error-camera_refused = The browser may not use the camera. Allow it in the address bar and try again.
error-camera_missing = No such camera or microphone was found.
error-camera_busy = The camera is in use by another program.
error-camera_insecure = Browsers allow the camera only over https or on localhost.

## Books and webhooks

notification-webhook-failed-title = A webhook is switched off
notification-webhook-failed-body = Nothing has reached “{ $title }” for days. Nothing is lost: mend it and replay.
studio-statement = Statement
studio-webhooks = Webhooks
statement-title = Statement
statement-period = Period
statement-this-month = This month
statement-last-month = Last month
statement-30-days = 30 days
statement-this-year = This year
statement-from = From
statement-to = To
statement-empty = Nothing was sold or given back in this time.
statement-orders = Orders
statement-order = Order
statement-csv = Download CSV
statement-more = Show more
statement-show = Open the show
statement-gross = Goods sold
statement-discount = Discounts
statement-shipping = Delivery
statement-total = Paid by buyers
statement-refunded = Refunds
statement-tax = Tax
statement-fees = Fees
statement-platform-fee = Platform fee
statement-provider-fee = Payment fees
statement-disputed = In dispute
statement-lost = Lost in disputes
statement-net = Yours
statement-audit-running = The books are being checked now.
statement-audit-good = The books were checked { $when }: { $transfers ->
    [one] { $transfers } movement
   *[other] { $transfers } movements
  }, all of them right.
statement-audit-bad = The check of { $when } found { $problems ->
    [one] { $problems } difference
   *[other] { $problems } differences
  } in the books. Tell whoever runs this shop.
books-transfers = Movements
books-account = Account
books-debit = Debit
books-credit = Credit
books-sale = Sale
books-capture = Payment
books-refund = Refund
books-dispute = Dispute opened
books-dispute-won = Dispute won
books-dispute-lost = Dispute lost
books-buyer-receivable = Owed by the buyer
books-psp-clearing = With the payment provider
books-psp-fees = Payment fees
books-seller-payable = Owed to the seller
books-platform-fee = Platform fee
books-tax-payable = Tax to pay
books-shipping = Delivery
books-coupon-subsidy = Discounts
books-disputes = In dispute
books-chargeback-loss = Lost in disputes
webhooks-title = Webhooks
webhooks-lead = Your other systems hear at once what happens here: a warehouse, accounting, a chat bot. Every message is signed (Standard Webhooks), tried again for a day when it does not arrive, and can be replayed for a month.
webhooks-empty = Nothing is connected yet.
webhooks-new = New webhook
webhooks-add = Add webhook
webhooks-save = Save
webhooks-url = Address
webhooks-url-hint = Reached by https from the internet.
webhooks-description = Name, for yourself
webhooks-events = What to tell
webhooks-no-events = Choose at least one event.
webhooks-orders = Orders
webhooks-payments = Payments
webhooks-lots = Auctions
webhooks-sales = Flash sales
webhooks-shows = Shows
webhooks-on = Working
webhooks-off = Off
webhooks-failed = Switched off
webhooks-failing = Failing, { $waiting } waiting
webhooks-failed-text = Nothing has arrived since { $since }. Mend the receiver, switch the webhook on, then replay what was missed.
webhooks-old-secret = Messages are signed with the old secret too until { $until }.
webhooks-deliveries = Deliveries
webhooks-edit = Change
webhooks-rotate = New secret
webhooks-rotate-text = The old secret goes on working for 24 hours, so that your receiver can change over.
webhooks-switch-on = Switch on
webhooks-switch-off = Switch off
webhooks-remove = Remove
webhooks-remove-text = Nothing more is sent there, and the list of deliveries goes too.
webhooks-secret-title = The secret
webhooks-secret = Signing secret
webhooks-secret-text = Your receiver checks signatures with it. It is shown only now.
webhooks-show = Show
webhooks-all = All
webhooks-waiting = Waiting
webhooks-delivered = Delivered
webhooks-dead = Given up
webhooks-test = Send a test
webhooks-replay = Send again
webhooks-replay-failed = Replay all given up
webhooks-none = Nothing here.
webhooks-tries = { $count ->
    [0] not sent yet
    [one] { $count } try
   *[other] { $count } tries
  }
webhooks-no-answer = No answer
webhooks-took = { $ms } ms
webhooks-next = The next try is { $when }.
webhooks-payload = Message
# Flash sales, the line, coupons, giveaways

flash-title = Flash sale
flash-soon = Flash sale soon
flash-on = On now
flash-was = Instead of
flash-lowest = Lowest price in 30 days: { $amount }
flash-starts-in = starts in { $time }
flash-ends-in = { $time } left
flash-units = { $count ->
    [one] { $count } at this price
   *[other] { $count } at this price
  }
flash-units-left = { $count ->
    [one] { $count } left at this price
   *[other] { $count } left at this price
  }
flash-limit = { $count } per person
wait-join = Wait in line
wait-place = No. { $place } in line
wait-leave = Leave the line
turn-title = Your turn!
turn-text = { $count ->
    [one] “{ $title }” is kept for you.
   *[other] { $count } × “{ $title }” are kept for you.
  }
turn-back = Let others have it
flash-desk-title = Flash sales
flash-new = New flash sale
flash-empty = Nothing on sale. A lower price for some minutes wakes everybody up.
flash-refused = The sale could not start: the show does not sell this product. Add units first.
flash-close = End the sale
flash-product-label = Product
flash-price-label = Flash price
flash-price-wrong = Above zero and below the normal price.
flash-units-label = Units
flash-units-wrong = At least one.
flash-each-label = Per person
flash-add = Another product
flash-countdown-label = Starts in
flash-now = at once
flash-span-label = Lasts
flash-coupons = Coupons make it cheaper still
flash-start = Start the sale
coupons-title = Coupons
coupon-new = New coupon
coupons-empty = No codes yet. Say one in the show, and see who listens.
coupon-percent = −{ $percent } %
coupon-used = used { $used } of { $most }
coupon-withdrawn = withdrawn
coupon-cap = at most { $amount }
coupon-minimum = from { $amount }
coupon-new-buyers = New buyers only
coupon-withdraw = Withdraw
coupon-code-label = Code
coupon-code-hint = 4 to 15 letters A–Z and digits
coupon-code-wrong = 4 to 15 letters A–Z and digits, without spaces.
coupon-kind-label = Worth
coupon-kind-percent = A percentage
coupon-kind-amount = An amount ({ $currency })
coupon-percent-label = Percent
coupon-percent-wrong = A whole number from 1 to 90.
coupon-cap-label = At most
coupon-amount-label = Amount
coupon-amount-wrong = An amount above zero.
coupon-minimum-label = From a sum of
coupon-uses-label = Uses in total
coupon-issue = Give it out
giveaway-title = Giveaway
giveaway-units = { $count ->
    [one] One winner
   *[other] { $count } winners
  }
giveaway-entries = { $count ->
    [0] Nobody takes part yet
    [one] { $shown } takes part
   *[other] { $shown } take part
  }
giveaway-enter = Take part
giveaway-in = You are in. Stay until the draw: only those who are here can win.
giveaway-stay = Stay here, the draw is next.
giveaway-closed = Nobody can enter any more.
giveaway-draw-in = draw in { $time }
giveaway-drawn = It is drawn
giveaway-you-won = You have won!
giveaway-won-text = “{ $title }” goes to { $names }. You find it among your orders.
giveaway-winners = “{ $title }” goes to { $names }.
giveaway-nobody = Nobody was there to win.
giveaway-nameless = Somebody
giveaway-check = Check the draw
giveaways-title = Giveaways
giveaway-new = New giveaway
giveaways-empty = Nothing given away yet.
giveaway-winners-label = Winners
giveaway-rules = Each winner gets one unit. People with an account and an address take part, and must be there at the draw. It cannot be taken back.
giveaway-start = Start the giveaway
giveaway-refused = It did not start: there were not enough units.
gate-account = An account first
gate-account-text = A prize has to find you.
gate-address = Your address
gate-address-text = Where a prize would go to.
gate-save = Save and take part
draw-title = The draw
draw-how = Before the giveaway the server chose a secret seed and published its SHA-256. Afterwards the list of those present was fixed. Everybody on it has the number SHA-256(seed : digest of the list : own id); the smallest numbers win. Your browser has computed all of it again.
draw-right = Everything agrees: this browser gets the same winners.
draw-wrong = This does not agree with what was published.
draw-insecure = This browser computes digests only on https pages.
draw-commitment = Published before: SHA-256 of the seed
draw-seed = The seed
draw-digest = SHA-256 of the list of those present
draw-entrants = { $count } took part, { $present } were there
draw-won = won
draw-absent = not there
