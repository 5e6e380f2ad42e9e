"""Decisions of the chat: what may be said and who sees it, and what the screen shows. Pure."""

from collections.abc import Container, Sequence
from typing import NamedTuple, TypeVar

from msgspec.structs import replace

from schemas.errors import (
    BLOCKED,
    FOLLOWERS_ONLY,
    INVALID_FIELD,
    MESSAGE_EMPTY,
    MESSAGE_TOO_LONG,
    MUTED,
    SHOW_ENDED,
    WireError,
)
from schemas.events.chat import MessageHeld, MessagePosted
from schemas.http.chat import (
    HISTORY_MAX,
    QUOTE_LENGTH_MAX,
    TEXT_LENGTH_MAX,
    AuthorRole,
    ChatMessage,
    ChatPublication,
    Mention,
    MessageRemoval,
    PostMessage,
    Quote,
)
from schemas.http.moderation import HeldReason
from schemas.http.shows import ShowView
from schemas.requests.moderation import Standing
from server.channels.screening import same_text_key, screen_of
from server.channels.text import clean_text

MESSAGE_ID_PREFIX = "msg_"
REPEAT_MS = 60_000
"""Within this time nobody says the same thing twice."""
SKEW_MS_MAX = 5_000
"""A message is dated after the one before it, even if that one's node has a clock that is ahead, by up to this much."""

PublicationT = TypeVar("PublicationT", ChatMessage, ChatPublication)


class Refusal(NamedTuple):
    """Why a text does not become a message, and what to do instead."""

    error: WireError
    detail: str = ""
    retry_after_ms: int | None = None


class Speaker(NamedTuple):
    """Who wants to say something, and how they stand in the show. `following` matters when only followers may write."""

    actor_id: str
    name: str
    standing: Standing
    following: bool


class Said(NamedTuple):
    """What becomes of a text. `shadowed`: only the author sees it; `held`: a moderator decides on it first. `slow_ms` and
    `same_text` are for the guards, which hold over all nodes: 0 and empty for whoever is exempt from them."""

    message: ChatMessage
    shadowed: bool = False
    held: HeldReason | None = None
    slow_ms: int = 0
    same_text: str = ""


def speak(
    show: ShowView, speaker: Speaker, entries: Sequence[ChatPublication], command: PostMessage, message_id: str, now_ms: int
) -> Said | Refusal:
    """Whether a text becomes a message, and who sees it. The host and moderators are exempt from everything but good form."""
    standing = speaker.standing
    if not message_id.startswith(MESSAGE_ID_PREFIX):
        return Refusal(INVALID_FIELD, f"The command_id of a message begins with {MESSAGE_ID_PREFIX!r}.")
    if show.state == "ended":
        return Refusal(SHOW_ENDED)
    refusal = None if standing.may_moderate else _restrained(speaker, now_ms)
    if refusal is not None:
        return refusal
    text = clean_text(command.text)
    if not text:
        return Refusal(MESSAGE_EMPTY)
    if len(text) > TEXT_LENGTH_MAX:
        return Refusal(MESSAGE_TOO_LONG, f"Say it in {TEXT_LENGTH_MAX} characters; these are {len(text)}.")
    reply = None if command.reply_to is None else _quoted(entries, command.reply_to)
    if command.reply_to is not None and reply is None:
        return Refusal(INVALID_FIELD, "`reply_to` names no message that is on the screens.")
    message = ChatMessage(
        message_id=message_id,
        author_id=speaker.actor_id,
        author_name=speaker.name,
        author_role=role(show, speaker),
        text=text,
        posted_at_ms=_dated(entries, now_ms),
        reply=reply,
        mentions=_mentioned(entries, command.mentions),
    )
    if standing.may_moderate:
        return Said(message)
    shadowed = standing.sanction == "shadow"
    return Said(
        message,
        shadowed=shadowed,
        held=None if shadowed else held_reason(text, standing),
        slow_ms=1_000 * standing.settings.slow_mode_s,
        same_text=same_text_key(text),
    )


def role(show: ShowView, speaker: Speaker) -> AuthorRole:
    """The badge beside the name."""
    if speaker.actor_id == show.host_id:
        return "host"
    return "moderator" if speaker.standing.may_moderate else "viewer"


def held_reason(text: str, standing: Standing) -> HeldReason | None:
    """Why a moderator looks at the text first, the most telling reason; None: nobody does."""
    settings = standing.settings
    found = screen_of(standing.words).verdict(text, filter_words=settings.filter_words, filter_links=settings.filter_links)
    if found is None and settings.approve_first:
        return "approve_first"
    return found


def _restrained(speaker: Speaker, now_ms: int) -> Refusal | None:
    standing = speaker.standing
    if standing.sanction == "block":
        return Refusal(BLOCKED)
    # Looked up a moment ago, but ended by the clock: a mute of a minute is not a minute and a bit.
    if standing.sanction == "mute" and standing.until_ms is not None and standing.until_ms > now_ms:
        return Refusal(MUTED, retry_after_ms=standing.until_ms - now_ms)
    if standing.settings.followers_only and not speaker.following:
        return Refusal(FOLLOWERS_ONLY)
    return None


def quote(message: ChatMessage) -> Quote:
    """What a reply shows of the message that it answers."""
    return Quote(
        message_id=message.message_id,
        author_id=message.author_id,
        author_name=message.author_name,
        text=message.text[:QUOTE_LENGTH_MAX],
    )


def _quoted(entries: Sequence[ChatPublication], message_id: str) -> Quote | None:
    for entry in entries:
        if isinstance(entry, ChatMessage) and entry.message_id == message_id and not entry.removed:
            return quote(entry)
    return None


def _mentioned(entries: Sequence[ChatPublication], actor_ids: Sequence[str]) -> tuple[Mention, ...]:
    """Those who have said something lately, each once, under the name that they used last."""
    if not actor_ids:
        return ()
    names = {entry.author_id: entry.author_name for entry in entries if isinstance(entry, ChatMessage)}
    return tuple(Mention(actor_id=each, name=names[each]) for each in dict.fromkeys(actor_ids) if each in names)


def _dated(entries: Sequence[ChatPublication], now_ms: int) -> int:
    last_ms = _place(entries[-1])[0] if entries else 0
    return last_ms + 1 if now_ms <= last_ms < now_ms + SKEW_MS_MAX else now_ms


def posted(show_id: str, message: ChatMessage) -> MessagePosted:
    """The fact that a message is recorded as."""
    return MessagePosted(
        show_id=show_id,
        message_id=message.message_id,
        author_id=message.author_id,
        author_name=message.author_name,
        author_role=message.author_role,
        text=message.text,
        posted_at_ms=message.posted_at_ms,
        reply_to=None if message.reply is None else message.reply.message_id,
        mentioned_ids=tuple(mention.actor_id for mention in message.mentions),
    )


def waits(show_id: str, message: ChatMessage, reason: HeldReason) -> MessageHeld:
    """The fact that a message waits for a moderator."""
    return MessageHeld(
        show_id=show_id,
        message_id=message.message_id,
        author_id=message.author_id,
        author_name=message.author_name,
        text=message.text,
        reason=reason,
        held_at_ms=message.posted_at_ms,
        reply_to=None if message.reply is None else message.reply.message_id,
        mentioned_ids=tuple(mention.actor_id for mention in message.mentions),
    )


def with_publication(entries: Sequence[ChatPublication], new: ChatPublication) -> list[ChatPublication]:
    """The chat's state after a publication: the last `HISTORY_MAX` of them, oldest first.

    A removal empties the messages that it names, and what replies quote of them, if their place is before its own. So the state
    is a function of the set of the last publications, whatever the order in which they are heard: the database and the channel's
    log overlap, and neither has to be ahead of the other. What is there already changes nothing.
    """
    place = _place(new)
    if any(_place(entry) == place or _same_message(entry, new) for entry in entries):
        return list(entries)
    if isinstance(new, MessageRemoval):
        hidden = frozenset(new.message_ids)
        kept = [without(entry, hidden) if _place(entry) < place else entry for entry in entries]
        return sorted([*kept, new], key=_place)[-HISTORY_MAX:]
    removals = [entry for entry in entries if isinstance(entry, MessageRemoval) and place < _place(entry)]
    shown = without(new, frozenset(message_id for removal in removals for message_id in removal.message_ids))
    return sorted([*entries, shown], key=_place)[-HISTORY_MAX:]


def merged(messages: Sequence[ChatMessage], removals: Sequence[MessageRemoval]) -> list[ChatPublication]:
    """The state that the database gives: the last of both, in their places."""
    entries: list[ChatPublication] = [*messages, *removals]
    return sorted(entries, key=_place)[-HISTORY_MAX:]


def without(entry: PublicationT, hidden: Container[str]) -> PublicationT:
    """An entry as it is shown once the messages `hidden` are removed."""
    if not isinstance(entry, ChatMessage):
        return entry
    if entry.message_id in hidden:
        return replace(entry, text="", reply=None, mentions=(), removed=True)
    if entry.reply is not None and entry.reply.message_id in hidden:
        return replace(entry, reply=replace(entry.reply, text=""))
    return entry


def _same_message(one: ChatPublication, other: ChatPublication) -> bool:
    return isinstance(one, ChatMessage) and isinstance(other, ChatMessage) and one.message_id == other.message_id


def _place(entry: ChatPublication) -> tuple[int, str]:
    if isinstance(entry, ChatMessage):
        return entry.posted_at_ms, entry.message_id
    return entry.at_ms, ",".join(entry.message_ids)
