"""HTTP operations of payments: paying, saved cards, webhooks of providers, and the page of the sandbox's bank."""

from schemas.errors import (
    FORBIDDEN,
    IDEMPOTENCY_CONFLICT,
    INVALID_FIELD,
    NOT_FOUND,
    NOT_IN_REHEARSAL,
    PAYMENT_DECLINED,
    PAYMENT_IN_PROGRESS,
    UNAVAILABLE,
    Refused,
)
from schemas.http.orders import OrderView
from schemas.http.payments import (
    CARDS_MAX,
    CardListView,
    CardView,
    ConfirmSandbox,
    PaymentView,
    PayOrder,
    ProvidersView,
    ProviderView,
    SandboxView,
    SaveCard,
    WaitingPayment,
)
from schemas.ids import is_rehearsal
from schemas.requests.orders import GetOrder
from server.kernel.config import Settings
from server.kernel.log import get_logger
from server.kernel.module import Call, Context, Endpoint, RawBody, Reply, Store
from server.modules.payments import rules, store
from server.modules.payments.adapters import (
    CardSaved,
    CardSetup,
    Declined,
    Notice,
    Providers,
    RefundWish,
    RequiresAction,
    Unknown,
    Unseen,
)
from server.modules.payments.rules import Card, Payment, Wish

log = get_logger(__name__)

TEST_CARD = "Nothing is charged in a rehearsal: pay with the provider `sandbox` and the method `tok_visa`."


async def list_providers(ctx: Context, call: Call) -> Reply:
    """How one can pay here; with `?show_id=` of a rehearsal, how in it: by test card."""
    providers = ctx.port(Providers)
    names = [rules.SANDBOX] if is_rehearsal(call.query.get("show_id", "")) else providers.names
    able = [(name, providers.capabilities(name)) for name in names]
    return Reply(ProvidersView(providers=[ProviderView(name, can.hosted_entry, can.saved_card) for name, can in able]))


async def pay_order(ctx: Context, call: Call) -> Reply:
    """Begin to pay an order; the outcome comes on the order's channel. The same id again is the same answer."""
    body: PayOrder = call.body
    order = await _own_order(ctx, body.order_id)
    wish = await _wish(ctx, body, order)
    async with ctx.reading() as connection:
        known = await store.payment(connection, body.payment_id)
    if known is not None:
        return _repeated(known, wish, body.order_id, ctx.actor.id)
    if refusal := rules.check_payable(order, ctx.now_ms):
        raise Refused(*refusal)
    change = rules.created(wish, order.order_id, order.show_id, order.buyer_id, order.total, ctx.now_ms)
    if not await store.insert_payment(ctx.store, change.payment):
        known = await store.payment(ctx.store, body.payment_id)
        if known is None:
            raise Refused(PAYMENT_IN_PROGRESS, "Wait for the payment that is under way.")
        return _repeated(known, wish, body.order_id, ctx.actor.id)
    assert change.event is not None
    ctx.publish(change.event)
    return Reply(rules.payment_view(change.payment), 202)


async def get_payment(ctx: Context, call: Call) -> Reply:
    """One of the caller's own payments."""
    return Reply(rules.payment_view(await _own_payment(ctx, call.path["payment_id"])))


async def check_payment(ctx: Context, call: Call) -> Reply:
    """Ask how a payment stands whose buyer comes back from their bank or from the provider's page: webhooks may be slower."""
    found = await _waiting(ctx, call.body)
    if found.state != "requires_action":
        return Reply(rules.payment_view(found))
    result = await ctx.port(Providers).get(found.provider, await store.charge_of(ctx, found))
    if not isinstance(result, Unknown | Unseen | RequiresAction):
        await store.settle(ctx, found.payment_id, result)
    return Reply(rules.payment_view(await _now(ctx, found)))


async def abandon_payment(ctx: Context, call: Call) -> Reply:
    """Give up a payment that waits for its buyer, so that the order may be paid another way. What is paid already stays."""
    found = await _waiting(ctx, call.body)
    if found.state in rules.OPEN and found.state != "requires_action":
        raise Refused(PAYMENT_IN_PROGRESS, "Wait for the payment that is under way.")
    if found.state != "requires_action":
        return Reply(rules.payment_view(found))
    providers, charge = ctx.port(Providers), await store.charge_of(ctx, found)
    result = await providers.get(found.provider, charge)
    if isinstance(result, RequiresAction):
        result = await providers.void(found.provider, charge)
    if isinstance(result, Unknown | Unseen):
        raise Refused(UNAVAILABLE, "The payment service does not answer; send the same again in a moment.")
    if isinstance(result, RequiresAction):
        await store.give_up(ctx, found.payment_id)
    else:
        await store.settle(ctx, found.payment_id, result)
    return Reply(rules.payment_view(await _now(ctx, found)))


async def list_cards(ctx: Context, call: Call) -> Reply:
    """The caller's saved cards, the default first."""
    async with ctx.reading() as connection:
        return Reply(_card_list(await store.cards(connection, ctx.actor.id)))


async def save_card(ctx: Context, call: Call) -> Reply:
    """Keep a card. Its bank may want to ask its owner first; after that the same body again says how it stands."""
    body: SaveCard = call.body
    given = _method(ctx, body.provider, body.method)
    async with ctx.reading() as connection:
        known = await store.card(connection, body.card_id)
        others = await store.cards(connection, ctx.actor.id)
    if known is not None and (known.owner_id, known.provider, known.given) != (ctx.actor.id, body.provider, given):
        raise Refused(IDEMPOTENCY_CONFLICT, "A card with this id exists; make a new id for a new card.")
    if known is not None and known.state == "ready":
        return Reply(rules.card_view(known), 201)
    if known is None and len(others) >= CARDS_MAX:
        raise Refused(INVALID_FIELD, f"Remove a card first; this shop keeps {CARDS_MAX} of one person.")
    return await _ask_about_card(ctx, body, known, others)


async def check_card(ctx: Context, call: Call) -> Reply:
    """How a card stands whose owner has been to their bank."""
    card = await _own_card(ctx, call.path["card_id"])
    if card.state == "ready":
        return Reply(rules.card_view(card), 201)
    async with ctx.reading() as connection:
        others = await store.cards(connection, ctx.actor.id)
    body = SaveCard(card_id=card.card_id, method=card.given or None, provider=card.provider, return_path=card.return_path)
    return await _ask_about_card(ctx, body, card, others)


async def make_default_card(ctx: Context, call: Call) -> Reply:
    """This card pays by itself from now on."""
    card = await _own_card(ctx, call.path["card_id"])
    if card.state != "ready":
        raise Refused(INVALID_FIELD, "Confirm this card with its bank first.")
    await store.make_default(ctx.store, ctx.actor.id, card.card_id)
    return Reply(_card_list(await store.cards(ctx.store, ctx.actor.id)))


async def remove_card(ctx: Context, call: Call) -> Reply:
    """Forget a card, here and at the provider."""
    card = await _own_card(ctx, call.path["card_id"])
    if card.state == "ready":
        await ctx.port(Providers).forget_card(card.provider, card.method)
    await store.delete_card(ctx.store, ctx.actor.id, card.card_id)
    return Reply(_card_list(await store.cards(ctx.store, ctx.actor.id)))


async def take_webhook(ctx: Context, call: Call) -> Reply:
    """A provider says that something has happened. What has, is read from the provider; the same webhook again has no effect."""
    name, providers = call.path["provider"], ctx.port(Providers)
    notice = providers.read_webhook(name, call.raw, call.headers, ctx.now_ms)
    async with ctx.reading() as connection:
        if await store.is_copy(connection, name, notice.event_id):
            return Reply()
        found = await _payment_of(connection, name, notice)
        wanted = await store.refund(connection, notice.key) if notice.about == "refund" else None
    if found is None:
        # Another shop of the same account, or a sandbox that was emptied: nothing of ours.
        log.info("a webhook is about nothing of ours", provider=name, event=notice.event_id, about=notice.about)
        return Reply()
    charge = await store.charge_of(ctx, found)
    if wanted is not None:
        wish = RefundWish(wanted.refund_id, wanted.amount, wanted.created_at_ms, wanted.reference)
        refunded = await providers.get_refund(name, charge, wish)
        if await store.first_copy(ctx.store, name, notice.event_id, ctx.now_ms) and not isinstance(refunded, Unseen):
            await store.settle_refund(ctx, wanted.refund_id, refunded)
        return Reply()
    result = Unknown() if notice.dispute is not None else await providers.get(name, charge)
    if notice.dispute is None and isinstance(result, Unknown | Unseen) and found.state not in rules.OPEN:
        # Nobody asks about a decided payment any more, so the news must not be lost: the provider will bring it again.
        raise Refused(UNAVAILABLE, "The object cannot be read now; send the same again.")
    if not await store.first_copy(ctx.store, name, notice.event_id, ctx.now_ms):
        return Reply()
    if notice.dispute is not None:
        await store.settle_dispute(ctx, found.payment_id, notice.dispute)
    elif isinstance(result, Unknown | Unseen):
        await store.ask_now(ctx.store, found.payment_id, ctx.now_ms)
    else:
        await store.settle(ctx, found.payment_id, result, found.wanted)
    return Reply()


async def see_sandbox(ctx: Context, call: Call) -> Reply:
    """What the sandbox's bank asks its customer about."""
    return Reply(await _sandbox_view(ctx, call.path["key"]))


async def confirm_sandbox(ctx: Context, call: Call) -> Reply:
    """The customer's answer to the sandbox's bank."""
    body: ConfirmSandbox = call.body
    view = await _sandbox_view(ctx, call.path["key"])
    bank = ctx.port(Providers).bank
    if bank is None or not await bank.confirm(view.key, body.approve):
        raise Refused(NOT_FOUND, "The bank has no question about this.")
    return Reply(view)


async def _sandbox_view(ctx: Context, key: str) -> SandboxView:
    async with ctx.reading() as connection:
        payment, card = await store.payment(connection, key), await store.card(connection, key)
    if payment is not None and payment.buyer_id == ctx.actor.id and payment.provider == "sandbox":
        return SandboxView(key=key, amount=payment.amount, return_path=payment.return_path)
    if card is not None and card.owner_id == ctx.actor.id and card.provider == "sandbox":
        return SandboxView(key=key, amount=None, return_path=card.return_path)
    raise Refused(NOT_FOUND, "The bank has no question about this.")


async def _ask_about_card(ctx: Context, body: SaveCard, known: Card | None, others: list[Card]) -> Reply:
    path = body.return_path or "/"
    setup = CardSetup(body.card_id, body.method or "", ctx.actor.id, ctx.port(Settings).origin + path)
    result = await ctx.port(Providers).save_card(body.provider, setup)
    match result:
        case CardSaved(card=kept):
            for other in others:
                if (other.provider, other.method, other.state) == (body.provider, kept.method, "ready"):
                    return Reply(rules.card_view(other), 201)
            return await _put_card(ctx, rules.card_of(body, ctx.actor.id, path, ctx.now_ms, kept.method, kept.label))
        case RequiresAction(url=url):
            return await _put_card(ctx, rules.card_of(body, ctx.actor.id, path, ctx.now_ms, action_url=url))
        case Declined() if known is not None:
            # Asked for it again after its owner refused at the bank: no refusal of this request, the card is what failed.
            await store.delete_card(ctx.store, ctx.actor.id, body.card_id)
            return Reply(rules.failed_card_view(known))
        case Declined(reason=reason):
            raise Refused(PAYMENT_DECLINED, "The bank does not allow it; try another card.", reason=reason)
        case _:
            raise Refused(UNAVAILABLE, "The payment service does not answer; send the same again in a moment.")


async def _put_card(ctx: Context, made: Card) -> Reply:
    await store.put_card(ctx.store, made)
    stored = await store.card(ctx.store, made.card_id)
    assert stored is not None, made.card_id
    return Reply(rules.card_view(stored), 201 if stored.state == "ready" else 202)


async def _payment_of(connection: Store, provider: str, notice: Notice) -> Payment | None:
    """The payment that a webhook is about, with or by its refund; only one of this provider."""
    found = None
    if notice.about == "refund" and (refund := await store.refund(connection, notice.key)) is not None:
        found = await store.payment(connection, refund.payment_id)
    elif notice.about != "nothing" and notice.key:
        found = await store.payment(connection, notice.key)
    if found is None and notice.reference:
        found = await store.payment_of_reference(connection, provider, notice.reference)
    return found if found is not None and found.provider == provider else None


async def _wish(ctx: Context, body: PayOrder, order: OrderView) -> Wish:
    path = body.return_path or f"/watch/{order.show_id}"
    if body.method is not None and body.card_id is not None:
        raise Refused(INVALID_FIELD, "Send either `method` or `card_id`.", field="/method")
    if body.card_id is not None:
        card = await _own_card(ctx, body.card_id)
        if card.state != "ready":
            raise Refused(INVALID_FIELD, "Confirm this card with its bank first.", field="/card_id")
        if is_rehearsal(order.show_id):
            if card.provider != rules.SANDBOX:
                raise Refused(NOT_IN_REHEARSAL, TEST_CARD, field="/card_id")
        elif card.provider not in ctx.port(Providers):
            raise Refused(INVALID_FIELD, "This card is of a provider that the shop does not use any more.", field="/card_id")
        return Wish(body.payment_id, card.provider, card.method, return_path=path)
    if is_rehearsal(order.show_id):
        if body.provider != rules.SANDBOX:
            raise Refused(NOT_IN_REHEARSAL, TEST_CARD, field="/provider")
        # A test card that was kept would let its owner bid for real.
        return Wish(body.payment_id, rules.SANDBOX, body.method or rules.SANDBOX_CARD, return_path=path)
    return Wish(body.payment_id, body.provider, _method(ctx, body.provider, body.method), body.save_card, path)


def _method(ctx: Context, name: str, method: str | None) -> str:
    """The token of a card; empty for a provider that asks for the card on its own page."""
    providers = ctx.port(Providers)
    if name not in providers:
        there = ", ".join(providers.names)
        raise Refused(INVALID_FIELD, f"There is no provider {name!r}; this shop has {there}.", field="/provider")
    if method is None and not providers.capabilities(name).hosted_entry:
        text = f"Send `method`, a token of the card: {name!r} does not ask for the card on a page of its own."
        raise Refused(INVALID_FIELD, text, field="/method")
    return method or ""


async def _own_order(ctx: Context, order_id: str) -> OrderView:
    order = await ctx.ask(GetOrder(order_id=order_id))
    if order is None:
        raise Refused(NOT_FOUND, "There is no such order.")
    if order.buyer_id != ctx.actor.id:
        raise Refused(FORBIDDEN, "This is somebody else's order.")
    return order


async def _waiting(ctx: Context, body: WaitingPayment) -> Payment:
    async with ctx.reading() as connection:
        found = await store.payment_of_order(connection, body.order_id)
    if found is None or found.buyer_id != ctx.actor.id:
        raise Refused(NOT_FOUND, "No payment of yours waits for such an order.")
    return found


async def _now(ctx: Context, payment: Payment) -> Payment:
    now = await store.payment(ctx.store, payment.payment_id)
    assert now is not None, payment.payment_id
    return now


async def _own_payment(ctx: Context, payment_id: str) -> Payment:
    async with ctx.reading() as connection:
        found = await store.payment(connection, payment_id)
    if found is None:
        raise Refused(NOT_FOUND, "There is no such payment.")
    if found.buyer_id != ctx.actor.id:
        raise Refused(FORBIDDEN, "This is somebody else's payment.")
    return found


async def _own_card(ctx: Context, card_id: str) -> Card:
    async with ctx.reading() as connection:
        found = await store.card(connection, card_id)
    if found is None or found.owner_id != ctx.actor.id:
        raise Refused(NOT_FOUND, "You have no such card here.")
    return found


def _card_list(cards: list[Card]) -> CardListView:
    return CardListView(cards=[rules.card_view(card) for card in cards])


def _repeated(known: Payment, wish: Wish, order_id: str, buyer_id: str) -> Reply:
    if not rules.is_repetition(known, wish, order_id, buyer_id):
        raise Refused(IDEMPOTENCY_CONFLICT, "A payment with this id exists; make a new id for a new payment.")
    return Reply(rules.payment_view(known), 202)


ROUTES = (
    Endpoint("POST", "/api/payments", pay_order, "guest", "Begin to pay an order", body=PayOrder, view=PaymentView, status=202),
    Endpoint("GET", "/api/payments/providers", list_providers, "anyone", "How one can pay here", view=ProvidersView),
    Endpoint(
        "POST",
        "/api/payments/check",
        check_payment,
        "guest",
        "Ask how a payment stands after its buyer was at the bank",
        body=WaitingPayment,
        view=PaymentView,
    ),
    Endpoint(
        "POST",
        "/api/payments/abandon",
        abandon_payment,
        "guest",
        "Give up a payment that waits for its buyer",
        body=WaitingPayment,
        view=PaymentView,
    ),
    Endpoint("GET", "/api/payments/cards", list_cards, "guest", "List one's own saved cards", view=CardListView),
    Endpoint(
        "POST",
        "/api/payments/cards",
        save_card,
        "guest",
        "Keep a card for bids and quick purchases",
        body=SaveCard,
        view=CardView,
        status=201,
    ),
    Endpoint(
        "POST",
        "/api/payments/cards/{card_id}/default",
        make_default_card,
        "guest",
        "Let a saved card pay by itself",
        view=CardListView,
    ),
    Endpoint(
        "POST",
        "/api/payments/cards/{card_id}/check",
        check_card,
        "guest",
        "Ask how a card stands after its owner was at the bank",
        view=CardView,
    ),
    Endpoint("DELETE", "/api/payments/cards/{card_id}", remove_card, "guest", "Forget a saved card", view=CardListView),
    Endpoint(
        "POST", "/api/payments/webhooks/{provider}", take_webhook, "anyone", "Take a webhook of a payment provider", raw=RawBody()
    ),
    Endpoint("GET", "/api/payments/sandbox/{key}", see_sandbox, "guest", "What the sandbox's bank asks about", view=SandboxView),
    Endpoint(
        "POST",
        "/api/payments/sandbox/{key}",
        confirm_sandbox,
        "guest",
        "Answer the sandbox's bank",
        body=ConfirmSandbox,
        view=SandboxView,
    ),
    Endpoint("GET", "/api/payments/{payment_id}", get_payment, "guest", "Get one's own payment", view=PaymentView),
)
