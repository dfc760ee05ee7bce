"""Equal values of one article are held once: of 3.9 kB that an article took when its rows were read, a third was copies.

Takes   an article as its row has it, each of its addresses.
Gives   the same, equal values of which are one object.
Writes  nothing.
"""

from __future__ import annotations

from sys import intern
from typing import Any

from ..fold import Address, ArticleState

_OF_ARTICLE = ("id", "key", "url", "name", "title", "list_title", "heard", "captured", "last_checked", "text_sha256")
_OF_CHANNEL = ("url", "record_id", "digest", "captured")
_OF_ADDRESS = ("url", "article", "record_id", "digest", "date", "fetched")
# Words of which there are few in all: a role, a state.
_WORDS_OF_ARTICLE = ("state", "origin", "published_precision")
_WORDS_OF_CHANNEL = ("name", "origin")
_WORDS_OF_ADDRESS = ("role", "channel")


def shared_article(article: ArticleState) -> ArticleState:
    """Hold equal values of an article and its channels once."""
    _share(article, {})
    return article


def shared_address(address: Address, article: ArticleState | None) -> Address:
    """Hold what an address and its article, if it has one, both have once."""
    held: dict[Any, Any] = {}
    if article is not None:
        _share(article, held)
    _hold(address, _OF_ADDRESS, _WORDS_OF_ADDRESS, held)
    return address


def _share(article: ArticleState, held: dict[Any, Any]) -> None:
    _hold(article, _OF_ARTICLE, _WORDS_OF_ARTICLE, held)
    for channel in article.channels.values():
        _hold(channel, _OF_CHANNEL, _WORDS_OF_CHANNEL, held)


def _hold(one: object, names: tuple[str, ...], words: tuple[str, ...], held: dict[Any, Any]) -> None:
    for name in names:
        value = getattr(one, name)
        setattr(one, name, held.setdefault(value, value))
    for name in words:
        word = getattr(one, name)
        setattr(one, name, word and intern(word))
