"""Bytes to text: every kind of wrong, missing and contradictory declaration."""

from __future__ import annotations

import codecs
import zlib

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from invented_texts import SENTENCES
from opencc import OpenCC

from archive.clean.charset import codec_of, decode, is_plain
from archive.clean.page import open_page

TEXT = "护林员每天清早上山，傍晚回村，把看到的鸟记在一本蓝皮本子上。" * 4


def page(charset: str, text: str = TEXT) -> str:
    return f'<html><head><meta charset="{charset}"><title>林</title></head><body><p>{text}</p></body></html>'


@pytest.mark.parametrize("declared", ["utf-8", "iso-8859-1", "gb2312", "no-such-charset"])
def test_gbk_bytes_are_read_whatever_header_and_meta_claim(declared):
    """Servers add charset=utf-8 to old GBK pages; a label that the bytes refute is no evidence."""
    decoded = decode(page(declared).encode("gb18030"), f"text/html; charset={declared}")

    assert (TEXT in decoded.text, decoded.undecoded, decoded.encoding) == (True, 0, "gb18030")


@pytest.mark.parametrize("declared", ["gb2312", "gbk", "big5", "iso-8859-1", "shift_jis"])
def test_utf8_bytes_are_read_whatever_the_meta_claims(declared):
    """In the corpus 9 of 80 UTF-8 pages still declare gb2312 from before their conversion."""
    decoded = decode(page(declared).encode(), "text/html")

    assert (TEXT in decoded.text, decoded.encoding) == (True, "utf-8")


def test_gb2312_means_its_superset():
    """Names with rare characters stand in pages that declare gb2312; the Encoding standard maps it to gb18030."""
    assert decode("朱镕基䢵𠮷".encode("gb18030"), "text/html; charset=gb2312").text == "朱镕基䢵𠮷"


@pytest.mark.parametrize(
    ("encoding", "label"),
    [("big5", "big5"), ("shift_jis", "shift_jis"), ("euc-kr", "euc-kr"), ("cp1251", "windows-1251")],
)
def test_a_true_declaration_is_followed(encoding, label):
    """Sites that tell the truth must not be second-guessed."""
    text = {
        "big5": "水庫的閘門開了",
        "shift_jis": "水門が開いた朝",
        "euc-kr": "수문이 열린 아침",
        "cp1251": "Утром открыли",
    }[encoding]

    assert text * 8 == decode((text * 8).encode(encoding), f"text/html; charset={label}").text


def test_a_short_gbk_text_that_is_valid_utf8_follows_its_declaration():
    """联通 in GBK happens to be valid UTF-8: few bytes prove nothing."""
    assert decode("联通".encode("gbk"), "text/plain; charset=gbk").text == "联通"


def test_a_byte_order_mark_decides_and_is_no_text():
    """A mark left in the text would make two captures of one page differ."""
    expected = [TEXT, TEXT, TEXT]

    assert expected == [decode(TEXT.encode(name)).text for name in ("utf-8-sig", "utf-16", "utf-8")]


def test_bytes_that_do_not_decode_are_counted_and_shown():
    """Dropped bytes would hide damage; the reader must see where text is missing."""
    decoded = decode(page("utf-8").encode()[:-1] + b"\xff\xfe\xff" + "林".encode(), "text/html; charset=utf-8")

    assert (decoded.undecoded, decoded.text.count("�")) == (3, 3)


def test_a_page_cut_inside_a_character_keeps_its_encoding():
    """A body cut at the size limit ends anywhere; its last bytes must not turn the whole page into another encoding."""
    decoded = decode(page("utf-8").encode()[: -len("</p></body></html>") - 1], "text/html; charset=utf-8")

    assert (decoded.encoding, decoded.undecoded) == ("utf-8", 2)


def test_labels_that_are_no_text_encoding_are_unknown():
    """Python also calls hex and rot13 codecs; a page that declares one must not reach them."""
    assert [codec_of(label) for label in ("hex", "rot13", "utf-7")] == [None, None, None]


@given(st.binary(max_size=400), st.text(max_size=40))
def test_decoding_never_raises_and_always_gives_text(payload, content_type):
    """The archive takes any bytes; the text must be storable as UTF-8."""
    decoded = decode(payload, content_type)

    assert decoded.text.encode() is not None
    assert 0 <= decoded.undecoded <= len(payload)


@given(st.text(alphabet=st.characters(codec="gb18030", exclude_characters="\ufeff"), min_size=40, max_size=200))
def test_what_a_declared_encoding_wrote_is_read_back(text):
    """Write then read gives the same text where the declaration is true."""
    payload = f'<meta charset="gb18030">{text}'.encode("gb18030")

    assert payload == decode(payload, "text/html; charset=gb18030").text.encode("gb18030")


# ------------------------------------------------------------------------------------------ every label for every encoding

JAPANESE = "水門が開いた朝、村の人々は堤の上に立って水の来るのを待っていた。カメラを持った記者も、その列の端にいた。"
KOREAN = "수문이 열린 아침, 마을 사람들은 둑 위에 서서 물이 오기를 기다렸다. 기자도 그 줄 끝에 서 있었다."
RUSSIAN = "Утром открыли шлюз, и вода пошла по каналу. Жители деревни стояли на берегу и ждали её с раннего утра."
GREEK = "Το πρωί άνοιξαν το θυρόφραγμα και το νερό κύλησε στο κανάλι. Οι χωρικοί περίμεναν στην όχθη."
FRENCH = "Le matin, l’éclusier a levé la vanne ; l’eau a coulé vers la vallée, où l’on attendait « la fête » depuis des années."
POLISH = "Rano otwarto śluzę i woda popłynęła kanałem. Mieszkańcy wsi czekali na brzegu od świtu, żółte łąki."
THAI = "เช้านี้ประตูน้ำเปิดแล้ว น้ำไหลไปตามคลอง ชาวบ้านยืนรออยู่บนฝั่งตั้งแต่เช้าตรู่"
ARABIC = "في الصباح فُتحت البوابة وجرت المياه في القناة، وكان أهل القرية ينتظرون على الضفة منذ الفجر."
HEBREW = "בבוקר נפתח הסכר והמים זרמו בתעלה. אנשי הכפר חיכו על הגדה מאז הזריחה."
# Encoding: sentences that it can write. What no label but its own tells apart (Latin letters) is left out of "wrong" below.
WRITTEN: dict[str, tuple[str, ...]] = {
    "gb18030": tuple(one + "䢵𠮷㐀€" for one in SENTENCES),
    "gbk": SENTENCES,
    "big5": tuple(text for text in map(OpenCC("s2t").convert, SENTENCES) if text.encode("big5", "ignore").decode("big5") == text),
    "shift_jis": (JAPANESE,),
    "euc-jp": (JAPANESE,),
    "iso-2022-jp": (JAPANESE,),
    "euc-kr": (KOREAN,),
    "windows-1251": (RUSSIAN,),
    "koi8-r": (RUSSIAN,),
    "iso-8859-5": (RUSSIAN,),
    "iso-8859-7": (GREEK.replace("ά", "α"),),
    "windows-874": (THAI,),
    "windows-1256": (ARABIC,),
    "windows-1255": (HEBREW,),
    "windows-1252": (FRENCH,),
    "windows-1250": (POLISH,),
    "utf-8": (*SENTENCES, JAPANESE, KOREAN, RUSSIAN, GREEK, FRENCH, POLISH, THAI, ARABIC, HEBREW),
    "utf-16-le": SENTENCES,
    "utf-16-be": SENTENCES,
}  # fmt: skip
LATIN = ("windows-1252", "windows-1250")
PYTHON = {"windows-874": "cp874"}
# Header and meta, "" for none, "own" for the truth.
TRUE = [
    ("own", "own"),
    ("own", ""),
    ("", "own"),
    ("own", "utf-8"),
    ("own", "gb2312"),
    ("utf-8", "own"),
    ("iso-8859-1", "own"),
    ("gbk", "own"),
]
WRONG = [("", ""), ("utf-8", "utf-8"), ("iso-8859-1", "iso-8859-1"), ("iso-8859-1", ""), ("", "gb2312")]


def written(encoding: str, sentences: list[str], header: str, meta: str, pad: int) -> tuple[str, bytes, str]:
    """Make a page: its text, its bytes, its Content-Type. pad: characters of script before the meta."""
    told = [encoding if label == "own" else label for label in (header, meta)]
    tag = f"<script>{'x' * pad}</script><meta charset='{told[1]}'>" if told[1] else ""
    text = f"<html><head>{tag}</head><body><p class='text'>{''.join(sentences)}</p></body></html>"
    content_type = f"text/html; charset={told[0]}" if told[0] else "text/html"
    return text, text.encode(PYTHON.get(encoding, encoding)), content_type


@pytest.mark.parametrize("encoding", WRITTEN)
@settings(max_examples=10)
@given(data=st.data(), labels=st.sampled_from(TRUE), pad=st.sampled_from([0, 900, 5_000]))
def test_where_one_label_is_true_the_page_is_read_as_written(encoding: str, data: st.DataObject, labels, pad) -> None:
    """Servers add a charset to all they send, templates keep the one of the paper's first page: one of both mostly is right."""
    sentences = data.draw(st.lists(st.sampled_from(WRITTEN[encoding]), min_size=1, max_size=12))
    text, payload, content_type = written(encoding, sentences, *labels, pad)

    decoded = decode(payload, content_type)

    assert (text, 0) == (decoded.text, decoded.undecoded)


@pytest.mark.parametrize("encoding", [name for name in WRITTEN if name not in LATIN])
@settings(max_examples=10)
@given(data=st.data(), labels=st.sampled_from(WRONG))
def test_where_no_label_is_true_the_bytes_tell(encoding: str, data: st.DataObject, labels: tuple[str, str]) -> None:
    """No label, or the one that servers send by default, or gb2312 on a page of Taiwan: the script tells.

    Japanese in EUC labelled gb2312 is left out: GBK has kana at the same places, so that it reads half right.
    """
    sentences = data.draw(st.lists(st.sampled_from(WRITTEN[encoding]), min_size=2, max_size=12))
    assume((encoding, labels[1]) != ("euc-jp", "gb2312"))
    text, payload, content_type = written(encoding, sentences, *labels, 0)

    decoded = decode(payload, content_type)

    assert (text, 0) == (decoded.text, decoded.undecoded)


@given(
    st.lists(st.tuples(st.sampled_from(SENTENCES), st.sampled_from(["utf-8", "gb18030"])), min_size=2, max_size=12),
    st.sampled_from(["", "utf-8", "gbk", "iso-8859-1"]),
)
def test_a_page_of_two_encodings_is_read_in_both(parts: list[tuple[str, str]], label: str) -> None:
    """A template in GBK around a text in UTF-8, or a block that another system sends: each stretch by its own bytes."""
    expected = "".join(f"<p>{text}</p>\n" for text, _ in parts)
    payload = b"".join(f"<p>{text}</p>\n".encode(encoding) for text, encoding in parts)

    decoded = decode(payload, f"text/html; charset={label}" if label else "text/html")

    assert (expected, 0) == (decoded.text, decoded.undecoded)


@pytest.mark.parametrize("encodings", [("utf-8", "gb18030"), ("gb18030", "utf-8")])
def test_the_text_of_a_page_of_two_encodings_is_what_was_decoded(encodings: tuple[str, str]) -> None:
    """The parser gets what was read here, never the bytes once more."""
    lines = [*SENTENCES[:5], SENTENCES[6]]
    parts = [f"<p>{line}</p>".encode(encodings[line == lines[-1]]) for line in lines]

    opened = open_page(b"<html><body>" + b"".join(parts), "text/html; charset=utf-8", "http://paper.example/1")

    assert lines == [one.text for one in opened.root.iter("p")]
    assert 0 == opened.undecoded


@given(
    st.lists(st.sampled_from(SENTENCES), min_size=3, max_size=8), st.integers(1, 6), st.sampled_from(["utf-8", "gbk"])
)
def test_lost_bytes_stay_visible(sentences: list[str], lost: int, encoding: str) -> None:
    """Bytes that are no character are shown one by one, and what stands around them is read."""
    payload = (
        f"<p>{sentences[0]}</p>".encode(encoding)
        + b"<p>"
        + b"\xff" * lost
        + b"</p>"
        + "".join(sentences[1:]).encode(encoding)
    )

    decoded = decode(payload, f"text/html; charset={encoding}")

    assert (lost, lost) == (decoded.undecoded, decoded.text.count("\N{REPLACEMENT CHARACTER}"))
    assert all(one in decoded.text for one in sentences)


# -------------------------------------------------------------------------------------------- as public reports tell of it


@pytest.mark.parametrize(
    "declared",
    [
        "gb_2312-80",
        "x-gbk",
        "cp936",
        "utf8mb4",
        "none",
        "gb2312;",
        "GBK2312",
        "utf-8,gbk",
        "hz-gb-2312",
        "unicode",
        "utf-16",
    ],
)
def test_a_label_that_is_none_or_a_wrong_one_hides_nothing(declared: str) -> None:
    """What publishing systems write into their templates."""
    assert TEXT in decode(page(declared).encode("gb18030"), "text/html").text
    assert TEXT in decode(page(declared).encode(), "text/html").text


def test_a_mark_of_utf8_before_gbk_is_no_proof() -> None:
    """An include file that was saved with a byte order mark puts it before every page of the site."""
    decoded = decode(codecs.BOM_UTF8 + page("gbk").encode("gb18030"))

    assert (TEXT in decoded.text, decoded.encoding, decoded.undecoded) == (True, "gb18030", 0)


@pytest.mark.parametrize("bad", [b"\xed\xa0\xbd\xed\xb8\x80", b"a\xa0b", b"\x92", b"\xe6\xb0"])
def test_a_few_bad_bytes_do_not_turn_a_page_into_another_encoding(bad: bytes) -> None:
    """Emoji of Java's UTF-8, a blank of Windows: the rest of the page is read as it was written, and they are counted."""
    decoded = decode(b"<p>" + TEXT.encode() + bad + b"</p>" + TEXT.encode(), "text/html")

    assert (2, "utf-8") == (decoded.text.count(TEXT), decoded.encoding)
    assert 0 < decoded.undecoded <= len(bad)


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "big5hkscs", "utf-16", "utf-8-sig"])
def test_a_page_is_plain_and_its_bytes_in_disorder_are_not(encoding: str) -> None:
    """Nearly any bytes decode by some encoding: what tells that nothing was done to them is how they begin, and what they say."""
    written = page(encoding).encode(encoding, "ignore")

    assert is_plain(written)
    assert is_plain(b'callback({"a": "%b"})' % TEXT.encode(), "application/json")
    assert is_plain(TEXT.encode("gb18030"), "text/plain; charset=gbk")
    for turned in (written[::-1], bytes(octet ^ 0x55 for octet in written), zlib.compress(written)):
        assert not is_plain(turned, "text/html")
    assert not is_plain(b"<html>" + zlib.compress(written), "text/html")


def test_the_euro_of_code_page_936_is_read() -> None:
    """GBK as Windows has it, and as browsers read it."""
    decoded = decode(page("gbk").encode("gbk").replace(b"</p>", b"\x80 100</p>"))

    assert ("€ 100" in decoded.text, decoded.undecoded) == (True, 0)


def test_an_xml_declaration_and_a_meta_in_a_comment_are_told_apart() -> None:
    """What is commented out says nothing; an XML declaration counts where there is no meta."""
    assert decode(f'<?xml version="1.0" encoding="gb2312"?><p>{TEXT[:4]}</p>'.encode("gbk")).text.count(TEXT[:4]) == 1
    assert TEXT in decode(f'<!-- <meta charset="big5"> --><meta charset="gbk"><p>{TEXT}</p>'.encode("gbk")).text
