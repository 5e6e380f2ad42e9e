## The page in the place of one that could not be given

problem-not-found = There is nothing here
problem-not-found-text = The link may be old, or a letter of it is missing. Everything that is on air is on the start page.
problem-internal = Something broke on our side
problem-internal-text = It has been recorded. What you have bought or written is safe; try once more.
problem-unavailable = The shop is catching its breath
problem-unavailable-text = A part of it is away just now. What you have bought or written is safe.
problem-by-itself = The page comes back by itself in a few seconds.
problem-refused = This does not work
problem-request = If you tell us about it, name this number: { $id }
