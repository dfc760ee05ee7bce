"""Pictures within a page are taken out of it, and nothing else is."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.clean.inlined import LONG_CHARACTERS, without_inlined

LONG = base64.b64encode(bytes(range(256)) * 8).decode()
PIECES = st.sampled_from(
    [
        *(
            "<p>渠水</p>",
            "data:",
            "data:,",
            "data:image/png;base64,",
            "DATA:image/svg+xml;charset=utf-8;base64,",
            '"',
            "'",
            ")",
            " ",
        ),
        *(
            LONG,
            LONG.replace("/", "\\/"),
            LONG.replace("+", "%2B"),
            "a" * LONG_CHARACTERS,
            "a" * (LONG_CHARACTERS - 1),
            "\\",
            "u002b",
            ":",
        ),
    ]
)
TEXTS = st.lists(PIECES, max_size=12).map("".join)


@given(TEXTS)
def test_what_is_no_picture_stays_in_any_encoding(text: str) -> None:
    """Bytes are looked through before anything knows what they are; nothing is taken twice, and a short picture stays."""
    found = without_inlined(text.encode(), 1 << 20)

    assert found is not None
    assert without_inlined(found, 1 << 20) == found
    assert found.replace(b"data:", b"").decode().count("渠水") == text.count("渠水")
    for encoding in ("gb18030", "utf-16-le", "utf-16-be"):
        marked = "<" + text  # which tells UTF-16
        wide = without_inlined(marked.encode(encoding), 1 << 20)

        assert wide is not None
        assert wide.decode(encoding) == "<" + found.decode()
    if "data:" not in text.lower():
        assert found == text.encode()


@pytest.mark.parametrize(
    ("markup", "kept"),
    [
        (
            f'<img src="data:image/png;base64,{LONG}" alt="渠">',
            '<img src="data:image/png;base64,AAECAwQFBgcI" alt="渠">',
        ),
        (
            f"<img srcset='data:image/png;base64,{LONG} 1x, /b.png 2x'>",
            "<img srcset='data:image/png;base64,AAECAwQFBgcI 1x, /b.png 2x'>",
        ),
        (
            f"h1 {{ background: url(data:font/woff2;base64,{LONG}) }}",
            "h1 { background: url(data:font/woff2;base64,AAECAwQFBgcI) }",
        ),
        (
            f'{{"a": "<img src=\\"data:image\\/png;base64,{LONG}\\">", "b": 1}}',
            '{"a": "<img src=\\"data:image\\/png;base64,AAECAwQFBgcI\\">", "b": 1}',
        ),
        (
            f'{{"a": "data:image\\/png;base64,{LONG.replace("/", chr(92) + "/")}"}}',
            '{"a": "data:image\\/png;base64,AAECAwQFBgcI"}',
        ),
        (f"<p>data: {LONG}</p>", f"<p>data: {LONG}</p>"),
    ],
)
def test_what_stands_around_a_picture_stays(markup: str, kept: str) -> None:
    """Quotes, descriptors and escapes around it are the page's."""
    assert without_inlined(markup.encode(), 1 << 20) == kept.encode()


def test_what_is_too_long_without_its_pictures_is_told() -> None:
    """The bound is on what is left, and nothing longer is made on the way."""
    markup = b'<img src="data:image/png;base64,' + LONG.encode() + b'">' + b"x" * 100

    assert without_inlined(markup, 146) == b'<img src="data:image/png;base64,%b">' % LONG[:12].encode() + b"x" * 100
    assert without_inlined(markup, 145) is None
    assert without_inlined(b"x" * 100 + markup, 99) is None
