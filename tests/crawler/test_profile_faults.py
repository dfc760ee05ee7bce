"""What is refused, and in which words."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from archive.errors import ProfileError
from crawler.profile import load_profile, parse_profile

URL_LIST = '[series]\nid = "qushui"\ntitle = "渠水"\n[source]\nkind = "url-list"\nurls = ["http://paper.example/a"]\n'
AT = URL_LIST.count("\n") + 2


def fault(text: str) -> str:
    with pytest.raises(ProfileError) as caught:
        parse_profile(text, name="demo.toml", environ={})
    return str(caught.value)


def test_all_faults_stand_in_one_line_each_with_its_place_and_what_is_allowed() -> None:
    """One run of `profile check` should be enough to mend a profile."""
    said = fault(
        URL_LIST
        + '[fetch]\nrequisites = "som"\nconcurrency = true\nheadres = {}\n[scope]\ninclude = [\n  "ok",\n  "(",\n]\n'
    )

    assert said == (
        'demo.toml:8: fetch.requisites: "som" is none of "all", "images", "none", true, false; '
        "demo.toml:9: fetch.concurrency: true is not a whole number, 1 or more; "
        "demo.toml:10: fetch.headres: unknown key; did you mean headers?; "
        'demo.toml:14: scope.include[1]: "(" is not a regular expression of at most 1000 characters '
        "(missing ), unterminated subpattern at character 0)"
    )


def test_an_error_of_toml_has_line_and_column() -> None:
    """tomllib knows the place; at the end of the text it is the last line."""

    assert fault("[series]\nid = \n").startswith("demo.toml:2: column 6: id: a value is missing; allowed: ")
    assert fault('[series]\nid = "a').startswith("demo.toml:2: ")


@pytest.mark.parametrize("table", ["series", "source"])
def test_a_missing_table_is_named(table: str) -> None:
    """Both are needed to know what to fetch."""

    assert f"{table}: missing; needed: a table" in fault("[fetch]")


@pytest.mark.parametrize(
    ("table", "key"),
    [
        ("[fetch]\ndelay = -0.1", "fetch.delay"), ("[fetch]\ndelay = nan", "fetch.delay"),
        ("[fetch]\ndelay = '1'", "fetch.delay"),
        ("[fetch]\ndelay = true", "fetch.delay"), ("[fetch]\ndelay = inf", "fetch.delay"),
        ("[fetch]\ntimeout = 0", "fetch.timeout"),
        ("[fetch]\nconcurrency = 0", "fetch.concurrency"), ("[fetch]\nconcurrency = 1.0", "fetch.concurrency"),
        ("[fetch]\nretries = 21", "fetch.retries"), ("[fetch]\nretries = -1", "fetch.retries"),
        ("[fetch]\nretries = false", "fetch.retries"),
        ("[fetch]\nrequisites = 1", "fetch.requisites"), ("[fetch]\nrecheck = 5", "fetch.recheck"),
        ("[fetch]\nrecheck = '5'", "fetch.recheck"),
        ("[fetch]\nrecheck = '0d'", "fetch.recheck"), ("[fetch]\nrecheck = '3 d'", "fetch.recheck"),
        ("[fetch]\nrobots = 'no'", "fetch.robots"),
        ("[fetch]\nmax_body = 0", "fetch.max_body"), ("[fetch]\nmax_requests = 0", "fetch.max_requests"),
        ("[fetch]\nmax_seconds = 0", "fetch.max_seconds"), ("[fetch]\nmax_bytes = 0", "fetch.max_bytes"),
        ("[fetch]\nmax_articles = 0", "fetch.max_articles"), ("[fetch]\nmax_articles = 10000001", "fetch.max_articles"),
        ("[fetch]\nmin_free = -1", "fetch.min_free"),
        ("[fetch]\nmax_bytes = 9223372036854775808", "fetch.max_bytes"),
        (f"[fetch]\nmax_bytes = 0x{'f' * 6000}", "fetch.max_bytes"),
        ('[fetch]\nuser_agent = "a\\r\\nb"', "fetch.user_agent"), ("[fetch]\nuser_agent = ''", "fetch.user_agent"),
        ("[fetch]\nuser_agent = '连载'", "fetch.user_agent"), ("[fetch]\nallow_private = 1", "fetch.allow_private"),
        ('[fetch]\nheaders = { X = "a\\nb" }', "fetch.headers.X"),
        ("[fetch]\nheaders = { 'X Y' = 'a' }", 'fetch.headers."X Y"'),
        ("[fetch]\nheaders = { X = 1 }", "fetch.headers.X"),
        ("[fetch]\nheaders = { Host = 'a' }", "fetch.headers.Host"),
        ("[fetch]\nheaders = { x = 'a', X = 'b' }", "fetch.headers"),
        ("[fetch]\nheaders = { User-Agent = 'a' }", "fetch.headers.User-Agent"),
        ("[fetch]\nauth = 'a'", "fetch.auth"), ("[fetch]\nauth = ':a'", "fetch.auth"),
        ("[fetch]\nproxy = 'socks5://a'", "fetch.proxy"),
        ("[fetch]\ncookies = 'nowhere.txt'", "fetch.cookies"), ("[fetch]\ncookies = 1", "fetch.cookies"),
        ('[fetch]\ncookies = "a\\u0000"', "fetch.cookies"),
        ("[fetch]\ncookies = '~nobody-of-that-name/x'", "fetch.cookies"),
        ("[scope]\ninclude = 'a'", "scope.include"), ("[scope]\nexclude = ['a{9999999999}']", "scope.exclude[0]"),
        (f"[scope]\nexclude = ['{'a' * 1001}']", "scope.exclude[0]"),
        ("[scope]\nexclude = ['/a(?!/b)']", "scope.exclude[0]"), ("[scope]\ninclude = ['(a)\\1']", "scope.include[0]"),
        ("[scope]\nexclude_requisites = ['*']", "scope.exclude_requisites[0]"),
        ("[article]\ntitle = 'h1['", "article.title"), ("[article]\nbody = 'ns|p'", "article.body"),
        ("[article]\nnext = 'a::b'", "article.next"),
        ("[article]\ntitle = 1", "article.title"), ("[article]\ntitle = ' '", "article.title"),
        ("[article]\nauthors = 'a:nonsense'", "article.authors"),
        ('[article]\ntitle = "a\\u0001"', "article.title"), ("[article]\ntitel = 'a'", "article.titel"),
        ("[watch]\nwithdraw_after = 3", "watch.withdraw_after"),
        ("[watch]\nwithdraw_after = { checks = 0 }", "watch.withdraw_after.checks"),
        ("[watch]\nwithdraw_after = { hours = -1 }", "watch.withdraw_after.hours"),
        ("[watch]\nwithdraw_after = { days = 1 }", "watch.withdraw_after.days"),
        ("[watch]\nignore = ['a[']", "watch.ignore[0]"), ("[warc]\nmax_size = 0", "warc.max_size"),
        ('[warc]\noperator = "a\\nb"', "warc.operator"),
        ("[browser]\nrender = true", "browser.render"), ("[browser]\nviewport = '0x1'", "browser.viewport"),
        ("[browser]\nwait = -1", "browser.wait"),
        ("[browser]\nscreenshot = 'yes'", "browser.screenshot"), ("[store]\nurl = 'http://a/'", "store.url"),
        ("[store]\nurl = 's3:///a'", "store.url"),
        ("[store]\nurl = 'file://a/b'", "store.url"), ("[notify]\nurls = ['a']", "notify.urls[0]"),
        ("[notify]\non = ['lost']", "notify.on[0]"),
        ("[notify]\non = ['found', 'found']", "notify.on"),
        ("[recover]\nsources = ['http://a/']", "recover.sources[0]"),
        ("[recover]\nsources = ['cdx:a']", "recover.sources[0]"), ("[recover]\nrate = 0", "recover.rate"),
    ],
)  # fmt: skip
def test_a_wrong_value_is_refused_with_its_key(table: str, key: str) -> None:
    """Before anything is fetched, and with nothing but the key that is wrong."""
    said = fault(URL_LIST + table)

    assert said.startswith(f"demo.toml:{AT}: {key}: ")
    assert "\n" not in said
    assert "; demo.toml" not in said
    assert len(said) < 400


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("id", '"A"'), ("id", '""'), ("id", '"-a"'), ("id", f'"{"a" * 65}"'), ("id", '"a\\n"'), ("id", '"渠"'),
        ("id", "1"), ("id", '"../a"'),
        ("title", '""'), ("title", '" "'), ("title", '"a\\nb"'), ("title", "2018-08-30"), ("expected", "0"),
        ("expected", "true"), ("expected", "1.0"),
        ("expected", '"18"'), ("subjects", '["郑州", "郑州"]'), ("subjects", '[""]'), ("subjects", '"郑州"'),
        ("subjects", "[1]"),
        ("schedule", '"0 0 30 2 *"'), ("schedule", '"@daily"'), ("schedule", '"* * * *"'),
        ("timezone", '"Asia/Shangai"'), ("timezone", '"Asia"'),
        ("timezone", '"../../etc/passwd"'), ("timezone", '"CST-8 "'), ("cadence", '"3"'), ("cadence", "3"),
        ("cadence", '"-3d"'), ("cadence", '"9999999w"'),
        ("language", '"chinesisch"'), ("tags", "[1]"), ("rights", "true"), ("publisher", '"a\\u0000"'),
    ],
)  # fmt: skip
def test_a_wrong_value_of_the_series_is_refused_with_its_key(key: str, value: str) -> None:
    """The id names files; the rest is shown to readers."""
    lines = [line for line in URL_LIST.splitlines() if not line.startswith(f"{key} ")]
    said = fault("\n".join([lines[0], f"{key} = {value}", *lines[1:]]))

    assert said.startswith(f"demo.toml:2: series.{key}")
    assert "; demo.toml" not in said


@pytest.mark.parametrize(
    ("table", "key"),
    [
        ('kind = "rss"', "source.kind"), ("kind = 1", "source.kind"), ('url = "http://a/"', "source.kind"),
        ('kind = "henandaily"', "source"),
        ('kind = "henandaily"\nspecial_id = "a"\ncat_id = "b"', "source"),
        ('kind = "henandaily"\nspecial_id = "a/b"', "source.special_id"),
        ('kind = "henandaily"\nspecial_id = 412', "source.special_id"),
        ('kind = "henandaily"\ncat_id = "a"\nbase_url = "a"', "source.base_url"),
        ('kind = "list-page"\nitem = "a"', "source.url"), ('kind = "list-page"\nurl = "http://a/"', "source.item"),
        ('kind = "list-page"\nurl = "http://a/"\nitem = ""', "source.item"),
        ('kind = "list-page"\nurl = "http://a/"\nitem = "a"\nmax_pages = 0', "source.max_pages"),
        ('kind = "list-page"\nurl = "http://a/"\nitem = "a"\nnext = "["', "source.next"),
        ('kind = "list-page"\nurl = "http://a/"\nitem = "a"\nurls = []', "source.urls"),
        ('kind = "feed"\nurl = "http://a/"\nmatch = "("', "source.match"),
        ('kind = "feed"\nurl = "http://a/"\nsince = "soon"', "source.since"),
        ('kind = "feed"\nurl = "http://a/"\nsince = "2018-13-01"', "source.since"),
        ('kind = "sitemap"\nurl = "http://a/"\nsince = 10:00:00', "source.since"),
        ('kind = "url-list"', "source.urls"), ('kind = "url-list"\nurls = []', "source.urls"),
        ('kind = "url-list"\nurls = ["http://a/", "http://a/"]', "source.urls"),
        ('kind = "json-api"\nurl = "http://a/"\nitems = "["\nfields = { url = "u" }', "source.items"),
        ('kind = "json-api"\nurl = "http://a/"\nitems = "a"\nfields = { id = "u" }', "source.fields.url"),
        ('kind = "json-api"\nurl = "http://a/"\nitems = "a"\nfields = { url = "u", titel = "t" }', "source.fields.titel"),
        ('kind = "json-api"\nurl = "http://a/{seite}"\nitems = "a"\nfields = { url = "u" }', "source.url"),
        ('kind = "json-api"\nurl = "http://a/"\nitems = "a"\nfields = { url = "u(" }', "source.fields.url"),
    ],
)  # fmt: skip
def test_a_wrong_source_is_refused_with_its_key(table: str, key: str) -> None:
    """Each kind has keys that it needs and keys that it does not know."""
    said = fault(f"[series]\nid = 'a'\ntitle = 'b'\n[source]\n{table}")

    assert f": {key}: " in said
    assert "; demo.toml" not in said


@pytest.mark.parametrize(
    "url",
    ["", "a", "/a", "//a/b", "ftp://a/", "http:///a", "http://", "http://a:b/", "http://a:99999/", "http://[::1/", "http://a b/",
     "http://a/b c", "http://a/\\n", "http:a", "javascript:alert(1)", "{{BASE}}/a", "http://a\\\\b/", "http://:80/"],
)  # fmt: skip
def test_what_is_no_absolute_address_is_refused(url: str) -> None:
    """A seed that cannot be asked for would fail in the midst of a run."""

    assert "source.urls[0]: " in fault(URL_LIST.replace("http://paper.example/a", url))


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:9/a.html", "https://[::1]:8080/", "HTTP://报纸.example/渠?a=b&c=%20#f", "http://a/@b:c"]
)
def test_any_absolute_address_is_taken_as_it_is_written(url: str) -> None:
    """Addresses are fetched as written."""
    profile = parse_profile(URL_LIST.replace("http://paper.example/a", url), name="demo.toml", environ={})

    assert profile.public()["source"]["urls"] == [url]


def test_fewer_instalments_than_subjects_are_refused() -> None:
    """The series could be complete while subjects are missing."""
    said = fault(URL_LIST.replace("title", "subjects = ['郑州', '开封']\nexpected = 1\ntitle"))

    assert said == "demo.toml:4: series.expected: 1 is fewer than the 2 of series.subjects"


def test_a_series_cannot_expect_more_than_it_takes() -> None:
    """It would never be complete, and nobody would know why."""
    said = fault(URL_LIST.replace("title", "expected = 11\ntitle") + "[fetch]\nmax_articles = 10\n")

    assert said == "demo.toml:3: series.expected: 11 is more than the 10 of fetch.max_articles"


def test_the_nearest_zone_is_offered() -> None:
    """Zone names are easily misspelt."""

    assert "did you mean Asia/Shanghai?" in fault(URL_LIST.replace("title", "timezone = 'Asia/Shangai'\ntitle"))


# ------------------------------------------------------------------------------------------------------------ files


def refused(path: Path) -> str:
    with pytest.raises(ProfileError) as caught:
        load_profile(path, environ={})
    return str(caught.value)


def test_a_file_that_is_not_there_or_no_file_is_refused(tmp_path: Path) -> None:
    """What is wrong with the file itself is told apart."""
    os.mkfifo(tmp_path / "pipe")

    assert "no such file" in refused(tmp_path / "none.toml")
    assert "found a folder" in refused(tmp_path)
    assert "expected a file" in refused(tmp_path / "pipe")


@pytest.mark.skipif(
    not Path("/proc/self/mem").exists(), reason="needs a file that opens and cannot be read, even by root"
)
def test_a_file_that_cannot_be_read_is_refused() -> None:
    """The reason is the system's own."""

    assert "mem: cannot be read: " in refused(Path("/proc/self/mem"))


def test_bytes_that_are_no_utf_8_are_refused_with_their_place(tmp_path: Path) -> None:
    """A profile saved as GBK is a likely mistake."""
    path = tmp_path / "demo.toml"
    path.write_bytes(b"# " + "渠水".encode("gbk"))

    assert refused(path) == "demo.toml: expected UTF-8, found another byte at offset 2"


def test_a_byte_order_mark_and_line_ends_of_windows_are_passed_over(tmp_path: Path) -> None:
    """Notepad writes both; lines are counted all the same."""
    path = tmp_path / "demo.toml"
    path.write_bytes(b"\xef\xbb\xbf" + URL_LIST.replace("\n", "\r\n").encode())
    profile = load_profile(path, environ={})
    path.write_bytes(b"\xef\xbb\xbf" + (URL_LIST + "[fetch]\nx = 1").replace("\n", "\r\n").encode())

    assert profile.series.title == "渠水"
    assert refused(path).startswith("demo.toml:8: fetch.x: ")


def test_a_huge_file_is_refused_unread(tmp_path: Path) -> None:
    """More than 1 MiB is no profile."""
    path = tmp_path / "demo.toml"
    path.write_bytes(b"#" * (1 << 20) + b"\n")

    assert "expected at most 1048576 bytes" in refused(path)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "its first line"), ("a\tb\n", "its first line"),
        ("# Netscape HTTP Cookie File\na\tb\n", "its line 2 has 2 fields"),
        ("# HTTP Cookie File\n\n# note\n#HttpOnly_a\tb\n", "its line 4 has 2 fields"),
    ],
)  # fmt: skip
def test_a_file_that_holds_no_cookies_is_refused(tmp_path: Path, text: str, reason: str) -> None:
    """Else the crawl would go on without being logged in. No cookie is shown."""
    (tmp_path / "jar.txt").write_text(text, "utf-8")
    path = tmp_path / "demo.toml"
    path.write_text(URL_LIST + "[fetch]\ncookies = 'jar.txt'", "utf-8")

    assert reason in refused(path)
