"""Every error that a client can see, numbered once: the `code` of an error frame and the `type` of a problem+json body.

`temporary` tells the client that the same request may succeed later. Close codes 4000–4499 mean "connect again", 4500–4999
mean "do not".
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple


class WireError(NamedTuple):
    """One row: `number` in frames, `name` everywhere, HTTP `status`, and the English title (pages translate by name)."""

    number: int
    name: str
    status: int
    title: str
    temporary: bool = False


class CloseCode(NamedTuple):
    """Why the server ends a websocket."""

    number: int
    name: str
    reconnect: bool


# 1xxx: the request itself
MALFORMED = WireError(1000, "malformed", 400, "The request could not be read")
INVALID_FIELD = WireError(1001, "invalid_field", 422, "A field is missing, unknown or has a wrong value")
UNSUPPORTED_MEDIA_TYPE = WireError(1002, "unsupported_media_type", 415, "This content type is not accepted here")
TOO_LARGE = WireError(1003, "too_large", 413, "The request is too large")
NOT_FOUND = WireError(1004, "not_found", 404, "There is nothing at this address")
METHOD_NOT_ALLOWED = WireError(1005, "method_not_allowed", 405, "This address does not take this method")
RATE_LIMITED = WireError(1006, "rate_limited", 429, "Too many requests; wait a little", temporary=True)
IDEMPOTENCY_CONFLICT = WireError(1007, "idempotency_conflict", 409, "This id was used before with other content")
IDEMPOTENCY_KEY_MISSING = WireError(1008, "idempotency_key_missing", 400, "Send an Idempotency-Key header")
INTERNAL = WireError(1009, "internal", 500, "The server failed; it has been recorded", temporary=True)
UNAVAILABLE = WireError(1010, "unavailable", 503, "A part of the service cannot be reached now", temporary=True)
UNKNOWN_OPERATION = WireError(1011, "unknown_operation", 400, "There is no such operation")
NOT_ACCEPTABLE = WireError(1012, "not_acceptable", 406, "The offer has nothing that the server can accept")
PRECONDITION_FAILED = WireError(1013, "precondition_failed", 412, "The session has changed in the meantime")
PRECONDITION_REQUIRED = WireError(1014, "precondition_required", 428, "Send If-Match with the ETag of the session")
REQUEST_TIMEOUT = WireError(1015, "request_timeout", 408, "The request took too long to arrive", temporary=True)

# 2xxx: who asks
NOT_SIGNED_IN = WireError(2000, "not_signed_in", 401, "Sign in first")
FORBIDDEN = WireError(2001, "forbidden", 403, "You are not allowed to do this")
TICKET_EXPIRED = WireError(2002, "ticket_expired", 401, "The ticket is used or too old; get a new one")
CROSS_ORIGIN = WireError(2003, "cross_origin", 403, "Requests from other sites are refused")
WRONG_CREDENTIALS = WireError(2004, "wrong_credentials", 401, "The e-mail or the password is wrong")
EMAIL_TAKEN = WireError(2005, "email_taken", 409, "There is an account with this e-mail already")
INVITE_INVALID = WireError(2006, "invite_invalid", 410, "This invitation is used, expired or revoked")
INVITE_UNKNOWN = WireError(2007, "invite_unknown", 404, "There is no such invitation; the link may be cut off")
INVITE_USED = WireError(2008, "invite_used", 410, "This invitation has been used already")
INVITE_EXPIRED = WireError(2009, "invite_expired", 410, "This invitation has expired")
INVITE_REVOKED = WireError(2010, "invite_revoked", 410, "The host has withdrawn this invitation")
GUEST_REMOVED = WireError(2011, "guest_removed", 410, "The host has ended this guest's part in the show")
TELEGRAM_DATA_INVALID = WireError(2030, "telegram_data_invalid", 401, "Telegram did not sign this for the shop's bot")
TELEGRAM_DATA_EXPIRED = WireError(2031, "telegram_data_expired", 401, "What Telegram signed is too old; open the app again")

# 3xxx: shows, streams and channels
SHOW_NOT_LIVE = WireError(3000, "show_not_live", 409, "The show is not on air", temporary=True)
SHOW_ENDED = WireError(3001, "show_ended", 409, "The show is over")
STREAM_INACTIVE = WireError(3002, "stream_inactive", 409, "Nothing is being broadcast yet", temporary=True)
STREAM_TAKEN = WireError(3003, "stream_taken", 409, "Somebody is broadcasting here already", temporary=True)
STREAM_FULL = WireError(3004, "stream_full", 503, "No more viewers fit on this server", temporary=True)
UNKNOWN_CHANNEL = WireError(3005, "unknown_channel", 404, "There is no such channel")
NOT_SUBSCRIBED = WireError(3006, "not_subscribed", 409, "Subscribe to the channel first")
TOO_MANY_CHANNELS = WireError(3007, "too_many_channels", 409, "Leave a channel before you join another")
READ_ONLY_CHANNEL = WireError(3008, "read_only_channel", 403, "Nothing can be published here")
MESSAGE_EMPTY = WireError(3009, "message_empty", 422, "Write something first")
MESSAGE_TOO_LONG = WireError(3010, "message_too_long", 422, "The message is too long")
STAGE_FULL = WireError(3011, "stage_full", 409, "No more guests fit on the stage; send one back first")
WAITING_ROOM_FULL = WireError(3012, "waiting_room_full", 409, "No more guests fit into the waiting room", temporary=True)
NOT_ON_STAGE = WireError(3013, "not_on_stage", 409, "Only somebody on stage can be featured")
TOO_MANY_INVITES = WireError(3014, "too_many_invites", 409, "A show takes no more invitations than this")
MUTED = WireError(3015, "muted", 403, "You cannot write here for a while", temporary=True)
BLOCKED = WireError(3016, "blocked", 403, "The host does not want you in this show")
SLOW_MODE = WireError(3017, "slow_mode", 429, "Slow mode is on; wait a little", temporary=True)
FOLLOWERS_ONLY = WireError(3018, "followers_only", 403, "Only followers of the host may write now")
REPEATED = WireError(3019, "repeated", 409, "You have just said the same")
POLL_CLOSED = WireError(3020, "poll_closed", 409, "The poll is over")
ALREADY_VOTED = WireError(3021, "already_voted", 409, "You have voted already")
TOO_MANY_QUESTIONS = WireError(3022, "too_many_questions", 409, "Wait until one of your questions is answered", temporary=True)
PUSH_SUBSCRIPTION_INVALID = WireError(3023, "push_subscription_invalid", 422, "This push subscription cannot be used")
QUESTION_CLOSED = WireError(3024, "question_closed", 409, "This question takes no votes any more")
TOO_MANY_POLLS = WireError(3025, "too_many_polls", 409, "Close a poll before you open another")
SHOW_BEGUN = WireError(3030, "show_begun", 409, "The show has begun")
RUN_CHANGED = WireError(3040, "run_changed", 409, "The run of show was changed elsewhere; look at it again")
UNKNOWN_RUN_ITEM = WireError(3041, "unknown_run_item", 409, "This step is not in the run of show any more")
REHEARSAL_RUNNING = WireError(3050, "rehearsal_running", 409, "A rehearsal of this show is running already")
NOT_IN_REHEARSAL = WireError(3051, "not_in_rehearsal", 409, "This is not possible in a rehearsal")

# 4xxx: commerce
SOLD_OUT = WireError(4000, "sold_out", 409, "Sold out")
LIMIT_REACHED = WireError(4001, "limit_reached", 409, "This is more than one person may buy")
UNKNOWN_SKU = WireError(4002, "unknown_sku", 422, "This product is not sold in the show")
HOLD_EXPIRED = WireError(4003, "hold_expired", 409, "The time to pay is over; the units went back on sale")
ORDER_NOT_PAYABLE = WireError(4004, "order_not_payable", 409, "This order does not wait for a payment")
PAYMENT_IN_PROGRESS = WireError(4005, "payment_in_progress", 409, "A payment for this order is under way", temporary=True)
PAYMENT_DECLINED = WireError(4006, "payment_declined", 402, "The payment was declined; try another card")
NOT_ENOUGH_STOCK = WireError(4007, "not_enough_stock", 409, "There are not so many units in stock")
STALE_EPOCH = WireError(4008, "stale_epoch", 409, "The show was recovered; load it again", temporary=True)
PRICE_CHANGED = WireError(4009, "price_changed", 409, "The price has changed; look at it again")
ORDER_NOT_CANCELLABLE = WireError(4010, "order_not_cancellable", 409, "This order can no longer be cancelled")

SALE_NOT_OPEN = WireError(4011, "sale_not_open", 409, "The flash sale is not on")
COUPON_INVALID = WireError(4012, "coupon_invalid", 409, "This code cannot be used for this order")
NOT_LISTED = WireError(4013, "not_listed", 409, "This product is not sold at a fixed price")
WAITLIST_FULL = WireError(4014, "waitlist_full", 409, "Too many people wait for this product already")
BID_TOO_LOW = WireError(4015, "bid_too_low", 409, "Somebody bids more; look at the next bid")
LOT_NOT_STARTED = WireError(4016, "lot_not_started", 409, "Bidding has not begun", temporary=True)
LOT_OVER = WireError(4017, "lot_over", 409, "The auction of this lot is over")
LOT_NOT_OVER = WireError(4018, "lot_not_over", 409, "The auction of this lot goes on", temporary=True)
UNKNOWN_LOT = WireError(4019, "unknown_lot", 404, "There is no such lot in this show")
OWN_LOT = WireError(4020, "own_lot", 403, "Sellers cannot bid on their own lots")
BIDDER_NOT_ELIGIBLE = WireError(4021, "bidder_not_eligible", 403, "You cannot bid in this show")
NEEDS_CONFIRMATION = WireError(4022, "needs_confirmation", 409, "This bid is far above the price; confirm it")
OVER_CEILING = WireError(4023, "over_ceiling", 409, "This is more than you may bid")
WRONG_CURRENCY = WireError(4024, "wrong_currency", 422, "This is sold in another currency")
LOT_HAS_BIDS = WireError(4025, "lot_has_bids", 409, "Somebody has bid already")
LOT_SETTLED = WireError(4026, "lot_settled", 409, "This lot is paid")
NO_CARD_ON_FILE = WireError(4027, "no_card_on_file", 409, "Save a card first")
NO_ADDRESS_ON_FILE = WireError(4028, "no_address_on_file", 409, "Save an address first")
UNKNOWN_GIVEAWAY = WireError(4029, "unknown_giveaway", 404, "There is no such giveaway in this show")
GIVEAWAY_OVER = WireError(4030, "giveaway_over", 409, "The giveaway is over")
GIVEAWAY_NOT_OVER = WireError(4031, "giveaway_not_over", 409, "The giveaway goes on", temporary=True)
NOT_ELIGIBLE = WireError(4032, "not_eligible", 403, "You cannot take part in this")
ORDER_NOT_REFUNDABLE = WireError(4033, "order_not_refundable", 409, "This order cannot be refunded now")
REFUND_TOO_LARGE = WireError(4034, "refund_too_large", 409, "This is more than is left to refund")
SHIPPING_UNAVAILABLE = WireError(4035, "shipping_unavailable", 422, "This way of delivery is not offered there")
RETURN_NOT_POSSIBLE = WireError(4036, "return_not_possible", 409, "This order cannot be returned")
SIGNATURE_INVALID = WireError(4037, "signature_invalid", 401, "The signature is wrong, missing or too old")
ALREADY_RUNNING = WireError(4038, "already_running", 409, "Another one of this kind is running in the show")
ORDER_NOT_SHIPPABLE = WireError(4050, "order_not_shippable", 409, "This order cannot be sent")

# 41xx: what a shop shows
PICTURE_UNREADABLE = WireError(4100, "picture_unreadable", 422, "This file is broken or not a picture")
PICTURE_KIND = WireError(4101, "picture_kind", 415, "Pictures are JPEG, PNG or WebP")
PICTURE_TOO_LARGE = WireError(4102, "picture_too_large", 422, "The picture has too many pixels")
PICTURE_MOVES = WireError(4103, "picture_moves", 422, "Moving pictures are not taken")
UNKNOWN_PICTURE = WireError(4104, "unknown_picture", 422, "There is no such picture; upload it again")
PRODUCT_ARCHIVED = WireError(4105, "product_archived", 409, "This product is archived")

ACCOUNT_IN_USE = WireError(4060, "account_in_use", 409, "Something has to be settled first")
LAST_OWNER = WireError(4061, "last_owner", 409, "The shop needs an owner")

ERRORS: tuple[WireError, ...] = tuple(value for value in list(globals().values()) if isinstance(value, WireError))

CLOSE_SHUTDOWN = CloseCode(4000, "shutdown", reconnect=True)
CLOSE_SLOW = CloseCode(4001, "slow", reconnect=True)
CLOSE_NO_PONG = CloseCode(4002, "no_pong", reconnect=True)
CLOSE_TICKET_EXPIRED = CloseCode(4003, "ticket_expired", reconnect=True)
CLOSE_CONNECT_DEADLINE = CloseCode(4004, "connect_deadline", reconnect=True)
CLOSE_UNAVAILABLE = CloseCode(4005, "unavailable", reconnect=True)
CLOSE_BAD_FRAMES = CloseCode(4500, "bad_frames", reconnect=False)
CLOSE_FORBIDDEN_ORIGIN = CloseCode(4501, "forbidden_origin", reconnect=False)
CLOSE_SIGNED_OUT = CloseCode(4502, "signed_out", reconnect=False)
CLOSE_TOO_LARGE = CloseCode(4503, "too_large", reconnect=False)
CLOSE_FLOODING = CloseCode(4504, "flooding", reconnect=False)

CLOSE_CODES: tuple[CloseCode, ...] = tuple(value for value in list(globals().values()) if isinstance(value, CloseCode))


class Refusal(NamedTuple):
    """Why not, and what to do instead, as a decision returns it; `extra` as in `Refused`."""

    error: WireError
    detail: str = ""
    extra: Mapping[str, str | int | bool] = MappingProxyType({})

    def refused(self) -> "Refused":
        """The refusal on its way to the client."""
        return Refused(self.error, self.detail, **self.extra)


class Refused(Exception):
    """An expected refusal on its way to the client: the edge turns it into problem+json or an error frame.

    `detail` says in English what to do; `extra` becomes extension members (RFC 9457 §3.2), for example `available`.
    """

    def __init__(self, error: WireError, detail: str = "", **extra: str | int | bool) -> None:
        super().__init__(f"{error.name}: {detail or error.title}")
        self.error = error
        self.detail = detail or error.title
        self.extra = extra
