"""Forms and questions of scripts that were sent with a body: each finds its answer, in files as every tool writes them."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from foreign_makers import record
from replay_maker import MadeHome, client

from archive.index import cdxj_line, foreign_lines
from archive.index.post import key_address
from archive.surt import surt
from archive.web.room import Room

ASK = "http://paper.example/ask"
FORM = "application/x-www-form-urlencoded"
JSON = "application/json"
TIME = "20260105080000"  # of every record of foreign_makers


def exchange(
    number: int, body: bytes, kind: str, told: str, *, order: str, names: str, method: str = "POST"
) -> list[bytes]:
    """Give request and answer as records. order: which comes first. names: which of them names the other, "" for neither."""
    ask = (
        f"{method} /ask HTTP/1.1\r\nHost: paper.example\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    got = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n" + told.encode()
    ids = {"request": f"<urn:uuid:q{number}>", "response": f"<urn:uuid:a{number}>"}
    other = {"request": "response", "response": "request"}
    fields = {
        one: {"WARC_Record_ID": ids[one], "WARC_Concurrent_To": ids[other[one]] if names == one else ""} for one in ids
    }
    records = {
        "request": record("request", ASK.encode(), ask.encode() + body, **fields["request"]),
        "response": record("response", ASK.encode(), got, **fields["response"]),
    }
    return [records[one] for one in (order, other[order])]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A home with files by others: wget's order, browsertrix's, one not packed that names nothing, one of answers alone."""
    maker = MadeHome(tmp_path_factory.mktemp("sent") / "home")
    folder = maker.home.warc("paper") / "imported"
    folder.mkdir(parents=True)
    files = {
        "wget.warc.gz": exchange(1, b"q=%E6%B8%A0", FORM, '"one"', order="request", names="request")
        + exchange(2, b"q=%E6%B4%9B", FORM, '"two"', order="request", names="request"),
        "browsertrix.warc.gz": exchange(3, b'{"page": 3}', JSON, '"three"', order="response", names="request")
        + exchange(4, b'{"page": 4}', JSON, '"four"', order="response", names="request"),
        "plain.warc": exchange(5, b"plain words", "text/plain", '"five"', order="request", names="")
        + exchange(6, b"q=6", FORM, '"six"', order="response", names=""),
        "get.warc.gz": exchange(7, b"", "", '"got"', order="request", names="request", method="GET"),
    }
    lines = []
    for name, records in files.items():
        packed = [gzip.compress(one) if name.endswith(".gz") else one for one in records]
        (folder / name).write_bytes(b"".join(packed))
        lines += [line.decode() for line in foreign_lines(folder / name, print)]
    # A home names captures by their addresses alone, as `import` leaves it.
    plain = [
        f"example,paper)/ask {line.split(' ', 1)[1]}".replace('"filename": "', '"filename": "imported/')
        for line in lines
    ]
    writer = maker.file()
    own = maker.put(writer, ASK, TIME, b'"eight"', mime=JSON)
    writer.close()
    plain += [f"{surt(key_address(ASK, 'POST', 'own=8'))} {cdxj_line(own).split(' ', 1)[1]}\n"]
    maker.home.index("paper").parent.mkdir(exist_ok=True)
    maker.home.index("paper").write_text("".join(sorted(plain)), "utf-8")
    with Room(maker.home, {}) as room, client(room) as asked:
        yield SimpleNamespace(post=asked.post, client=asked)


@pytest.mark.parametrize(
    ("body", "kind", "answer"),
    [
        ("q=%E6%B8%A0", FORM, '"one"'),
        ("q=%E6%B4%9B", f"{FORM}; charset=UTF-8", '"two"'),
        ('{"page":3}', JSON, '"three"'),
        ('{ "page": 4 }', "text/plain;charset=UTF-8", '"four"'),
        ("plain words", "text/plain", '"five"'),
        ("q=6", FORM, '"six"'),
        ('{"own": 8}', JSON, '"eight"'),  # a line of an index whose key has what was sent
    ],
)
@pytest.mark.parametrize("mode", ["da_", "mp_", "id_", ""])
def test_a_question_finds_its_own_answer(made, mode, body, kind, answer):
    """Wherever its request stands; as index keys have bodies, so the blanks of JSON count for nothing."""
    told = made.post(f"/web/2026{mode}/{ASK}", content=body, headers={"Content-Type": kind})

    assert (200, answer) == (told.status_code, told.text)
    assert "Mon, 05 Jan 2026 08:00:00 GMT" == told.headers["Memento-Datetime"]
    assert "Link" not in told.headers  # no address leads to it
    assert "sandbox" in told.headers["Content-Security-Policy"]


def test_what_was_never_sent_has_no_answer_of_another(made):
    """A form says so; a script gets what no request was kept of, or what was asked without a body."""
    form = made.post(f"/web/{TIME}mp_/{ASK}", content="q=other", headers={"Content-Type": FORM})
    script = made.post(f"/web/{TIME}da_/{ASK}", content="q=other", headers={"Content-Type": FORM})

    assert 404 == form.status_code
    assert ASK in form.text
    assert (200, '"got"') == (script.status_code, script.text)
    assert 404 == made.post(f"/web/{TIME}da_/{ASK}/none", content="q=1").status_code


def test_questions_that_cannot_be_are_refused(made):
    """Without a time there is no nearest; what is endless is not read."""
    assert 400 == made.post(f"/web/{ASK}", content="q=1").status_code
    assert 400 == made.post(f"/web/20261399/{ASK}", content="q=1").status_code
    assert 413 == made.post(f"/web/{TIME}da_/{ASK}", content=b"x" * (1 << 20) + b"y").status_code
    assert 405 == made.post("/cdx", content="q=1").status_code


def test_a_browser_is_told_that_it_may_ask(made):
    """Fetch: JSON from a page without origin wants a word from the server first; only for archived bytes."""
    asking = {
        "Origin": "null",
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "content-type",
    }
    told = made.client.options(f"/web/{TIME}da_/{ASK}", headers=asking)
    ours = made.client.options("/cdx", headers=asking)

    assert (204, "*") == (told.status_code, told.headers["Access-Control-Allow-Origin"])
    assert "POST" in told.headers["Access-Control-Allow-Methods"]
    assert "Content-Type" in told.headers["Access-Control-Allow-Headers"]
    assert "Access-Control-Allow-Origin" not in ours.headers
