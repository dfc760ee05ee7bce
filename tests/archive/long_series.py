"""A series of 200 instalments over four years, as hard on a page as newspapers are.

Takes   a Filled home (tests/conftest.py). Gives: nothing. Writes in it: the series `liubai`, with its captures and their index.

Of the 200 some have no subject, three are missing, some were withdrawn, revised again and again, never captured, or taken from
another archive; titles are long, or one word that cannot be broken; one instalment has forty pictures, most have one or none.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from invented_texts import SENTENCES
from replay_maker import MadeHome

from archive.ledger import schema
from archive.ledger.rows import reading_to_json, time_text
from archive.model import Author, Capture, Image, Reading, Repair
from crawler.demo.pictures import picture

SERIES = "liubai"
SITE = "http://paper.example"
EXPECTED = 200
MISSING = frozenset({41, 42, 133})
FOUND_ONLY = frozenset({199, 200})
FAILED = frozenset({105})
WITHDRAWN = frozenset({17, 88, 160})
GONE = frozenset({120})
SECOND_HAND = frozenset({9, 10, 66})
REVISED = {23: 4, 60: 2, 61: 2, 150: 3, 186: 2}
GALLERY = 77  # has forty pictures
UNBROKEN = 30  # a title that has no place to be broken at
LONG = 31  # a title of a hundred and more characters
ENGLISH = 44
RICH = 150  # note, highlights, two authors with offices, repairs, pictures with and without captions: for axe and for the eye
_BEGUN = date(2014, 3, 6)
_WATCHED = datetime(2016, 5, 3, 2, 0, tzinfo=UTC)  # the first crawl: what is older was captured then
_Rows = dict[Any, list[dict[str, Any]]]
_PLACES = "溪桥渡坪岭湾塘坝滩坡沟垭寨营铺店集镇堡台"


def name_of(number: int) -> str:
    """Give the id of an instalment."""
    return f"c{number:05x}-{number}"


def fill(filled: Any, numbers: Collection[int] = range(1, EXPECTED + 1)) -> None:
    """Write the series, or some instalments of it."""
    filled.add_series(
        SERIES, title="渠水流过两百村：沿渠行走四年札记", expected=EXPECTED, complete=False, cadence_s=8 * 86400,
        schedule="*/30 7-23 * * *", timezone="Asia/Shanghai",
        profile={
            "series": {
                "publisher": "澜川日报客户端", "language": "zh", "tags": ["水", "村庄"],
                "rights": "文字与图片归原作者与报社所有。",
                "description": "四年，一周一村，走完一条渠。",
            },
            "source": {"kind": "list-page", "url": f"{SITE}/topic/200"},
            "watch": {"withdraw_after": {"checks": 3, "hours": 24}},
        },
    )  # fmt: skip
    maker = MadeHome(filled.home.root)
    writer = maker.file(series=SERIES)
    rows: _Rows = {schema.ARTICLES: [], schema.REVISIONS: [], schema.EVENTS: []}
    for number in numbers:
        if number not in MISSING:
            _instalment(rows, maker, writer, number)
    writer.close()
    filled.put(schema.CAPTURES, *map(_capture_row, maker.captures[SERIES]))
    for table, of_table in rows.items():
        filled.put(table, *of_table)
    maker.indexed()


def _instalment(rows: _Rows, maker: MadeHome, writer: Any, number: int) -> None:
    published = _BEGUN + timedelta(days=7 * number + number % 3)
    first = max(datetime.combine(published, time(4), UTC) + timedelta(hours=number % 9), _WATCHED)
    never = number in FOUND_ONLY | FAILED
    times = [] if never else [first + timedelta(days=97 * n, minutes=number) for n in range(REVISED.get(number, 1))]
    readings = [_reading(number, n, published) for n in range(len(times))]
    name, url = name_of(number), f"{SITE}/{number}.html"
    origin = "archive" if number in SECOND_HAND else "live"
    state = "failed" if number in FAILED else "found" if never else "withdrawn" if number in WITHDRAWN else "captured"
    away = time_text(times[-1] + timedelta(days=300)) if number in WITHDRAWN | GONE else None
    rows[schema.ARTICLES].append({
        "id": name, "series": SERIES, "key": str(number), "position": number, "subject": _subject(number), "url": url,
        "title": readings[-1].title if readings else _title(number),
        "published": published.isoformat(), "published_precision": "day",
        "authors": [{"name": one.name, "role": one.role} for one in readings[-1].authors] if readings else [], "variants": [],
        "fold": {}, "state": state, "origin": origin, "revisions": len(times), "shown": len(times), "gone_since": away,
        "captured": time_text(times[0]) if times else None, "last_checked": time_text(times[-1]) if times else None,
        "failing": "http-5xx" if number in FAILED else None,
        "failing_detail": "503 Service Unavailable" if number in FAILED else None,
    })  # fmt: skip
    _event(rows, "found", first - timedelta(minutes=9), name)
    for n, (moment, reading) in enumerate(zip(times, readings, strict=True), 1):
        body = "".join(f"<p>{line}</p>" for line in reading.body)
        page = f"<!DOCTYPE html><title>{reading.title}</title><h1>{reading.title}</h1>{body}".encode()
        capture = maker.put(writer, url, moment.strftime("%Y%m%d%H%M%S"), page, series=SERIES)
        told = {"channel": "page", "record_id": capture.record_id, "uri": url, "captured": time_text(moment),
                "digest": capture.payload_digest, "origin": origin}  # fmt: skip
        rows[schema.REVISIONS].append({
            "article": name, "number": n, "fetched": time_text(moment), "record_id": capture.record_id,
            "reading": reading_to_json(reading), "text_sha256": f"sha256:{number * 10 + n:064x}", "witnesses": [told],
        })  # fmt: skip
        if n == 1:
            _event(rows, "captured", moment, name, evidence=[capture.record_id])
        else:
            fields = ["title", "body", "text"] if n % 2 else ["body", "text"]
            _event(rows, "revised", moment, name, fields=fields, start=n - 1, end=n, evidence=[capture.record_id])
    for image in readings[-1].images if readings else ():
        if "lost" not in image.url:  # such a one was never captured
            small = picture(image.url.rpartition("/")[2])
            maker.put(writer, image.url, times[0].strftime("%Y%m%d%H%M%S"), small, mime="image/png", series=SERIES)
    for kind, numbers in (("withdrawn", WITHDRAWN), ("gone", GONE)):
        if number in numbers:
            _event(rows, kind, times[-1] + timedelta(days=300), name)
    if number in FAILED:
        _event(rows, "failed", first, name)


def _event(rows: _Rows, kind: str, at: datetime, article: str, **more: Any) -> None:
    row = {"series": SERIES, "at": time_text(at), "kind": kind, "article": article, "fields": [], "evidence": []}
    rows[schema.EVENTS].append(row | more)


def _capture_row(capture: Capture) -> dict[str, Any]:
    return {
        "record_id": capture.record_id, "series": SERIES, "type": capture.type, "url": capture.url,
        "fetched": time_text(capture.fetched), "file": capture.file, "offset": capture.offset, "length": capture.length,
        "status": capture.status, "mime": capture.mime,
        "digest": capture.payload_digest, "bytes": capture.payload_bytes, "refers_to": capture.refers_to,
    }  # fmt: skip


def _subject(number: int) -> str | None:
    """Name the village; every seventh article does not say of which it is."""
    return None if number % 7 == 0 else f"{_PLACES[number % 20]}头{_PLACES[number // 20]}"


def _title(number: int) -> str:
    if number == UNBROKEN:
        return (
            "http://paper.example/"
            + "Donaudampfschifffahrtselektrizitaetenhauptbetriebswerkbauunterbeamtengesellschaft" * 2
        )
    if number == LONG:
        return "沿着这条渠走了整整四年才明白：" + "".join(SENTENCES[:4])
    if number == ENGLISH:
        return "What the lock-keeper’s daughter wrote down: forty years of water levels, in her own hand"
    return SENTENCES[number % len(SENTENCES)].rstrip("。")[:26]


def _reading(number: int, revision: int, published: date) -> Reading:
    lines = [SENTENCES[(number * 3 + n) % len(SENTENCES)] for n in range(12)]
    body = ["".join(lines[at : at + 3]) for at in range(0, 12, 3)]
    if revision:
        body[1] = body[1].replace("的", "底", revision) + f"（{published:%Y} 年起第 {revision} 次补记。）"
    if revision == 2:
        body = [body[0], body[2], body[1], body[3]]
    images, text = _images(number), list(body)
    for place, image in enumerate(images):
        if image.caption:
            text.insert(min(2 * place + 1, len(text)), image.caption)
    rich = number == RICH
    note = ("编者按：本报沿渠而行，四年走完两百个村子。这一篇写于途中，刊发时略有删节。",) if rich else ()
    highlights = ("水尺不会说话，却一天也离不得人。", "把数记准，把话说清。") if rich else ()
    if rich:
        body[2] = f"{body[2]}水面比去年低三百四十毫米，后来又涨了回去。"
        text = [*note, *highlights, *text[:-1], body[2], text[-1]]
    authors = (Author("沈渡", "济源市渠务所所长"), Author("闻澜", "通讯员")) if rich else (Author("沈渡", "记者"),)
    mended = (
        Repair("三百&#22235;十", "三百四十", "undecoded entity"),
        Repair("後(hòu)来", "后来", "pinyin in brackets"),
    )
    return Reading(
        title=_title(number) + ("（修订）" if revision == 2 else ""), authors=authors if number % 5 else (),
        published=published.isoformat(), published_precision="day", source="澜川日报客户端",
        editor="柳小满" if number % 2 else None,
        editors_note=note, highlights=highlights, body=tuple(body), text="\n".join(text), images=tuple(images),
        repairs=mended if rich else (),
        language="en" if number == ENGLISH else "zh", cleaner="lianzai-clean/1",
    )  # fmt: skip


def _images(number: int) -> list[Image]:
    if number == GALLERY:
        return [Image(f"{SITE}/img/{number}-{n}.png", f"图 {n}：渠边所见之{n}") for n in range(1, 41)]
    if number == RICH:
        return [
            Image(f"{SITE}/img/{number}-1.png", "清晨六点，渠边记下当天第一个数。"),
            Image(f"{SITE}/img/{number}-lost.png", "这一张没有存下来。"),
            Image(f"{SITE}/img/{number}-3.png", None),
        ]
    return [Image(f"{SITE}/img/{number}-1.png", "村口的闸。" if number % 4 else None)] if number % 3 else []
