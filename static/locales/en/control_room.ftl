## The desks of the control room

desks-title = Desks
desk-run = Run of show
desk-chat = Chat
desk-sell = Sell
desk-flash = Flash sales
desk-auctions = Auctions
desk-giveaways = Giveaways
desk-polls = Polls
desk-coupons = Coupons
desk-guests = Guests
desk-orders = Orders
desk-stock = Stock
desk-moderation = Rules
desk-links = Links
desk-more = More
links-title = Links and encoders
embed-title = On your own site
embed-text = Paste this line where the show should stand: a blog, a landing page, another shop.
embed-mode = How it looks
embed-mode-inline = A player in the page
embed-mode-bubble = A bubble in the corner that opens
embed-live = Only while the show is live
embed-snippet = Line for the page
embed-origins = The site must be among EMBED_ORIGINS of this server.

## Live numbers

numbers-title = The show in numbers
number-viewers = Viewers
number-orders = Orders
number-revenue = Revenue
number-left = Units left
number-rate = Chat / min
number-questions = Questions

## The run of show

run-title = Run of show
run-add = Segment
run-next = Next
run-now = On now
run-up-next = Up next
run-stock = { $available } left · { $sold } sold
run-to-stock = Open the stock
run-moved = { $title }: place { $place } of { $count }
run-grip = Move { $title }. Drag, or Alt with an arrow key
run-menu = More for { $title }
run-pin = Pin { $title }
run-unpin = Unpin { $title }
run-go = Go to this now
run-flash = Flash sale
run-auction = Auction
run-giveaway = Giveaway
run-poll = Poll
run-edit = Note and minutes
run-up = Move up
run-down = Move down
run-remove = Remove from the run
run-planned =
    { $minutes ->
        [one] { $minutes } minute planned
       *[other] { $minutes } minutes planned
    }
run-minutes = { $minutes } min
run-left = { $time } left here
run-over = { $time } over time
run-title-label = Segment
run-title-placeholder = Welcome and what is on today
run-title-empty = Give the segment a name
run-minutes-label = Minutes
run-minutes-wrong = Whole minutes, up to 240
run-note-label = Note
run-note-hint = Only you see this
run-save = Save
run-cancel = Cancel
poll-about = Would you like to have “{ $title }”?
poll-yes = Yes
poll-no = Not for me

## Stage

stage-title = Your picture
screen-share = Share the screen
screen-stop = Back to the camera
go-live-soon = You go live in a moment
go-live-cancel = Not yet

## Check of the devices

check-open = Camera and sound
check-title = Camera and sound check
check-done = Looks good
check-again = Try again
check-waiting = Waiting for the camera…
check-picture = { $width } × { $height }{ $fps ->
    [0] {""}
   *[other] , { $fps } pictures a second
}
check-picture-poor = { $width } × { $height }{ $fps ->
    [0] {""}
   *[other] , { $fps } pictures a second
}. More light, or another camera, makes it better.
check-say-something = Say something: is the microphone there?
check-heard = We hear you well
check-muted = You have muted yourself
check-not-heard = We do not hear you
check-not-heard-help = We do not hear you. Is this the right microphone, and is its switch on?
check-no-microphone = There is no microphone. Plug one in, then choose it here. You can also go live without sound.
check-refused-help = The browser may not use camera and microphone. Press the camera sign in the address bar, allow both, then try again.
check-missing-help = No camera was found. Plug one in, or use OBS from the desk “Links”.
check-busy-help = Another program holds the camera. Close it (a video call, perhaps), then try again.
check-insecure-help = Browsers give the camera only to https pages. Open the studio by its https address, or on this machine by localhost.
check-path-trying = Trying the way to the server…
check-path-udp = The way to the server is free ({ $rtt } ms)
check-path-tcp = This network blocks UDP; we go by TCP ({ $rtt } ms). It works, but freezes sooner on a weak line.
check-path-blocked = Media cannot reach the server from this network. Another Wi-Fi or mobile data usually helps.
check-path-taken = Somebody is broadcasting to this show already, perhaps OBS or another tab.
check-path-refused = The server does not answer. Look at your connection, then try again.
check-path-on-air = You are on air: the way is free

## Keys

shortcuts-title = Keys
shortcut-next = Go to the next step
shortcut-pin = Pin or unpin what is on now
shortcut-mute = Mute or unmute the microphone
shortcut-camera = Turn the picture off or on
shortcut-help = This list
shortcut-move = Move the step in focus
shortcuts-on = Single keys are on

## First steps

setup-title = Three steps to your first show
setup-text = It takes about five minutes.
setup-skip = Later
setup-done = done
setup-product = Add a product
setup-product-text = One is enough to begin with. You can change everything later.
setup-show = Plan your first show
setup-show-text = A title is all it needs.
setup-camera = Look into the camera
setup-camera-text = We check picture, sound and connection. Nobody sees you yet.
report-of = Report of { $title }
report-open-page = Open the report
