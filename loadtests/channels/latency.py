"""Delay of chat: from the time at which a line was due to its receipt, over websockets both ways, while the chat is lively."""

import asyncio

from loadtests.channels.bench import Bench
from loadtests.channels.talk import talk

SIZES, QUICK_SIZES = (200, 2_000), (200,)
PER_S = 20.0
WINDOW_S, QUICK_WINDOW_S = 12.0, 3.0
SETTLE_S = 0.5


async def measure(bench: Bench, quick: bool) -> dict[str, float]:
    """p50, p99 and p99.9 in milliseconds at each size, with 20 lines a second, and what the web process did for it; `chat_p99_ms`
    is that of the largest size."""
    sizes, window_s = (QUICK_SIZES, QUICK_WINDOW_S) if quick else (SIZES, WINDOW_S)
    figures: dict[str, float] = {}
    for size in sizes:
        node, crowd = await bench.hall(size)
        await bench.talkers()
        await asyncio.sleep(SETTLE_S)
        await crowd.ask("clear")
        before, cpu_s = await node.stats(), node.child.cpu_s()
        said = await talk(bench, per_s=PER_S, seconds=window_s)
        report = await crowd.delivered(said * size)
        cpu_s, after = node.child.cpu_s() - cpu_s, await node.stats()
        for name, share in (("p50", 0.5), ("p99", 0.99), ("p999", 0.999)):
            figures[f"chat_{name}_ms_{size}_viewers"] = report.delays.percentile_ms(share)
        figures[f"chat_messages_per_s_{size}_viewers"] = (after["frames"] - before["frames"]) / window_s
        figures[f"chat_flushes_per_s_{size}_viewers"] = (after["writes"] - before["writes"]) / window_s
        figures[f"chat_load_{size}_viewers"] = cpu_s / window_s
    return {**figures, "chat_p99_ms": figures[f"chat_p99_ms_{sizes[-1]}_viewers"]}
