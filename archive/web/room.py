"""What all parts of the reading room share: the home, its ledger and records, and how a page is drawn.

Takes   a home, the environment by which its object stores are found.
Gives   Room: connections, records, Responses made of templates in the reader's language.
Writes  nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from ..config import NextFire
from ..home import Home
from ..ledger.store import Ledger, open_to_read
from ..records import Records
from .language import Language, chosen, other_address, remember, said_here

HERE = Path(__file__).parent
_UNFIT = re.compile("[\0\ud800-\udfff]")
LOCAL = ZoneInfo("Asia/Shanghai")  # the foot of every page says so


class Room:
    """One reading room: a home that is read. A context, at whose end its connections are closed.

    Threads may use it at once: each borrows a connection of its own from `ledger.read()`. next_fire: when a schedule is next due
    (archive.config), for views.status.
    """

    def __init__(self, home: Home, environ: Mapping[str, str], next_fire: NextFire | None = None) -> None:
        """Open a home. Raises what open_to_read does."""
        self.home, self.next_fire = home, next_fire
        self.ledger: Ledger = open_to_read(home)
        self.records = Records(home, self.ledger, environ)
        self._templates = Environment(
            loader=FileSystemLoader(HERE / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.filters["local"] = local
        self._templates.filters["utc"] = utc
        self._templates.filters["day"] = day

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give back all connections."""
        self.records.close()
        self.ledger.close()

    def page(
        self,
        request: Request,
        template: str,
        values: Mapping[str, Any],
        *,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
    ) -> Response:
        """Draw a page in the reader's language.

        template: its path below templates/. values: what it names; besides it has `lang` ("zh" or "en"), `say(chinese, english)`,
        `request`, `other` (address of the same page in the other language), `now`, `tab`. Whatever it prints is escaped.
        """
        lang = chosen(request)
        shown = {
            "tab": "",
            **values,
            "lang": lang,
            "say": partial(said, lang),
            "request": request,
            "other": other_address(request, lang),
            "now": datetime.now(UTC),
        }
        # HTML has no NUL (WHATWG HTML, 13.2.2: unexpected-null-character), UTF-8 no lone surrogate; a title may have one.
        text = self._templates.get_template(template).render(shown)
        text = _UNFIT.sub("\N{REPLACEMENT CHARACTER}", text)
        response = HTMLResponse(text, status, headers)
        response.headers["Content-Language"] = "zh-Hans" if lang == "zh" else "en"
        response.headers.add_vary_header("Accept-Language")
        response.headers.add_vary_header("Cookie")
        if said_here(request, lang):
            remember(response, lang)
        return response


Part = Callable[[Room], list[Any]]  # gives the routes of one part


def said(lang: Language, chinese: str, english: str) -> str:
    """Choose between the two languages in which a page speaks."""
    return chinese if lang == "zh" else english


def local(moment: datetime | str, form: str = "%Y-%m-%d %H:%M:%S") -> str:
    """Spell a time as people read it here: Beijing time. moment: aware, or RFC 3339 as the ledger has it."""
    return _aware(moment).astimezone(LOCAL).strftime(form)


def day(published: str) -> str:
    """Spell when something was published as people know it. published: a day, or RFC 3339 as the ledger has it.

    >>> day("2018-08-19T23:32:00Z"), day("2018-08-19")
    ('2018-08-20', '2018-08-19')
    """
    return published if len(published) == len("2018-08-19") else local(published, "%Y-%m-%d")


def utc(moment: datetime | str) -> str:
    """Spell a time for machines: RFC 3339, UTC, whole seconds."""
    return _aware(moment).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _aware(moment: datetime | str) -> datetime:
    return datetime.fromisoformat(moment) if isinstance(moment, str) else moment
