"""Sort keys of addresses: one key for what a replay should take for one address."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.surt import surt

SESSION = "0123456789abcdef0123456789ABCDEF"


# Expected values: the published rules; each was compared with surt 0.3.1 as a command, 20,000 generated addresses beside.
@pytest.mark.parametrize(
    ("url", "key"),
    [
        ("http://www.Example.com/Foo/Bar?B=2&a=1", "com,example)/foo/bar?a=1&b=2"),
        ("https://www2.example.com:443/", "com,example)/"),
        ("http://example.com:80", "com,example)/"),
        ("https://example.com:80/", "com,example:80)/"),
        ("http://example.com:8080/a/", "com,example:8080)/a"),
        ("http://user:pw@example.com/x#frag", "com,example)/x"),
        ("http://example.com?x=1", "com,example)/?x=1"),
        ("http://example.com/a/?", "com,example)/a"),
        ("http://example.com/a//b/../c/./d", "com,example)/a/c/d"),
        ("http://example.com/a//..", "com,example)/a"),
        ("http://example.com/a/../../b", "com,example)/../b"),
        ("http://example.com/%E4%B8%AD%2Fx%41", "com,example)/%e4%b8%ad/xa"),
        ("http://example.com/中文?k=河 南", "com,example)/%e4%b8%ad%e6%96%87?k=%e6%b2%b3%20%e5%8d%97"),
        ("http://example.com/%BA%D3", "com,example)/%ba%d3"),
        ("http://example.com/%252525", "com,example)/%25"),
        ("http://example.com/100%", "com,example)/100%25"),
        ("http://example.com/?a-b=1&a=2", "com,example)/?a=2&a-b=1"),
        ("http://example.com/?a=&a=0&a", "com,example)/?a&a=&a=0"),
        ("http://example.com/?a=1&&b=2&", "com,example)/?&&a=1&b=2"),
        (f"http://e.com/a?jsessionid={SESSION}&x=1", "com,e)/a?x=1"),
        (f"http://e.com/a?PHPSESSID={SESSION}", "com,e)/a"),
        (f"http://e.com/?y=1&sid={SESSION}", "com,e)/?&y=1"),
        ("http://e.com/?CFID=1&CFTOKEN=2&z=1", "com,e)/?z=1"),
        ("http://e.com/?aspsessionidabcdefgh=abcdefghijklmnopqrstuvwx&y", "com,e)/?y"),
        ("http://e.com/(S(0123456789abcdefghijklmn))/a.aspx", "com,e)/a.aspx"),
        ("http://192.168.1.1/x", "1,1,168,192)/x"),
        ("http://127.1/", "1,0,0,127)/"),
        ("http://[2001:DB8::1]:8080/x", "2001:db8::1:8080)/x"),
        ("http://中国.cn/", "cn,xn--fiqs8s)/"),
        ("http://localhost:8080/a", "localhost:8080)/a"),
        ("http://www/", "www)/"),
        (" http://e.com/a\tb\n", "com,e)/ab"),
        ("e.com/a", "com,e)/a"),
        ("urn:lianzai:Profile", "urn:lianzai:profile"),
        ("dns:www.example.com", "dns:www.example.com"),
        ("urn:pageinfo:https://x/?q=%41#f", "urn:pageinfo:https://x?q=a"),
        ("urn:pageinfo:https://X.com/A//b/../?b=2&a=1#f", "urn:pageinfo:https://x.com/a//b/..?a=1&b=2"),
        ("urn:text:http://e.com/%E4%B8%AD", "urn:text:http://e.com/%e4%b8%ad"),
        (f"urn:x?sid={SESSION}", "urn:x"),
        ("urn:a%2541#b", "urn:aa"),
        ("urn:?b&a", "urn:/?a&b"),
        ("urn:x//", "urn:x/"),
        ("about:?", "about:"),
        ("data:,a%20b%23c#d", "data:,a%20b%23c"),
        ("mailto:A@b.com?subject=%41&a=b", "mailto:a@b.com?a=b&subject=a"),
        ("http://e.com/../../x", "com,e)/x"),
        ("http://e.com/../../../x/../y", "com,e)/../y"),
        ("http://e.com/../../", "com,e)/"),
        ("file:///x", "file:/x"),
        ("file:///C:/a b//../c.html?b&a#top", "file:/c:/a%20b//../c.html?a&b"),
        ("file:///", "file:/"),
        ("file://host/x", "host)/x"),
        ("ftp:////", "ftp:/"),
        ("ws://:80/x", "ws:/x"),
        ("x://?a", "x:/?a"),
        ("http:///host/x", "host)/x"),
        ("https:///Host?b&a", "host)/?a&b"),
        ("http:////x", "x)/"),
        ("http://", "http:"),
        ("https:///?q", "https:/?q"),
        ("filedesc://A.arc?b=%41#f", "filedesc://A.arc?b=%41#f"),
        ("screenshot:http://e.com/a/?b=1&a=2", "screenshot:http://e.com/a?a=2&b=1"),
        ("", "-"),
    ],
)
def test_the_key_is_the_published_one(url, key):
    """Indexes by others are searched with our keys and ours with theirs."""
    assert key == surt(url)


@pytest.mark.parametrize(
    ("url", "key"),
    [
        ("http://@/x", "http:/x"),
        ("https://:443/x", "https:/x"),
        ("http:///www.e.com:80/x", "com,e)/x"),
        ("HTTP:///host/x", "host)/x"),
        ("URN:X:y", "urn:x:y"),
        ("filedesc://中 a.arc", "filedesc://%E4%B8%AD%20a.arc"),
    ],
)
def test_where_the_published_program_errs_the_key_is_that_of_the_rules(url, key):
    """surt 0.3.1 takes the path for a host, or gives one address two keys by the case of its scheme, or a key with a blank."""
    assert key == surt(url)


ADDRESSES = st.builds(
    "{}{}{}{}".format,
    st.sampled_from(
        [
            "http://",
            "https://",
            "HTTP://",
            "ftp://",
            "http:///",
            "file:///",
            "urn:pageinfo:https://",
            "data:",
            "filedesc:",
        ]
    ),
    st.sampled_from(["e.com", "www.e.com", "中国.cn", "10.0.0.1", "[::1]", ""]),
    st.sampled_from(["", ":80", ":8080", ":x"]),
    st.text(st.sampled_from("/.?&=%2F5#; 中é()aB\ud800\udcba")) | st.text(max_size=40),
)


@given(ADDRESSES | st.text(max_size=60))
def test_a_key_never_breaks_a_line(url):
    """A CDXJ line is parted at blanks; a key with one in it would hide all that follows."""
    key = surt(url)

    assert key
    assert key.isascii()
    assert not any(character.isspace() or character < " " for character in key)


@given(ADDRESSES.filter(lambda url: not url.startswith("filedesc:")))
def test_case_fragment_and_escapes_make_no_other_key(url):
    """The same page must not be looked for under two keys."""
    plain = url.split("#")[0].strip()

    assert surt(plain) == surt(plain + "#top")
    assert surt(plain.lower()) == surt(plain) or not plain.isascii()


@given(
    st.lists(st.sampled_from(["a", "B", "..", ".", "", "%41", "x y", "中", "%2F"])),
    st.lists(st.sampled_from(["a=1", "b", "A=%20", "c=中"])),
)
def test_a_key_is_the_key_of_what_it_spells(path, query):
    """Canonicalise twice = once."""
    key = surt("http://e.com/" + "/".join(path) + ("?" + "&".join(query) if query else ""))

    assert key == surt("http://e.com" + key.removeprefix("com,e)")) or ".." in path
