## Player

player-ended = The show is over
quality-label = { $state } { $lines }
quality-good = Good connection
quality-fair = Fair connection
quality-poor = Weak connection
quality-unknown = Measuring the connection
quality-lines = { $lines }p
quality-bitrate = { $mbits } Mbit/s

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

## Questions

questions-title = Questions
question-vote =
    { $count ->
        [one] { $count } vote. Vote for: { $text }
       *[other] { $count } votes. Vote for: { $text }
    }
question-votes =
    { $count ->
        [one] { $count } vote
       *[other] { $count } votes
    }
question-own = Your question
question-live = Being answered now
question-answered = Answered at { $time }
question-hidden = Hidden from viewers

## Polls

poll-final = Final result
poll-votes =
    { $count ->
        [one] { $count } vote
       *[other] { $count } votes
    }
poll-mine = Your vote
poll-percent = { $percent }%

## Reactions and viewers

viewers-now =
    { $count ->
        [one] { $count } person is watching
       *[other] { $count } people are watching
    }
viewers-more =
    { $count ->
        [one] and one more
       *[other] and { $count } more
    }

## Products and buying

quantity = Quantity

## Studio

pin = Pin

## Moderation

moderate-message = Moderate { $name }
moderate-remove-of = Remove the message of { $name }
moderate-remove = Remove the message
moderate-remove-all = Remove all messages of this person
moderate-pin = Pin above the chat
moderate-mute =
    { $minutes ->
        [60] Mute for 1 hour
       *[other] Mute for { $minutes } minutes
    }
moderate-shadow = Show their messages only to themselves
moderate-block = Block from all your shows
moderate-block-sure = Press again to block
moderator-appoint = Make a moderator
moderator-dismiss = No longer a moderator
moderate-not-here = This message is not on the screens, or not yet. Try again in a second.
sanction-lift = Lift

## Errors, by name

lot-starts-in = starts in { $time }
lot-hammer = Going, going…
lot-leader = { $name } leads
lot-bidder = Bidder { $number }
lot-bids =
    { $count ->
        [0] no bids yet
        [one] { $count } bid
       *[other] { $count } bids
    }
lot-maxima =
    { $count ->
        [0] no secret bids yet
        [one] { $count } secret bid
       *[other] { $count } secret bids
    }
lot-reserve-met = reserve met
lot-reserve-not-met = reserve not met
lot-sudden-death = sudden death
lot-amount-wrong = Type an amount, like 25 or 25.50.

## Books and webhooks

flash-soon = Flash sale soon
flash-was = Instead of
flash-lowest = Lowest price in 30 days: { $amount }
flash-starts-in = starts in { $time }
flash-ends-in = { $time } left
giveaway-entries =
    { $count ->
        [0] Nobody takes part yet
        [one] { $shown } takes part
       *[other] { $shown } take part
    }
giveaway-draw-in = draw in { $time }
giveaway-winners = “{ $title }” goes to { $names }.
giveaway-nobody = Nobody was there to win.
giveaway-check = Check the draw

## Hosts

follow-host = Follow { $name }
following = Following
unfollow-host = Stop following { $name }
