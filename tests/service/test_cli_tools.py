"""The cleaner on saved pages, and the doctor."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest


def test_extract_gives_a_line_a_file_and_goes_on_after_a_bad_one(lianzai: Any, tmp_path: Path, only_line: Any) -> None:
    """A missing file costs its own line, not the others; the exit code tells."""
    paragraphs = "".join(
        f"<p>第{n}段，渠水自西而来，绕城半周，老闸工说水大的年份一夜要起三回闸。</p>" for n in range(8)
    )
    page = f"<html><head><title>渠</title></head><body><h1>渠水流过</h1><article>{paragraphs}</article></body></html>"
    (tmp_path / "one.page.html").write_text(page, encoding="utf-8")
    result = lianzai("extract", "missing.html", "one.page.html", "--url", "http://q.example/1.html")
    lines = [json.loads(line) for line in result.stdout.splitlines()]

    assert result.returncode == 3
    assert [line["id"] for line in lines] == ["missing", "one"]
    assert list(lines[1]) == ["id", "url", "title", "authors", "published", "text", "language"]
    assert lines[0]["text"] is None
    assert "第7段" in lines[1]["text"]
    assert "missing.html: cannot be read" in only_line(result.stderr)


@pytest.mark.parametrize(
    ("printed", "published"), [("2031-03-05 10:12", "2031-03-05T02:12:00Z"), ("2031-03-05 07:12", "2031-03-05")]
)
def test_extract_never_gives_another_day_than_the_publisher(
    lianzai: Any, tmp_path: Path, printed: str, published: str
) -> None:
    """Before eight in the morning the day in China is not yet the day in UTC; the day alone is then the truth."""
    paragraphs = "".join(f"<p>第{n}段，渠水自西而来，绕城半周，一夜要起三回闸。</p>" for n in range(9))
    page = f"<title>渠</title><h1>渠水流过</h1><div>时间：{printed}</div><article>{paragraphs}</article>"
    (tmp_path / "one.html").write_text(page, encoding="utf-8")
    result = lianzai("extract", "one.html")

    assert json.loads(result.stdout)["published"] == published


def test_extract_unpacks_gzip_and_names_a_damaged_one(lianzai: Any, tmp_path: Path, only_line: Any) -> None:
    """Corpora of pages come packed; a file cut in the middle is named, not read half."""
    page = (
        f"<title>渠</title><h1>渠水流过</h1><article>{'<p>渠水自西而来，绕城半周，一夜要起三回闸。</p>' * 9}</article>"
    )
    packed = gzip.compress(page.encode())
    (tmp_path / "whole.html.gz").write_bytes(packed)
    (tmp_path / "cut.html.gz").write_bytes(packed[:-9])
    result = lianzai("extract", "whole.html.gz", "cut.html.gz")
    whole, cut = (json.loads(line) for line in result.stdout.splitlines())

    assert result.returncode == 3
    assert "绕城半周" in whole["text"]
    assert (cut["id"], cut["text"]) == ("cut", None)
    assert "cut.html.gz: its gzip is damaged" in only_line(result.stderr)


def test_doctor_finds_a_sound_home_sound(lianzai: Any, series: Any) -> None:
    """Each check says what it found."""
    result = lianzai("doctor", "--json", home=series.home.root)
    checks = json.loads(result.stdout)["checks"]

    names = ["home", "disk", "clock", "ledger", "warcs", "search", "stores", "versions", "packages"]
    assert [one["name"] for one in checks] == names
    assert [set(one) for one in checks] == [{"name", "ok", "detail", "action"}] * len(checks)
    assert result.returncode == (0 if all(one["ok"] for one in checks) else 3)
    assert next(one for one in checks if one["name"] == "ledger")["ok"]


def test_doctor_finds_a_damaged_ledger_and_search(lianzai: Any, tmp_path: Path) -> None:
    """It is named with what mends it, and the other checks are made all the same."""
    home = tmp_path / "home"
    home.mkdir()
    (home / "ledger.sqlite3").write_bytes(b"no database at all" * 100)
    for name in ("search.sqlite3", "search.sqlite3.sha256"):
        (home / name).write_bytes(b"0" * 64)
    result = lianzai("doctor", "--json", home=home)
    checks = {one["name"]: one for one in json.loads(result.stdout)["checks"]}

    assert result.returncode == 3
    assert not checks["ledger"]["ok"]
    assert "rebuild" in checks["ledger"]["action"]
    assert not checks["search"]["ok"]
    assert "verify --repair" in checks["search"]["action"]
