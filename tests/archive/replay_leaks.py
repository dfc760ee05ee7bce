"""Pages that try every way in which a page asks a server for something, and pages that send a body: all invented.

Takes   a MadeHome. Gives: what each page is called. Writes: a WARC of the home.
"""

from __future__ import annotations

from pathlib import Path

from replay_maker import MadeHome
from replay_site import OUTSIDE, SITE, TIME

DATA = Path(__file__).parents[1] / "data" / "replay"
# What a server may say beside a page that makes a browser ask, remember or forget something.
HEAD = "".join(
    f"{line}\r\n"
    for line in (
        f"Link: <{OUTSIDE}/head.css>; rel=stylesheet, <{OUTSIDE}/head.png>; rel=preload; as=image, <{OUTSIDE}>; rel=preconnect",
        f"Content-Security-Policy: default-src 'none'; report-uri {OUTSIDE}/csp-head",
        f'Report-To: {{"max_age":9,"endpoints":[{{"url":"{OUTSIDE}/report"}}],"group":"g"}}',
        f'Reporting-Endpoints: default="{OUTSIDE}/report"',
        'NEL: {"report_to":"g","max_age":9,"success_fraction":1.0}',
        f'Speculation-Rules: "{OUTSIDE}/rules.json"',
        f"SourceMap: {OUTSIDE}/page.map",
        "Set-Cookie: archived=1; Path=/",
        'Clear-Site-Data: "*"',
        "Strict-Transport-Security: max-age=99999; includeSubDomains",
        "Service-Worker-Allowed: /",
        "X-Frame-Options: DENY",
        "Cross-Origin-Resource-Policy: same-origin",
        'Alt-Svc: h2="outside.example:443"',
        "Access-Control-Allow-Origin: http://paper.example",
    )
)

_MULTIPART = '--b\r\nContent-Disposition: form-data; name="q"\r\n\r\n多\r\n--b--\r\n'
_QUESTIONS = (
    ("application/json", '{"page":1}', "一页"), ("application/json", '{"page":2}', "二页"),
    ("application/x-www-form-urlencoded;charset=UTF-8", "q=%E6%B8%A0", "渠在此"),
    ("multipart/form-data; boundary=b", _MULTIPART, "许多部分"),
)  # fmt: skip
_SHEET = f"""@import "{OUTSIDE}/60.css"; @import url("//outside.example/61.css") screen; p {{ background: url({OUTSIDE}/62.png) }}
#head {{ color: rgb(9, 8, 7) }}"""

_WORKER = """fetch("/ask", { method: "POST", headers: { "Content-Type": "application/json" }, body: '{"page": 2}' })
  .then((answer) => answer.text()).then((text) => postMessage(text));"""


def asking_page() -> str:
    """Give the page that tries every way, with its script."""
    markup, script = ((DATA / name).read_text("utf-8") for name in ("asks-by-markup.html", "asks-by-script.js"))
    return markup.replace("/* asks-by-script.js */", script)


def leaking_pages(maker: MadeHome) -> None:
    """Put all of them into a WARC."""
    writer = maker.file(2)
    maker.put(writer, f"{SITE}/leaks.html", TIME, asking_page().encode(), head=HEAD)
    maker.put(writer, f"{SITE}/css/leaks.css", TIME, _SHEET.encode(), mime="text/css", head=HEAD)
    maker.put(writer, f"{SITE}/posts.html", TIME, (DATA / "asks-with-bodies.html").read_bytes())
    maker.put(writer, f"{SITE}/asks.js", TIME, _WORKER.encode(), mime="text/javascript")
    for kind, sent, told in _QUESTIONS:
        head = f"POST /ask HTTP/1.1\r\nHost: paper.example\r\nContent-Type: {kind}\r\n"
        request = f"{head}Content-Length: {len(sent.encode())}\r\n\r\n{sent}"
        body = f'<p id="answer">{told}' if "urlencoded" in kind else told
        maker.put(writer, f"{SITE}/ask", TIME, body.encode(), request=request.encode())
    writer.close()
