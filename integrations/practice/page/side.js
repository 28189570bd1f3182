"use strict";
// What people do on the right-hand side of the page. It is drawn by the server; page.js keeps it as it is there.
// From page.js: deed(path, fields) posts a deed and shows what came of it, merge(old, fresh) makes an
// element like another one, data-keep on an element keeps merge away from it.
{

// Forms are posted without leaving the page.
document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (event.defaultPrevented || !form.getAttribute("action")?.startsWith("/practice/page/side/")) return;
  event.preventDefault();
  const fields = new URLSearchParams(new FormData(form, event.submitter));
  if (begun.has(form)) fields.set("seen", begun.get(form));
  if (await deed(form.getAttribute("action"), fields) === null) return;
  if (form.getAttribute("action").endsWith("/train")) document.querySelector(".session .you a")?.click(); // be who trains
  if (form.classList.contains("writing")) form.reset();
  form.closest("details.confirm, details.write")?.removeAttribute("open");
});

// An editor remembers which content its person began with, so that nobody's change in between is overwritten.
const begun = new WeakMap();
document.addEventListener("input", ({ target }) => {
  const form = target.closest?.("form.editor");
  if (form && target.name === "text" && !begun.has(form)) begun.set(form, form.elements.seen.value);
});
document.addEventListener("reset", ({ target }) => begun.delete(target));

// Cards are dragged from list to list. By keyboard, "Open" on a card has the same.
let dragged = null;
document.addEventListener("dragstart", (event) => {
  dragged = event.target.closest?.("[data-card]");
  if (!dragged) return;
  event.dataTransfer.effectAllowed = "move";
  event.dataTransfer.setData("text/plain", dragged.querySelector(".card-name").textContent);
});
document.addEventListener("dragover", (event) => {
  const list = dragged && event.target.closest?.("[data-list]");
  aim(list);
  if (list) event.preventDefault();
});
document.addEventListener("dragend", () => { dragged = null; aim(null); });
document.addEventListener("drop", (event) => {
  const list = dragged && event.target.closest?.("[data-list]");
  if (!list) return;
  event.preventDefault();
  if (!list.contains(dragged)) {
    deed("/practice/page/side/card", new URLSearchParams({ do: "move", card: dragged.dataset.card, list: list.dataset.list }));
  }
  dragged = null;
  aim(null);
});

function aim(list) {
  for (const old of document.querySelectorAll(".list.aimed")) if (old !== list) old.classList.remove("aimed");
  list?.classList.add("aimed");
}

// The wire log is fetched while it is open, and not at all while it is closed.
const wire = document.getElementById("wire"), rows = document.getElementById("wire-rows"), tools = document.getElementById("wire-form");
let wireTimer = 0, wireAsked = 0;

async function readWire(anew) {
  clearTimeout(wireTimer);
  if (!wire.open) return;
  const asked = ++wireAsked;
  const query = new URLSearchParams(new FormData(tools));
  const list = rows.querySelector(".calls");
  if (list && !anew) query.set("seen", list.dataset.total);
  try {
    const answer = await fetch("/practice/page/side/wire?" + query);
    if (answer.status === 200 && asked === wireAsked) {
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").body;
      if (list) merge(list, fresh.firstElementChild);
      else rows.replaceChildren(document.importNode(fresh.firstElementChild, true));
    }
  } catch { /* the stream of events notices as well */ }
  if (asked === wireAsked) wireTimer = setTimeout(readWire, document.hidden ? 10_000 : 1_500);
}

wire.addEventListener("toggle", () => readWire(true));
tools.addEventListener("change", () => readWire(true));
tools.addEventListener("submit", (event) => event.preventDefault());
rows.addEventListener("toggle", async ({ target }) => {
  const bodies = target.querySelector(".bodies");
  if (!target.open || !target.dataset.call || bodies.firstChild) return;
  try {
    const answer = await fetch("/practice/page/side/wire/" + target.dataset.call);
    const text = await answer.text();
    if (!answer.ok) { bodies.textContent = text; return; }
    const fresh = new DOMParser().parseFromString(text, "text/html").body;
    bodies.replaceChildren(...[...fresh.childNodes].map((node) => document.importNode(node, true)));
  } catch { bodies.textContent = "Practice does not answer."; }
}, true);

// A link to something that is folded away opens it.
function unfold() {
  let at = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  for (; at; at = at.parentElement) if (at.nodeName === "DETAILS") at.open = true;
}
addEventListener("hashchange", unfold);
unfold();
}
