// The page around an archived one whose scripts are on. When the frame goes to another archived page, the banner goes with it:
// the frame names where it is, this page opens that address anew. A page that lies can lead only to another page of the archive.
"use strict";
(() => {
  const frame = document.getElementById("page");
  const shown = new URL(frame.src).pathname + new URL(frame.src).search;
  addEventListener("message", (event) => {
    if (event.source !== frame.contentWindow || typeof event.data !== "object" || event.data === null) return;
    const at = event.data.lianzai;
    if (typeof at !== "string" || at === shown) return;
    const found = /^\/web\/(\d{14})ms_\/(https?:\/\/.+)$/.exec(at);
    if (!found) return;
    const to = new URL(`/web/${found[1]}sc_/${found[2]}`, location.origin); // dots in it may have led out of the archive
    if (to.origin === location.origin && to.pathname.startsWith(`/web/${found[1]}sc_/http`)) location.assign(to);
  });
})();
