"""Which providers this installation has, by its settings."""

from redis.asyncio import Redis

from server.kernel.clock import Clock
from server.kernel.config import Settings
from server.kernel.errors import SetupError
from server.modules.payments.adapters import PaymentProvider, Providers
from server.modules.payments.adapters.sandbox import Sandbox
from server.modules.payments.adapters.yookassa import YooKassa


def build_providers(settings: Settings, redis: Redis, clock: Clock) -> Providers:
    """The providers that are set up, and the sandbox for rehearsals.

    Raises:
        SetupError: a provider lacks a setting or its library.
    """
    hook_url = f"{settings.local_url}/api/payments/webhooks/sandbox"
    bank = Sandbox(redis, clock, secret=settings.internal_secret, origin=settings.origin, hook_url=hook_url)
    providers: dict[str, PaymentProvider] = {"sandbox": bank}
    for name in settings.payment_provider_list:
        if name == "stripe":
            providers[name] = _stripe(settings)
        elif name == "yookassa":
            providers[name] = YooKassa(
                settings.yookassa_shop_id,
                settings.yookassa_secret_key,
                api_url=settings.yookassa_api_url,
                vat_code=settings.receipt_vat_code,
                contact=settings.yookassa_receipt_contact,
            )
    return Providers(providers, bank, settings.payment_provider_list)


def _stripe(settings: Settings) -> PaymentProvider:
    if not settings.stripe_webhook_secret:
        raise SetupError("set STRIPE_WEBHOOK_SECRET to the signing secret of the webhook, or unset STRIPE_API_KEY")
    try:
        from server.modules.payments.adapters.stripe import Stripe
    except ModuleNotFoundError as error:
        raise SetupError("STRIPE_API_KEY is set: install Stripe's library too (pip install 'efir[stripe]')") from error
    return Stripe(settings.stripe_api_key, settings.stripe_webhook_secret, api_url=settings.stripe_api_url)
