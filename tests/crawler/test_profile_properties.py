"""Properties of profiles: all valid ones load, nothing else than ProfileError comes of the others."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from archive.errors import ProfileError
from crawler.profile import from_public, parse_profile

lines = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "Zs")), min_size=1, max_size=12).filter(
    lambda text: bool(text.strip()) and not text.startswith("env:")
)
counts = st.integers(1, 2**63 - 1)
seconds = st.one_of(st.integers(0, 10**6), st.floats(0, 1e6))
durations = st.builds("{}{}".format, st.integers(1, 50), st.sampled_from("smhdw"))
hosts = st.sampled_from(["paper.example", "127.0.0.1:8000", "报纸.example", "[::1]", "reader:geheim@paper.example"])
urls = st.builds(
    "{}://{}/{}".format,
    st.sampled_from(["http", "https"]),
    hosts,
    st.from_regex(r"[a-z0-9/?=&%~渠@-]{0,9}", fullmatch=True),
)
regexes = st.sampled_from(["/2018/", r"\.html$", "(?i)a|b", "[渠水]+", ""])
selectors = st.sampled_from(["h1", "div.content > p:nth-child(2)", "ul li a[href$='.html']", "#a, .b", "*"])
maybe_selectors = st.one_of(st.just(""), selectors)
paths = st.sampled_from(["a", "data[].item", "@", "a.b | [0]", "join('', ['x', id])"])
since = st.one_of(st.dates().map(str), st.just("2018-08-30T10:05:00+08:00"))
header_values = st.from_regex(r"[!-~]([ -~]{0,8}[!-~])?", fullmatch=True).filter(
    lambda text: not text.startswith("env:")
)
header_names = st.sampled_from(["Accept", "Cookie", "X-Token", "Referer", "Authorization"])
notices = st.sampled_from(["found", "revised", "withdrawn", "restored", "overdue", "failed", "damaged", "complete"])
ids = st.from_regex(r"[a-z0-9][a-z0-9-]{0,20}", fullmatch=True)
names = st.from_regex(r"[a-z]{1,9}_[0-9]{1,4}", fullmatch=True)


def table(required: dict[str, Any] | None = None, **optional: Any) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(required or {}, optional=optional)


sources = st.one_of(
    table({"kind": st.just("henandaily"), "special_id": names}, base_url=urls),
    table({"kind": st.just("henandaily"), "cat_id": names}),
    table({"kind": st.just("list-page"), "url": urls, "item": selectors}, next=maybe_selectors, max_pages=counts),
    table({"kind": st.just("feed"), "url": urls}, match=regexes, since=since),
    table({"kind": st.just("sitemap"), "url": urls}, match=regexes, since=since),
    table({"kind": st.just("url-list"), "urls": st.lists(urls, min_size=1, max_size=3, unique=True)}),
    table({"kind": st.just("json-api"), "url": urls.map(lambda url: url + "?o={offset}"), "items": paths,
           "fields": table({"url": paths}, id=paths, title=paths, updated=paths, published=paths)}, next=paths),
)  # fmt: skip

profiles = table(
    {
        "series": table(
            {"id": ids, "title": lines}, expected=st.integers(3, 99), subjects=st.lists(lines, max_size=3, unique=True),
            schedule=st.sampled_from(["*/30 7-23 * * *", "0 9 * * 0", ""]),
            timezone=st.sampled_from(["Asia/Shanghai", "UTC", ""]),
            cadence=durations, publisher=st.one_of(st.just(""), lines), language=st.sampled_from(["zh", "en-GB", ""]),
            tags=st.lists(lines, max_size=2, unique=True),
        ),
        "source": sources,
    },
    scope=table(include=st.lists(regexes, max_size=2), exclude=st.lists(regexes, max_size=2)),
    fetch=table(
        delay=seconds, concurrency=counts, timeout=st.floats(0.1, 1e6), retries=st.integers(0, 20),
        requisites=st.sampled_from(["all", "images", "none", True, False]),
        recheck=st.one_of(st.sampled_from(["decay", "always", "never"]), durations),
        robots=st.sampled_from(["obey", "ignore"]),
        user_agent=header_values, allow_private=st.booleans(), max_body=counts, max_requests=counts,
        max_seconds=st.integers(1, 10**6),
        max_bytes=counts, min_free=st.integers(0, 2**63 - 1),
        headers=st.dictionaries(header_names, header_values, max_size=3),
        auth=st.sampled_from(["", "reader:geheim", "a:"]), proxy=st.one_of(st.just(""), urls),
    ),
    article=table(title=maybe_selectors, published=maybe_selectors, body=maybe_selectors, authors=maybe_selectors,
                  next=maybe_selectors),
    watch=table(withdraw_after=table(checks=counts, hours=seconds), ignore=st.lists(selectors, max_size=2)),
    warc=table(operator=lines, contact=lines, max_size=counts),
    browser=table(render=st.sampled_from(["never", "auto", "always"]), wait=seconds, viewport=st.just("800x600"),
                  screenshot=st.booleans()),
    store=table(url=st.sampled_from(["s3://bucket/归档 a+b", "file:///srv/copies", "", "s3://bucket"])),
    notify=table(urls=st.lists(st.just("tgram://geheim/chat"), max_size=2), on=st.lists(notices, unique=True)),
    recover=table(sources=st.lists(urls.map(lambda url: f"cdx:{url}"), max_size=2), rate=st.integers(1, 99)),
)  # fmt: skip


def toml(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(key)} = {toml(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(toml, value)) + "]"
    if isinstance(value, float):
        return repr(value)
    return json.dumps(value, ensure_ascii=False)


def written(tables: dict[str, dict[str, Any]]) -> str:
    return "".join(
        f"[{name}]\n" + "".join(f"{key} = {toml(value)}\n" for key, value in keys.items())
        for name, keys in tables.items()
    )


@given(profiles)
def test_every_profile_of_valid_values_loads_and_comes_back_from_what_is_kept_of_it(
    tables: dict[str, dict[str, Any]],
) -> None:
    """What a WARC keeps of a profile says the same series, source and rules as the file did."""
    profile = parse_profile(written(tables), name="demo.toml", environ={})
    stored = from_public(json.loads(json.dumps(profile.public())), "demo.toml")

    assert stored.public() == profile.public()
    assert stored.source_identity() == profile.source_identity()
    assert stored.rules_digest() == profile.rules_digest()
    assert stored.inert() == profile.inert()
    assert (stored.series, stored.scope, stored.article, stored.watch) == (
        profile.series,
        profile.scope,
        profile.article,
        profile.watch,
    )
    assert "geheim" not in json.dumps(profile.public())


@given(profiles, st.data())
def test_every_string_may_come_from_the_environment(tables: dict[str, dict[str, Any]], data: st.DataObject) -> None:
    """Any string: the profile then works as if it stood there, and shows the name only."""
    places = [(name, key) for name, keys in tables.items() for key, value in keys.items()
              if isinstance(value, str) and value and (name, key) not in (("series", "id"), ("source", "kind"))]  # fmt: skip
    name, key = data.draw(st.sampled_from(places))
    value = tables[name][key]
    direct = parse_profile(written(tables), name="demo.toml", environ={})
    tables[name][key] = "env:VALUE"
    profile = parse_profile(written(tables), name="demo.toml", environ={"VALUE": value})

    assert getattr(profile, name) == getattr(direct, name)
    assert profile.public()[name][key] == "env:VALUE"
    assert value in profile.secrets
    assert from_public(profile.public(), "demo.toml").public() == profile.public()


wrong = st.one_of(
    st.integers(-2, 2), st.booleans(), st.floats(), st.text(max_size=4), st.lists(st.integers(), max_size=2),
    st.just({"a": {"b": [1]}})
)  # fmt: skip


@given(profiles, st.data())
def test_one_wrong_value_is_reported_on_its_own_line(tables: dict[str, dict[str, Any]], data: st.DataObject) -> None:
    """Whatever stands around it, the error points to the key that was changed, or there is none."""
    name = data.draw(st.sampled_from([name for name, keys in tables.items() if keys]))
    key = data.draw(st.sampled_from(sorted(tables[name])))
    tables[name][key] = data.draw(wrong)
    lines_before = written(tables)[: written(tables).index(f"[{name}]\n")].count("\n")
    line = lines_before + 2 + list(tables[name]).index(key)
    # The kind decides about all the other keys; fewer expected than subjects is said of expected.
    assume((name, key) not in (("source", "kind"), ("series", "subjects")))
    text = written(tables)
    try:
        parse_profile(text, name="demo.toml", environ={})
    except ProfileError as error:
        said = str(error)
    else:
        said = f"demo.toml:{line}: {name}.{key}"

    assert f"demo.toml:{line}: {name}" in said or f"demo.toml:{lines_before + 1}: {name}: needs" in said


junk_keys = st.sampled_from(
    ["series", "source", "fetch", "id", "kind", "url", "urls", "title", "x", "headers", "withdraw_after", "watch"]
)
junk_values = st.recursive(
    st.one_of(st.integers(), st.booleans(), st.text(max_size=6), st.floats(),
              st.sampled_from(["env:", "env:HOME", "env:1", "url-list"])),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(junk_keys, inner, max_size=3)),
    max_leaves=10,
)  # fmt: skip


def read(text: str, config: str | None = None) -> str:
    """Read a text that is probably no profile. Gives the error's text, "" where there is none."""
    try:
        parse_profile(text, name="demo.toml", config=config, environ={"HOME": "geheim"})
    except ProfileError as error:
        return str(error)
    return ""


@given(st.dictionaries(junk_keys, junk_values, max_size=4), st.dictionaries(junk_keys, junk_values, max_size=2))
def test_tables_of_junk_give_one_line_and_no_traceback(tables: dict[str, Any], config: dict[str, Any]) -> None:
    """A profile is written by hand; any mistake is a fault with a place."""
    text = "".join(f"{key} = {toml(value)}\n" for key, value in tables.items() if "\x7f" not in toml(value))
    said = read(text, "".join(f"{key} = {toml(value)}\n" for key, value in config.items()))

    assert said.isprintable()
    assert said
    assert "geheim" not in said


@given(st.text(max_size=80))
def test_any_text_gives_one_line_and_no_traceback(text: str) -> None:
    """A picture taken for a profile is refused like any other."""
    said = read(text)

    assert said.isprintable()
    assert said


@given(st.text(st.sampled_from(list("[]{}=.,#\"'\\\n\r ab1-:\x00\ufeff键")), max_size=60))
def test_any_text_of_the_marks_of_toml_gives_one_line_and_no_traceback(text: str) -> None:
    """The same, nearer to what a slip of the hand makes of TOML."""

    assert read(text).isprintable()
    assert read(text)


@given(junk_values, st.sampled_from(["series", "source", "fetch", "watch", "notify"]))
def test_a_stored_profile_of_junk_gives_no_traceback(value: Any, name: str) -> None:
    """A WARC made by others may hold anything as a profile."""
    data = {"series": {"id": "a", "title": "b"}, "source": {"kind": "url-list", "urls": ["http://a/"]}, name: value}

    with pytest.raises(ProfileError):
        from_public(data | {"x": 1}, "stored.toml")
    try:
        said = from_public(data, "stored.toml").name
    except ProfileError as error:
        said = str(error)

    assert said.startswith("stored.toml")
