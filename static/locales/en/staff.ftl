## The people who work for the shop

staff-title = People
staff-text = Who works for the shop, and what they may do.
staff-invite = Invite somebody
staff-invites = Open invitations
staff-you = (you)
staff-role =
    { $role ->
        [owner] Owner
        [host] Host
        [moderator] Moderator
       *[packer] Packer
    }
staff-role-text =
    { $role ->
        [owner] Everything a host may do, and who works here.
        [host] Goes live, sells, and sees their own orders and revenue.
        [moderator] Keeps the chat of every show in order. Sees no orders.
       *[packer] Sees what is to be packed and sent. No prices, no revenue.
    }
staff-until = until { $date }
staff-revoke = Take back
staff-take =
    { $role ->
        [owner] No longer an owner
        [host] No longer a host
        [moderator] No longer a moderator
       *[packer] No longer a packer
    }
staff-take-of =
    { $role ->
        [owner] { $name } is no longer an owner
        [host] { $name } is no longer a host
        [moderator] { $name } is no longer a moderator
       *[packer] { $name } is no longer a packer
    }
staff-keep = Keep
staff-which = What shall they do?
staff-label = Who is it for?
staff-label-hint = Only you see this.
staff-make = Make the link
staff-link = Invitation
staff-link-text = Send this link to one person. It works once, for a week, and is shown only now.
staff-done = Done

## Joining

join-title = You are invited
join-text = { $name } would like you to work for this shop.
join-account = Register or sign in, and the role is yours.
join-accept = Join as { $name }
join-welcome = Welcome!
join-go = Begin

## Packing

packing-title = To be sent
packing-nothing = Everything is sent
packing-nothing-text = Paid orders appear here by themselves.
packing-no-address = No address
packing-pack = Mark as packed
packing-packed = Packed
packing-send = Send…
packing-carrier = Carrier
packing-tracking = Tracking number
packing-sent = Sent
