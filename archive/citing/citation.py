"""What a citation names, whatever its format.

Takes   a connection, a name of an article, a revision, the address of the reading room.
Gives   a Citation.
Writes  nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from urllib.parse import urlsplit

from .. import views
from ..errors import UsageError
from ..ledger import exported, queries, shelf
from ..ledger.queries import Connection
from ..ledger.rows import time_of

# What no address may hold; as the replay spells its links.
_UNFIT: Final = re.compile(r"[^\x21\x23-\x3b\x3d\x3f-\x5b\x5d\x5f\x61-\x7a\x7c\x7e]")
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff\s]+")


@dataclass(frozen=True, slots=True)
class Citation:
    """One revision of an article, to be cited.

    published: parts of the day as the newspaper dates it, (year, month, day), () where not known. newspaper: source as printed,
    else the publisher by the profile. series: title. url: original address. captured: of the record. digest: of its payload.
    room: address of the reading room, None where not given. version: address of the capture there, without `room` its path.
    Texts are on one line, without control characters.
    """

    id: str
    revision: int
    title: str
    authors: tuple[str, ...]
    editor: str | None
    published: tuple[int, ...]
    newspaper: str | None
    series: str
    position: int | None
    language: str
    url: str
    captured: datetime
    record: str
    digest: str
    room: str | None
    version: str

    @property
    def archived(self) -> str:
        """The address of the capture in the reading room; "" where that is not known."""
        return self.version if self.room else ""

    @property
    def note(self) -> str:
        """What proves the text, in words that every format can hold."""
        moment = f"{self.captured:%Y-%m-%dT%H:%M:%SZ}"
        told = f"Archived {moment} as WARC record {self.record}, payload {self.digest}, revision {self.revision} of {self.id}"
        return f"{told}; {self.archived}" if self.archived else told


def cited(connection: Connection, wanted: str, number: int | None = None, room: str | None = None) -> Citation:
    """Look up what is cited. number: of the revision; None: the one that is shown. room: http(s)://… of the reading room.

    Raises NotFoundError for an unknown article or revision, UsageError for one never captured or a room that is no address.
    """
    base = None if room is None else _base(room)
    name = views.resolve(connection, wanted)
    shown = views.show(connection, name, number)
    row = queries.article(connection, name) or {}
    record = shown["provenance"]
    if record["record_id"] is None:
        raise UsageError(f"{name}: was never captured, so there is nothing to cite", action=f"lianzai show {name}")
    kept = queries.revision(connection, name, row["shown"] if number is None else number) or {}
    about = exported.described(connection, shown["series"]) or {}
    reading = kept["reading"]
    captured = time_of(record["fetched"] or _heard(shown))
    seen = _seen(connection, shown, record["target_uri"])
    path = f"/web/{captured:%Y%m%d%H%M%S}/{_address(seen)}"
    published = reading.get("published_local") or shown["published"] or ""
    return Citation(
        id=name,
        revision=kept["number"],
        title=_line(shown["title"]) or name,
        authors=tuple(filter(None, (_line(one["name"]) for one in shown["authors"]))),
        editor=_line(shown["editor"]) or None,
        published=tuple(int(part) for part in published[:10].split("-")) if published else (),
        newspaper=_line(shown["source"]) or _line(about["publisher"]) or None,
        series=_line(about["title"]) or shown["series"],
        position=shown["position"],
        language=reading.get("language") or _line(about["language"]) or "zh",
        url=_address(shown["url"]),
        captured=captured,
        record=record["record_id"],
        digest=record["digest"] or "",
        room=base,
        version=(base or "") + path,
    )


def _heard(shown: views.Row) -> str:
    """Give the time of a revision whose record is not in the ledger: that of its newest witness."""
    times = [one["captured"] for one in shown["witnesses"] if one["captured"]]
    if not times:
        raise UsageError(f"{shown['id']}: no record tells when it was captured", action="lianzai rebuild")
    return str(max(times))


def _seen(connection: Connection, shown: views.Row, target: str | None) -> str:
    """Give the address at which a reader sees the article: its page where that was captured, else what it was read from."""
    places = [one for one in (shown["url"], *shown["variants"], target) if one]
    there = shelf.captures_at(connection, places)
    return str(next((one for one in places if one in there), target or shown["url"]))


def _base(room: str) -> str:
    parts = urlsplit(room)
    if (
        parts.scheme not in ("http", "https")
        or not parts.hostname
        or parts.query
        or parts.fragment
        or _UNFIT.search(room)
    ):
        raise UsageError(
            f"--room {room!r}: expected the address of a reading room", action="--room http://127.0.0.1:8080"
        )
    return room.rstrip("/")


def _address(url: str) -> str:
    """Spell an address so that it can stand anywhere: ASCII, without blanks, quotes or brackets."""
    return _UNFIT.sub(lambda match: "".join(f"%{octet:02X}" for octet in match[0].encode("utf-8", "replace")), url)


def _line(text: str | None) -> str:
    return _CONTROL.sub(" ", text or "").strip()
