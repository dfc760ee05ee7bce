"""docs/profile.md says of each key what the tables say."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from pydantic_core import PydanticUndefined

from crawler.profile import INERT, SOURCE_KINDS, JsonFields, WithdrawAfter
from crawler.profile.fields import Table
from crawler.profile.load import MODELS

DOC = (Path(__file__).parents[2] / "docs" / "profile.md").read_text("utf-8")
SECTIONS = {match[1]: match[2] for match in re.finditer(r"^## \[(\w+)\](.*?)(?=^## )", DOC, re.MULTILINE | re.DOTALL)}


def rows(table: str) -> list[list[str]]:
    lines = [line for line in SECTIONS[table].splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines[2:]]


def names(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


def default_of(model: type[Table], key: str) -> Any:
    field = model.model_fields[key]
    return field.default if field.default is not PydanticUndefined else None


@pytest.mark.parametrize("table", sorted(MODELS))
def test_each_key_of_a_table_has_a_row_and_each_row_is_a_key(table: str) -> None:
    """A key that is not explained does not exist for its reader; nor must one be invented."""
    written = {name for row in rows(table) for name in names(row[0])}
    keys = set(MODELS[table].model_fields)
    keys |= {f"withdraw_after.{key}" for key in WithdrawAfter.model_fields} if table == "watch" else set()

    assert written == keys


@pytest.mark.parametrize("table", sorted(MODELS))
def test_each_default_is_the_one_of_the_tables(table: str) -> None:
    """A wrong default in the documentation is worse than none."""
    wrong = []
    for cell, _kind, default, *_ in rows(table):
        for name in names(cell):
            model, key = (WithdrawAfter, name.partition(".")[2]) if "." in name else (MODELS[table], name)
            value = default_of(model, key)
            said = names(default)[0].strip('"') if names(default) else default
            if isinstance(value, bool):
                right = said == str(value).lower()
            elif isinstance(value, (int, float)):
                right = float(said) == value
            elif isinstance(value, (tuple, dict)):
                right = said in (("all",) if key == "on" else ("[]", "{}"))
            elif value is None:
                right = said in ("none", "required", "below", "lianzai/")
            else:
                right = said == value
            wrong += [] if right else [(name, said, value)]

    assert wrong == []


def test_each_kind_of_source_and_each_of_its_keys_is_explained() -> None:
    """The kind decides which keys there are."""
    explained: dict[str, set[str]] = {}
    kinds: list[str] = []
    for kind, key, *_ in rows("source"):
        kinds = names(kind) or kinds
        for one in kinds:
            explained.setdefault(one, set()).update(names(key))

    assert explained == {kind: set(model.model_fields) - {"kind"} for kind, model in SOURCE_KINDS.items()}
    assert all(f"`{name}`" in SECTIONS["source"] for name in JsonFields.model_fields)


def test_what_does_nothing_yet_is_marked() -> None:
    """Who sets such a key should not wait for what it promises."""
    unmarked = [path for path, _ in INERT if not re.search(r"\*[^*|]*\b(yet)\b[^*|]*\*", SECTIONS[str(path[0])])]

    assert unmarked == []
