## Products and buying

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
pay = Pay { $amount }
cancel-order = Cancel the order
order-hold = Yours for { $time }
order-held = Held for you. Pay to keep it
order-pending = Payment under way…
order-declined = The card was declined. Try another one
order-confirmed = Confirmed, completing the payment…
order-paid = Paid. It is yours!
order-expired = Time ran out, the units went back on sale
order-gone = Sold out before the payment came. You were not charged
order-cancelled = Cancelled
bill-goods = Goods
bill-discount = Discount
bill-delivery = Delivery
bill-total = Total
bill-tax = Tax within
bill-address-new = Another address…
address-name = Name
address-street = Street and number
address-postal-code = Postcode
address-city = City
address-country = Country
address-region = State or region (where it has one)
address-choose = Choose
address-missing = Fill this in.
address-phone = Phone (for the courier)
address-save = Save the address
order-action = The payment waits for you
order-action-go = Go on with the payment
order-shipped = On its way
order-delivered = Delivered
order-withdrawn = Cancelled by the shop. You get your money back
order-returned = Returned
order-refunded = Paid back

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
addresses-full =
    { $count ->
        [one] You have { $count } address, which is the most. Delete it to add another one.
       *[other] You have { $count } addresses, which is the most. Delete one to add another one.
    }
addresses-remove = Delete { $address }
addresses-remove-sure = Delete this address?
addresses-remove-yes = Delete
addresses-remove-no = Keep
variants = Variant
