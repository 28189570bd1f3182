"use strict";
// The server says when something has changed; the page is then fetched anew, and only what differs is exchanged, so that
// focus, scrolling and opened parts stay as they are. Without this script the page shows the state at loading.

const shown = document.body.dataset;
const events = new EventSource("/practice/page/events?since=" + encodeURIComponent(shown.version));
let busy = false, again = false;

events.addEventListener("change", refresh);
setInterval(refresh, 30_000); // the clocks go on when nothing else does
events.onopen = () => document.documentElement.classList.remove("offline");
events.onerror = () => document.documentElement.classList.add("offline");

async function refresh() {
  again = true;
  if (busy) return;
  busy = true;
  while (again) {
    again = false;
    try {
      const answer = await fetch(location.pathname + location.search);
      if (!answer.ok) continue;
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
      document.title = fresh.title;
      merge(document.body, fresh.body);
    } catch { /* the stream of events notices as well, and comes back */ }
  }
  busy = false;
}

// deed posts what somebody has done and shows the outcome. A refusal is shown as the server words it; the answer is null then.
async function deed(path, fields = {}) {
  const body = new URLSearchParams(fields);
  try {
    const answer = await fetch(path, { method: "POST", body });
    const text = await answer.text();
    if (answer.ok) { refresh(); return text; }
    notify(text);
  } catch { notify("Practice does not answer. Is it still running?"); }
  refresh();
  return null;
}

// notify tells the person something that passes.
function notify(text) {
  const note = document.getElementById("notice");
  note.textContent = text.trim();
  note.hidden = false;
  clearTimeout(notify.timer);
  notify.timer = setTimeout(() => { note.hidden = true; }, 8000);
}

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
  const named = new Map();
  for (const child of old.children) if (child.id) named.set(child.id, child);
  let at = old.firstChild;
  for (const child of [...fresh.childNodes]) {
    let match = child.id ? named.get(child.id) : at;
    if (match && !child.id && match.id) match = null;
    if (match && match.nodeName !== child.nodeName) match = null;
    if (!match) {
      old.insertBefore(document.importNode(child, true), at);
      continue;
    }
    if (match === at) at = at.nextSibling;
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
