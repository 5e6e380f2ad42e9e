"""Somebody about whom every module keeps something, each in words that occur nowhere else."""

from typing import Any

from sqlalchemy import Boolean, Integer, String, Table, Text, insert, select
from sqlalchemy.types import JSON

from server.kernel.module import Actor
from server.store.database import Database
from server.store.metadata import METADATA
from tests.modules.world import BUYER, HOST, OTHER_BUYER, SHOW_ID, World, an_id

ZOE = Actor("gst_" + "7" * 32, "account", "Zoenomen")
EMAIL = "zoemail@example.org"
PASSWORD = "a long pass phrase"
WORDS = {
    "name": "Zoenomen",
    "e-mail": "zoemail",
    "recipient": "Zoerecipient",
    "street": "Zoestreet",
    "telephone": "+4930555",
    "chat": "zoechat",
    "held": "zoeheld",
    "question": "zoequestion",
    "return": "zoereturn",
    "push": "zoepush",
    "inbox": "zoeinbox",
    "card": "zoecard",
    "hook": "zoehook",
    "tracking": "zoetracking",
}
ADDRESS = {
    "address_id": an_id("adr", 7),
    "name": WORDS["recipient"],
    "country": "DE",
    "city": "Berlin",
    "street": WORDS["street"],
    "postal_code": "10115",
    "phone": WORDS["telephone"],
}


def row_of(table: Table, **values: Any) -> dict[str, Any]:
    """A row with something in every column that needs something."""
    row: dict[str, Any] = {}
    for column in table.c:
        if column.name in values:
            row[column.name] = values[column.name]
        elif not column.nullable and column.autoincrement is not True:
            row[column.name] = _something(column.type)
    return row


def _something(kind: Any) -> Any:
    if isinstance(kind, Boolean):
        return False
    if isinstance(kind, JSON):
        return []
    if isinstance(kind, String | Text):
        return ""
    assert isinstance(kind, Integer), kind
    return 1


async def plant(world: World) -> None:
    """Let Zoe talk, ask, follow, win, wait and be restrained. What takes a whole show is written as its module would."""
    await world.know(ZOE, HOST, BUYER, OTHER_BUYER)
    rows: list[tuple[str, dict[str, Any]]] = [
        ("auth_accounts", {"actor_id": ZOE.id, "email": EMAIL, "password_hash": await world.auth.hash_password(PASSWORD)}),
        ("auth_telegram", {"telegram_user_id": 4_711, "actor_id": ZOE.id}),
        ("auth_sessions", {"session_hash": "f" * 64, "actor_id": ZOE.id, "expires_at_ms": 2**50}),
        (
            "auth_invites",
            _invited(),
        ),
        ("chat_messages", _said(1, ZOE, WORDS["chat"])),
        ("chat_messages", _said(2, BUYER, "hello", mentions=[{"actor_id": ZOE.id, "name": ZOE.name}])),
        ("questions_desks", {"show_id": SHOW_ID}),
        ("questions_questions", _asked()),
        ("questions_votes", {"question_id": an_id("qst", 1), "voter_id": ZOE.id, "show_id": SHOW_ID}),
        ("moderation_held", _held()),
        ("moderation_sanctions", {"host_id": HOST.id, "actor_id": ZOE.id, "name": ZOE.name, "kind": "block"}),
        ("moderation_moderators", {"host_id": "acc_" + "d" * 32, "actor_id": ZOE.id, "name": ZOE.name}),
        ("notifications_follows", {"host_id": HOST.id, "actor_id": ZOE.id}),
        ("notifications_reminders", {"show_id": SHOW_ID, "actor_id": ZOE.id}),
        ("notifications_items", _told()),
        ("notifications_reads", {"actor_id": ZOE.id}),
        ("notifications_choices", {"actor_id": ZOE.id, "kind": "outbid"}),
        ("notifications_subscriptions", {"subscription_id": an_id("sub", 1), "actor_id": ZOE.id, "endpoint": WORDS["push"]}),
        (
            "notifications_deliveries",
            {"subscription_id": an_id("sub", 1), "actor_id": ZOE.id, "notification_id": "ntf_1", "expires_at_ms": 2**50},
        ),
        ("payments_cards", _card()),
        ("guests_stages", {"show_id": SHOW_ID, "layout": "solo"}),
        ("guests_invites", {"invite_id": an_id("inv", 2), "show_id": SHOW_ID, "key_hash": "d" * 64}),
        ("guests_passes", _pass()),
        ("giveaways_giveaways", {"giveaway_id": an_id("gvw", 1), "show_id": SHOW_ID, "host_id": HOST.id, "state": "drawn"}),
        ("giveaways_entries", {"giveaway_id": an_id("gvw", 1), "entrant_id": ZOE.id, "show_id": SHOW_ID, "name": ZOE.name}),
        ("flash_sales_waits", {"wait_id": an_id("wai", 1), "show_id": SHOW_ID, "buyer_id": ZOE.id, "state": "left"}),
        ("auctions_desks", {"show_id": SHOW_ID}),
        (
            "auctions_lots",
            {"lot_id": an_id("lot", 1), "show_id": SHOW_ID, "seller_id": HOST.id, "state": "unsold"},
        ),
        ("auctions_bidders", {"lot_id": an_id("lot", 1), "bidder_id": ZOE.id, "name": ZOE.name}),
        ("polls_desks", {"show_id": SHOW_ID}),
        ("polls_polls", {"poll_id": an_id("pol", 1), "show_id": SHOW_ID, "opened_by": HOST.id, "status": "open"}),
        ("polls_votes", {"poll_id": an_id("pol", 1), "voter_id": ZOE.id, "show_id": SHOW_ID}),
        ("shows_shows", {"show_id": an_id("shw", 7), "host_id": ZOE.id, "host_name": ZOE.name, "state": "ended"}),
        ("webhooks_hooks", {"hook_id": an_id("whk", 1), "owner_id": ZOE.id, "url": WORDS["hook"], "state": "on"}),
        ("webhooks_deliveries", _delivered()),
        ("webhooks_attempts", {"delivery_id": an_id("dlv", 1), "number": 1, "answer": WORDS["hook"]}),
    ]
    async with world.database.begin() as connection:
        for name, values in rows:
            table = METADATA.tables[name]
            await connection.execute(insert(table).values(row_of(table, **values)))


def _said(number: int, author: Actor, text: str, **more: Any) -> dict[str, Any]:
    own = {"message_id": an_id("msg", number), "show_id": SHOW_ID, "author_id": author.id, "author_name": author.name}
    return {**own, "author_role": "viewer", "text": text, **more}


def _invited() -> dict[str, Any]:
    own = {"invite_id": an_id("inv", 1), "key_hash": "e" * 64, "scope": "staff", "role": "packer"}
    return {**own, "label": WORDS["name"], "made_by": ZOE.id}


def _asked() -> dict[str, Any]:
    own = {"question_id": an_id("qst", 1), "show_id": SHOW_ID, "asker_id": ZOE.id, "asker_name": ZOE.name}
    return {**own, "text": WORDS["question"], "status": "waiting"}


def _held() -> dict[str, Any]:
    own = {"message_id": an_id("msg", 3), "show_id": SHOW_ID, "author_id": ZOE.id, "author_name": ZOE.name}
    return {**own, "text": WORDS["held"], "reason": "link", "decision": "waiting"}


def _told() -> dict[str, Any]:
    params = {"text": WORDS["inbox"]}
    return {"actor_id": ZOE.id, "notification_id": "ntf_1", "kind": "question_answered", "params": params, "link": "/"}


def _card() -> dict[str, Any]:
    own = {"card_id": an_id("crd", 7), "owner_id": ZOE.id, "provider": "sandbox", "state": "ready", "is_default": True}
    return {**own, "given": "tok_visa", "method": "tok_visa", "label": WORDS["card"]}


def _pass() -> dict[str, Any]:
    own = {"participant_id": an_id("pas", 1), "show_id": SHOW_ID, "invite_id": an_id("inv", 2), "actor_id": ZOE.id}
    return {**own, "token_hash": "c" * 64, "name": ZOE.name, "standing": "removed"}


def _delivered() -> dict[str, Any]:
    own = {"delivery_id": an_id("dlv", 1), "hook_id": an_id("whk", 1), "message_id": "m", "event": "e"}
    return {**own, "payload": WORDS["hook"], "state": "delivered"}


async def everything(database: Database) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table."""
    found = {}
    async with database.reading() as connection:
        for table in METADATA.sorted_tables:
            rows = (await connection.execute(select(table))).all()
            found[table.name] = sorted((tuple(row) for row in rows), key=repr)
    return found


def places(dump: dict[str, list[tuple[Any, ...]]], word: str) -> set[str]:
    """Columns, as `table.column`, in which a word occurs."""
    return {
        f"{name}.{METADATA.tables[name].columns.keys()[position]}"
        for name, rows in dump.items()
        for row in rows
        for position, value in enumerate(row)
        if word in (value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value))
    }
