"""A profile as a whole: its defaults, config.toml, the environment, its secrets, what is asked of it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from archive.errors import ProfileError
from crawler.profile import Profile, from_public, load_profile, parse_profile, same_source

SHARED = Path(__file__).parents[3] / "shared"

SERIES = '[series]\nid = "qushui"\ntitle = "渠水十二站"\n'
URL_LIST = SERIES + '[source]\nkind = "url-list"\nurls = ["http://paper.example/a/1.html"]\n'
COOKIES = "# Netscape HTTP Cookie File\npaper.example\tFALSE\t/\tTRUE\t0\tsid\tgeheim-cookie\n"


def parse(text: str, *, config: str | None = None, **environ: str) -> Profile:
    return parse_profile(text, name="demo.toml", config=config, environ=environ)


def fault(text: str, *, config: str | None = None, **environ: str) -> str:
    with pytest.raises(ProfileError) as caught:
        parse(text, config=config, **environ)
    return str(caught.value)


def test_a_profile_of_what_is_required_has_the_defaults_of_the_contract() -> None:
    """The defaults are a promise: politeness and limits depend on them."""
    profile = parse(URL_LIST)
    fetch = profile.fetch

    assert (profile.series.expected, profile.series.subjects, profile.series.cadence_s) == (None, (), None)
    assert (fetch.delay, fetch.concurrency, fetch.timeout, fetch.retries) == (1.0, 2, 60.0, 3)
    assert (fetch.requisites, fetch.recheck, fetch.robots, fetch.allow_private) == ("all", "decay", "obey", False)
    assert (fetch.max_body, fetch.max_requests, fetch.max_seconds) == (67_108_864, 10_000, 3600.0)
    assert (fetch.max_bytes, fetch.min_free) == (1_073_741_824, 1_073_741_824)
    assert (fetch.headers, fetch.cookies, fetch.auth, fetch.proxy) == ({}, None, None, None)
    assert fetch.user_agent.startswith("lianzai")
    assert (profile.watch.withdraw_after.checks, profile.watch.withdraw_after.hours) == (3, 24.0)
    assert profile.warc.max_size == 1_073_741_824
    assert (profile.browser.render, profile.browser.viewport_px, profile.recover.rate) == ("never", (1280, 900), 20.0)
    assert profile.store.url is None
    assert len(profile.notify.on) == 8


@pytest.mark.parametrize(
    ("table", "keys"),
    [
        ('kind = "henandaily"\nspecial_id = "special_412"', {"special_id": "special_412", "cat_id": None}),
        ('kind = "henandaily"\ncat_id = "content_21"', {"base_url": "https://api.henandaily.cn/"}),
        ('kind = "list-page"\nurl = "http://a.example/"\nitem = "li a"', {"next": None, "max_pages": 100}),
        ('kind = "feed"\nurl = "http://a.example/f"\nsince = 2018-08-30', {"since": "2018-08-30", "match": None}),
        ('kind = "sitemap"\nurl = "http://a.example/s"\nmatch = "/2018/"', {"match": "/2018/", "since": None}),
        ('kind = "json-api"\nurl = "http://a.example/?o={offset}&p={page}"\nitems = "data[]"\nfields = { url = "u" }',
         {"url": "http://a.example/?o={offset}&p={page}", "next": None}),
    ],
)  # fmt: skip
def test_each_kind_of_source_has_its_own_keys(table: str, keys: dict[str, Any]) -> None:
    """A key of one kind means nothing to another."""
    source = parse(f"{SERIES}[source]\n{table}").source

    assert {key: getattr(source, key) for key in keys} == keys


@pytest.mark.parametrize(
    ("written", "read"), [("true", "all"), ('"all"', "all"), ("false", "none"), ('"images"', "images")]
)
def test_requisites_may_be_written_as_a_word_or_as_true_and_false(written: str, read: str) -> None:
    """The contract takes both."""

    assert parse(f"{URL_LIST}[fetch]\nrequisites = {written}").fetch.requisites == read


@pytest.mark.parametrize(
    ("written", "read"), [("always", "always"), ("7d", 604_800.0), ("30s", 30.0), ("2w", 1_209_600.0)]
)
def test_recheck_is_a_word_or_a_length_of_time(written: str, read: str | float) -> None:
    """Lengths are seconds once they are read."""

    assert parse(f'{URL_LIST}[fetch]\nrecheck = "{written}"').fetch.recheck == read


@pytest.mark.skipif(not SHARED.exists(), reason="the shared cases are not here")
def test_the_profiles_of_all_public_cases_are_taken() -> None:
    """They are written by others, after the contract alone."""
    refused = []
    for path in sorted(SHARED.glob("cases/*/*.toml")):
        text = path.read_text("utf-8").replace("{{BASE}}", "http://127.0.0.1:8000").replace("{{STORE}}", "s3://bucket")
        try:
            parse(text)
        except ProfileError as error:
            refused.append((path.name, str(error)))

    assert refused == []


# ------------------------------------------------------------------------------------------------------ config.toml


def test_config_gives_defaults_key_by_key_and_the_profile_wins() -> None:
    """A home says once what holds for all its series."""
    config = (
        "[fetch]\ndelay = 5\nretries = 1\nheaders = { Accept = 'a', From = 'b' }\n[watch.withdraw_after]\nchecks = 9\n"
    )
    profile = parse(
        f"{URL_LIST}[fetch]\ndelay = 2\nheaders = {{ accept = 'c' }}\n[watch]\nwithdraw_after = {{ hours = 1 }}",
        config=config,
    )

    assert (profile.fetch.delay, profile.fetch.retries) == (2.0, 1)
    assert profile.fetch.headers == {"From": "b", "accept": "c"}
    assert (profile.watch.withdraw_after.checks, profile.watch.withdraw_after.hours) == (9, 1.0)


def test_a_fault_of_config_names_config() -> None:
    """The profile's author would search in vain."""

    assert fault(URL_LIST, config="[fetch]\n\ndelay = -1").startswith("config.toml:3: fetch.delay: -1 is not ")


@pytest.mark.parametrize("table", ["series", "source"])
def test_config_cannot_say_what_a_series_is(table: str) -> None:
    """Two profiles would share a name."""

    assert fault(URL_LIST, config=f"[fetch]\n[{table}]").startswith(f"config.toml:2: {table}: ")


def test_a_missing_config_gives_no_defaults_and_a_broken_one_is_a_fault(tmp_path: Path) -> None:
    """A home need not have a config.toml; one that cannot be read must not be passed over."""
    path = tmp_path / "demo.toml"
    path.write_text(URL_LIST, "utf-8")
    config = tmp_path / "config.toml"
    profile = load_profile(path, config=config, environ={})
    config.symlink_to(tmp_path / "nowhere")

    assert profile.name == "demo.toml"
    with pytest.raises(ProfileError, match="no such file"):
        load_profile(path, config=config, environ={})


# ---------------------------------------------------------------------------------------- environment and secrets

SECRETIVE = (
    URL_LIST.replace("渠水十二站", "env:TITLE")
    + """[fetch]
auth = "reader:geheim-auth"
proxy = "http://me:geheim-proxy@proxy.example:8080"
headers = { Cookie = "geheim-header", X-Api-Key = "env:KEY", Accept = "text/html" }
[notify]
urls = ["tgram://geheim-token/chat", "env:NOTIFY_URL"]
[recover]
sources = ["cdx:https://u:geheim-cdx@cdx.example/"]
"""
)
ENVIRON = {"TITLE": "geheim-title", "KEY": "geheim-key", "NOTIFY_URL": "mailto://geheim-mail"}
GEHEIM = {
    "geheim-auth", "geheim-proxy", "geheim-header", "geheim-key", "tgram://geheim-token/chat", "mailto://geheim-mail",
    "geheim-cdx",
    "geheim-title",
}  # fmt: skip


def test_a_value_from_the_environment_is_used_and_not_shown() -> None:
    """Such values never reach ledger, logs, WARCs or errors."""
    profile = parse(SECRETIVE, **ENVIRON)
    shown = json.dumps(profile.public(), ensure_ascii=False)

    assert profile.series.title == "geheim-title"
    assert profile.fetch.headers["X-Api-Key"] == "geheim-key"
    assert profile.public()["series"]["title"] == "env:TITLE"
    assert profile.public()["fetch"]["headers"] == {"Cookie": "***", "X-Api-Key": "env:KEY", "Accept": "text/html"}
    assert "geheim" not in shown
    assert "geheim" not in f"{profile!r} {profile.fetch!r} {profile.series} {profile.notify!r} {profile.rules_digest()}"


def test_all_secrets_are_named_for_the_log() -> None:
    """A log masks what it is told of: whole values, and the passwords within."""

    assert parse(SECRETIVE, **ENVIRON).secrets >= GEHEIM


def test_values_of_a_cookie_file_are_secrets(tmp_path: Path) -> None:
    """A session cookie is a password for a while. A relative path starts from the profile's folder."""
    (tmp_path / "jar.txt").write_text(COOKIES, "utf-8")
    path = tmp_path / "demo.toml"
    path.write_text(f'{URL_LIST}[fetch]\ncookies = "jar.txt"\n', "utf-8")
    profile = load_profile(path, environ={})

    assert profile.fetch.cookies == tmp_path / "jar.txt"
    assert profile.secrets == {"geheim-cookie"}
    assert profile.public()["fetch"]["cookies"] == "jar.txt"


def test_a_missing_variable_is_a_fault_that_names_it() -> None:
    """An empty password instead would be refused by the site, at night, with another message."""
    said = fault(f'{URL_LIST}[fetch]\nauth = "env:AUTH"')

    assert said == 'demo.toml:8: fetch.auth: "env:AUTH": the environment has no variable AUTH'


@pytest.mark.parametrize(
    "table",
    [
        "[fetch]\nauth = 'env:S'", "[fetch]\nproxy = 'env:S'", "[fetch]\nrobots = 'env:S'",
        "[fetch]\nrecheck = 'env:S'",
        "[fetch]\nheaders = { A = 'env:S' }", "[fetch]\ncookies = 'env:S'", "[scope]\ninclude = ['env:S']",
        "[fetch]\ntimeout = 'env:S'",
        "[article]\nbody = 'env:S'", "[recover]\nsources = ['env:S']", "[store]\nurl = 'env:S'",
        "[notify]\non = ['env:S']",
        "[notify]\non = ['found', 'env:F', 'env:F']", "[browser]\nviewport = 'env:S'", "[notify]\nurls = ['env:S']",
    ],
)  # fmt: skip
def test_a_wrong_value_from_the_environment_is_refused_without_being_shown(table: str) -> None:
    """Whoever reads the error may not be whoever may know the secret."""
    said = fault(URL_LIST + table, S="(geheim[\n", F="found")

    assert said.startswith("demo.toml:8: ")
    assert "geheim" not in said


@pytest.mark.parametrize(
    "table",
    [
        "[fetch]\nauth = 'geheim'", "[fetch]\nauth = ['geheim']", "[fetch]\nproxy = 'me:geheim@proxy'",
        "[notify]\nurls = 'x://geheim'",
        "[fetch]\nproxy = 'http://me:gehe/im@proxy:80/'",
        "[fetch]\nheaders = { Cookie = 'geheim\\n' , Authorization = \"geheim\\n\" }",
        "[recover]\nsources = ['http://u:geheim@x/']",
    ],
)  # fmt: skip
def test_a_password_written_out_is_not_shown_in_errors(table: str) -> None:
    """Errors land in logs and mails."""
    said = fault(URL_LIST + table)

    assert "geheim" not in said
    assert "gehe/im" not in said


def test_the_same_address_with_two_passwords_stays_readable_when_masked() -> None:
    """Masked, both look alike; the stored profile must still be read."""
    profile = parse(URL_LIST.replace('["', '["http://u:one@b.example/", "http://u:two@b.example/", "'))

    assert from_public(profile.public(), "demo.toml").public() == profile.public()


@pytest.mark.parametrize("key", ["id", "kind"])
def test_what_names_files_cannot_come_from_the_environment(key: str) -> None:
    """An id stands in file names and addresses, where nothing can be kept secret."""
    text = URL_LIST.replace('id = "qushui"', 'id = "env:A"') if key == "id" else URL_LIST.replace("url-list", "env:A")

    assert "cannot come from the environment" in fault(text, A="a")


# ------------------------------------------------------------------------------------------------------- read back


def test_a_stored_profile_is_read_without_the_environment(tmp_path: Path) -> None:
    """rebuild works years later, on another machine, from the WARCs alone."""
    jar = tmp_path / "jar.txt"
    jar.write_text(COOKIES, "utf-8")
    extra = f"proxy = 'env:P'\nrobots = 'env:R'\ncookies = '{jar}'\nrecheck = 'env:C'\n"
    text = SECRETIVE.replace('proxy = "http://me:geheim-proxy@proxy.example:8080"\n', extra)
    profile = parse(text + "[store]\nurl = 'env:U'\n", **ENVIRON, P="http://p/", R="ignore", U="file:///b", C="1d")
    jar.unlink()
    stored = from_public(json.loads(json.dumps(profile.public())), "demo.toml")

    assert stored.public() == profile.public()
    assert (stored.fetch.proxy, stored.fetch.robots, stored.fetch.recheck) == ("env:P", "obey", "decay")
    assert (stored.rules_digest(), stored.source_identity()) == (profile.rules_digest(), profile.source_identity())
    assert stored.secrets == frozenset()


def test_a_stored_profile_that_is_wrong_is_refused() -> None:
    """What stands in a WARC made by others is no more to be trusted than a file."""
    public = parse(URL_LIST).public()
    public["fetch"] = {"delay": "soon"}

    with pytest.raises(ProfileError, match=r"fetch\.delay"):
        from_public(public, "stored.toml")


def test_public_gives_a_copy() -> None:
    """Who changes it must not change the profile."""
    profile = parse(URL_LIST)
    profile.public()["source"]["urls"].clear()

    assert profile.public()["source"]["urls"] == ["http://paper.example/a/1.html"]


# ------------------------------------------------------------------------------------------- what is asked of it


def test_keys_that_do_nothing_yet_are_named() -> None:
    """Who sets one should learn that nothing comes of it."""
    text = SERIES + 'schedule = "0 9 * * *"\n[source]\nkind = "feed"\nurl = "http://a.example/f"\n'
    profile = parse(text + "[browser]\nwait = 1\n[store]\nurl = 'file:///x'\n[notify]\non = []\n[recover]\nrate = 1")

    assert parse(URL_LIST).inert() == []
    assert profile.inert() == [
        "browser.wait",
        "recover.rate",
    ]


@pytest.mark.parametrize(
    "other",
    [
        URL_LIST.replace("title", 'publisher = "x"\ntitle'), URL_LIST + "[fetch]\ndelay = 9",
        URL_LIST + "[warc]\noperator = 'x'",
        URL_LIST.replace("title", "tags = ['x']\ntitle"), URL_LIST + "# a comment",
        URL_LIST + "[watch]\nwithdraw_after = { checks = 3 }",
    ],
)  # fmt: skip
def test_what_does_not_change_how_captures_are_read_keeps_the_digest(other: str) -> None:
    """Else each change of a delay would fold the whole series anew."""

    assert parse(other).rules_digest() == parse(URL_LIST).rules_digest()


@pytest.mark.parametrize(
    "other",
    [
        URL_LIST.replace("title", "subjects = ['郑州']\ntitle"), URL_LIST.replace("title", "expected = 3\ntitle"),
        URL_LIST.replace("title", "timezone = 'Asia/Shanghai'\ntitle"),
        URL_LIST.replace("title", "language = 'zh'\ntitle"),
        URL_LIST.replace("十二", "十三"), URL_LIST.replace("1.html", "2.html"), URL_LIST + "[article]\nbody = 'div'",
        URL_LIST + "[watch]\nignore = ['p.ad']", URL_LIST + "[watch]\nwithdraw_after = { hours = 1 }",
        URL_LIST + "[fetch]\nmax_articles = 9",
    ],
)  # fmt: skip
def test_what_changes_how_captures_are_read_changes_the_digest(other: str) -> None:
    """Two captures are compared under the same rules only."""
    digest = parse(other).rules_digest()

    assert digest != parse(URL_LIST).rules_digest()
    assert digest.startswith("sha256:")
    assert len(digest) == 71


def test_the_spelling_of_an_address_makes_no_other_source() -> None:
    """A site that moves to https keeps its series."""
    page = '{}[source]\nkind = "list-page"\nurl = "{}"\nitem = "{}"'
    one = parse(page.format(SERIES, "http://Paper.example:80/list", "li a"))
    same = parse(page.format(SERIES, "https://paper.example/list#top", "p a"))
    other = parse(page.format(SERIES, "https://paper.example/list?page=2", "li a"))

    assert one.source_identity() == same.source_identity() == "list-page paper.example/list"
    assert not same_source(one.source_identity(), other.source_identity())


def test_a_list_of_urls_may_grow_and_stays_the_same_source() -> None:
    """A new instalment is added to it each week."""
    grown = parse(URL_LIST.replace('["', '["http://paper.example/a/0.html", "')).source_identity()
    other = parse(URL_LIST.replace("/a/1", "/b/1")).source_identity()

    assert same_source(parse(URL_LIST).source_identity(), grown)
    assert not same_source(grown, other)
    assert not same_source(grown, grown.replace("url-list", "list-page"))


def test_reading_a_profile_imports_no_heavy_library() -> None:
    """`profile check` and the front door stay quick."""
    heavy = ("scrapy", "sqlalchemy", "trafilatura", "twisted", "lxml")
    code = f"import sys, crawler.profile; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"
