"""Pictures: takes a host's files, makes them anew in a few widths, and keeps those that are used.

Owns      pictures_pictures
Decides   what is a picture: by its bytes, never by its name or what the sender calls it, and before a pixel is decoded.
Promises  nothing of an uploaded file is ever served, only what was made of its pixels: no metadata, no place, no script. When an
          upload is answered, its files and its row survive a loss of power. A row never refers to a file that is not there. What
          nobody used within a day is gone; what was used once stays, because orders and receipts go on showing it.
"""

from schemas.requests.pictures import UsePictures
from server.kernel.module import Module, answer, every_ms
from server.modules.pictures import handlers, jobs, routes
from server.modules.pictures.adapters import Darkroom
from server.store.blobs import Blobs

MODULE = Module(
    name="pictures",
    answers=(answer(UsePictures, handlers.use_pictures),),
    routes=routes.ROUTES,
    jobs=(every_ms(jobs.SWEEP_EVERY_MS, jobs.sweep),),
    ports=(Blobs, Darkroom),
)
