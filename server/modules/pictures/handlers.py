"""The answers of the module `pictures`."""

from schemas.requests.pictures import UsePictures
from server.kernel.module import Context
from server.modules.pictures import store


async def use_pictures(request: UsePictures, ctx: Context) -> list[str]:
    """Keep pictures for good; those that cannot be kept are the answer."""
    return await store.use(ctx.store, request.owner_id, request.picture_ids, ctx.now_ms)
