"""Identity: guests, accounts, the owner's set-up key, sessions and tickets. What http and channels ask who somebody is."""

from collections.abc import Sequence
from dataclasses import dataclass

from redis.asyncio import Redis
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from schemas.errors import (
    EMAIL_TAKEN,
    INVITE_INVALID,
    NOT_FOUND,
    RATE_LIMITED,
    TELEGRAM_DATA_EXPIRED,
    TELEGRAM_DATA_INVALID,
    WRONG_CREDENTIALS,
    Refused,
)
from schemas.http.auth import ClaimShop, EnterAsGuest, EnterByTelegram, LogIn, Register, TelegramView, TicketView
from server.auth import invites, store
from server.auth.actors import HOST, OWNER, Identity, clean_email, clean_name
from server.auth.limits import Rate, TokenBuckets, address_key
from server.auth.passwords import Passwords
from server.auth.sessions import TOKEN_LENGTH_MAX, TOUCH_MS, SessionCookie, token_hash
from server.auth.telegram import Bot, Launch, actor_name, locale_of, read_launch
from server.auth.tickets import TICKET_MS, Tickets
from server.kernel.clock import Clock
from server.kernel.config import Settings
from server.kernel.errors import Unavailable
from server.kernel.ids import new_id, new_secret
from server.kernel.log import get_logger
from server.kernel.module import Actor
from server.redis.group_commit import GroupCommit
from server.redis.revocations import Revoked, announce
from server.store.database import Database

log = get_logger(__name__)

# Attempts with a password. Per person and address: a typing human. Per e-mail: many addresses against one account; loose
# enough that an attacker cannot lock the owner out. Per address: one machine against many accounts, and the cost of Argon2.
PER_EMAIL_AND_ADDRESS = Rate(per_s=1 / 20, burst=6)
PER_EMAIL = Rate(per_s=1 / 5, burst=40)
PER_ADDRESS = Rate(per_s=1, burst=40)
# A show that opens in Telegram signs thousands in within seconds, many behind one address of a mobile operator, and none of them
# types anything: what Telegram vouches for is counted per person, only what it does not vouch for per address.
PER_TELEGRAM_USER = Rate(per_s=1 / 5, burst=30)
PURGE_BATCH = 500
LOOKUPS_MAX = 2_000
"""Sessions of one query: a crowd that comes at once asks the database a few times, not a few hundred times."""


@dataclass(frozen=True)
class SignedIn:
    """Outcome of entering. `token` goes into the cookie; None when the session stays as it is."""

    actor: Actor
    token: str | None


class Auth:
    """See the module's sentence. Safe to use from many requests at once; keeps no state but the limits of this process."""

    def __init__(
        self, database: Database, redis: Redis, clock: Clock, settings: Settings, passwords: Passwords | None = None
    ) -> None:
        self.cookie = SessionCookie(secure=settings.origin.startswith("https://"))
        self._database = database
        self._clock = clock
        self._redis = redis
        self._tickets = Tickets(redis)
        # When thousands of viewers come back at once, each asks twice who it is: one query answers all who ask at the same time.
        self._lookups: GroupCommit[str, store.StoredSession | None] = GroupCommit(
            self._look_up, what="the database", batch_max=LOOKUPS_MAX
        )
        self._passwords = passwords or Passwords()
        self._per_email_and_address = TokenBuckets(PER_EMAIL_AND_ADDRESS)
        self._per_email = TokenBuckets(PER_EMAIL)
        self._per_address = TokenBuckets(PER_ADDRESS)
        self._per_telegram_user = TokenBuckets(PER_TELEGRAM_USER)
        self._bot = _bot_of(settings)
        self.telegram = TelegramView(enabled=self._bot is not None, app_url=settings.telegram_app_url)

    async def actor_of(self, session_token: str | None) -> Actor | None:
        """Whom a session belongs to; None when there is no such session or it has ended.

        Raises:
            Unavailable: the database did not answer.
        """
        if not session_token or len(session_token) > TOKEN_LENGTH_MAX:
            return None
        return await self._actor_of_hash(token_hash(session_token))

    async def by_ticket(self, ticket: str) -> Identity | None:
        """Whom a ticket lets in, once; None when it is unknown, used, too old, or its session has ended.

        Raises:
            Unavailable: Redis or the database did not answer.
        """
        session_hash = await self._tickets.redeem(ticket)
        return None if session_hash is None else await self._identity(session_hash)

    async def by_cookie(self, header: str) -> Identity | None:
        """Whom a `Cookie` header names; None without a session that lasts.

        Raises:
            Unavailable: the database did not answer.
        """
        token = self.cookie.read(header)
        return None if token is None else await self._identity(token_hash(token))

    async def by_session(self, session_hash: str) -> Actor | None:
        """Whom a session belongs to as they are now; None when it has ended.

        Raises:
            Unavailable: the database did not answer.
        """
        return await self._actor_of_hash(session_hash)

    async def issue_ticket(self, session_token: str) -> TicketView:
        """A single-use ticket for the session's websocket."""
        ticket = await self._tickets.issue(token_hash(session_token))
        return TicketView(ticket=ticket, expires_at_ms=self._clock.now_ms() + TICKET_MS)

    async def enter_as_guest(self, session_token: str | None, body: EnterAsGuest) -> SignedIn:
        """A new guest; whoever has a session keeps it, a guest with the new nickname."""
        name = clean_name(body.name)
        current = await self.actor_of(session_token)
        if current is not None and current.kind == "account":
            return SignedIn(current, None)
        async with self._database.begin() as conn:
            if current is None:
                actor = Actor(new_id("gst", self._clock), "guest", name, body.locale)
                await store.add_actor(conn, actor.id, "guest", name, body.locale, self._clock.now_ms())
                return SignedIn(actor, await self._new_session(conn, actor.id))
            await store.change_actor(conn, current.id, "guest", name, body.locale)
        await self._announce(Revoked(actors=[current.id]))
        return SignedIn(Actor(current.id, "guest", name, body.locale), None)

    async def register(self, session_token: str | None, body: Register, address: str) -> SignedIn:
        """A new account; a guest becomes it under the same actor id, so what the guest bought stays theirs.

        Raises:
            Refused: the e-mail is taken, or too many attempts.
        """
        self._limit_address(address)
        name, email = clean_name(body.name), clean_email(body.email)
        password_hash = await self._passwords.hash(body.password)
        async with self._database.begin() as conn:
            actor_id = await self._new_account(conn, session_token, email, password_hash, name, body.locale)
            signed_in = await self._sign_in(conn, actor_id, session_token)
        await self._announce_change(signed_in.actor, session_token)
        return signed_in

    async def log_in(self, session_token: str | None, body: LogIn, address: str) -> SignedIn:
        """Into an account, with a new session.

        Raises:
            Refused: wrong e-mail or password (it does not say which), or too many attempts.
        """
        email = clean_email(body.email)
        self._limit_attempt(email, address)
        async with self._database.reading() as conn:
            account = await store.find_account(conn, email)
        if not await self._passwords.verify(account.password_hash if account else None, body.password) or account is None:
            log.info("log-in refused", address=address)
            raise Refused(WRONG_CREDENTIALS)
        newer = await self._passwords.hash(body.password) if self._passwords.outdated(account.password_hash) else None
        async with self._database.begin() as conn:
            if newer is not None:
                await store.set_password_hash(conn, account.actor_id, newer)
            signed_in = await self._sign_in(conn, account.actor_id, session_token)
        await self._announce_change(signed_in.actor, session_token)
        return signed_in

    async def check_password(self, actor_id: str, password: str, address: str) -> None:
        """That whoever holds the session also knows the account's password.

        Raises:
            Refused: it is wrong, or there were too many attempts.
        """
        self._limit_attempt(actor_id, address)
        async with self._database.reading() as conn:
            stored = await store.password_hash(conn, actor_id)
        if not await self._passwords.verify(stored, password):
            raise Refused(WRONG_CREDENTIALS, "This is not your password.", field="/password")

    async def hash_password(self, password: str) -> str:
        """What is stored of a new password.

        Raises:
            Refused: too many people sign in at once.
        """
        return await self._passwords.hash(password)

    def session_of(self, cookie_header: str) -> str:
        """Hash of the session that a `Cookie` header names; empty without one."""
        token = self.cookie.read(cookie_header)
        return "" if token is None else token_hash(token)

    async def enter_by_telegram(self, session_token: str | None, body: EnterByTelegram, address: str) -> SignedIn:
        """Whom Telegram vouches for: the same person at every time. The first time an open guest becomes that person and keeps
        what they bought; an account stays apart, because whoever could make its browser send this would own it.

        The same init data may come again as long as it is accepted: whoever is signed in by it already keeps the session.

        Raises:
            Refused: no bot is set up, Telegram did not sign this or signed it too long ago, or too many attempts.
        """
        if self._bot is None:
            raise Refused(NOT_FOUND, "This shop has no Telegram bot.")
        launch = read_launch(body.init_data, self._bot, self._clock.now_ms())
        if not isinstance(launch, Launch):
            self._limit_address(address)
            log.info("telegram sign-in refused", address=address, reason=launch)
            raise Refused(TELEGRAM_DATA_EXPIRED if launch == "expired" else TELEGRAM_DATA_INVALID)
        self._take([(self._per_telegram_user, str(launch.user_id))])
        try:
            signed_in = await self._enter_launched(session_token, launch, body.locale)
        except IntegrityError:
            # Two pages of the same person at once: the other one was faster, so the person is known now.
            signed_in = await self._enter_launched(session_token, launch, body.locale)
        if signed_in.token is not None:
            await self._announce_change(signed_in.actor, session_token)
        return signed_in

    async def log_out(self, session_token: str | None) -> None:
        """End the session, if there is one, and its websockets.

        Raises:
            Unavailable: the nodes that hold the websockets could not be told; call it again.
        """
        if session_token:
            session_hash = token_hash(session_token)
            async with self._database.begin() as conn:
                await store.end_session(conn, session_hash)
            await announce(self._redis, Revoked(sessions=[session_hash]))

    async def claim(self, session_token: str | None, body: ClaimShop, address: str) -> SignedIn:
        """Become the shop's owner with the set-up key: with a new account, or with an existing one and its password.

        Raises:
            Refused: the key does not open anything (any more), a wrong password, or too many attempts.
        """
        name, email = clean_name(body.name), clean_email(body.email)
        self._limit_attempt(email, address)
        key_hash = token_hash(body.key)
        async with self._database.reading() as conn:
            # Looked at first, so that without a key nobody learns who has an account or makes us hash; decided below.
            if not await store.invite_is_open(conn, key_hash, invites.SHOP, self._clock.now_ms()):
                raise Refused(INVITE_INVALID, "This set-up key is not valid; the server prints a fresh one when it starts.")
            account = await store.find_account(conn, email)
        if account is not None and not await self._passwords.verify(account.password_hash, body.password):
            raise Refused(WRONG_CREDENTIALS)
        password_hash = "" if account is not None else await self._passwords.hash(body.password)
        async with self._database.begin() as conn:
            now_ms = self._clock.now_ms()
            role = await store.use_invite(conn, key_hash, invites.SHOP, now_ms)
            if role is None:
                raise Refused(INVITE_INVALID, "Somebody was faster: this set-up key is used.")
            if account is not None:
                actor_id = account.actor_id
            else:
                actor_id = await self._new_account(conn, session_token, email, password_hash, name, body.locale)
            await store.grant(conn, actor_id, invites.granted_roles(role), now_ms)
            signed_in = await self._sign_in(conn, actor_id, session_token)
        await self._announce_change(signed_in.actor, session_token)
        return signed_in

    async def setup_key(self) -> str | None:
        """A fresh set-up key while the shop has no owner (older keys stop working), else None.

        The demo's robot host has the role `host` but not `owner`, so it does not take the shop from anybody.
        """
        async with self._database.begin() as conn:
            if await store.role_is_held(conn, OWNER):
                return None
            now_ms = self._clock.now_ms()
            key = new_secret()
            await store.revoke_invites(conn, invites.SHOP, OWNER, now_ms)
            await store.add_invite(conn, invites.setup_invite(new_id("inv", self._clock), key, now_ms))
            return key

    async def ensure_host(self, email: str, password: str, name: str) -> Actor:
        """An account with the role `host`, made if nobody has this e-mail; else password and name stay as they are."""
        password_hash = await self._passwords.hash(password)
        email = clean_email(email)
        async with self._database.begin() as conn:
            account = await store.find_account(conn, email)
            if account is not None:
                actor_id = account.actor_id
            else:
                actor_id = await self._new_account(conn, None, email, password_hash, clean_name(name), "en")
            await store.grant(conn, actor_id, (HOST,), self._clock.now_ms())
            return await _actor(conn, actor_id)

    async def purge(self) -> int:
        """Remove some sessions that have ended; for a job. Returns how many."""
        async with self._database.begin() as conn:
            ended = await store.purge_sessions(conn, self._clock.now_ms(), PURGE_BATCH)
        if ended:
            await self._announce(Revoked(sessions=ended))
        return len(ended)

    async def close(self) -> None:
        """Answer who still asks, then end the threads that hash passwords."""
        await self._lookups.close()
        self._tickets.close()
        self._passwords.close()

    async def _identity(self, session_hash: str) -> Identity | None:
        actor = await self._actor_of_hash(session_hash)
        return None if actor is None else Identity(actor, session_hash)

    async def _announce_change(self, actor: Actor, old_token: str | None) -> None:
        """Somebody signed in: their websockets get to know their new rights, and those of the session before end."""
        await self._announce(Revoked(actors=[actor.id], sessions=[token_hash(old_token)] if old_token else []))

    async def _announce(self, revoked: Revoked) -> None:
        """Best effort, where the outcome is in the database and must reach the caller: nodes that lost Redis look at everybody
        once it is back."""
        try:
            await announce(self._redis, revoked)
        except Unavailable as error:
            log.warning("web nodes could not be told of a change", error=repr(error))

    async def _actor_of_hash(self, session_hash: str) -> Actor | None:
        session = await self._lookups.submit("sessions", session_hash)
        if session is None:
            return None
        now_ms = self._clock.now_ms()
        if now_ms - session.used_at_ms >= TOUCH_MS:
            async with self._database.begin() as conn:
                await store.touch_session(conn, session_hash, session, now_ms)
        return session.actor

    async def _look_up(self, _: str, session_hashes: Sequence[str]) -> list[store.StoredSession | None]:
        async with self._database.reading() as conn:
            found = await store.find_sessions(conn, session_hashes, self._clock.now_ms())
        return [found.get(session_hash) for session_hash in session_hashes]

    async def _enter_launched(self, session_token: str | None, launch: Launch, locale: str) -> SignedIn:
        async with self._database.begin() as conn:
            now_ms = self._clock.now_ms()
            session = await store.find_session(conn, token_hash(session_token), now_ms) if session_token else None
            actor_id = await store.find_by_telegram(conn, launch.user_id)
            if actor_id is None:
                actor_id = await self._new_launched(conn, session.actor if session else None, launch, locale)
            elif session is not None and session.actor.id == actor_id:
                return SignedIn(session.actor, None)
            return await self._sign_in(conn, actor_id, session_token)

    async def _new_launched(self, conn: AsyncConnection, current: Actor | None, launch: Launch, locale: str) -> str:
        """The guest who is here, or a new actor, belongs to the Telegram user from now on; returns the actor's id."""
        now_ms = self._clock.now_ms()
        name, locale = actor_name(launch), locale_of(launch.language, locale)
        if current is not None and current.kind == "guest" and not await store.has_telegram(conn, current.id):
            actor_id = current.id
            await store.change_actor(conn, actor_id, "account", name, locale)
        else:
            actor_id = new_id("acc", self._clock)
            await store.add_actor(conn, actor_id, "account", name, locale, now_ms)
        await store.bind_telegram(conn, launch.user_id, actor_id, now_ms)
        return actor_id

    async def _new_account(
        self, conn: AsyncConnection, session_token: str | None, email: str, password_hash: str, name: str, locale: str
    ) -> str:
        """Makes the session's guest an account, or a new actor when there is no guest; returns the actor's id."""
        now_ms = self._clock.now_ms()
        session = await store.find_session(conn, token_hash(session_token), now_ms) if session_token else None
        try:
            if session is not None and session.actor.kind == "guest":
                actor_id = session.actor.id
                await store.change_actor(conn, actor_id, "account", name, locale)
            else:
                actor_id = new_id("acc", self._clock)
                await store.add_actor(conn, actor_id, "account", name, locale, now_ms)
            await store.add_account(conn, actor_id, email, password_hash, now_ms)
        except IntegrityError as error:
            raise Refused(EMAIL_TAKEN, "Log in with this e-mail, or register with another one.", field="/email") from error
        return actor_id

    async def _sign_in(self, conn: AsyncConnection, actor_id: str, old_token: str | None) -> SignedIn:
        """A new session in place of the old one: a token known before the log-in must not have its rights (ASVS 5.0 §7.2.4)."""
        if old_token:
            await store.end_session(conn, token_hash(old_token))
        return SignedIn(await _actor(conn, actor_id), await self._new_session(conn, actor_id))

    async def _new_session(self, conn: AsyncConnection, actor_id: str) -> str:
        token = new_secret()
        await store.add_session(conn, token_hash(token), actor_id, self._clock.now_ms())
        return token

    def _limit_address(self, address: str) -> None:
        self._take([(self._per_address, address_key(address))])

    def _limit_attempt(self, email: str, address: str) -> None:
        who = address_key(address)
        self._take([(self._per_address, who), (self._per_email_and_address, f"{email} {who}"), (self._per_email, email)])

    def _take(self, wanted: Sequence[tuple[TokenBuckets, str]]) -> None:
        now_ms = self._clock.monotonic_ms()
        for buckets, key in wanted:
            wait_ms = buckets.take(key, now_ms)
            if wait_ms:
                raise Refused(RATE_LIMITED, "Too many attempts; wait before the next one.", retry_after_ms=wait_ms)


def _bot_of(settings: Settings) -> Bot | None:
    found = settings.telegram_bot
    return None if found is None else Bot(*found, "test" if settings.telegram_test else "production")


async def _actor(conn: AsyncConnection, actor_id: str) -> Actor:
    actor = await store.get_actor(conn, actor_id)
    assert actor is not None, actor_id
    return actor
