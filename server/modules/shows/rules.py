"""Decisions of a show: its life (scheduled → live → ended), what is pinned, its run, and what its relay says. Pure."""

import hmac
import unicodedata
from collections.abc import Iterator, Sequence, Set
from datetime import UTC, datetime
from urllib.parse import urlsplit

import msgspec

from schemas.errors import (
    INVALID_FIELD,
    NOT_IN_REHEARSAL,
    REHEARSAL_RUNNING,
    RUN_CHANGED,
    SHOW_BEGUN,
    SHOW_ENDED,
    UNKNOWN_RUN_ITEM,
    UNKNOWN_SKU,
    Refusal,
    WireError,
)
from schemas.http.catalog import OfferView
from schemas.http.pictures import picture_url
from schemas.http.shows import PINNED_MAX, EditShow, RunItem, ScheduleShow, SetRunOfShow, ShowView


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
        cover_url=None if body.cover is None else picture_url(body.cover),
        tags=tidy_tags(body.tags),
    )
    return Show(view=view)


def may_rehearse(show: Show, running: Show | None) -> Refusal | None:
    """Why a show cannot be rehearsed now, or None. `running` is its rehearsal that has not ended."""
    if show.view.rehearsal_of is not None:
        return Refusal(NOT_IN_REHEARSAL, "This is a rehearsal already; rehearse the show itself.")
    if show.view.state == "ended":
        return Refusal(SHOW_ENDED, "A show that is over needs no rehearsal.")
    if running is not None:
        return Refusal(REHEARSAL_RUNNING, "Go on with it, or end it first.", {"rehearsal_id": running.view.show_id})
    return None


def rehearsed(show: Show, rehearsal_id: str, now_ms: int) -> Show:
    """The show's copy, in which everything can be tried: in no list, announced to nobody, and open to whoever has its link."""
    view = msgspec.structs.replace(
        show.view,
        show_id=rehearsal_id,
        state="scheduled",
        unlisted=True,
        on_air=False,
        scheduled_at_ms=now_ms,
        started_at_ms=None,
        ended_at_ms=None,
        rehearsal_of=show.view.show_id,
    )
    return Show(view=view)


def tidy_tags(tags: Sequence[str]) -> list[str]:
    """Tags without the sign and without spaces around them; each once, however it is spelled, in the order of the host."""
    by_key: dict[str, str] = {}
    for tag in tags:
        words = " ".join(tag.removeprefix("#").split())
        by_key.setdefault(words.casefold(), words)
    return list(by_key.values())


def edit(show: Show, body: EditShow, offers: Sequence[OfferView]) -> Show | WireError:
    """Announce a show differently, until it begins."""
    if show.view.rehearsal_of is not None:
        return NOT_IN_REHEARSAL
    if show.view.state != "scheduled":
        return SHOW_ENDED if show.view.state == "ended" else SHOW_BEGUN
    # A cover that a product gave is no picture of the show: it stays only as long as it is the first product's.
    cover_url = first_picture(offers) if body.cover is None else picture_url(body.cover)
    view = msgspec.structs.replace(
        show.view,
        title=body.title,
        description=body.description,
        unlisted=body.unlisted,
        scheduled_at_ms=body.scheduled_at_ms,
        cover_url=cover_url,
        tags=tidy_tags(body.tags),
    )
    return show if view == show.view else msgspec.structs.replace(show, view=view, version=show.version + 1)


def new_cover(show: Show, cover: str | None) -> tuple[str, ...]:
    """The picture that the show does not have yet."""
    return () if cover is None or picture_url(cover) == show.view.cover_url else (cover,)


def first_picture(offers: Sequence[OfferView]) -> str | None:
    """Address of the first picture of what the show sells."""
    return next((offer.image_url for offer in offers if offer.image_url), None)


def is_repetition(show: Show, body: ScheduleShow, host_id: str) -> bool:
    """Whether `body` is the command that made `show`, sent again."""
    view = show.view
    same_time = body.scheduled_at_ms is None or body.scheduled_at_ms == view.scheduled_at_ms
    given = (host_id, body.title, body.description, body.unlisted, tidy_tags(body.tags))
    same_cover = body.cover is None or picture_url(body.cover) == view.cover_url
    return same_time and same_cover and given == (view.host_id, view.title, view.description, view.unlisted, view.tags)


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
    return _changed(show, cover_url=show.view.cover_url or first_picture(offers))


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


CALENDAR_MINUTES = 60
"""Nobody knows how long a show will be; without a length calendars show it as a moment."""
REMIND_MINUTES = 10
LINE_OCTETS_MAX = 75
YEAR_9999_S = 253_402_300_799


def calendar(show: Show, origin: str, now_ms: int) -> str:
    """The show as a calendar of one event (RFC 5545): the same UID every time, so that a calendar that has it changes it.

    `origin` is the shop's, for the link to the player.
    """
    view = show.view
    link = f"{origin}/watch/{view.show_id}"
    about = f"{view.description}\n\n{link}" if view.description else link
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Efir//Live shopping//EN",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        "BEGIN:VEVENT",
        f"UID:{view.show_id}@{urlsplit(origin).hostname}",
        f"DTSTAMP:{_utc(now_ms)}",
        f"SEQUENCE:{show.version}",
        f"DTSTART:{_utc(view.scheduled_at_ms)}",
        f"DURATION:PT{CALENDAR_MINUTES}M",
        f"SUMMARY:{_text(view.title)}",
        f"DESCRIPTION:{_text(about)}",
        f"URL:{link}",
        "BEGIN:VALARM",
        "ACTION:DISPLAY",
        f"TRIGGER:-PT{REMIND_MINUTES}M",
        f"DESCRIPTION:{_text(view.title)}",
        "END:VALARM",
        "END:VEVENT",
        "END:VCALENDAR",
    ]
    return "".join(f"{part}\r\n" for line in lines for part in _folded(line))


def _utc(at_ms: int) -> str:
    """RFC 5545 §3.3.5, form 2."""
    # Shows that are planned beyond the calendar (year 9999) are at its end.
    return f"{datetime.fromtimestamp(min(at_ms // 1000, YEAR_9999_S), UTC):%Y%m%dT%H%M%SZ}"


def _text(text: str) -> str:
    """RFC 5545 §3.3.11; control characters but tabs are not allowed."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    shown = "".join(each for each in lines if each in "\n\t" or unicodedata.category(each) not in ("Cc", "Cs"))
    return shown.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n")


def _folded(line: str) -> Iterator[str]:
    """RFC 5545 §3.1: lines of 75 octets at most, further ones behind a space; no character is cut in two."""
    part, octets = "", 0
    for each in line:
        size = len(each.encode())
        if octets + size > LINE_OCTETS_MAX:
            yield part
            part, octets = " ", 1
        part, octets = part + each, octets + size
    yield part
