"use strict";
// The server says when something has changed; the page is then fetched anew, and only what differs is exchanged, so that
// focus, scrolling, open parts and what somebody is typing stay as they are. Without this script the page shows the state
// at loading.

const $ = (id) => document.getElementById(id);

// here is where this tab looks: who somebody is stays with the tab, and two tabs can be two people.
const here = new URL(location.href);
if (here.searchParams.has("as")) sessionStorage.setItem("as", here.searchParams.get("as"));
else if (sessionStorage.getItem("as")) here.searchParams.set("as", sessionStorage.getItem("as"));
const me = () => document.body.dataset.as || "";
const room = () => document.body.dataset.channel;

// What is done to a page before and after it is shown; the other scripts add theirs.
const beforeShow = [], afterShow = [];

// listen hears of changes. A browser comes back by itself after a break, and not after an answer that it does not like.
function listen() {
  const events = new EventSource("/practice/page/events?since=" + encodeURIComponent(document.body.dataset.version));
  const offline = document.documentElement.classList;
  events.addEventListener("change", () => refresh());
  events.onopen = () => { if (offline.contains("offline")) refresh(); offline.remove("offline"); };
  events.onerror = () => {
    offline.add("offline");
    if (events.readyState === EventSource.CLOSED) setTimeout(listen, 3_000);
  };
}
listen();
setInterval(() => refresh(), 30_000); // the clocks go on when nothing else does

// refresh shows the page as it is now; it is done when a look that began after the call has been shown.
let running = null, queued = null;
function refresh() {
  if (!running) return (running = look().finally(() => { running = null; }));
  return (queued ??= running.then(() => { queued = null; return refresh(); }));
}

let again = 0; // tries a look anew that has failed: the stream of events may not have noticed

async function look() {
  const asked = here.href;
  clearTimeout(again);
  try {
    const answer = await fetch(here.pathname + here.search);
    if (!answer.ok) throw new Error(answer.statusText);
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    await released;
    document.documentElement.classList.remove("offline");
    if (asked === here.href) show(fresh); // else somebody has gone elsewhere meanwhile
  } catch (e) {
    if (e instanceof TypeError) document.documentElement.classList.add("offline"); // what fetch throws when nobody answers
    again = setTimeout(() => refresh(), 2_000);
  }
}

// Between the press and the release of a button or key nothing is exchanged: a click counts only when both meet the same
// element. A release that the page is not told of, as that of a native menu, is not waited for long.
let released = null, release = () => {};
function hold() {
  release();
  released = new Promise((done) => {
    const timer = setTimeout(() => release(), 3_000);
    release = () => { clearTimeout(timer); released = null; release = () => {}; done(); };
  });
}
addEventListener("pointerdown", hold, true);
addEventListener("keydown", (e) => { if (e.key === " " && !e.repeat && e.target.matches("button, summary, input:not([type=text])")) hold(); }, true);
for (const name of ["pointerup", "pointercancel", "keyup", "blur"]) addEventListener(name, () => setTimeout(() => release()), true);

function show(fresh) {
  if (fresh.body.dataset.run !== document.body.dataset.run) startedAnew();
  const held = document.activeElement, around = [];
  for (let e = held?.parentElement; e; e = e.parentElement) around.push(e);
  for (const f of beforeShow) f(fresh);
  document.title = fresh.title;
  merge(document.body, fresh.body);
  if (held !== document.activeElement) refocus(held, around);
  for (const f of afterShow) f();
}

// startedAnew says that practice was stopped and started while the page was open: it keeps nothing.
function startedAnew() {
  for (const key of Object.keys(sessionStorage)) if (key.startsWith("read/")) sessionStorage.removeItem(key);
  notify("Practice was started anew. What happened here before is gone; what you were typing is still in the box.");
}

// refocus gives the focus back to what had it, to what has come in its place, or else to what is around it.
function refocus(held, around) {
  const again = held?.isConnected ? held : held?.id && $(held.id) || around.find((e) => e.isConnected && e.tabIndex >= 0);
  again?.focus({ preventScroll: true });
}

// go shows another channel, or the page for another person, without loading it again.
async function go(address, keep) {
  const to = new URL(address, location.href);
  if (!to.searchParams.has("as") && me()) to.searchParams.set("as", me());
  sessionStorage.setItem("as", to.searchParams.get("as") || "");
  here.href = to.href;
  if (!keep) history.pushState(null, "", to);
  await refresh();
  if (to.hash) document.getElementById(decodeURIComponent(to.hash.slice(1)))?.scrollIntoView({ block: "center" });
}

addEventListener("popstate", () => { if (location.search !== here.search) go(location.href, true); });

document.addEventListener("click", async (e) => {
  const link = e.target.closest("a[href^='/?']");
  if (!link || e.ctrlKey || e.metaKey || e.shiftKey || e.button) return;
  e.preventDefault();
  const inList = link.closest(".places, .people");
  await go(link.href);
  if (!inList) backToBox();
});

// stay keeps the channel that somebody has begun to work in, when the address names none and a newer one would be shown.
function stay() {
  if (here.searchParams.has("channel") || !room()) return;
  here.searchParams.set("channel", room());
  if (me()) here.searchParams.set("as", me());
  history.replaceState(null, "", here);
}

// deed posts what somebody has done and shows the outcome. A refusal is shown as the server words it; the answer is null then.
async function deed(path, fields = {}) {
  const body = fields instanceof URLSearchParams ? fields : new URLSearchParams(fields);
  if (!body.has("as")) body.set("as", me());
  let text = null;
  try {
    const answer = await fetch(path, { method: "POST", body });
    text = await answer.text();
    if (!answer.ok) { notify(text); text = null; }
  } catch { notify("Practice does not answer. Is it still running?"); }
  await refresh();
  return text;
}

// act is a deed in Slack, in the channel that is being looked at.
const act = (name, fields = {}) => {
  stay();
  if (fields instanceof URLSearchParams) { fields.has("channel") || fields.set("channel", room()); return deed("/practice/page/do/" + name, fields); }
  return deed("/practice/page/do/" + name, { channel: room(), ...fields });
};

// notify tells the person something that passes.
function notify(text) {
  const note = $("notice");
  note.textContent = text.trim();
  note.hidden = false;
  clearTimeout(notify.timer);
  notify.timer = setTimeout(() => { note.hidden = true; }, 8000);
}

// Unread marks are this tab's, for each person: what was there when they first looked is read.
function unread(doc) {
  const who = doc.body.dataset.as;
  if (!who) return;
  const stored = JSON.parse(sessionStorage.getItem("read/" + who) || "null");
  const read = stored || {};
  for (const place of doc.querySelectorAll("[data-last]")) {
    const id = place.id, last = place.dataset.last;
    const current = place.querySelector("[aria-current]");
    if (!stored || (current && document.visibilityState === "visible")) read[id] = last;
    const fresh = last > (read[id] || "");
    place.classList.toggle("unread", fresh);
    place.querySelector(".new").hidden = !fresh;
  }
  sessionStorage.setItem("read/" + who, JSON.stringify(read));
}
beforeShow.push(unread);
document.addEventListener("visibilitychange", () => refresh());

// merge makes an element like another one with the fewest changes. Children that have an id are matched by it, others by
// their place. An element with data-keep belongs to the browser once it is there: an editor that somebody types into.
function merge(old, fresh) {
  if (old.hasAttribute("data-keep")) return;
  for (const { name, value } of fresh.attributes) {
    if (name !== "open" && old.getAttribute(name) !== value) old.setAttribute(name, value);
  }
  for (const { name } of [...old.attributes]) {
    if (name !== "open" && !fresh.hasAttribute(name)) old.removeAttribute(name);
  }
  const named = new Map(), wanted = new Set();
  for (const child of old.children) if (child.id) named.set(child.id, child);
  for (const child of fresh.children) if (child.id) wanted.add(child.id);
  let at = old.firstChild;
  for (const child of [...fresh.childNodes]) {
    let match = child.id ? named.get(child.id) : at;
    if (match && !child.id && match.id) match = null;
    if (match && match.nodeName !== child.nodeName) match = null;
    if (!match) {
      old.insertBefore(document.importNode(child, true), at);
      continue;
    }
    at = clearTo(match, at, wanted);
    if (match === at) at = at.nextSibling;
    else if (old.moveBefore) old.moveBefore(match, at); // keeps the focus and what is scrolled or playing
    else old.insertBefore(match, at);
    if (match.isEqualNode(child)) continue;
    if (match.nodeType === Node.ELEMENT_NODE) merge(match, child);
    else match.nodeValue = child.nodeValue;
  }
  while (at) {
    const next = at.nextSibling;
    at.remove();
    at = next;
  }
}

// clearTo removes what stands before an element that stays, rather than moving the element: a moved one loses the focus.
function clearTo(match, at, wanted) {
  const between = [];
  let n = at;
  for (; n && n !== match; n = n.nextSibling) {
    if (n.id && wanted.has(n.id)) return at; // the order has changed: it has to be moved
    between.push(n);
  }
  if (!n) return at;
  for (const n of between) n.remove();
  return match;
}

addEventListener("DOMContentLoaded", () => {
  unread(document);
  for (const f of afterShow) f();
  if (here.search !== location.search) refresh();
});
