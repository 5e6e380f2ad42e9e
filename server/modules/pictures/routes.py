"""HTTP operations of pictures."""

import hashlib
import secrets

from schemas.errors import PICTURE_UNREADABLE, RATE_LIMITED, UNAVAILABLE, Refusal, Refused
from schemas.http.pictures import BYTES_MAX, PictureView, picture_url
from server.kernel.ids import uuid7_hex
from server.kernel.module import Call, Context, Endpoint, RawBody, Reply
from server.modules.pictures import rules, store
from server.modules.pictures.adapters import Busy, Darkroom, Developed
from server.store.blobs import Blobs

UPLOAD_DEADLINE_S = 120
"""Of the largest file over a mobile line of 0.7 Mbit/s."""
BUSY_RETRY_MS = 2_000


async def upload_picture(ctx: Context, call: Call) -> Reply:
    """Make a picture of a file. The same file of the same host again is the same answer."""
    header = rules.check_file(call.raw)
    if isinstance(header, Refusal):
        raise header.refused()
    digest = hashlib.sha256(call.raw).hexdigest()
    blobs, darkroom = ctx.port(Blobs), ctx.port(Darkroom)  # type: ignore[type-abstract]
    async with ctx.reading() as connection:
        found = await store.find_upload(connection, ctx.actor.id, digest)
    if found is not None:
        if not await store.renew(ctx.store, found.picture_id, ctx.now_ms):
            raise Refused(UNAVAILABLE, "It was swept in this moment; send it again.")
        return Reply(found, 201)
    made = await darkroom.develop(call.raw)
    if isinstance(made, Busy):
        raise Refused(RATE_LIMITED, "Too many pictures at once; send it again in a moment.", retry_after_ms=BUSY_RETRY_MS)
    if not isinstance(made, Developed):
        raise Refused(PICTURE_UNREADABLE, "The file is cut off or damaged; export it again.")
    picture_id = f"pic_{uuid7_hex(ctx.now_ms, secrets.randbits(74))}"
    for name in rules.NAMES:
        await blobs.put(f"{rules.blob_group(picture_id)}/{name}", made.files[name])
    # Files first: when the process ends here, they are swept; a row without files would be a broken picture for ever.
    view = PictureView(picture_id=picture_id, url=picture_url(picture_id), width=made.width, height=made.height)
    await store.insert_picture(ctx.store, view, ctx.actor.id, digest, ctx.now_ms)
    return Reply(view, 201)


ROUTES = (
    Endpoint(
        "POST",
        "/api/pictures",
        upload_picture,
        "host",
        "Upload a picture",
        view=PictureView,
        status=201,
        raw=RawBody(rules.CONTENT_TYPES, BYTES_MAX, UPLOAD_DEADLINE_S),
    ),
)
