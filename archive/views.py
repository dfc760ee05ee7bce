"""The JSON of the contract for what a home knows: status, articles, show, diff, history.

Takes   a connection of the ledger, the home, what is asked. Gives: plain dicts with the contract's keys in its order.
Writes  nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from functools import cache, partial
from itertools import pairwise
from typing import Any

from .config import NextFire
from .diff import differences
from .errors import NotFoundError, UsageError
from .home import Home
from .http import rest_stands
from .ledger import objects, queries
from .ledger.queries import Connection
from .ledger.rows import json_time, time_of, time_text
from .ledger.standing import broken_runs
from .store import default_url

Row = dict[str, Any]
_GAPS = 3  # below three gaps a median says nothing
_PROVENANCE = ("warc", "record_id", "offset", "length", "target_uri", "fetched", "digest", "cleaner")


# ------------------------------------------------------------------------------------------------------------- status


def status(connection: Connection, home: Home, *, now: datetime, next_fire: NextFire, wanted: str | None = None) -> Row:
    """Tell completeness and health of each series, or of one. Raises NotFoundError for an unknown one.

    `refused`: what the service found wrong with profiles, also of series that the ledger does not know yet.
    """
    rows = queries.standings(connection, wanted)
    told = home.told_by_service()
    if wanted is not None and not rows:
        if wanted in told.get("refused", {}):
            raise NotFoundError(f"{wanted}: its profile is refused: {told['refused'][wanted]}", action="mend that file")
        raise unknown_series(connection, wanted)
    counts, held = queries.counts(connection, wanted), queries.held(connection, wanted)
    runs, published = queries.last_runs(connection, wanted), queries.publications(connection, wanted)
    nothing: Row = {}
    usual, there = default_url(home), objects.held_warcs(connection, wanted)
    crawled, broken = home.crawled(row["id"] for row in rows), broken_runs(connection, wanted)
    profiles, refused = home.kept_profiles(), told.get("refused", {})
    waiting = frozenset(told.get("waiting", ()))
    next_of = cache(partial(_next_fire, now, next_fire))  # thousands of series share some hundred schedules
    return {
        "series": [
            {
                "id": row["id"],
                "title": row["title"],
                "expected": row["expected"],
                **{
                    name: counts.get(row["id"], nothing).get(name, 0)
                    for name in ("found", "captured", "revised", "withdrawn", "failed")
                },
                "missing": row["missing"],
                "complete": row["complete"],
                "overdue": overdue(row["complete"], published.get(row["id"], []), row["cadence_s"], now),
                "paused": row["paused"],
                "running": row["id"] in crawled,
                "last_run": json_time(runs.get(row["id"], nothing).get("last_run")),
                "last_ok": json_time(runs.get(row["id"], nothing).get("last_ok")),
                "next_run": _next_run(row, next_of, blocked := _blocked_until(row, now, told), refused),
                "blocked_until": None if blocked is None else time_text(blocked)[:19] + "Z",
                "pending_uploads": _pending(
                    row, usual, held.get(row["id"], nothing).get("files", 0), there.get(row["id"], nothing)
                ),
                "bytes": int(held.get(row["id"], nothing).get("bytes", 0)),
                "progress": _progress(home, row["id"], told, now) if row["id"] in crawled else None,
                "waiting": row["id"] in waiting,
                "trouble": _trouble(
                    row["id"],
                    told,
                    None if row["id"] in crawled else broken.get(row["id"]),
                    runs.get(row["id"], nothing).get("last_ok"),
                ),
                "profile_gone": bool(row["kept"]) and row["id"] not in profiles,
            }
            for row in rows
        ],
        "refused": refused if wanted is None else {},
    }


def _progress(home: Home, series: str, told: Row, now: datetime) -> Row:
    """Tell how far a crawl is that goes on now: `until` is when the service would end it; None where it is by hand.

    waits: {"host", "until"} where it waits for a host, as that wants it; until is None where others of the home ask it.
    """
    holder = home.holder(series)
    until = told.get("running", {}).get(series, {}).get("until")
    return {
        "started": holder.get("started", "").replace("+00:00", "Z") or None,
        "done": holder.get("done"),
        "waiting": holder.get("waiting"),
        "bytes": holder.get("bytes"),
        "until": None if until is None else _moment(until),
        "waits": _wait(holder.get("waits"), now),
    }


def _wait(told: Row | None, now: datetime) -> Row | None:
    """Give the wait of a crawl where it is not over."""
    if told is None or (told["until"] is not None and told["until"] <= now.timestamp()):
        return None
    return {"host": told["host"], "until": None if told["until"] is None else _moment(told["until"])}


def _moment(seconds: float) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%SZ}"


def _trouble(series: str, told: Row, broken: Row | None, last_ok: str | None) -> Row | None:
    """Tell why the service cannot run a series, or how its last run went wrong; None where nothing is known.

    told: by the service, which alone knows of runs that crashed or hung, and not of those by hand. broken: the last run by the
    ledger, where it went wrong. last_ok: start of the last good one.
    """
    if series in told.get("refused", {}):
        return {"reason": "profile", "detail": told["refused"][series], "since": None}
    failing = told.get("failing", {}).get(series)
    if failing is not None and (last_ok is None or time_of(last_ok) < time_of(failing["at"])):
        since = failing["at"] if broken is None else json_time(broken["since"])
        return {"reason": failing["reason"], "detail": failing["detail"], "since": since}
    if broken is None:
        return None
    return {"reason": broken["reason"], "detail": broken["detail"], "since": json_time(broken["since"])}


def overdue(complete: bool | None, published: list[str], cadence_s: int | None, now: datetime) -> bool | None:
    """Say whether a new instalment is late: later than the cadence, or than 3 times the median gap.

    published: days or times of the instalments, oldest first. Several on one day are one publication; a day without a
    time counts from its end (UTC), so that nothing is late early. Returns None where neither is known, False for a
    complete series. Source: CONTRACT, `status`.
    """
    if complete:
        return False
    if not published:
        return None
    days = sorted({date.fromisoformat(one[:10]) for one in published})
    gaps = [(later - earlier).days for earlier, later in pairwise(days)]
    if cadence_s is not None:
        longest = timedelta(seconds=cadence_s)
    elif len(gaps) >= _GAPS:
        from statistics import median  # it takes a tenth of what `status` may take

        longest = 3 * timedelta(days=median(gaps))
    else:
        return None
    return now - _latest(published[-1]) > longest


def _latest(published: str) -> datetime:
    """Give the last moment that a day or time can mean."""
    if len(published) == len("2018-08-30"):
        return datetime.fromisoformat(published).replace(tzinfo=UTC) + timedelta(days=1)
    return datetime.fromisoformat(published)


def _blocked_until(row: Row, now: datetime, told: Row) -> datetime | None:
    """Tell up to when the site wants to be left alone, by the series' records or by what the service knows of its host."""
    at_service = told.get("blocked", {}).get(row["id"])
    known = [time_of(one) for one in (row["blocked_until"], at_service) if one is not None]
    return max((one for one in known if rest_stands(one, now)), default=None)


def _next_fire(now: datetime, next_fire: NextFire, schedule: str, timezone: str | None) -> datetime | None:
    return next_fire(schedule, timezone, now)


def _next_run(
    row: Row, next_of: Callable[[str, str | None], datetime | None], blocked: datetime | None, refused: Row
) -> str | None:
    """Tell when the service runs a series next; what fires while the site wants to be left alone waits until then."""
    if not row["schedule"] or not row["kept"] or row["paused"] or row["id"] in refused:
        return None
    due = next_of(row["schedule"], row["timezone"])
    if due is not None and blocked is not None:
        due = max(due, blocked)
    return None if due is None else due.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _pending(row: Row, usual: str | None, files: int, there: Mapping[str, int]) -> int | None:
    """Count the closed WARCs that the store of a series lacks; None without a store. usual: the store of config.toml."""
    url = row["store"] or usual
    return objects.pending(files, url, there) if url else None


# ----------------------------------------------------------------------------------------------------------- articles


def articles(connection: Connection, wanted: str) -> list[Row]:
    """List the instalments of a series in its order. Raises NotFoundError for an unknown series."""
    if not queries.series(connection, wanted):
        raise unknown_series(connection, wanted)
    return [_article(row) for row in queries.articles(connection, wanted)]


def show(connection: Connection, wanted: str, number: int | None = None) -> Row:
    """Tell all of one article, as of the revision shown or of one. Raises NotFoundError where there is none."""
    row = _found(connection, wanted)
    if number is None and row["revisions"] == 0:
        return document(row, None) | {"parts": queries.parts(connection, row["id"])}
    asked = row["shown"] if number is None else number
    kept = queries.revision(connection, row["id"], asked)
    if kept is None:
        raise _no_revision(row, asked)
    return document(row, kept) | {"parts": queries.parts(connection, row["id"])}


def document(row: Row, revision: Row | None) -> Row:
    """Make what `show` gives of an article's row and a revision's, or of an article never captured (None)."""
    reading: Row = revision["reading"] if revision else {}
    shown = _article(row)
    if revision:
        shown |= {
            "title": reading["title"] or row["title"],
            "published": reading["published"] or row["published"],
            # Those of the list are of the article as it is, and of no earlier revision.
            "authors": reading["authors"] or (row["authors"] if revision["number"] == row["shown"] else []),
            "text_sha256": revision["text_sha256"],
        }
    own_date = reading.get("published") is not None
    return shown | {
        "series": row["series"],
        "source": reading.get("source"),
        "editor": reading.get("editor"),
        "editors_note": reading.get("editors_note", []),
        "highlights": reading.get("highlights", []),
        "body": reading.get("body", []),
        "text": reading.get("text"),
        "images": reading.get("images", []),
        "published_precision": reading["published_precision"] if own_date else row["published_precision"],
        "repairs": reading.get("repairs", []),
        "provenance": _provenance(revision) if revision else dict.fromkeys(_PROVENANCE),
        "witnesses": [_witness(one) for one in revision["witnesses"]] if revision else [],
    }


def _article(row: Row) -> Row:
    return {
        "id": row["id"],
        "position": row["position"],
        "subject": row["subject"],
        "title": row["title"],
        "url": row["url"],
        "published": row["published"],
        "authors": row["authors"],
        "state": row["state"],
        "origin": row["origin"],
        "revisions": row["revisions"],
        "captured": json_time(row["captured"]),
        "last_checked": json_time(row["last_checked"]),
        "variants": row["variants"],
        "text_sha256": row["text_sha256"],
    }


def _provenance(revision: Row) -> Row:
    file = revision["capture_file"]
    return {
        "warc": None if file is None else f"warc/{revision['capture_series']}/{file}",
        "record_id": revision["record_id"],
        "offset": revision["capture_offset"],
        "length": revision["capture_length"],
        "target_uri": revision["capture_url"],
        "fetched": json_time(revision["capture_fetched"]),
        "digest": revision["capture_digest"],
        "cleaner": revision["reading"]["cleaner"],
    }


def _witness(witness: Row) -> Row:
    return {
        "origin": witness["origin"],
        "uri": witness["uri"],
        "captured": json_time(witness["captured"]),
        "digest": witness["digest"],
    }


# --------------------------------------------------------------------------------------------------- diff and history


def diff(connection: Connection, wanted: str, a: int | None = None, b: int | None = None) -> Row:
    """Tell what changed between two revisions of an article, by default the last two in time.

    Raises NotFoundError for an unknown article or revision, UsageError where there is nothing to compare with.
    """
    row = _found(connection, wanted)
    if a is None or b is None:
        a, b = queries.before_shown(connection, row), row["shown"]
        if a is None:
            found = "has one revision only" if row["revisions"] else "was never captured"
            raise UsageError(f"{row['id']}: {found}, nothing to compare", action=f"lianzai show {row['id']}")
    was, now = (show(connection, row["id"], number) for number in (a, b))
    return {"article": row["id"], "a": a, "b": b, "fields": differences(was, now)}


def history(connection: Connection, wanted: str, since: datetime | None = None) -> list[Row]:
    """Tell the events of a series, oldest first. Raises NotFoundError for an unknown series."""
    if not queries.series(connection, wanted):
        raise unknown_series(connection, wanted)
    return [
        {
            "at": json_time(row["at"]),
            "kind": row["kind"],
            "article": row["article"],
            "fields": row["fields"],
            "from": row["start"],
            "to": row["end"],
            "evidence": row["evidence"],
        }
        for row in queries.events(connection, wanted, since=None if since is None else time_text(since))
    ]


# ------------------------------------------------------------------------------------------------ what a name stands for


def resolve(connection: Connection, wanted: str) -> str:
    """Find the article that a person means: an id or its unique beginning, a URL, SERIES/SUBJECT or SERIES/POSITION.

    Returns its id. Raises NotFoundError with the nearest names, or with the candidates where several are meant.
    """
    found = _candidates(connection, wanted)
    if len(found) == 1:
        return found[0]
    if found:
        raise NotFoundError(f"{wanted!r} means several articles: {', '.join(found)}", action="one of these ids")
    raise _unknown_article(connection, wanted)


def _candidates(connection: Connection, wanted: str) -> list[str]:
    if "://" in wanted:
        return queries.ids_at(connection, _spellings(wanted))
    if "/" in wanted:
        name, _, rest = wanted.partition("/")
        return queries.ids_of(connection, name, rest)
    if not wanted:
        return []
    found = queries.ids_beginning(connection, wanted)
    return [wanted] if wanted in found else found


def _spellings(url: str) -> list[str]:
    """Give the ways in which one address is commonly written: with http or https, without fragment."""
    rest = url.partition("://")[2].partition("#")[0]
    return [url, f"https://{rest}", f"http://{rest}"]


def _found(connection: Connection, wanted: str) -> Row:
    row = queries.article(connection, resolve(connection, wanted))
    if row is None:
        raise _unknown_article(connection, wanted)
    return row


def unknown_series(connection: Connection, wanted: str) -> NotFoundError:
    """Make the error for a series that is not there, with the nearest names."""
    known = queries.series_ids(connection)
    if not known:
        return NotFoundError(f"no series {wanted!r}: the home has none yet", action="lianzai crawl PROFILE")
    near = nearest(wanted, known) or known[:3]
    return NotFoundError(f"no series {wanted!r}; nearest: {', '.join(near)}", action="lianzai status")


def _unknown_article(connection: Connection, wanted: str) -> NotFoundError:
    name = wanted.partition("/")[0]
    known = queries.series_ids(connection)
    if wanted in known:
        return NotFoundError(f"{wanted!r} is a series, not an article", action=f"lianzai articles {wanted}")
    if "/" in wanted and "://" not in wanted and name not in known:
        return unknown_series(connection, name)
    within = name if name in known else None
    near = nearest(wanted, queries.names(connection, within))
    offer = f"; nearest: {', '.join(near)}" if near else ""
    return NotFoundError(f"no article {wanted!r}{offer}", action=f"lianzai articles {within or 'SERIES'}")


def nearest(wanted: str, known: Iterable[str]) -> list[str]:
    """Give the three names that are most like what was typed."""
    from difflib import get_close_matches

    return get_close_matches(wanted, list(known), n=3, cutoff=0.4)


def _no_revision(row: Row, number: int) -> NotFoundError:
    there = f"it has 1 to {row['revisions']}" if row["revisions"] else "it was never captured"
    return NotFoundError(f"{row['id']}: no revision {number}; {there}", action=f"lianzai show {row['id']}")
