## The report of a show

report-title = Report
report-back = To the show
report-grows = Updates by itself while you are live
report-not-begun = The report fills as soon as the show begins.
report-figures = The show in numbers
report-revenue = Revenue
report-refunded = { $amount } of it was paid back
report-orders = Orders
report-units =
    { $count ->
        [one] { $count } item sold
       *[other] { $count } items sold
    }
report-unpaid = { $count } not paid
report-viewers = Viewers
report-peak = up to { $peak } at once
report-watched = Watched
report-average = { $average } viewers on average
report-messages = Messages
report-questions-votes =
    { $questions ->
        [one] { $questions } question
       *[other] { $questions } questions
    }, { $votes ->
        [one] { $votes } vote
       *[other] { $votes } votes
    }
report-share = Bought
report-share-note = orders per viewer
report-hearts = Reactions
report-more = { $percent }% more than last time
report-less = { $percent }% less than last time
report-more-count = { $count } more than last time
report-fewer-count = { $count } fewer than last time
report-times = { $times } times as much as last time
report-first = None last time
report-same = The same as last time
report-previous = Last time: “{ $title }”, { $when }
report-minutes = Minute by minute
report-minute = Minute
report-pinned = Pinned
report-plot =
    Viewers and orders over { $count ->
        [one] { $count } minute
       *[other] { $count } minutes
    }
report-plot-help = Left and right arrow keys choose a minute, Home and End the first and the last one. Its figures are read out.
report-plot-hint = Point at a minute, or use the arrow keys.
report-minute-viewers =
    { $count ->
        [one] { $count } viewer
       *[other] { $count } viewers
    }
report-minute-orders =
    { $count ->
        [one] { $count } order
       *[other] { $count } orders
    }
report-minute-messages =
    { $count ->
        [one] { $count } message
       *[other] { $count } messages
    }
report-minute-pinned = pinned: { $titles }
report-as-table = Show as a table
report-best = Best moments
report-best-none = Nothing stood out yet.
report-best-viewers =
    { $count ->
        [one] { $count } viewer at once
       *[other] { $count } viewers at once
    }
report-best-orders =
    { $count ->
        [one] { $count } order in one minute
       *[other] { $count } orders in one minute
    }
report-best-messages =
    { $count ->
        [one] { $count } message in one minute
       *[other] { $count } messages in one minute
    }
report-best-hearts =
    { $count ->
        [one] { $count } reaction in one minute
       *[other] { $count } reactions in one minute
    }
report-questions = Questions
report-questions-none = Nobody asked anything.
report-answered = { $answered } of { $questions } answered
report-open = Still waiting for an answer
report-open-more = and { $count } more
report-products = Products
report-products-none = This show sold nothing.
report-product = Product
report-sold = Items sold
report-after-pin = Within 5 min of the pin
report-lots = Auctions
report-lot-unsold = Not sold
report-files = Take it with you
report-files-text = For your spreadsheet or another program. Only you can download these.
report-file-minutes = Minutes (CSV)
report-file-products = Products (CSV)
report-file-chat = Chat (CSV)
report-file-chat-json = Chat (JSON)
