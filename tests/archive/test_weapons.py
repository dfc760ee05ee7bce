"""Texts as weapons, in what people and programs are given: a document stays one, says what was said, and steers nothing."""

from __future__ import annotations

import io
import json
import logging
import re
import sys
from typing import Any

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st
from lxml import etree

from archive.formats import to_dublin_core, to_markdown, to_schema_org
from archive.logs import JsonLines, People
from archive.terminal import plain, print_json, safe

WEAPONS = (
    "../../etc/passwd", "..\\..\\windows\\x", "CON", "aux.txt", "name. ", "a\0b", "\x1b[31m红\x1b]0;x\x07",
    "\x9b31m", "正\u202e反\u2066隔\u2069", "<script>alert(1)</script>", "<img src=x onerror=alert(1)>",
    "=cmd|'/c calc'!A1", "+1", "@x", "-1", "\t=1", "a\r\nb,\"c\"", "'; DROP TABLE articles; --",
    "---\n- !!python/object/apply:os.system [x]", "- x: &a [*a]", "yes", "0x1F", "1_000", "2018-08-30", "null",
    "~", "# c", "a: b #c", "%YAML 1.1", "]]><x/><![CDATA[", "&lol;", "\u2028\u2029\x85", "\ud800", "\udc80x",
    "\ufffe\uffff", "\ufeff渠", "\\ud800", "长" * 10_000, "${jndi:ldap://x}", "{{7*7}}", "%s%n",
    "](javascript:alert(1))", "*a_b*`c`", "e\u0301" * 50, "\U000e0041\U000e0042", "\u200b\u00a0\u3000",
)  # fmt: skip
TEXTS = st.text(max_size=60) | st.text(st.characters(), max_size=20) | st.sampled_from(WEAPONS)
STEERS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def document(text: str) -> dict[str, Any]:
    """An article of which each field is that text."""
    record = dict.fromkeys(
        ("warc", "record_id", "offset", "length", "target_uri", "fetched", "digest", "cleaner"), text
    )
    return {
        "id": "3f9c1a-1", "series": "shui", "position": 1, "subject": text, "title": text, "url": text,
        "published": "2018-08-30", "published_precision": "day", "authors": [{"name": text, "role": text}], "source": text,
        "editor": text, "state": "captured", "origin": "live", "revisions": 1, "captured": "2018-08-30T02:00:00Z",
        "variants": [text], "text_sha256": "sha256:0", "provenance": record,
        "repairs": [{"was": text, "now": text, "why": text}], "editors_note": [text], "highlights": [text],
        "body": [text], "text": text, "images": [{"url": text, "caption": text}], "language": "zh",
    }  # fmt: skip


@settings(max_examples=25)
@given(TEXTS)
@example("\ud800\udc00")
def test_front_matter_is_yaml_that_says_what_was_said(text: str) -> None:
    """Whatever a title holds: no directive, no anchor, no tag, no second document, and no end of the front matter."""
    shown = document(text)
    front, _, body = to_markdown(shown).removeprefix("---\n").partition("\n---\n\n")
    read = yaml.safe_load(front.encode("utf-8", "backslashreplace").decode())

    assert _pairs_joined({key: shown[key] for key in read}) == _pairs_joined(read)
    assert body.startswith("# ")


@given(TEXTS)
def test_descriptions_are_parsed_back(text: str) -> None:
    """Dublin Core by a strict parser, schema.org as JSON: the title is the title, but for what XML cannot hold."""
    shown = document(text)
    root = etree.fromstring(to_dublin_core(shown).encode("utf-8", "backslashreplace"))
    titles = [one.text for one in root if one.tag.endswith("}title")]
    told = json.loads(to_schema_org(shown))

    assert titles == (
        [
            re.sub("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "�", text)
            .replace("\r\n", "\n")
            .replace("\r", "\n")
        ]
        if text
        else []
    )
    assert told.get("headline", "") == text


@pytest.mark.parametrize("text", WEAPONS, ids=range(len(WEAPONS)))
def test_no_terminal_is_steered(text: str) -> None:
    """No colour, no window title, no line of a forger, and no writing from the right that turns a file's ending round."""
    assert [] == STEERS.findall(safe(plain(text), "utf-8"))


@pytest.mark.parametrize("text", WEAPONS, ids=range(len(WEAPONS)))
def test_json_is_one_line_that_steers_nothing(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a pipe reads is what was said; what a terminal shows moves nothing."""
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, "utf-8"))
    print_json(document(text))
    line = raw.getvalue().decode()

    assert document(text) == json.loads(line)
    assert [] == STEERS.findall(line)
    assert 1 == len(line.splitlines())


@pytest.mark.parametrize("formatter", [JsonLines(), People()], ids=["for programs", "for people"])
def test_a_line_of_the_log_is_one_that_steers_nothing(formatter: logging.Formatter) -> None:
    """What a site said, or a library tells of it."""
    for text in WEAPONS:
        record = logging.LogRecord("scrapy", logging.INFO, __file__, 1, "%s", (text,), None)
        record.__dict__["fields"] = {"detail": text}
        line = formatter.format(record)

        assert [] == STEERS.findall(line)
        assert "\n" not in line


def _pairs_joined(value: Any) -> Any:
    """Write a value such that two surrogates that stand together are the character that they mean, as JSON readers take them."""
    return json.loads(json.dumps(value))
