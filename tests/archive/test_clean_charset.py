"""Bytes to text: every kind of wrong, missing and contradictory declaration."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.clean.charset import codec_of, decode

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
