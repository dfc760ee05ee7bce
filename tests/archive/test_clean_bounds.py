"""Pages that are made to cost: each is bounded, named, and costs its own article only."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from archive.clean import Refusal, Rules, read_page
from archive.clean.extract import ALIKE_CHANCE, MAX_BLOCKS, PLAIN_LINKED, _alike
from archive.clean.selecting import MAX_COUNTED, MAX_FOLLOWING, select
from archive.clean.swelling import MAX_ATTRIBUTES, MAX_TAGS, crowded, swelling

PAD = b"x" * (130 << 10)  # so that a page is long enough to be looked at


@pytest.mark.parametrize(
    ("markup", "said"),
    [
        (b"<p>" * (MAX_TAGS + 1), "tags"),
        (b"<p>" * (MAX_TAGS - 1), None),
        (PAD + b"<p " + b"".join(b"a%d " % n for n in range(MAX_ATTRIBUTES + 9)) + b">", "attributes"),
        (PAD + b"<p " + b"".join(b"a%d='>' " % n for n in range(MAX_ATTRIBUTES + 9)) + b">", "attributes"),
        (PAD + b"<p/" + b"/".join(b"a%d=\">\"" % n for n in range(MAX_ATTRIBUTES + 9)) + b">", "attributes"),
        (PAD + b"<p '" + b"".join(b"a%d='<'" % n for n in range(MAX_ATTRIBUTES + 9)), "attributes"),
        (PAD + b"<img alt='" + b"a b " * 5000 + b"' src=\"data:," + b"x" * 100_000 + b'">', None),
        (PAD + b"<p " + b"".join(b"a%d " % n for n in range(MAX_ATTRIBUTES - 9)) + b">", None),
        (b"<p " + b"".join(b"a%d " % n for n in range(9 * MAX_ATTRIBUTES)) + b">", None),
        (PAD + b"<script " + b"".join(b"a%d " % n for n in range(MAX_ATTRIBUTES + 9)) + b"></script>", "attributes"),
        (PAD + b"<script>if (a<b && " + b"c d " * 9 * MAX_ATTRIBUTES + b"</script><p>x", None),
        (PAD + b"<!-- <p " + b"a " * 9 * MAX_ATTRIBUTES + b"--><p>x", None),
        (PAD + b'<a href=x" >' + b'<p class="b">a b</p>' * 9 * MAX_ATTRIBUTES, None),
    ],
)  # fmt: skip
def test_what_a_parser_would_take_minutes_for_is_known_before(markup: bytes, said: str | None) -> None:
    """libxml2 goes through all attributes of an element for each further one; 400,000 of them hung a crawl."""
    found = swelling(markup)

    assert (
        found and found.rpartition(" ")[2] if said != "attributes" else "attributes" in (found or "") and said
    ) == said
    assert crowded(markup) is None or said == "attributes"


@pytest.mark.parametrize("piece", ["<p>渠水上涨了，村里人都到堤上来看。</p>", "<br>x", "<img src='/a.jpg'>"])
def test_more_paragraphs_or_pictures_than_any_article_has_are_refused(piece: str) -> None:
    """The chooser weighs each block; 80,000 of them took it minutes."""
    payload = f"<title>渠水</title><body>{piece * (MAX_BLOCKS + 2)}</body>".encode()
    found = read_page(payload, url="http://e.org/", content_type="text/html; charset=utf-8", rules=Rules())

    assert isinstance(found, Refusal)
    assert found.kind == "not-an-article"


@given(
    st.lists(
        st.tuples(st.sampled_from([0.1, 0.3, 0.5, 0.9, 1.0]), st.integers(0, 1), st.integers(0, 1), st.sampled_from([0.0, 1.0])),
        min_size=1, max_size=14,
    ),
    st.data(),
)  # fmt: skip
def test_likenesses_are_found_as_by_trying_all(rows: list[tuple[float, int, int, float]], data: st.DataObject) -> None:
    """Each block's neighbours are gone through once, and the outcome is that of going through them from each block."""
    kept = sorted(data.draw(st.sets(st.integers(0, len(rows) - 1))))
    likely = [row[0] for row in rows]
    parents = tuple(SimpleNamespace(parent=SimpleNamespace(blocks=2), blocks=2) for _ in range(2))
    sheet = SimpleNamespace(
        blocks=[SimpleNamespace(tag="p", text="渠水上涨了。") for _ in rows],
        at=[SimpleNamespace(parent=parents[row[1]], blocks=1, depth=3) for row in rows],
        looks=[("p", row[2]) for row in rows],
        linked=[row[3] for row in rows],
    )
    found = set()
    for start in kept:
        for step in (-1, 1):
            number = start + step
            while (
                0 <= number < len(rows)
                and rows[number][1:3] == rows[start][1:3]
                and rows[number][3] < PLAIN_LINKED
                and likely[number] >= ALIKE_CHANCE * likely[start]
            ):
                found.add(number)
                number += step

    assert _alike(kept, sheet, likely) | set(kept) == found | set(kept)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("css", "most"), [("h2 ~ p", MAX_FOLLOWING), ("p:nth-of-type(3)", MAX_COUNTED), ("p:first-child", MAX_COUNTED)]
)
def test_a_selector_of_a_profile_is_not_asked_of_a_page_for_which_it_would_take_minutes(css: str, most: int) -> None:
    """libxml2 goes through all siblings of each; the page is refused, and the run goes on."""
    text = "<p>渠水上涨了，村里人都到堤上来看，谁也没有说话。</p>"
    few, many = (f"<title>渠水</title><body><h2>a</h2>{text * n}<p>b</p></body>".encode() for n in (9, most))
    few_read, many_read = (
        read_page(page, url="http://e.org/", content_type="text/html; charset=utf-8", rules=Rules(body=css))
        for page in (few, many)
    )

    assert not isinstance(few_read, Refusal)
    assert isinstance(many_read, Refusal)
    assert css in many_read.detail


def test_what_stands_next_to_an_element_is_found_as_by_css() -> None:
    """The one sibling that follows is asked for, however many there are behind it."""
    root = etree.HTML(
        "<body><h2>1</h2><p id=a>x</p><p>y</p><h2>2</h2><div>z</div><p>w</p><h2>3</h2><p id=b class=c>v</p>"
    )
    long = etree.HTML("<body>" + "<h2>a</h2><p>b</p>" * 20_000)

    assert [one.get("id") for one in select(root, "h2 + p")] == ["a", "b"]
    assert [one.get("id") for one in select(root, "body > h2 + p.c")] == ["b"]
    assert [one.text for one in select(root, "h2 + p + p")] == ["y"]
    assert len(select(long, "h2 + p")) == 20_000
