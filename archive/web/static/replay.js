// What runs before the scripts of an archived page, where a reader has switched them on: it leads what they ask for into the archive.
// It is for fidelity, not for safety: the page has no origin, and its policy lets it load from /web/ alone, whatever a script does.
"use strict";
(() => {
  const { time, page, sent } = document.currentScript.dataset;
  document.currentScript.remove();
  const HOME = `${location.protocol}//${location.host}`;
  const HERE = /^\/web\/\d{14}(?:mp_|fr_|cs_|da_|sc_|ms_|id_)?\/(.*)$/s;
  const [PAGE, STYLE, DATA] = ["ms_", "cs_", "da_"];

  // ----------------------------------------------------------------------------------------------------- addresses

  /** Give the original address of one in the archive; others as they are. */
  const original = (address) => {
    try {
      const url = new URL(address);
      const found = url.host === location.host && HERE.exec(url.pathname);
      return found ? found[1] + url.search + url.hash : address;
    } catch {
      return address;
    }
  };

  /** Give the address in the archive at which something is found. mode: as in a link below /web/. */
  const mapped = (written, mode) => {
    const text = String(written).trim();
    if (!text || text.startsWith("#") || HERE.test(text.split(/[?#]/, 1)[0])) return written;
    let url;
    try {
      url = new URL(text);
    } catch {
      try {
        url = new URL(text, original(document.baseURI) || page);
      } catch {
        return written;
      }
    }
    if (!/^(?:https?|ftp|wss?):$/.test(url.protocol)) return written;
    if (url.host === location.host && HERE.test(url.pathname)) return written;
    // A path alone was resolved against the archive: it is one of the page's own server.
    if (url.host === location.host) url = new URL(url.pathname + url.search + url.hash, page);
    return `${HOME}/web/${time}${mode}/${url.href}`;
  };

  const mappedSet = (value) =>
    String(value).replace(/([^\s,][^\s]*[^\s,]|[^\s,])(\s+[\d.]+[wxh])*\s*(?:,|$)/g, (whole, address) =>
      whole.replace(address, mapped(address, DATA)));
  const mappedCss = (text) =>
    String(text).replace(/url\(\s*(["']?)([^"')]+)\1\s*\)/gi, (_, quote, address) => `url(${quote}${mapped(address, DATA)}${quote})`)
      .replace(/(@import\s+)(["'])([^"']+)\2/gi, (_, rule, quote, address) => `${rule}${quote}${mapped(address, STYLE)}${quote}`);

  /** Say how an attribute of an element is led into the archive; nothing where it is no address that loads. */
  const leads = (element, name) => {
    const tag = element.localName;
    switch (name) {
      case "src":
        return tag === "iframe" || tag === "frame" || tag === "embed" ? (v) => mapped(v, PAGE) : (v) => mapped(v, DATA);
      case "srcset": case "imagesrcset":
        return mappedSet;
      case "poster": case "background":
        return (v) => mapped(v, DATA);
      case "data":
        return tag === "object" ? (v) => mapped(v, PAGE) : undefined;
      case "href": case "xlink:href":
        if (tag === "link") return (v) => mapped(v, /\bstylesheet\b/i.test(element.rel) ? STYLE : DATA);
        return tag === "image" || tag === "use" || tag === "script" || tag === "feImage" ? (v) => mapped(v, DATA) : undefined;
      case "action": case "formaction":
        return (v) => mapped(v, PAGE);
      case "style":
        return (v) => (v.includes("(") ? mappedCss(v) : v);
      default:
        return undefined;
    }
  };

  // ------------------------------------------------------------------------------------------ what scripts set and ask

  const property = (type, name, mode) => {
    const own = type && Object.getOwnPropertyDescriptor(type.prototype, name);
    if (!own || !own.set) return;
    Object.defineProperty(type.prototype, name, {
      ...own,
      get() { return original(own.get.call(this)); },
      set(value) { own.set.call(this, name.endsWith("rcset") ? mappedSet(value) : mapped(value, mode(this))); },
    });
  };
  const data = () => DATA;
  property(window.HTMLImageElement, "src", data);
  property(window.HTMLImageElement, "srcset", data);
  property(window.HTMLSourceElement, "src", data);
  property(window.HTMLSourceElement, "srcset", data);
  property(window.HTMLScriptElement, "src", data);
  property(window.HTMLMediaElement, "src", data);
  property(window.HTMLVideoElement, "poster", data);
  property(window.HTMLTrackElement, "src", data);
  property(window.HTMLInputElement, "src", data);
  property(window.HTMLLinkElement, "href", (link) => (/\bstylesheet\b/i.test(link.rel) ? STYLE : DATA));
  property(window.HTMLIFrameElement, "src", () => PAGE);
  property(window.HTMLFrameElement, "src", () => PAGE);
  property(window.HTMLEmbedElement, "src", () => PAGE);
  property(window.HTMLObjectElement, "data", () => PAGE);

  const setAttribute = Element.prototype.setAttribute;
  Element.prototype.setAttribute = function (name, value) {
    const lead = leads(this, String(name).toLowerCase());
    return setAttribute.call(this, name, lead ? lead(String(value)) : value);
  };
  const setAttributeNS = Element.prototype.setAttributeNS;
  Element.prototype.setAttributeNS = function (space, name, value) {
    const lead = leads(this, String(name).toLowerCase());
    return setAttributeNS.call(this, space, name, lead ? lead(String(value)) : value);
  };

  const NAMES = ["src", "srcset", "imagesrcset", "poster", "background", "data", "href", "xlink:href", "action", "formaction", "style"];
  const mend = (element) => {
    for (const name of NAMES) {
      const value = element.getAttribute(name);
      const lead = value === null ? undefined : leads(element, name);
      const now = lead ? lead(value) : value;
      if (now !== value) setAttribute.call(element, name, now);
    }
    if (element.localName === "style" && /url\(|@import/i.test(element.textContent)) {
      const now = mappedCss(element.textContent);
      if (now !== element.textContent) element.textContent = now;
    }
  };
  new MutationObserver((changes) => {
    for (const change of changes) {
      if (change.type === "attributes") mend(change.target);
      for (const node of change.addedNodes) {
        if (node.nodeType !== Node.ELEMENT_NODE) continue;
        mend(node);
        node.querySelectorAll("[src],[srcset],[poster],[background],[href],[action],[style],object,style").forEach(mend);
      }
    }
  }).observe(document, { subtree: true, childList: true, attributes: true, attributeFilter: NAMES });

  const insertRule = CSSStyleSheet.prototype.insertRule;
  CSSStyleSheet.prototype.insertRule = function (rule, ...rest) { return insertRule.call(this, mappedCss(rule), ...rest); };
  if (window.FontFace) {
    const Native = window.FontFace;
    window.FontFace = class extends Native {
      constructor(family, source, ...rest) { super(family, typeof source === "string" ? mappedCss(source) : source, ...rest); }
    };
  }
  const NativeAudio = window.Audio;
  window.Audio = function (address) { return address === undefined ? new NativeAudio() : new NativeAudio(mapped(address, DATA)); };
  window.Audio.prototype = NativeAudio.prototype;

  // Asked without cookies and headers, but for what was sent: the archive looks for the answer to the same question.
  const nativeFetch = window.fetch;
  const METHODS = /^(?:HEAD|POST)$/;
  const methodOf = (told) => (METHODS.test(String(told).toUpperCase()) ? String(told).toUpperCase() : "GET");
  const KEPT = /^(?:content-type|range)$/i;
  window.fetch = async (input, init = {}) => {
    const asked = input instanceof Request ? input : undefined;
    const method = methodOf(init?.method ?? asked?.method ?? "GET");
    const signal = init?.signal ?? asked?.signal;
    const sent = method === "POST" ? init?.body ?? (asked && await asked.clone().blob()) : undefined;
    const headers = [...new Headers(init?.headers ?? asked?.headers)].filter(([name]) => KEPT.test(name));
    return nativeFetch(mapped(asked ? asked.url : input, DATA), {
      method, body: sent, headers, mode: "cors", credentials: "omit", referrerPolicy: "origin", signal,
    });
  };
  const open = XMLHttpRequest.prototype.open;
  XMLHttpRequest.prototype.open = function (method, address, ...rest) {
    return open.call(this, methodOf(method), mapped(address, DATA), ...rest);
  };
  const setHeader = XMLHttpRequest.prototype.setRequestHeader;
  XMLHttpRequest.prototype.setRequestHeader = function (name, value) {
    if (KEPT.test(name)) setHeader.call(this, name, value);
  };
  Object.defineProperty(XMLHttpRequest.prototype, "withCredentials", { get: () => false, set: () => {} });
  navigator.sendBeacon = () => true;

  if (window.Worker) {
    const Native = window.Worker;
    window.Worker = class extends Native {
      constructor(address, options) {
        const at = mapped(address, DATA);
        const code = `const at = ${JSON.stringify(at)}, ask = self.fetch;
          const lead = (a) => { try { return new URL(a, at.replace(/^.*?\\/web\\/\\d{14}[a-z_]*\\//, "")).href; } catch { return a; } };
          const go = (a) => (/^(blob|data):/.test(String(a)) || String(a).startsWith(${JSON.stringify(HOME)}) ? a :
            ${JSON.stringify(`${HOME}/web/${time}${DATA}/`)} + lead(a));
          self.fetch = (a, told = {}) => {
            const type = new Headers(told.headers).get("Content-Type");
            const sent = /^post$/i.test(told.method) ? { method: "POST", body: told.body, headers: type ? { "Content-Type": type } : {} } : {};
            return ask(go(a instanceof Request ? a.url : a), { ...sent, credentials: "omit", referrerPolicy: "origin" });
          };
          const load = self.importScripts.bind(self);
          self.importScripts = (...all) => load(...all.map(go));
          load(at);`;
        super(URL.createObjectURL(new Blob([code], { type: "text/javascript" })), { ...options, type: "classic" });
      }
    };
  }

  /** Something that a script can make and that never comes to be. */
  class Closed extends EventTarget {
    constructor(address) {
      super();
      Object.assign(this, { url: String(address), readyState: 3, bufferedAmount: 0, protocol: "", extensions: "", binaryType: "blob" });
      setTimeout(() => {
        for (const event of [new Event("error"), new CloseEvent("close", { code: 1006 })]) {
          this.dispatchEvent(event);
          this[`on${event.type}`]?.(event);
        }
      });
    }
    send() {}
    close() {}
  }
  Object.assign(Closed, { CONNECTING: 0, OPEN: 1, CLOSING: 2, CLOSED: 3 });
  const put = (target, name, value) => {
    try {
      Object.defineProperty(target, name, { configurable: true, ...value });
    } catch { /* this browser has it otherwise: the policy holds all the same */ }
  };
  for (const name of ["WebSocket", "EventSource"]) put(window, name, { writable: true, value: Closed });
  for (const name of ["RTCPeerConnection", "webkitRTCPeerConnection", "WebTransport", "SharedWorker"]) {
    put(window, name, { writable: true, value: undefined });
  }
  const refused = () => Promise.reject(new DOMException("no service workers in an archive", "SecurityError"));
  const workers = Object.assign(new EventTarget(), {
    controller: null, ready: new Promise(() => {}), register: refused,
    getRegistration: () => Promise.resolve(undefined), getRegistrations: () => Promise.resolve([]),
  });
  put(navigator, "serviceWorker", { value: workers });

  // ------------------------------------------------------------------------------- what a page without an origin lacks

  const jar = new Map();
  put(document, "cookie", {
    get: () => [...jar].map(([name, value]) => `${name}=${value}`).join("; "),
    set: (text) => {
      const [pair] = String(text).split(";");
      const [name, ...value] = pair.split("=");
      jar.set(name.trim(), value.join("=").trim());
    },
  });
  const storage = () => {
    const kept = new Map();
    return {
      getItem: (name) => kept.get(String(name)) ?? null, setItem: (name, value) => void kept.set(String(name), String(value)),
      removeItem: (name) => void kept.delete(String(name)), clear: () => kept.clear(),
      key: (at) => [...kept.keys()][at] ?? null, get length() { return kept.size; },
    };
  };
  for (const name of ["localStorage", "sessionStorage"]) put(window, name, { value: storage() });
  put(document, "domain", { get: () => new URL(page).hostname, set: () => {} });
  put(document, "referrer", { get: () => "" });
  for (const name of ["pushState", "replaceState"]) {
    const native = history[name];
    history[name] = function (state, title) { return native.call(history, state, title); };
  }

  // --------------------------------------------------------------------------------------------- where the page goes

  const parent = window.parent;
  if (parent !== window) {
    if (sent === undefined) parent.postMessage({ lianzai: location.pathname + location.search }, "*");
    put(window, "parent", { writable: true, value: window });
  }
  window.navigation?.addEventListener("navigate", (event) => {
    const to = mapped(event.destination.url, PAGE);
    if (to === event.destination.url || !event.cancelable) return;
    event.preventDefault();
    setTimeout(() => location.assign(to));
  });
  addEventListener("click", (event) => {
    const link = event.target instanceof Element && event.target.closest("a[href], area[href]");
    if (!link || event.defaultPrevented) return;
    const to = mapped(link.getAttribute("href"), PAGE);
    if (to !== link.getAttribute("href")) setAttribute.call(link, "href", to);
    stays(link);
  }, true);
  // A form too stays in the frame; the window is not the page's to lead away.
  const AWAY = /^_(?:top|parent|blank)$/i;
  const stays = (one) => {
    const target = one.target || document.querySelector("base[target]")?.target;
    if (AWAY.test(target ?? "")) one.target = "_self";
  };
  addEventListener("submit", (event) => {
    stays(event.target);
    if (AWAY.test(event.submitter?.formTarget ?? "")) event.submitter.formTarget = "_self";
  }, true);
  const submit = HTMLFormElement.prototype.submit;
  HTMLFormElement.prototype.submit = function () { stays(this); mend(this); return submit.call(this); };
  window.open = () => null;
})();
