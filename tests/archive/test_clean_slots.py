"""What stands in boxes among the paragraphs and is none of them, embedded posts, and paragraphs wrapped one by one."""

from __future__ import annotations

import pytest
from invented_texts import SENTENCES

from archive.clean import Refusal, Rules, read_page
from archive.clean.furniture import is_furniture

ENGLISH = (
    "The water came on the third day, a little before six in the morning.",
    "Nobody in the village had slept, and the first to hear it was the boy at the mill.",
    "“It sounded like someone breathing,” he said, and ran down the bank with his lamp.",
    "By noon the channel was full, and the lock keeper wrote the hour into his book.",
    "He had lifted the sluice by half a foot, as his father had done in 1978.",
)


def text_of(body: str, lang: str = "en", title: str = "The water came") -> list[str]:
    page = (
        f"<html lang='{lang}'><head><title>{title} - The Courier</title></head><body><nav><a href='/'>Home</a></nav>"
        f"<main><h1>{title}</h1><div class='story'>{body}</div></main><footer>The Courier</footer></body></html>"
    )
    reading = read_page(page.encode(), url="http://paper.example/a", content_type="text/html", rules=Rules())
    assert not isinstance(reading, Refusal)
    return reading.text.splitlines()


def around(inner: str, lines: tuple[str, ...] = ENGLISH) -> str:
    return "".join([*(f"<p>{line}</p>" for line in lines[:2]), inner, *(f"<p>{line}</p>" for line in lines[2:])])


@pytest.mark.parametrize(
    "box",
    [
        "<div class='newsletter-box'><h3>The Morning Boat</h3><p>All the news of the valley at seven.</p></div>",
        "<div class='my-6'><p>The Morning Boat</p><p>Five stories each weekday.</p><input type='email'></div>",
        "<div class='x'><span>Advertisement</span><p>Spring sale at the boatyard: save up to 30%.</p></div>",
        "<div><div><p>ANZEIGE</p></div><p>Matratzen jetzt reduziert.</p></div>",
        "<aside class='y'><h4>See also</h4><p>A short history of the valley in six clocks</p></aside>",
        "<p>Sponsored</p>",
        "<p>【広告】</p><p>年末セール開催中、最大七割引き</p>",
        "<p>Article continues below</p>",
        "<p>Jetzt 4 Wochen für 1 Euro testen und alle Artikel lesen.</p>",
    ],
)
def test_a_box_that_changes_by_the_visit_is_no_text(box):
    """Its sentences read like any other; what the box is tells it."""
    assert [*ENGLISH] == text_of(around(box))


@pytest.mark.parametrize("wrapper", ["<form>{}</form>", "<div class='ad'>{}</div>", "<div class='newsletter'>{}</div>"])
def test_a_box_that_holds_the_article_is_its_text(wrapper):
    """Some systems set the whole page into a form, and a letter to subscribers is an article too."""
    assert [*ENGLISH] == text_of(wrapper.replace("{}", around("")))


def test_a_heading_below_the_label_of_an_advertisement_is_text():
    """Labels stand alone where the advertisement was blocked."""
    assert "The second day" in text_of(around("<p>Advertisement</p><h2>The second day</h2>"))


@pytest.mark.parametrize(
    "line",
    [
        "阅读 12,304 · 在看 12", "（更多新闻，请关注临溪日报微信公众号）", "Already a subscriber? Log in", "vor 3 Stunden",
        "You have 2 free articles left this month.", "Last updated yesterday", "431 shares", "- END -", "3日前",
        "Got a tip? Write to the desk.", "5,331人が読みました",
    ],
)  # fmt: skip
def test_a_line_that_counts_or_calls_is_furniture(line):
    """Whichever words it has: each is of one of a few kinds."""
    assert is_furniture(line)


@pytest.mark.parametrize(
    "line",
    [
        "共有 3 人获救。", "阅读 12 本书的孩子得到了奖状。", "She reads our newsletter.", "渠水到了", "In the end",
        "Join the queue, the guard told her, and wait.", "Three people have read the letter since.", "他关注这条渠已经十二年。",
        "The newspaper has 12,000 subscribers.", "Support came from the villages along the canal.",
    ],
)  # fmt: skip
def test_a_line_that_tells_something_is_none(line):
    """An article may be about readers and newspapers."""
    assert not is_furniture(line)


def test_a_post_of_a_network_is_in_the_text_whole_or_not_at_all():
    """The line with its author is a link with a date; words without their author are a bad quotation."""
    said = (
        "Senate resolves to observe a minute of silence in honour of the lock keepers.",
        "The motion was carried at noon.",
    )
    post = (
        f"<blockquote class='twitter-tweet'><p>{said[0]}</p><p>{said[1]}</p>&mdash; Valley Senate (@valley) "
        "<a href='https://twitter.com/valley/status/1'>March 5, 2031</a></blockquote>"
    )
    found = [line for line in text_of(around(post)) if line not in ENGLISH]

    assert found in ([], [*said, "— Valley Senate (@valley) March 5, 2031"])


def test_a_paragraph_in_a_wrapper_of_its_own_is_text_like_its_fellows():
    """Programs give each paragraph a wrapper, with classes by turns, and short ones have a poor chance alone."""
    lines = SENTENCES[:6]
    body = "".join(
        f"<div class='css-{number % 2}x'><p class='css-a'>{line}</p></div>" for number, line in enumerate(lines)
    )

    assert [*lines] == text_of(body, "zh", "渠水十二站")


def test_a_question_and_its_answer_are_text_together():
    """An interview is a list of terms to those who care for markup."""
    pairs = [
        ("When did the water come?", ENGLISH[0]),
        ("Who heard it?", ENGLISH[1]),
        ("And then?", ENGLISH[3]),
        ("Why?", ENGLISH[4]),
    ]
    body = "".join(f"<dt>Q: {one}</dt><dd>A: {told}</dd>" for one, told in pairs)

    assert [line for one, told in pairs for line in (f"Q: {one}", f"A: {told}")] == text_of(f"<dl>{body}</dl>")
