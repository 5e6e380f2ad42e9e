## Start page

start-headline = Live shopping, right now
start-lead = Watch, ask and buy without leaving the video.
start-live = On air
start-next = Coming up
start-ended = Recent shows
start-also-live = Also on air
start-watch = Watch: { $title }
start-watch-now = Watch now
start-search = Search shows
start-tags = Tags
start-nothing-found = No show fits. Try another word.
start-hosts = Hosts
start-empty-title = Nothing is on air yet
start-empty-text = Shows appear here the moment they are planned.
show-starts = Starts { $when }
show-ended-at = Ended { $when }

## Studio

