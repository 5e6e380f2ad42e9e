## What others show of a page: link previews and search engines. The server alone says these.

face-live = { $host } is on air right now. Watch, ask and buy in the video.
face-scheduled = On air { $when } with { $host }. Watch, ask and buy in the video.
face-ended = A show with { $host }. See what was sold and when the next one begins.
