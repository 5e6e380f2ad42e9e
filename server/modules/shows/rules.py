"""Decisions of a show: its life (scheduled → live → ended), what is pinned, its run, and what its relay says. Pure."""

import hmac
from collections.abc import Sequence, Set

import msgspec

from schemas.errors import INVALID_FIELD, RUN_CHANGED, SHOW_ENDED, UNKNOWN_RUN_ITEM, UNKNOWN_SKU, Refusal, WireError
from schemas.http.catalog import OfferView
from schemas.http.shows import PINNED_MAX, RunItem, ScheduleShow, SetRunOfShow, ShowView


class Show(msgspec.Struct, frozen=True, kw_only=True):
    """A show with what only the server needs: pins, the version of its state, and the relay's last word on its stream."""

    view: ShowView
    pinned: tuple[str, ...] = ()
    stream_at_ms: int = 0
    stream_node_id: str = ""
    version: int = 1


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """A run of show as it is stored: the steps in the host's order, which one is on, and since when."""

    items: tuple[RunItem, ...] = ()
    current_id: str | None = None
    current_since_ms: int | None = None
    version: int = 0


def scheduled(body: ScheduleShow, host_id: str, host_name: str, now_ms: int) -> Show:
    """A new show; without a time it may start at once."""
    view = ShowView(
        show_id=body.show_id,
        host_id=host_id,
        host_name=host_name,
        title=body.title,
        description=body.description,
        state="scheduled",
        unlisted=body.unlisted,
        on_air=False,
        scheduled_at_ms=now_ms if body.scheduled_at_ms is None else body.scheduled_at_ms,
        started_at_ms=None,
        ended_at_ms=None,
        cover_url=None,
    )
    return Show(view=view)


def is_repetition(show: Show, body: ScheduleShow, host_id: str) -> bool:
    """Whether `body` is the command that made `show`, sent again."""
    view = show.view
    same_time = body.scheduled_at_ms is None or body.scheduled_at_ms == view.scheduled_at_ms
    given = (host_id, body.title, body.description, body.unlisted)
    return same_time and given == (view.host_id, view.title, view.description, view.unlisted)


def start(show: Show, now_ms: int) -> Show | WireError:
    """Go live; a live show stays as it is."""
    if show.view.state == "ended":
        return SHOW_ENDED
    if show.view.state == "live":
        return show
    return _changed(show, state="live", started_at_ms=now_ms)


def end(show: Show, now_ms: int) -> Show:
    """End the show for good, also one that never started; an ended show stays as it is."""
    if show.view.state == "ended":
        return show
    return _changed(show, state="ended", ended_at_ms=now_ms, on_air=False)


def pin(show: Show, sku: str, offers: Sequence[OfferView]) -> Show | WireError:
    """Show a product in every player. Pinned again it becomes the newest; the oldest makes room."""
    if show.view.state == "ended":
        return SHOW_ENDED
    if sku not in {offer.sku for offer in offers}:
        return UNKNOWN_SKU
    if show.pinned[-1:] == (sku,):
        return show
    others = tuple(other for other in show.pinned if other != sku)
    return msgspec.structs.replace(show, pinned=(*others, sku)[-PINNED_MAX:], version=show.version + 1)


def unpin(show: Show, sku: str) -> Show:
    """Take a product away; one that is not pinned changes nothing."""
    if sku not in show.pinned:
        return show
    others = tuple(other for other in show.pinned if other != sku)
    return msgspec.structs.replace(show, pinned=others, version=show.version + 1)


def set_run(run: Run, body: SetRunOfShow, offers: Sequence[OfferView]) -> Run | Refusal:
    """Put the steps in another order. An order that was made from an old version is refused, so that what another studio of the
    host did is not undone unseen; the same order again (a retry) changes nothing."""
    items = tuple(body.items)
    if items == run.items:
        return run
    if body.version != run.version:
        return Refusal(RUN_CHANGED, extra={"version": run.version})
    problem = _problem(items, {offer.sku for offer in offers} | {item.item_id for item in run.items})
    if problem is not None:
        return problem
    after = msgspec.structs.replace(run, items=items, version=run.version + 1)
    # A product stays in the show when it leaves the order; a segment is gone.
    if run.current_id is None or not _is_segment(run.current_id) or run.current_id in {item.item_id for item in items}:
        return after
    return msgspec.structs.replace(after, current_id=None, current_since_ms=None)


def _is_segment(item_id: str) -> bool:
    return item_id.startswith("seg_")


def _problem(items: Sequence[RunItem], known: Set[str]) -> Refusal | None:
    """What is wrong with a run; `known` are the ids of products that may be in it."""
    if len({item.item_id for item in items}) < len(items):
        return Refusal(INVALID_FIELD, "Each step can be in the run once.", {"field": "items"})
    for item in items:
        if item.sku not in (None, item.item_id) or (item.sku is None) != _is_segment(item.item_id):
            return Refusal(INVALID_FIELD, "A product goes by its SKU, a segment by an id of its own.", {"field": "items"})
        if item.title if item.sku is not None else not item.title.strip():
            return Refusal(INVALID_FIELD, "A segment needs a title, and a product has its own.", {"field": "items"})
        if item.sku is not None and item.sku not in known:
            return Refusal(UNKNOWN_SKU)
    return None


def go_to(show: Show, run: Run, item_id: str, offers: Sequence[OfferView], now_ms: int) -> tuple[Show, Run] | WireError:
    """Go on to a step: its product is pinned and the product of the step before is unpinned; what else is pinned stays. The step
    that is on already stays as it is, with what the host has pinned since."""
    if show.view.state == "ended":
        return SHOW_ENDED
    if item_id == run.current_id:
        return show, run
    products = {offer.sku for offer in offers}
    if item_id not in products and all(item.item_id != item_id for item in run.items):
        return UNKNOWN_RUN_ITEM
    moved = msgspec.structs.replace(run, current_id=item_id, current_since_ms=now_ms, version=run.version + 1)
    cleared = show if run.current_id is None else unpin(show, run.current_id)
    after = pin(cleared, item_id, offers) if item_id in products else cleared
    return after if isinstance(after, WireError) else (after, moved)


def stream_started(show: Show, node_id: str, at_ms: int) -> Show:
    """The host's packets arrive at a node. News older than what is known is dropped, and an ended show has no stream."""
    if at_ms < show.stream_at_ms or show.view.state == "ended":
        return show
    noted = msgspec.structs.replace(show, stream_at_ms=at_ms, stream_node_id=node_id)
    return noted if show.view.on_air else _changed(noted, on_air=True)


def stream_ended(show: Show, node_id: str, at_ms: int) -> Show:
    """The host's packets stay away from a node. That counts only for the node where they came last: a host who moved to
    another node is still on air when the old one gives up waiting."""
    if at_ms < show.stream_at_ms or node_id != show.stream_node_id or not show.view.on_air:
        return show
    return _changed(msgspec.structs.replace(show, stream_at_ms=at_ms), on_air=False)


def offers_changed(show: Show, offers: Sequence[OfferView]) -> Show:
    """Something new is for sale: the state gets a new version, and the first picture becomes the cover."""
    pictures = [offer.image_url for offer in offers if offer.image_url]
    cover_url = show.view.cover_url or (pictures[0] if pictures else None)
    return _changed(show, cover_url=cover_url)


def may_publish(show: Show | None, token_stored: str | None, token: str) -> bool:
    """Whether a stream token opens the show now. Compared in constant time, so that answers do not tell how much was right."""
    if show is None or token_stored is None or show.view.state == "ended":
        return False
    return hmac.compare_digest(token_stored.encode(), token.encode())


def listing_order(views: Sequence[ShowView]) -> list[ShowView]:
    """Live shows first (newest first), then the next ones (soonest first), then the ended ones (newest first)."""
    return sorted(views, key=_listing_key)


def _listing_key(view: ShowView) -> tuple[int, int, str]:
    match view.state:
        case "live":
            return 0, -(view.started_at_ms or 0), view.show_id
        case "scheduled":
            return 1, view.scheduled_at_ms, view.show_id
        case _:
            return 2, -(view.ended_at_ms or 0), view.show_id


def _changed(show: Show, **fields: object) -> Show:
    view = msgspec.structs.replace(show.view, **fields)
    return msgspec.structs.replace(show, view=view, version=show.version + 1)
