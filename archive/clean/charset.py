"""Bytes to text: find the encoding, decode, count what did not decode.

Takes   a payload with its content coding undone, and the Content-Type as in the header.
Gives   Decoded: the text, the encoding that was used, the number of bytes that did not decode (each shown as U+FFFD).
Writes  nothing.

A declaration counts only if the bytes decode by it strictly: 9 of 80 stored UTF-8 pages still declare gb2312.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

from resiliparse.parse.encoding import detect_encoding, map_encoding_to_html5

META_BYTES = 2048  # HTML asks for the meta within 1024 bytes; real pages put scripts and comments before it
DETECT_BYTES = 65_536
# Below this many non-ASCII bytes, bytes that happen to be UTF-8 prove nothing (联通 in GBK is valid UTF-8).
UTF8_PROOF_BYTES = 12

_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_HEADER = re.compile(r"charset\s*=\s*[\"']?\s*([\w.:+-]+)", re.I)
_META = re.compile(rb"<meta[^>]{0,400}?charset\s*=\s*[\"']?\s*([\w.:+-]+)", re.I)
_XML = re.compile(rb"^\s*<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([\w.:+-]+)", re.I)
_COMMENT = re.compile(rb"<!--.*?-->", re.S)
_ASCII = bytes(range(128))
_UTF8_NAMES = {"utf-8", "utf8", "unicode-1-1-utf-8", "x-unicode20utf8"}
_ONE_BYTE = re.compile(r"cp125\d|cp874|iso|latin|koi8|mac|cp866", re.I)
_HIGH_RUN = re.compile(rb"[\x81-\xfe]{6,}")
_WESTERN = "cp1252"
_BAD = "\udcff"  # stands for one byte that did not decode until it is counted; no codec used here yields it


def _mark(error: UnicodeError) -> tuple[str, int]:
    """Put one mark for each byte that does not decode (a codecs error handler)."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return _BAD * (error.end - error.start), error.end


codecs.register_error("lianzai-mark", _mark)


@dataclass(frozen=True, slots=True)
class Decoded:
    """A payload as text. undecoded: bytes that did not decode, each U+FFFD in text."""

    text: str
    encoding: str
    undecoded: int


def decode(payload: bytes, content_type: str = "") -> Decoded:
    """Decode a payload by the best evidence there is; never raises and drops nothing.

    content_type: value of the header, "" if none.
    Source: the order BOM, header, meta is that of the WHATWG Encoding and HTML standards; that a label must decode
    strictly is ours (a label that the bytes refute is no evidence).

    >>> decode("渠水".encode("gbk"), "text/html; charset=gb2312").text
    '渠水'
    """
    for bom, unicode_form in _BOMS:
        if payload.startswith(bom):
            return _count(payload[len(bom) :], unicode_form)
    text = _as_utf8(payload)
    # Each character beyond ASCII is a byte or more longer in UTF-8 than one: so many bytes beyond ASCII at the least.
    if text is not None and len(payload) - len(text) >= UTF8_PROOF_BYTES:
        return Decoded(text, "utf-8", 0)
    labels = _labels(payload, content_type)
    if text is not None and _is_enough(payload, labels):
        return Decoded(text, "utf-8", 0)
    if text is None and _is_proven_utf8(payload, labels):
        return _count(payload, "utf-8")
    strict = [encoding for encoding in labels if _decodes(payload, encoding)]
    # A one-byte table decodes almost anything: it yields to a declaration that could have failed and did not, and the
    # Western one, which servers send by default, to bytes that look like another encoding.
    for encoding in sorted(strict, key=lambda name: bool(_ONE_BYTE.match(name))):
        if encoding != _WESTERN or not _looks_multibyte(payload):
            return _count(payload, encoding)
    guesses = [*_guesses(payload), *strict]
    for encoding in guesses:
        if _decodes(payload, encoding):
            return _count(payload, encoding)
    tried = [_count(payload, encoding) for encoding in dict.fromkeys([*labels, "utf-8", *guesses])]
    return min(tried, key=lambda decoded: decoded.undecoded)


def codec_of(label: str) -> str | None:
    """Give Python's codec for a label of the Encoding standard, None where the label is unknown.

    gb2312 and gbk mean gb18030, their superset; big5 means big5hkscs; iso-8859-1 means windows-1252.
    Source: WHATWG Encoding, 4.2 Names and labels.

    >>> codec_of("GB2312"), codec_of("utf8"), codec_of("no-such")
    ('gb18030', 'utf-8', None)
    """
    name = label.strip().lower()
    mapped = str(map_encoding_to_html5(name) or "")
    if mapped == "utf-8" and name not in _UTF8_NAMES:  # its answer to a label it does not know
        return None
    return {"gbk": "gb18030", "big5": "big5hkscs", "gb2312": "gb18030"}.get(mapped, mapped)


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


def _looks_multibyte(payload: bytes) -> bool:
    """Tell whether bytes said to be Western are rather a Chinese, Japanese or Korean encoding: the detector says so, and
    they stand in runs longer than accented letters do."""
    runs = _HIGH_RUN.findall(payload[:DETECT_BYTES])
    detected = codec_of(detect_encoding(payload, max_len=DETECT_BYTES) or "")
    return bool(runs) and detected is not None and not _ONE_BYTE.match(detected) and _decodes(payload, detected)


def _guesses(payload: bytes) -> list[str]:
    """Guess from the bytes alone: what the detector says, then gb18030, the likeliest here."""
    detected = codec_of(detect_encoding(payload, max_len=DETECT_BYTES) or "")
    guesses = [name for name in (detected, "gb18030") if name and not _ONE_BYTE.match(name)]
    if detected and _ONE_BYTE.match(detected):
        guesses.append(detected)
    return list(dict.fromkeys(guesses))


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
