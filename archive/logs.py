"""Logging to stderr: text for people where it is a terminal, one JSON object a line otherwise; secrets masked.

Takes   what archive.events.emit and the libraries log. Writes: stderr.
"""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, Final

from .errors import UsageError
from .steering import CONTROL, steerless

LEVELS: Final = ("debug", "info", "warning", "error")
MASK: Final = "[secret]"
_SHORTEST_SECRET: Final = 4  # a shorter one would mask letters of every word, and protects nothing


class Masking(logging.Formatter):
    """A formatter that lets no secret through, whatever part of a record it is in."""

    def __init__(self) -> None:
        super().__init__()
        self._secrets: set[str] = set()

    def learn(self, secrets: Iterable[str]) -> None:
        """Mask these from now on."""
        self._secrets |= {secret for secret in secrets if len(secret) >= _SHORTEST_SECRET}

    def mask(self, text: str) -> str:
        """Put a mark in the place of every secret, the longest first."""
        for secret in sorted(self._secrets, key=len, reverse=True):
            text = text.replace(secret, MASK)
        return text

    def masked(self, value: Any) -> Any:
        """Mask every text in a value, before it is written in a way that may escape what a secret is made of."""
        if isinstance(value, str):
            return self.mask(value)
        if isinstance(value, dict):
            return {self.masked(key): self.masked(one) for key, one in value.items()}
        if isinstance(value, list | tuple | set | frozenset):
            return [self.masked(one) for one in value]
        return value

    def told(self, record: logging.LogRecord) -> dict[str, Any]:
        """Give the parts of a record: its event and fields, or a library's message."""
        event = getattr(record, "event", None)
        told: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            "logger": record.name,
            **({"event": event} if event else {"message": record.getMessage()}),
            **getattr(record, "fields", {}),
        }
        if record.exc_info:
            told["traceback"] = self.formatException(record.exc_info)
        return told


class JsonLines(Masking):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        """Write a record."""
        told = self.masked(self.told(record))
        return steerless(json.dumps(told, ensure_ascii=False, default=lambda value: self.mask(str(value))))


class People(Masking):
    """A line for people: time, event, its fields."""

    def format(self, record: logging.LogRecord) -> str:
        """Write a record."""
        time = datetime.fromtimestamp(record.created).astimezone().strftime("%H:%M:%S")
        what = getattr(record, "event", None) or f"{record.name}: {record.getMessage()}"
        fields = "  ".join(f"{key}={value}" for key, value in self.masked(getattr(record, "fields", {})).items())
        trace = "\n" + self.formatException(record.exc_info) if record.exc_info else ""
        told = f"{what}  {fields}".rstrip().replace("\n", "\\n")
        line = self.mask(f"{time} {record.levelname.lower():7} {told}{trace}")
        return CONTROL.sub(lambda match: f"\\u{ord(match[0]):04x}", line)


def set_up(level: str | None, *, debug: bool = False) -> None:
    """Send the log to stderr from that level on; None keeps it silent, so that an error stays the only line there.

    level: one of LEVELS. Raises UsageError for another level.
    """
    if level is not None and level.lower() not in LEVELS:
        raise UsageError(
            f"LIANZAI_LOG: expected one of {', '.join(LEVELS)}, found {level!r}", action="unset LIANZAI_LOG"
        )
    formatter: Masking = People() if sys.stderr.isatty() else JsonLines()
    handler: logging.Handler = logging.StreamHandler(sys.stderr)
    root = logging.getLogger()
    wanted = "debug" if debug else level
    if wanted is None:
        handler = logging.NullHandler()
    handler.setFormatter(formatter)
    root.handlers[:] = [handler]
    root.setLevel((wanted or "warning").upper())


def keep_secret(secrets: Iterable[str]) -> None:
    """Mask these in all log lines from now on: the secrets of a profile, once it is read."""
    told = list(secrets)
    for handler in logging.getLogger().handlers:
        if isinstance(handler.formatter, Masking):
            handler.formatter.learn(told)
