## Books and webhooks

draw-title = The draw
draw-how = Before the giveaway the server chose a secret seed and published its SHA-256. Afterwards the list of those present was fixed. Everybody on it has the number SHA-256(seed : digest of the list : own id); the smallest numbers win. Your browser has computed all of it again.
draw-right = Everything agrees: this browser gets the same winners.
draw-wrong = This does not agree with what was published.
draw-insecure = This browser computes digests only on https pages.
draw-commitment = Published before: SHA-256 of the seed
draw-seed = The seed
draw-digest = SHA-256 of the list of those present
draw-entrants = { $count } took part, { $present } were there
draw-won = won
draw-absent = not there
