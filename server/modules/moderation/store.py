"""Every query of the module `moderation`."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, String, and_, bindparam, delete, literal, null, or_, select, update
from sqlalchemy.dialects.postgresql import insert  # SQLite's compiler writes its ON CONFLICT the same way

from schemas.events.accounts import ERASED_NAME
from schemas.events.chat import MessageHeld
from schemas.http.moderation import QUEUE_MAX, HeldView, ModerationSettings, ModeratorView, SanctionView
from schemas.requests.moderation import Door, GetRoomRules, GetStanding, RoomRules, Standing
from server.kernel.module import Store
from server.modules.moderation import rules
from server.modules.moderation.rules import AuditLine, Restraint, Roles
from server.modules.moderation.tables import AUDIT, HELD, MODERATORS, SANCTIONS, SETTINGS, WORDS
from server.store.rows import rows_of

EVERYWHERE = "*"
"""Stands for all hosts: whom the shop itself lets moderate."""
SANCTIONS_SHOWN_MAX = 100
OPEN_SHOWS_MAX = 20
"""Shows of one host that are told of a change that concerns all of them; the rest see it when they are opened."""

SETTINGS_FIELDS = ModerationSettings.__struct_fields__
SANCTION_FIELDS = SanctionView.__struct_fields__
HELD_FIELDS = HeldView.__struct_fields__
LINE_FIELDS = AuditLine.__struct_fields__

_FRESH = {"version": 0, "ended": False, "audit_count": 0, "audit_hash": rules.FIRST_HASH}


def _standing_query() -> Select[Any]:
    one = select(literal(1).label("one")).subquery()
    show_id, host_id, actor_id = (bindparam(name, type_=String) for name in ("show_id", "host_id", "actor_id"))
    joined = (
        one.outerjoin(SETTINGS, SETTINGS.c.show_id == show_id)
        .outerjoin(WORDS, WORDS.c.host_id == host_id)
        .outerjoin(SANCTIONS, and_(SANCTIONS.c.host_id == host_id, SANCTIONS.c.actor_id == actor_id))
        .outerjoin(MODERATORS, and_(MODERATORS.c.host_id.in_([host_id, EVERYWHERE]), MODERATORS.c.actor_id == actor_id))
    )
    settings = [SETTINGS.c[name] for name in SETTINGS_FIELDS]
    wanted = [*settings, WORDS.c.words, SANCTIONS.c.kind, SANCTIONS.c.until_ms, MODERATORS.c.appointed_at_ms]
    return select(*wanted).select_from(joined)


def _room_query() -> Select[Any]:
    one = select(literal(1).label("one")).subquery()
    joined = one.outerjoin(SETTINGS, SETTINGS.c.show_id == bindparam("show_id", type_=String)).outerjoin(
        WORDS, WORDS.c.host_id == bindparam("host_id", type_=String)
    )
    return select(*(SETTINGS.c[name] for name in SETTINGS_FIELDS), WORDS.c.words).select_from(joined)


MODERATES = "moderates"
"""Stands in a list of sanctions for the opposite of one."""

_ROOM = _room_query()
_STANDING = _standing_query()
"""Built once: to build it costs as much as to run it."""


async def lock(store: Store, host_id: str) -> None:
    """Nobody else changes what is this host's until the transaction ends (in SQLite every write transaction does that)."""
    await store.execute(insert(WORDS).values(host_id=host_id, words=[]).on_conflict_do_nothing())
    await store.execute(select(WORDS.c.host_id).where(WORDS.c.host_id == host_id).with_for_update())


async def open_show(store: Store, show_id: str, host_id: str) -> None:
    """Make a show known; one that is known stays as it is."""
    defaults = {name: getattr(ModerationSettings(), name) for name in SETTINGS_FIELDS}
    row = {"show_id": show_id, "host_id": host_id, **_FRESH, **defaults}
    await store.execute(insert(SETTINGS).values(row).on_conflict_do_nothing())


async def close_show(store: Store, show_id: str) -> None:
    """The show has ended: nobody needs to be told of later changes."""
    await store.execute(update(SETTINGS).where(SETTINGS.c.show_id == show_id).values(ended=True))


async def open_shows(store: Store, host_id: str) -> list[str]:
    """The host's newest shows that have not ended."""
    query = select(SETTINGS.c.show_id).where(SETTINGS.c.host_id == host_id, SETTINGS.c.ended.is_(False))
    return [row.show_id for row in await store.execute(query.order_by(SETTINGS.c.show_id.desc()).limit(OPEN_SHOWS_MAX))]


async def next_version(store: Store, show_id: str) -> int:
    """Count a change of the show."""
    counted = update(SETTINGS).where(SETTINGS.c.show_id == show_id).values(version=SETTINGS.c.version + 1)
    return int(await store.scalar(counted.returning(SETTINGS.c.version)))


async def standing(store: Store, request: GetStanding, now_ms: int) -> Standing:
    """How somebody stands, in one query: it runs for every chat line."""
    asked = {"show_id": request.show_id, "host_id": request.host_id, "actor_id": request.actor_id}
    row = (await store.execute(_STANDING, asked)).first()  # two, for whom the shop and the host have both appointed
    assert row is not None
    return rules.standing(
        may_moderate=request.actor_id == request.host_id or row.appointed_at_ms is not None,
        restraint=None if row.kind is None else Restraint(row.kind, row.until_ms),
        settings=_settings(row),
        words=row.words or (),
        now_ms=now_ms,
    )


async def door(store: Store, host_id: str) -> Door:
    """Who moderates and who is blocked, in one query."""
    blocked = select(SANCTIONS.c.actor_id, literal(False).label("moderates"))
    blocked = blocked.where(SANCTIONS.c.host_id == host_id, SANCTIONS.c.kind == "block")
    moderate = select(MODERATORS.c.actor_id, literal(True)).where(MODERATORS.c.host_id.in_([host_id, EVERYWHERE]))
    found = (await store.execute(blocked.union_all(moderate))).all()
    moderators = frozenset(row.actor_id for row in found if row.moderates)
    return Door(host_id, moderators, frozenset(row.actor_id for row in found if not row.moderates) - moderators - {host_id})


async def room_rules(store: Store, request: GetRoomRules) -> RoomRules:
    """Everybody's rules in two queries."""
    row = (await store.execute(_ROOM, {"show_id": request.show_id, "host_id": request.host_id})).one()
    restrained = select(SANCTIONS.c.actor_id, SANCTIONS.c.kind, SANCTIONS.c.until_ms).where(
        SANCTIONS.c.host_id == request.host_id
    )
    moderate = select(MODERATORS.c.actor_id, literal(MODERATES), null()).where(
        MODERATORS.c.host_id.in_([request.host_id, EVERYWHERE])
    )
    found = (await store.execute(restrained.union_all(moderate))).all()
    moderators = frozenset(one.actor_id for one in found if one.kind == MODERATES)
    sanctions = {one.actor_id: (one.kind, one.until_ms) for one in found if one.kind != MODERATES}
    blocked = frozenset(actor_id for actor_id, (kind, _) in sanctions.items() if kind == "block")
    door = Door(request.host_id, moderators, blocked - moderators - {request.host_id})
    return RoomRules(door, _settings(row), tuple(row.words or ()), sanctions)


async def roles(store: Store, host_id: str) -> Roles:
    """Who is in charge of the host's shows."""
    return Roles(host_id, frozenset(view.actor_id for view in await moderators(store, host_id)))


async def moderators(store: Store, host_id: str) -> list[ModeratorView]:
    """The host's moderators, the newest first."""
    query = select(MODERATORS).where(MODERATORS.c.host_id.in_([host_id, EVERYWHERE]))
    newest = query.order_by(MODERATORS.c.appointed_at_ms.desc(), MODERATORS.c.actor_id).limit(rules.MODERATORS_MAX)
    return [ModeratorView(actor_id=row.actor_id, name=row.name) for row in await store.execute(newest)]


async def appoint(store: Store, host_id: str, view: ModeratorView, now_ms: int) -> None:
    """Somebody may moderate from now on."""
    row = {"host_id": host_id, "actor_id": view.actor_id, "name": view.name, "appointed_at_ms": now_ms}
    await store.execute(insert(MODERATORS).values(row).on_conflict_do_nothing())


async def dismiss(store: Store, host_id: str, actor_id: str) -> bool:
    """Somebody no longer moderates; False when they did not."""
    gone = delete(MODERATORS).where(MODERATORS.c.host_id == host_id, MODERATORS.c.actor_id == actor_id)
    return bool((await store.execute(gone)).rowcount)


async def settings(store: Store, show_id: str) -> tuple[int, ModerationSettings]:
    """Version and settings of a show; one that is not known has the defaults."""
    row = (await store.execute(select(SETTINGS).where(SETTINGS.c.show_id == show_id))).one_or_none()
    return (0, ModerationSettings()) if row is None else (row.version, _settings(row))


async def write_settings(store: Store, show_id: str, new: ModerationSettings) -> None:
    """Replace the settings of a show that is known."""
    row = {name: getattr(new, name) for name in SETTINGS_FIELDS}
    await store.execute(update(SETTINGS).where(SETTINGS.c.show_id == show_id).values(row))


async def words(store: Store, host_id: str) -> list[str]:
    """The host's own banned words."""
    return list(await store.scalar(select(WORDS.c.words).where(WORDS.c.host_id == host_id)) or [])


async def write_words(store: Store, host_id: str, new: Sequence[str]) -> None:
    """Replace the host's words; the host is locked."""
    await store.execute(update(WORDS).where(WORDS.c.host_id == host_id).values(words=list(new)))


async def sanctions(store: Store, host_id: str, now_ms: int) -> list[SanctionView]:
    """Who is restrained now, the newest first."""
    now = or_(SANCTIONS.c.until_ms.is_(None), SANCTIONS.c.until_ms > now_ms)
    query = select(SANCTIONS).where(SANCTIONS.c.host_id == host_id, now)
    newest = query.order_by(SANCTIONS.c.at_ms.desc(), SANCTIONS.c.actor_id).limit(SANCTIONS_SHOWN_MAX)
    return [SanctionView(**{name: getattr(row, name) for name in SANCTION_FIELDS}) for row in await store.execute(newest)]


async def write_sanction(store: Store, host_id: str, view: SanctionView) -> None:
    """Restrain somebody; an earlier sanction is replaced, and those that have ended are forgotten."""
    over = and_(SANCTIONS.c.host_id == host_id, SANCTIONS.c.until_ms <= view.at_ms)
    await store.execute(delete(SANCTIONS).where(over))
    row = {"host_id": host_id, **{name: getattr(view, name) for name in SANCTION_FIELDS}}
    await store.execute(insert(SANCTIONS).values(row).on_conflict_do_update(index_elements=["host_id", "actor_id"], set_=row))


async def lift(store: Store, host_id: str, actor_id: str) -> bool:
    """End a sanction; False when there is none."""
    gone = delete(SANCTIONS).where(SANCTIONS.c.host_id == host_id, SANCTIONS.c.actor_id == actor_id)
    return bool((await store.execute(gone)).rowcount)


async def hold(store: Store, event: MessageHeld) -> bool:
    """Put a message into the queue, once; False when it has been there. Beyond `QUEUE_MAX` the one that has waited longest gives
    way: a queue that nobody works through must not grow, and only its author believes that it was said."""
    row = {name: getattr(event, name) for name in (*HELD_FIELDS, "show_id", "reply_to")}
    made = insert(HELD).values({**row, "mentioned_ids": list(event.mentioned_ids), "decision": "waiting"})
    if not (await store.execute(made.on_conflict_do_nothing())).rowcount:
        return False
    beyond = _waiting(event.show_id).with_only_columns(HELD.c.message_id).offset(QUEUE_MAX).limit(QUEUE_MAX)
    over = [found.message_id for found in await store.execute(beyond)]
    if over:
        await store.execute(update(HELD).where(HELD.c.message_id.in_(over)).values(decision="expired"))
    return True


async def held(store: Store, show_id: str) -> list[HeldView]:
    """The queue, the newest first."""
    waiting = await store.execute(_waiting(show_id).limit(QUEUE_MAX))
    return [HeldView(**{name: getattr(row, name) for name in HELD_FIELDS}) for row in waiting]


async def held_message(store: Store, show_id: str, message_id: str) -> tuple[MessageHeld, str] | None:
    """A message that was held, and what was decided."""
    row = (await store.execute(select(HELD).where(HELD.c.message_id == message_id, HELD.c.show_id == show_id))).one_or_none()
    if row is None:
        return None
    fields = {name: getattr(row, name) for name in (*HELD_FIELDS, "show_id", "reply_to")}
    return MessageHeld(**fields, mentioned_ids=tuple(row.mentioned_ids)), row.decision


async def review(store: Store, message_id: str, decision: str) -> None:
    """Decide on a held message."""
    await store.execute(update(HELD).where(HELD.c.message_id == message_id).values(decision=decision))


async def append_audit(store: Store, show_id: str, lines: Sequence[AuditLine]) -> None:
    """Add lines to the log. Their numbers are given here; the host is locked, so nobody else adds one meanwhile."""
    last = (await store.execute(select(SETTINGS).where(SETTINGS.c.show_id == show_id))).one()
    number, before = last.audit_count, last.audit_hash
    rows = []
    for line in lines:
        number += 1
        numbered = AuditLine(**{**_fields(line), "number": number})
        before = rules.line_hash(before, numbered)
        rows.append({**_fields(numbered), "hash": before})
    await store.execute(insert(AUDIT), rows)
    ended = {"audit_count": number, "audit_hash": before}
    await store.execute(update(SETTINGS).where(SETTINGS.c.show_id == show_id).values(ended))


async def audit(store: Store, show_id: str, before: int | None, count: int) -> tuple[list[AuditLine], bool]:
    """Lines of a show's log, newest first, that come before the line numbered `before`; and whether they, their links and the
    log's end are as they were written."""
    query = select(AUDIT).where(AUDIT.c.show_id == show_id).order_by(AUDIT.c.number.desc()).limit(count + 1)
    if before is not None:
        query = query.where(AUDIT.c.number < before)
    found = [(_line(row), row.hash) for row in await store.execute(query)]
    oldest_first = found[:count][::-1]
    if before is not None:
        intact = found[0][0].number == before - 1 if found else before <= 1
    else:
        end = (await store.execute(select(SETTINGS).where(SETTINGS.c.show_id == show_id))).one_or_none()
        known = (0, rules.FIRST_HASH) if end is None else (end.audit_count, end.audit_hash)
        intact = known == ((found[0][0].number, found[0][1]) if found else (0, rules.FIRST_HASH))
    link, first = (found[count][1], found[count][0].number + 1) if len(found) > count else (rules.FIRST_HASH, 1)
    return [line for line, _ in found[:count]], intact and rules.is_intact(link, first, oldest_first)


def _waiting(show_id: str) -> Any:
    query = select(HELD).where(HELD.c.show_id == show_id, HELD.c.decision == "waiting")
    return query.order_by(HELD.c.held_at_ms.desc(), HELD.c.message_id.desc())


def _settings(row: Any) -> ModerationSettings:
    if row.slow_mode_s is None:  # nobody has touched the show's settings
        return ModerationSettings()
    return ModerationSettings(**{name: getattr(row, name) for name in SETTINGS_FIELDS})


def _line(row: Any) -> AuditLine:
    return AuditLine(**{name: getattr(row, name) for name in LINE_FIELDS})


def _fields(line: AuditLine) -> dict[str, Any]:
    return {name: getattr(line, name) for name in LINE_FIELDS}


async def forget_person(store: Store, actor_id: str) -> list[str]:
    """Nobody is restrained or in charge any more, and held messages say nothing; returns the shows where one waited."""
    await store.execute(delete(SANCTIONS).where(SANCTIONS.c.actor_id == actor_id))
    await store.execute(delete(MODERATORS).where(MODERATORS.c.actor_id == actor_id))
    theirs = HELD.c.author_id == actor_id
    waiting = select(HELD.c.show_id).where(theirs, HELD.c.decision == "waiting").distinct().order_by(HELD.c.show_id)
    shows = list((await store.execute(waiting)).scalars())
    await store.execute(update(HELD).where(theirs, HELD.c.decision == "waiting").values(decision="expired"))
    await store.execute(update(HELD).where(theirs).values(text="", author_name=ERASED_NAME))
    return shows


async def of_person(store: Store, actor_id: str) -> dict[str, list[dict[str, Any]]]:
    """How somebody was restrained, and what was held; a shadow-ban is nobody's to be told."""
    open_ones = (SANCTIONS.c.actor_id == actor_id) & (SANCTIONS.c.kind != "shadow")
    return {
        "sanctions": await rows_of(store, SANCTIONS, open_ones, ("by_name",)),
        "held": await rows_of(store, HELD, HELD.c.author_id == actor_id),
        "moderator_of": await rows_of(store, MODERATORS, MODERATORS.c.actor_id == actor_id),
    }
