"""What goes wrong between us and a payment service: requests that get lost, work that is done without an answer, nonsense."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Literal

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

Fault = Literal["refused", "busy", "garbage", "failed_after", "silent_after", "lost_after"]
"""`refused` and `busy` do nothing; the `…_after` do the work and then answer 500, nothing, or a page of some proxy."""

FAULTS: tuple[Fault, ...] = ("refused", "busy", "garbage", "failed_after", "silent_after", "lost_after")


@dataclass
class Line:
    """The way to a fake service. `faults` are used up one per writing request; `arrived` counts what came through."""

    faults: deque[Fault] = field(default_factory=deque)
    arrived: int = 0

    async def through(self, request: Request, work: Callable[[Request], Awaitable[Response]]) -> Response:
        """The answer of the service, or what becomes of it on the way."""
        fault = self.faults.popleft() if self.faults and request.method == "POST" else None
        match fault:
            case "refused":
                return JSONResponse({"error": {"type": "api_error"}, "code": "internal_server_error"}, 503)
            case "busy":
                return JSONResponse({"error": {"type": "invalid_request_error"}, "code": "too_many_requests"}, 429)
            case "garbage":
                return PlainTextResponse("<html>Bad gateway</html>", 502)
        self.arrived += 1
        answer = await work(request)
        match fault:
            case "failed_after":
                return JSONResponse({"error": {"type": "api_error"}, "code": "internal_server_error"}, 500)
            case "silent_after":
                await asyncio.Event().wait()
            case "lost_after":
                return PlainTextResponse("<html>Bad gateway</html>", 502)
        return answer
