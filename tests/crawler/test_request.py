"""What a site may have us say to it is bounded: a server refuses a head that is too long, and then all its articles fail."""

from __future__ import annotations

from archive.fold import Address
from crawler.demo.profiles import url_list_profile
from crawler.profile import parse_profile
from crawler.request import Headers

URL = "http://example.org/a"


def headers() -> Headers:
    """Give the headers of a run."""
    return Headers(parse_profile(url_list_profile("http://example.org"), name="demo.toml", environ={}), (URL,))


def redirect(*lines: str) -> bytes:
    """Give an answer that sends on."""
    return "\r\n".join(["HTTP/1.1 302 Found", *lines, "Location: /b", "", ""]).encode()


def test_cookies_of_a_site_are_sent_back_as_far_as_a_server_takes_them() -> None:
    """200 cookies of 4 kB made 431 of fifty later requests."""
    sent = headers()
    sent.lets_in(
        URL, redirect(*(f"Set-Cookie: c{n}={'x' * 4000}; Path=/" for n in range(200))), "http://example.org/b", ()
    )
    sent.lets_in(URL, redirect("Set-Cookie: small=1; Path=/"), "http://example.org/b", ())
    cookie = dict(sent.of(URL, None))[b"Cookie"]

    assert cookie.startswith(b"c0=x")
    assert cookie.endswith(b"small=1")
    assert len(cookie) < 6144


def test_a_tag_that_no_server_would_take_back_is_not_sent() -> None:
    """An ETag of 200 kB is none: the page is asked for as if it had none."""
    known = {length: Address(URL, "page", etag=f'"{"x" * length}"', last_modified="a") for length in (900, 200_000)}
    sent = {length: {name for name, _ in headers().of(URL, address)} for length, address in known.items()}

    assert b"If-None-Match" in sent[900]
    assert b"If-None-Match" not in sent[200_000]
    assert b"If-Modified-Since" in sent[200_000]
