## Everywhere

watch-title = { $title } — Efir

## Player

player-video = Video of the show
player-connecting = Connecting…
player-waiting = The picture starts any moment
player-scheduled = The show starts { $when }
player-scheduled-soon = The show starts soon
player-host-back = The host will be right back
player-reconnecting = Reconnecting the picture…
player-ended-text = Thank you for being here. Your orders are safe.
player-failed = The picture cannot be shown
player-blocked = This network lets no live video through
player-blocked-text = Switch the VPN off, or change from the Wi-Fi to mobile data. Chat and purchases work meanwhile, and we keep trying.
player-full = The show is full
player-full-text = You are next: we keep trying. Chat and purchases work meanwhile.
player-help-browser = A current Chrome, Firefox, Edge or Safari plays it. Chat and purchases work here too.
player-help-codec = Another browser, or the phone, plays it most likely. Chat and purchases work here too.
player-sound-on = Tap for sound
player-mute = Mute
player-play = Play
player-guest-video = Video of { $name }
player-silent = Muted
quality-title = Picture and connection
quality-size = Size of the picture
quality-auto = Automatic: as large as your connection carries
quality-one-size = The picture comes in one size.
quality-bitrate-label = Data
quality-loss-label = Lost
quality-loss = { $percent } %
quality-delay-label = Delay
quality-delay = { $ms } ms
share = Share
share-copied = The link is copied

## Chat

nickname-title = What shall we call you?
nickname-text = The host and other viewers see this name.
nickname-label = Your name
nickname-save = Continue

## Questions

questions-open =
    { $count ->
        [0] Questions to the host
        [one] Questions to the host: { $count } open
       *[other] Questions to the host: { $count } open
    }
questions-empty = No questions yet. Ask the first one.
question-label = Your question to the host
question-ask = Ask
question-live-by = Answering { $name } now

## Polls

poll-title = Poll
poll-hidden = Result when the poll ends

## Reactions and viewers

reaction-send = { $name }: { $total } so far
reaction-kinds = Reactions
reaction-heart = Heart
reaction-fire = Fire
reaction-clap = Applause
reaction-laugh = Laughter
reaction-wow = Wow

## Products and buying

products-title = In this show
products-empty = Products appear here during the show
stock-left =
    { $count ->
        [one] { $count } left
       *[other] { $count } left
    }
stock-sold-out = Sold out
stock-held = All held for other buyers
buy = Buy
buy-limit =
    { $count ->
        [one] One per person
       *[other] Up to { $count } per person
    }
quantity-less = Less
quantity-more = More
orders-title = My orders
orders-empty = Nothing bought yet
order-open = Payment under way
# Orders: the cart, the sum, delivery, the order's page
cart-title = Cart
cart-add = Add to the cart
cart-open =
    Cart · { $count ->
        [one] { $count } item
       *[other] { $count } items
    }
cart-empty = The cart is empty
cart-remove = Take { $title } out
bill-free = free
bill-address = Deliver to
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
address-back = Back to the saved ones
keep-watching = Keep watching

## Notifications: the inbox and pushes; the server makes the words of a push from these as well


## Errors, by name

# Auctions
lot-title = Auction
lot-announced = Auction soon
lot-open = Auction
lot-sold = Sold
lot-unsold = Not sold
lot-void = Taken back
lot-starting = Starting…
lot-price-now = current bid
lot-price-start = to start with
lot-price-sold = hammer price
lot-sold-to = to { $name }
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

## Books and webhooks

flash-title = Flash sale
flash-units =
    { $count ->
        [one] { $count } at this price
       *[other] { $count } at this price
    }
flash-units-left =
    { $count ->
        [one] { $count } left at this price
       *[other] { $count } left at this price
    }
flash-limit = { $count } per person
wait-join = Wait in line
wait-place = No. { $place } in line
wait-leave = Leave the line
turn-title = Your turn!
turn-text =
    { $count ->
        [one] “{ $title }” is kept for you.
       *[other] { $count } × “{ $title }” are kept for you.
    }
turn-back = Let others have it
giveaway-title = Giveaway
giveaway-units =
    { $count ->
        [one] One winner
       *[other] { $count } winners
    }
giveaway-enter = Take part
giveaway-in = You are in. Stay until the draw: only those who are here can win.
giveaway-stay = Stay here, the draw is next.
giveaway-closed = Nobody can enter any more.
giveaway-drawn = It is drawn
giveaway-you-won = You have won!
giveaway-won-text = “{ $title }” goes to { $names }. You find it among your orders.
gate-account = An account first
gate-account-text = A prize has to find you.
gate-address = Your address
gate-address-text = Where a prize would go to.
gate-save = Save and take part
player-pip = Small window
player-pip-back = Back from the small window

## Said to people who listen to the page

said-sold = Sold for { $amount }
said-sold-out = Sold out: { $title }
said-seconds =
    { $seconds ->
        [one] { $seconds } second left
       *[other] { $seconds } seconds left
    }
