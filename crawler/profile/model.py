"""One series as data: the checked tables of a profile, and what is asked of them as a whole.

Takes   the tables as load.py has checked them.
Gives   Profile: what may be shown of it, what in it does nothing yet, its source's identity, the digest of its rules.
Writes  nothing.
"""

from __future__ import annotations

import copy
import hashlib
import json
from dataclasses import dataclass, field
from typing import Any

from .lines import KeyPath
from .masking import MASK, strings
from .source_tables import Source, identity
from .tables import Article, Browser, Fetch, Notify, Recover, Scope, Series, Store, Warc, Watch
from .writing import to_toml

# Keys that are read, checked and kept, and that nothing acts on in this version: a path, or a path and its values.
INERT: tuple[tuple[KeyPath, frozenset[str] | None], ...] = (
    (("browser",), None),
    (("recover",), None),
)

# What decides how captures are read; where it changes, a series is folded anew.
_RULES_OF_SERIES = ("subjects", "expected", "timezone", "language", "title")


@dataclass(frozen=True, repr=False)
class Profile:
    """One series as data, checked.

    name: of the file. text: as written, secrets and all; "" for a stored profile. secrets: what no log may show.
    shown: the public tables; stored: their models, the same for this profile and for what from_public makes of it.
    A default that config.toml gave is in the tables as if the profile had it.
    """

    name: str
    text: str
    series: Series
    source: Source
    scope: Scope
    fetch: Fetch
    article: Article
    watch: Watch
    warc: Warc
    browser: Browser
    store: Store
    notify: Notify
    recover: Recover
    secrets: frozenset[str]
    shown: dict[str, Any] = field(compare=False)
    stored: dict[str, Any] = field(compare=False)

    def __repr__(self) -> str:
        """Name file and series, and no value that could be a secret."""
        return f"Profile({self.name!r}, {self.series.id!r})"

    def public(self) -> dict[str, Any]:
        """Give the profile, config.toml's defaults in it, as it may be shown and kept: env:NAME as written, secrets masked.

        The result is a copy, and can be written as JSON; from_public reads it.
        """
        return copy.deepcopy(self.shown)

    def text_to_keep(self) -> str | None:
        """Give the text for the ledger to remember; None where a secret stands in it literally, which no ledger may hold.

        Of a stored profile it is written anew, the same keys and values, unless a secret was masked in it.
        """
        if not self.text:
            return None if any(MASK in text for _, text in strings(self.shown)) else to_toml(self.shown)
        return None if any(secret in self.text for secret in self.secrets) else self.text

    def inert(self) -> list[str]:
        """Name the keys that are set and do nothing yet, dotted, in the order of the contract."""
        return [
            f"{path[0]}.{key}"
            for path, values in INERT
            for key, value in self.shown.get(str(path[0]), {}).items()
            if (len(path) == 1 or key == path[1]) and (values is None or value in values)
        ]

    def source_identity(self) -> str:
        """Name the source: its kind and addresses. Compare two with same_source, since a list of URLs may grow."""
        source: Source = self.stored["source"]
        return identity(source)

    def rules_digest(self) -> str:
        """Name the rules by which captures are read: "sha256:" and 64 hex digits.

        Two profiles with the same digest read every capture alike. Secrets do not enter: a value from the
        environment counts by its name.
        """
        series: Series = self.stored["series"]
        fetch: Fetch = self.stored["fetch"]
        rules = {
            "series": series.model_dump(mode="json", include=set(_RULES_OF_SERIES)),
            **{table: self.stored[table].model_dump(mode="json") for table in ("source", "article", "watch")},
        }
        rules["most"] = fetch.max_articles
        if fetch.allow_private:  # which addresses within a private network are the series' own
            rules["inside"] = {"include": list(self.stored["scope"].include)}
        canonical = json.dumps(rules, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
        return f"sha256:{hashlib.sha256(canonical.encode('ascii')).hexdigest()}"
