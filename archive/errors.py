"""What can go wrong, what the user does next, and the exit code that says so.

LianzaiError                 1
├── UsageError               2  bad usage, configuration or profile
│   ├── ProfileError         2  a profile that cannot be used; names file, line, key
│   ├── NotFoundError        2  an unknown series or article; offers the nearest names
│   └── HomeError            2  a home that cannot be made, read or written, or is of a newer lianzai
├── PartialError             3  done, but something failed
├── IntegrityError           4  something kept is damaged
│   └── WarcError            4  a WARC that breaks its own grammar; names file and offset
├── ServiceError             5  a needed service cannot be reached
│   ├── SiteError            5  the newspaper's site
│   ├── StoreError           5  the object store, or what it refuses
│   └── BusyError            5  the series is being crawled by another process; names the holder
└── DiskError                3  the disk is full or refuses to write; everything kept before it is safe
"""

from __future__ import annotations


class LianzaiError(Exception):
    """Any error that lianzai foresees.

    message: place, what was expected, what was found. action: what to do next, a command that exists where there is one.
    """

    exit_code = 1

    def __init__(self, message: str, *, action: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.action = action

    def __str__(self) -> str:
        return f"{self.message}; try: {self.action}" if self.action else self.message


class UsageError(LianzaiError):
    """The command, its arguments or the configuration cannot be used."""

    exit_code = 2


class ProfileError(UsageError):
    """A profile is wrong; the message names file, line where known, key and what is allowed."""


class NotFoundError(UsageError):
    """No series or article of that name; the message offers the nearest ones."""


class HomeError(UsageError):
    """The home cannot be made, read or written, or belongs to a newer lianzai."""


class PartialError(LianzaiError):
    """Done, but something failed; the report names it."""

    exit_code = 3


class DiskError(LianzaiError):
    """The disk is full or refuses to write. What was kept before is safe."""

    exit_code = 3


class IntegrityError(LianzaiError):
    """Something kept is damaged."""

    exit_code = 4


class WarcError(IntegrityError):
    """A WARC breaks its own grammar; the message names file and offset."""


class ServiceError(LianzaiError):
    """A needed service (site, store, database) cannot be reached."""

    exit_code = 5


class SiteError(ServiceError):
    """The newspaper's site cannot be reached."""


class StoreError(ServiceError):
    """The object store cannot be reached, or refuses.

    passing: may be otherwise in a moment, so that it is tried again. whole: meets every object alike, so that no other is tried.
    """

    def __init__(self, message: str, *, action: str | None = None, passing: bool = False, whole: bool = False) -> None:
        super().__init__(message, action=action)
        self.passing = passing
        self.whole = whole


class BusyError(ServiceError):
    """Another process crawls this series; the message names it."""
