"""Which providers this installation has, by its settings."""

from redis.asyncio import Redis

from server.kernel.clock import Clock
from server.kernel.config import Settings
from server.modules.payments.adapters import PaymentProvider, Providers
from server.modules.payments.adapters.sandbox import Sandbox


def build_providers(settings: Settings, redis: Redis, clock: Clock) -> Providers:
    """The providers that are set up.

    Raises:
        SetupError: a provider lacks a setting or its library.
    """
    providers: dict[str, PaymentProvider] = {}
    bank = Sandbox(
        redis,
        clock,
        secret=settings.internal_secret,
        origin=settings.origin,
        hook_url=f"{settings.local_url}/api/payments/webhooks/sandbox",
    )
    providers["sandbox"] = bank
    return Providers(providers, bank)
