## Everywhere

studio-title = Studio — Efir

## Player

quality-busy = This device is too busy for the full picture

## Polls

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

## Products and buying

desk-empty = Nothing waits to be sent
desk-parcel =
    { $count ->
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

## Studio

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
go-live = Go live
rehearse = Rehearse
rehearse-text = A copy of this show that nobody is told of. Robots come, chat and buy; nothing is charged, and your stock stays as it is.
rehearsal-text = Robots buy, nothing is charged, nobody is told
rehearsal-back = Back to the show
rehearsal-end = End the rehearsal
rehearsal-go = Start the rehearsal
go-live-again = Send the picture again
end-show = End the show
end-show-sure = Really end it for everybody?
end-show-keep = Keep going
broadcast-live = Your picture is on air
broadcast-waiting = On air, waiting for a picture
obs-title = OBS or another encoder
obs-text = Choose WHIP as the service, paste these two, then press Go live.
obs-url = Server address
obs-token = Bearer token
obs-go-live = Go live with OBS
products-in-show-empty = Put a product into the show to sell it.
warehouse = Warehouse
warehouse-empty = No products yet. Create the first one.
fund-quantity = Units for the show
fund = Put into the show
unpin = Unpin
stock-numbers = { $available } left · { $held } held · { $sold } sold

## Moderation

moderator-link = Link for moderators

## Guests, in the studio

guests-title = Guests
guests-on-stage = On stage
guests-waiting =
    { $count ->
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
invite-hours =
    { $hours ->
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

## Errors, by name

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

## Books and webhooks

flash-on = On now
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
giveaways-title = Giveaways
giveaway-new = New giveaway
giveaways-empty = Nothing given away yet.
giveaway-winners-label = Winners
giveaway-rules = Each winner gets one unit. People with an account and an address take part, and must be there at the draw. It cannot be taken back.
giveaway-start = Start the giveaway
giveaway-refused = It did not start: there were not enough units.
