"""Timed work of the pictures: what nobody used within a day goes, files first, so that no row ever lacks its files."""

from server.kernel.log import get_logger
from server.kernel.module import Context
from server.modules.pictures import rules, store
from server.store.blobs import Blobs

SWEEP_EVERY_MS = 3_600_000
ORPHANS_MAX = 500
"""Groups of files that one round compares with the table, the oldest first."""

log = get_logger(__name__)


async def sweep(ctx: Context) -> None:
    """Delete the files of those marked in an earlier round, then their rows; mark the next ones. Every step may be repeated."""
    blobs = ctx.port(Blobs)  # type: ignore[type-abstract]
    async with ctx.reading() as connection:
        swept = await store.swept(connection)
    for picture_id in swept:
        await blobs.delete(rules.blob_group(picture_id))
    await _delete_orphans(ctx, blobs)
    if swept:
        await store.forget(ctx.store, swept)
    await store.mark_unused(ctx.store, ctx.now_ms - rules.UNUSED_MS, ctx.now_ms)


async def _delete_orphans(ctx: Context, blobs: Blobs) -> None:
    """Files without a row: the process ended between the two. A day old, so that no upload is under way with them."""
    found = [stored.group for stored in await blobs.groups("pictures") if stored.written_at_ms < ctx.now_ms - rules.UNUSED_MS]
    for first in range(0, len(found), ORPHANS_MAX):
        by_id = {group.rpartition("/")[2]: group for group in found[first : first + ORPHANS_MAX]}
        async with ctx.reading() as connection:
            orphans = by_id.keys() - await store.known(connection, list(by_id))
        for picture_id in sorted(orphans):
            log.info("files of a picture that was never answered are deleted", picture_id=picture_id)
            await blobs.delete(by_id[picture_id])
