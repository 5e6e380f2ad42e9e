## Books and webhooks

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
webhooks-tries =
    { $count ->
        [0] not sent yet
        [one] { $count } try
       *[other] { $count } tries
    }
webhooks-no-answer = No answer
webhooks-took = { $ms } ms
webhooks-next = The next try is { $when }.
webhooks-payload = Message
