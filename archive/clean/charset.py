"""Bytes to text: find the encoding, decode, count what did not decode.

Takes   a payload with its content coding undone, and the Content-Type as in the header.
Gives   Decoded: the text, the encoding that was used, the number of bytes that did not decode (each shown as U+FFFD);
        decode_pieces, for what is too long to be held as text.
Writes  nothing.

A declaration counts only if the bytes decode by it strictly: 9 of 80 stored UTF-8 pages still declare gb2312.
"""

from __future__ import annotations

import codecs
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from resiliparse.parse.encoding import detect_encoding, map_encoding_to_html5

from .likeness import likeness

META_BYTES = 16_384  # HTML asks for the meta within 1024 bytes; real pages put scripts and comments before it
DETECT_BYTES = 65_536
SAMPLE_BYTES = 1 << 20  # of a long payload, by which the encoding of all of it is told
PIECE_BYTES = 64 << 10  # of it decoded at once
# Below this many non-ASCII bytes, bytes that happen to be UTF-8 prove nothing (联通 in GBK is valid UTF-8).
UTF8_PROOF_BYTES = 12
ENOUGH, TOO_LITTLE = 0.3, 0.15  # likeness of a text as someone wrote it, and of one read by a wrong table
STRANGE_SHARE = 0.1  # of a character beyond ASCII speaks against a text of pairs that is like none as a bad byte does
WIDE_BYTES = 512  # the head of a page is markup, whose characters are ASCII: in UTF-16 every second byte is 0
WIDE_SHARE = 0.1  # of these bytes are 0 at least
SCRIPT_SHARE = 0.6  # of the bytes beyond ASCII stand in runs, where the script is none of Latin letters

_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_HEADER = re.compile(r"charset\s*+=\s*+[\"']?\s*+([\w.:+-]+)", re.I)
_META = re.compile(rb"<meta[^>]{0,400}?charset\s*+=\s*+[\"']?\s*+([\w.:+-]+)", re.I)
_XML = re.compile(rb"^\s*<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([\w.:+-]+)", re.I)
# Also one without an end, for else each of many such would be read to the end.
_COMMENT = re.compile(rb"<!--(?:-?>|.*?(?:-->|\Z))", re.S)
_ASCII = bytes(range(128))
_BEYOND_ASCII = re.compile(rb"[\x80-\xff]")
_UTF8_NAMES = {"utf-8", "utf8", "unicode-1-1-utf-8", "x-unicode20utf8"}
_ONE_BYTE = re.compile(r"cp125\d|cp874|iso|latin|koi8|mac|cp866", re.I)
_HIGH_RUN = re.compile(rb"[\x80-\xff]{4,}")
_WIDE_TAGS = {b"<\0": "utf-16-le", b"\0<": "utf-16-be"}
_SHIFTED = re.compile(rb"\x1b\$[@B]")  # ISO-2022-JP: from here on pairs of ASCII bytes are characters
_EAST_ASIAN = ("gb18030", "big5hkscs", "cp932", "euc_jp", "cp949")
# As browsers tell a page (WHATWG MIME Sniffing, 7.1), and how an answer of an API begins, called back or not.
_BEGINNING = re.compile(r"\s*+(?:<[!?a-z/]|[\[{]|[\w.$]{1,80}\(\s*+[\[{])", re.I)
_UNSEEN = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
MOST_LOST = 0.01  # of the characters of a text that no editor wrote: bytes that do not decode, controls
_STRETCH = re.compile(rb"[^<>\r\n]+")  # what stands between two tags or line ends
_WINDOWS = {"iso8859-2": "cp1250", "iso8859-7": "cp1253"}  # the same letters, and others where ISO has controls
_C1 = re.compile(rb"[\x80-\x9f]")
_WESTERN = "cp1252"
_BAD = "\udcff"  # stands for one byte that did not decode until it is counted; no codec used here yields it


def _mark(error: UnicodeError) -> tuple[str, int]:
    """Put one mark for each byte that does not decode (a codecs error handler)."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    if (
        error.encoding == "gb18030" and error.object[error.start] == 0x80
    ):  # of GBK, code page 936 (WHATWG Encoding, 10.2.1)
        return "€", error.start + 1
    return _BAD * (error.end - error.start), error.end


codecs.register_error("lianzai-mark", _mark)


@dataclass(frozen=True, slots=True)
class Decoded:
    """A payload as text. undecoded: bytes that did not decode, each U+FFFD in text. is_mixed: parts of it were read by another
    encoding than the one named, which is that of most bytes."""

    text: str
    encoding: str
    undecoded: int
    is_mixed: bool = False


def decode(payload: bytes, content_type: str = "") -> Decoded:
    """Decode a payload by the best evidence there is; never raises and drops nothing.

    content_type: value of the header, "" if none.
    Source: the order BOM, header, meta is that of the WHATWG Encoding and HTML standards; that a label must decode
    strictly is ours (a label that the bytes refute is no evidence).

    >>> decode("渠水".encode("gbk"), "text/html; charset=gb2312").text
    '渠水'
    """
    for bom, unicode_form in _BOMS:
        # A system that puts the mark of UTF-8 before whatever it sends puts it before GBK, too.
        if payload.startswith(bom) and (unicode_form != "utf-8" or _decodes(payload, "utf-8")):
            return _count(payload[len(bom) :], unicode_form)
    payload = payload.removeprefix(codecs.BOM_UTF8)
    wide = _wide(payload, content_type)
    if wide:
        return _count(payload, wide)
    text = _as_utf8(payload)
    if text is not None and b"\x1b$" in payload and _SHIFTED.search(payload) and _decodes(payload, "iso2022_jp"):
        return _count(payload, "iso2022_jp")
    # Each character beyond ASCII is a byte or more longer in UTF-8 than one: so many bytes beyond ASCII at the least.
    if text is not None and len(payload) - len(text) >= UTF8_PROOF_BYTES:
        return Decoded(text, "utf-8", 0)
    labels = _labels(payload, content_type)
    if text is not None and _is_enough(payload, labels):
        return Decoded(text, "utf-8", 0)
    if text is None and _is_proven_utf8(payload, labels):
        return _count(payload, "utf-8")
    encoding = _chosen(payload, [encoding for encoding in labels if _decodes(payload, encoding)])
    if encoding and (encoding not in _EAST_ASIAN or _like(payload, encoding) >= TOO_LITTLE):
        return _count(payload, encoding)
    whole = [_count(payload, one) for one in dict.fromkeys([*filter(None, [encoding]), *labels, "utf-8", "gb18030"])]
    best = min(whole, key=_strangeness)
    mixed = _by_stretches(payload, dict.fromkeys([*(one for one in labels if one in _EAST_ASIAN), "gb18030"]))
    return mixed if mixed and (mixed.undecoded < best.undecoded or encoding) else best


def decode_pieces(payload: bytes, content_type: str = "") -> Iterator[str]:
    """Decode a long payload a piece at a time, so that its text is never held as a whole; never raises and drops nothing.

    Its encoding is that of a sample: its beginning, or where that is ASCII also what begins with the first byte beyond. Of one
    that is mixed, what is not in the encoding of most is shown as not decoded.
    """
    encoding = decode(_sample(payload), content_type).encoding
    at = next((len(bom) for bom, _ in _BOMS if payload.startswith(bom)), 0)
    decoder = codecs.getincrementaldecoder(encoding)("lianzai-mark")
    for start in range(at, len(payload), PIECE_BYTES):
        end = start + PIECE_BYTES
        yield decoder.decode(payload[start:end], final=end >= len(payload)).replace(_BAD, "\ufffd")


def _sample(payload: bytes) -> bytes:
    first = _BEYOND_ASCII.search(payload)
    if first is None or first.start() < META_BYTES:
        return payload[:SAMPLE_BYTES]
    start = first.start() & ~1  # of UTF-16 without a mark no half of a character
    return payload[:META_BYTES] + payload[start : start + SAMPLE_BYTES]


def is_plain(payload: bytes, content_type: str = "") -> bool:
    """Tell whether bytes are a text as it is written, and under no coding: they decode, and as they say.

    A page or data begins as such; of what begins otherwise it is the charset that must be UTF-8, or as declared.

    >>> is_plain("<p>渠水".encode()), is_plain("渠水".encode()), is_plain("<p>渠水".encode()[::-1])
    (True, True, False)
    """
    decoded = decode(payload[:DETECT_BYTES], content_type)
    if decoded.undecoded + len(_UNSEEN.findall(decoded.text)) > MOST_LOST * len(decoded.text):
        return False
    if decoded.encoding in _EAST_ASIAN and likeness(decoded.text) < TOO_LITTLE:
        return False
    return bool(_BEGINNING.match(decoded.text)) or decoded.encoding in ("utf-8", *_labels(payload, content_type))


def codec_of(label: str) -> str | None:
    """Give Python's codec for a label of the Encoding standard, None where the label is unknown.

    gb2312 and gbk mean gb18030, their superset; big5 means big5hkscs; iso-8859-1 means windows-1252; the encodings of Japan,
    Korea and Thailand mean what Windows made of them.
    Source: WHATWG Encoding, 4.2 Names and labels.

    >>> codec_of("GB2312"), codec_of("utf8"), codec_of("no-such")
    ('gb18030', 'utf-8', None)
    """
    name = label.strip().lower()
    mapped = str(map_encoding_to_html5(name) or "")
    if mapped == "utf-8" and name not in _UTF8_NAMES:  # its answer to a label it does not know
        return None
    return _SUPERSETS.get(mapped, mapped)


_SUPERSETS = {
    "gbk": "gb18030", "gb2312": "gb18030", "big5": "big5hkscs", "shift_jis": "cp932", "euc_kr": "cp949", "iso8859-11": "cp874",
}  # fmt: skip


def _labels(payload: bytes, content_type: str) -> list[str]:
    """List the codecs declared by header, meta and XML declaration, in this order, each once."""
    head = _COMMENT.sub(b"", payload[:META_BYTES])
    found = [match.group(1) for match in [_HEADER.search(content_type)] if match]
    found += [match.group(1).decode("ascii", "replace") for match in (_META.search(head), _XML.search(head)) if match]
    codecs_found = [codec for label in found if (codec := codec_of(label))]
    # A page whose meta could be read as ASCII is not UTF-16, whatever the meta says.
    return list(dict.fromkeys("utf-8" if codec.startswith("utf-16") else codec for codec in codecs_found))


def _as_utf8(payload: bytes) -> str | None:
    try:
        return payload.decode("utf-8")
    except UnicodeDecodeError:
        return None


def _is_proven_utf8(payload: bytes, labels: list[str]) -> bool:
    return _is_enough(payload, labels) and _decodes(payload, "utf-8")


def _is_enough(payload: bytes, labels: list[str]) -> bool:
    """Tell whether it proves something that the bytes are UTF-8: there are enough, or nothing says otherwise, or all is ASCII."""
    high = len(payload[:DETECT_BYTES].translate(None, _ASCII))
    return high >= UTF8_PROOF_BYTES or not labels or labels[0] == "utf-8" or high == 0


def _wide(payload: bytes, content_type: str) -> str | None:
    """Tell UTF-16 that bears no mark: by the zero bytes of its markup, or by the header where the text then makes sense."""
    head = payload[:WIDE_BYTES]
    zeros = {"utf-16-be": head[::2].count(0), "utf-16-le": head[1::2].count(0)}
    most = max(zeros, key=lambda name: zeros[name])
    if head[:2] in _WIDE_TAGS and _decodes(payload, _WIDE_TAGS[head[:2]]):
        return _WIDE_TAGS[head[:2]]
    if zeros[most] > WIDE_SHARE * len(head) / 2 and min(zeros.values()) * 4 < zeros[most] and _decodes(payload, most):
        return most
    label = _HEADER.search(content_type)
    told = codec_of(label.group(1)) if label else None
    if told and told.startswith("utf-16") and _decodes(payload, told) and _like(payload, told) >= ENOUGH:
        return told
    return None


def _chosen(payload: bytes, strict: list[str]) -> str | None:
    """Choose an encoding that the payload decodes by; None where there is none.

    strict: the declared ones by which it does, in their order. A one-byte table decodes almost anything: it yields to a
    declaration that could have failed and did not. The Western one, which servers send by default, yields to any other,
    and to bytes that look like another encoding. A pair table decodes much, too: where what it gives is like no text, and
    another gives one, the label was wrong.
    """
    pairs = [name for name in strict if not _ONE_BYTE.match(name)]
    others = [name for name in strict if _ONE_BYTE.match(name) and name != _WESTERN]
    if pairs:
        told = max(pairs, key=lambda name: _like(payload, name))
        if told not in _EAST_ASIAN or _like(payload, told) >= TOO_LITTLE:
            return told
        return _east_asian(payload) or told
    if others:
        return others[0]
    east = _east_asian(payload)
    if east:
        return east
    detected = codec_of(detect_encoding(payload, max_len=DETECT_BYTES) or "")
    detected = _WINDOWS.get(detected or "", detected) if _C1.search(payload) else detected
    if strict and not (detected and _ONE_BYTE.match(detected) and _is_of_another_script(payload)):
        return strict[0]
    guesses = [detected] if detected and _ONE_BYTE.match(detected) else ["gb18030", detected]
    return next((name for name in [*guesses, "gb18030"] if name and _decodes(payload, name)), None)


def _east_asian(payload: bytes) -> str | None:
    """Find the encoding of Chinese, Japanese or Korean by which the payload is most like a text, if by any."""
    likes = {name: _like(payload, name) for name in _EAST_ASIAN if _decodes(payload, name)}
    best = max(likes, key=lambda name: likes[name], default=None)
    return best if best and likes[best] >= ENOUGH else None


def _like(payload: bytes, encoding: str) -> float:
    decoder = codecs.getincrementaldecoder(encoding)("replace")
    return likeness(decoder.decode(payload[:DETECT_BYTES], final=False))


def _strangeness(decoded: Decoded) -> float:
    """Weigh what speaks against a reading, in bytes that did not decode: UTF-8 with a few bad ones has fewer of them in GBK."""
    if decoded.encoding not in _EAST_ASIAN or likeness(decoded.text[:DETECT_BYTES]) >= TOO_LITTLE:
        return decoded.undecoded
    return decoded.undecoded + STRANGE_SHARE * sum(char > "\x7f" for char in decoded.text)


def _is_of_another_script(payload: bytes) -> bool:
    """Tell whether bytes said to be Western are rather Cyrillic, Greek, Thai, …: whole words of bytes beyond ASCII."""
    high = len(payload[:DETECT_BYTES].translate(None, _ASCII))
    return sum(map(len, _HIGH_RUN.findall(payload[:DETECT_BYTES]))) >= SCRIPT_SHARE * high


def _by_stretches(payload: bytes, encodings: Iterable[str]) -> Decoded | None:
    """Decode a page of which parts are UTF-8 and parts are not, each stretch between tags by itself; None where it is none.

    A stretch that is no UTF-8 is read by the first encoding that makes it like a text; one that none does shows its
    bytes as not decoded. The encoding given is that of most bytes.
    """
    pieces: list[str] = []
    counts: Counter[str] = Counter()
    undecoded = position = 0
    for match in _STRETCH.finditer(payload):
        stretch = match.group()
        if stretch.isascii():
            continue
        by = next((name for name in ("utf-8", *encodings) if _makes_sense(stretch, name)), None)
        decoded = _count(stretch, by or "utf-8")
        undecoded += decoded.undecoded
        counts[by or ""] += len(stretch.translate(None, _ASCII))
        pieces += payload[position : match.start()].decode("ascii"), decoded.text
        position = match.end()
    pieces.append(payload[position:].decode("ascii"))
    used = [name for name, _ in counts.most_common() if name]
    return Decoded("".join(pieces), used[0], undecoded, is_mixed=True) if len(used) > 1 else None


def _makes_sense(stretch: bytes, encoding: str) -> bool:
    return _decodes(stretch, encoding) and (encoding == "utf-8" or _like(stretch, encoding) >= ENOUGH)


def _decodes(payload: bytes, encoding: str) -> bool:
    """Tell whether the payload decodes strictly, but for a character cut off at its very end."""
    try:
        codecs.getincrementaldecoder(encoding)("strict").decode(payload, final=False)
    except UnicodeDecodeError:
        return False
    return True


def _count(payload: bytes, encoding: str) -> Decoded:
    text = payload.decode(encoding, "lianzai-mark")
    undecoded = text.count(_BAD)
    return Decoded(text.replace(_BAD, "�") if undecoded else text, encoding, undecoded)
