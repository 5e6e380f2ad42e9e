"""Structured logs: one line `time level logger message key=value …` on standard error."""

import logging
import sys
from types import TracebackType
from typing import Any

ExcInfo = BaseException | bool | tuple[type[BaseException], BaseException, TracebackType | None] | None


class Logger:
    """A logger whose keyword arguments become `key=value` behind the message."""

    def __init__(self, name: str) -> None:
        self._logger = logging.getLogger(name)

    def debug(self, message: str, **fields: object) -> None:
        self._write(logging.DEBUG, message, fields)

    def info(self, message: str, **fields: object) -> None:
        self._write(logging.INFO, message, fields)

    def warning(self, message: str, **fields: object) -> None:
        self._write(logging.WARNING, message, fields)

    def error(self, message: str, exc_info: ExcInfo = None, **fields: object) -> None:
        self._write(logging.ERROR, message, fields, exc_info)

    def exception(self, message: str, **fields: object) -> None:
        """An error with the traceback of the exception that is being handled."""
        self._write(logging.ERROR, message, fields, True)

    def _write(self, level: int, message: str, fields: dict[str, Any], exc_info: ExcInfo = None) -> None:
        if self._logger.isEnabledFor(level):
            tail = "".join(f" {key}={_field(value)}" for key, value in fields.items())
            self._logger.log(level, "%s%s", message, tail, exc_info=exc_info)


def get_logger(name: str) -> Logger:
    """The logger of a module."""
    return Logger(name)


def configure(role: str, level: str = "INFO") -> None:
    """Send all logs of this process to standard error, marked with its role."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter(f"%(asctime)s %(levelname)-7s {role} %(name)s %(message)s"))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    # aioice and httpx log every candidate and request at INFO, alembic each plugin, uvicorn every websocket.
    for noisy in ("aioice", "aiortc", "alembic.runtime.plugins", "httpcore", "httpx", "uvicorn.access", "uvicorn.error"):
        logging.getLogger(noisy).setLevel(logging.WARNING)


def _field(value: object) -> str:
    text = str(value)
    return repr(text) if " " in text or "\n" in text else text
