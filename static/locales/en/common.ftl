## Everywhere

brand = Efir
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
account-open = Your account
reload = Load the page again
embed-back = Back to the show

## Start page

start-open-studio = Open the studio

## Player

player-to-start = To all shows

## Products and buying

order-units =
    { $count ->
        [one] { $count } item
       *[other] { $count } items
    }

## Signing in

claim-title = Make this shop yours
claim-text = You hold the set-up key. Create the owner's account.
claim-submit = Create the account
login-title = Sign in to the studio
login-text = For hosts of this shop.
login-submit = Sign in
name-label = Name
email-label = E-mail
password-label = Password
password-hint = At least 10 characters
host-only = This account is not a host. Sign in with another one.

## Studio

studio-shows = Your shows

## Moderation

moderate-no-account = I have no account yet
moderate-have-account = I have an account

## Notifications: the inbox and pushes; the server makes the words of a push from these as well

follow = Follow

## Books and webhooks

statement-more = Show more
giveaway-nameless = Somebody
studio = Studio

## Rehearsals

rehearsal = Rehearsal
rehearsal-note = Nothing is sold or charged
