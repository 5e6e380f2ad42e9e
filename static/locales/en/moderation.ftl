## Questions

questions-none = Questions of viewers appear here, most votes first.
question-put-live = Put on air
question-done = Answered
question-back = Back to the queue
question-hide = Hide
question-show = Show again

## Products and buying

desk-title = To send

## Signing in

logout = Sign out

## Moderation

moderation-title = Moderation
moderate-title = Moderation — Efir
moderate-login = Sign in as a moderator
moderate-login-text = For moderators of “{ $title }”.
moderate-register = Make an account
moderate-register-text = Moderators have an account, so that the host can appoint them. Your name stays with what you have written.
moderate-refused = You do not moderate this show
moderate-refused-text = You are signed in as { $name }. Write something in the chat; { $host } can appoint you beside your message.
moderate-to-show = To the show
moderate-check-again = Check again
moderate-watch = Watch the show
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
