## Books and webhooks

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
statement-audit-good =
    The books were checked { $when }: { $transfers ->
        [one] { $transfers } movement
       *[other] { $transfers } movements
    }, all of them right.
statement-audit-bad =
    The check of { $when } found { $problems ->
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
