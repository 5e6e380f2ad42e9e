"""Notifications: what people asked to be told, in their inbox and on their devices.

Owns      notifications_follows, notifications_reminders, notifications_items, notifications_reads, notifications_fanouts,
          notifications_subscriptions, notifications_keys, notifications_deliveries, notifications_choices
Decides   who hears of a show: followers when it starts, who asked for it ten minutes before as well; an unlisted show is told to
          who asked for it only. How long a push is worth being sent, and when a failed one is tried again.
Promises  the same notification is in an inbox once; a show with many followers holds nobody up; a push is sent at least once
          while it is worth it, or the browser is gone; nothing is sent to addresses that are not public.
"""

from schemas.events.accounts import ActorErased
from schemas.events.notifications import HostFollowed, HostUnfollowed
from schemas.events.orders import OrderCancelled, OrderConfirmed, OrderShipped
from schemas.events.payments import PaymentRefunded
from schemas.events.questions import QuestionAnswered
from schemas.events.shows import ShowChanged, ShowEnded, ShowScheduled, ShowStarted
from schemas.requests.accounts import CollectPersonalData
from schemas.requests.notifications import IsFollowing, Notify
from schemas.requests.orders import GetOrder
from schemas.requests.shows import GetShow
from server.kernel.config import Settings
from server.kernel.module import Module, answer, every_ms, on
from server.modules.notifications import handlers, jobs, routes
from server.modules.notifications.adapters import PushSender
from server.modules.notifications.adapters.words import PushWords
from server.modules.notifications.channel import InboxChannel

MODULE = Module(
    name="notifications",
    consumes=(
        on(ShowScheduled, handlers.show_scheduled),
        on(ShowChanged, handlers.show_changed),
        on(ShowStarted, handlers.show_started),
        on(ShowEnded, handlers.show_ended),
        on(OrderConfirmed, handlers.order_confirmed),
        on(OrderCancelled, handlers.order_cancelled),
        on(OrderShipped, handlers.order_shipped),
        on(PaymentRefunded, handlers.payment_refunded),
        on(QuestionAnswered, handlers.question_answered),
        on(ActorErased, handlers.erase),
    ),
    emits=(HostFollowed, HostUnfollowed),
    answers=(answer(IsFollowing, handlers.is_following), answer(Notify, handlers.notify)),
    asks=(GetOrder, GetShow),
    channels=(InboxChannel(),),
    contributes=(answer(CollectPersonalData, handlers.collect),),
    routes=routes.ROUTES,
    # 10,000 followers are told within five seconds; when there is nothing to do each looks at one index.
    jobs=(every_ms(250, jobs.fan_out), every_ms(500, jobs.deliver), every_ms(3_600_000, jobs.forget)),
    ports=(PushSender, PushWords, Settings),
)
