"use strict";
// The box to type in: messages, replies, edits and slash commands, with suggestions for commands, people and channels.

let hints = { command: [], person: [], channel: [] };
let offered = [], chosen = -1; // the suggestions that are shown, and the one that Enter takes

const composer = () => document.querySelector("[data-composer]");
const draftKey = () => "draft/" + me() + "/" + room();

// compose turns the box to a reply ("thread") or an edit ("ts") of a message.
function compose(kind, ts, author, text = "") {
  const form = composer();
  if (!form) return;
  for (const k of ["thread", "ts"]) delete form.dataset[k];
  form.dataset[kind] = ts;
  const mode = form.querySelector(".mode");
  mode.hidden = false;
  mode.firstElementChild.textContent = kind === "thread" ? "Reply in the thread of " + author : "Edit your message";
  const box = $("compose");
  if (kind === "ts") box.value = text;
  box.focus();
  fit(box);
}

function plainMode(form) {
  delete form.dataset.thread;
  delete form.dataset.ts;
  form.querySelector(".mode").hidden = true;
}

// send sends what stands in the box; it comes back when it could not be sent.
async function send() {
  const form = composer(), box = $("compose"), typed = box.value, text = typed.trim();
  if (!text) return;
  const { thread, ts } = form.dataset;
  const command = typed.startsWith("/") && !ts; // after a blank it is a message, as in Slack
  box.value = "";
  plainMode(form);
  changed(box);
  const log = document.querySelector(".log");
  log.scrollTop = 0; // it is upside down: the newest is at its beginning
  const done = command ? await act("command", { text }) : ts ? await act("edit", { ts, text })
    : await act("say", thread ? { thread, text } : { text });
  if (done === null && !box.value && box.isConnected) {
    box.value = typed;
    if (ts || thread) compose(ts ? "ts" : "thread", ts || thread, "somebody", text);
    changed(box);
  }
}

function changed(box) {
  if (box.value && !composer().dataset.ts) sessionStorage.setItem(draftKey(), box.value);
  else sessionStorage.removeItem(draftKey());
  fit(box);
  suggest(box);
}

// fit lets the box grow with its lines.
function fit(box) {
  box.style.height = "auto";
  box.style.height = Math.min(box.scrollHeight + 2, innerHeight * 0.35) + "px";
}

// suggest offers what may stand where the cursor is: a command at the beginning, else a person or a channel.
function suggest(box) {
  const before = box.value.slice(0, box.selectionStart), whole = box.value;
  const word = /(?:^|\s)([@#][^\s@#]*)$/.exec(before);
  let from = 0, list = [], usage = "";
  if (word) {
    from = before.length - word[1].length;
    const typed = word[1].slice(1).toLowerCase();
    list = hints[word[1][0] === "@" ? "person" : "channel"]
      .filter((h) => h.insert.slice(1).toLowerCase().startsWith(typed) || (h.usage || "").toLowerCase().startsWith(typed)).slice(0, 8);
  } else if (whole.startsWith("/") && !/\n/.test(before)) {
    const typed = before.replace(/\s+/g, " ").toLowerCase();
    list = hints.command.filter((h) => h.insert.startsWith(typed));
    const known = hints.command.find((h) => typed === h.insert || typed.startsWith(h.insert + " "));
    if (known && (list.length <= 1 || typed.length > known.insert.length)) {
      list = [];
      usage = known.insert + (known.usage ? " " + known.usage : "") + " — " + known.help;
    }
  }
  offered = list.map((h) => ({ ...h, from, to: before.length }));
  // What stands there in full already needs no choosing: Enter sends it.
  chosen = word && offered.length && !list.some((h) => h.insert === word[1]) ? 0 : -1;
  const line = composer().querySelector(".usage");
  line.hidden = !usage;
  line.textContent = usage;
  draw(box);
}

function draw(box) {
  const menu = $("hints");
  menu.replaceChildren(...offered.map((h, i) => {
    const row = document.createElement("div");
    row.id = "hint-" + i;
    row.className = "offered";
    row.setAttribute("role", "option");
    row.setAttribute("aria-selected", String(i === chosen));
    const name = document.createElement("b"), more = document.createElement("span"), help = document.createElement("span");
    name.textContent = h.insert;
    more.textContent = h.usage || "";
    more.className = "args";
    help.textContent = h.help || "";
    help.className = "note";
    row.append(name, " ", more, " ", help);
    row.onpointerdown = (e) => { e.preventDefault(); take(box, i); };
    return row;
  }));
  menu.hidden = !offered.length;
  if (chosen >= 0) {
    box.setAttribute("aria-activedescendant", "hint-" + chosen);
    $("hint-" + chosen).scrollIntoView({ block: "nearest" });
  } else box.removeAttribute("aria-activedescendant");
}

function take(box, i) {
  const h = offered[i];
  box.setRangeText(h.insert + " ", h.from, h.to, "end");
  offered = [];
  changed(box);
}

document.addEventListener("keydown", (e) => {
  const box = e.target;
  if (box.id !== "compose" || e.isComposing) return;
  if (offered.length && ["ArrowDown", "ArrowUp"].includes(e.key)) {
    e.preventDefault();
    const n = offered.length;
    chosen = e.key === "ArrowDown" ? (chosen + 1) % n : (chosen + n - (chosen < 0 ? 0 : 1)) % n;
    draw(box);
  } else if (offered.length && (e.key === "Tab" && !e.shiftKey || (e.key === "Enter" && chosen >= 0))) {
    e.preventDefault();
    take(box, Math.max(chosen, 0));
  } else if (e.key === "Escape") {
    if (offered.length) { offered = []; draw(box); }
    else if (!composer().querySelector(".mode").hidden) leaveMode();
  } else if (e.key === "Enter" && !e.shiftKey) {
    e.preventDefault();
    send();
  }
});

document.addEventListener("keypress", (e) => { if (e.target.id === "compose" && e.key === "Enter" && !e.shiftKey) e.preventDefault(); });

function leaveMode() {
  const form = composer();
  if (form.dataset.ts) $("compose").value = "";
  plainMode(form);
  changed($("compose"));
  $("compose").focus();
}

document.addEventListener("input", (e) => { if (e.target.id === "compose") { stay(); changed(e.target); } });
document.addEventListener("focusin", (e) => { if (e.target.id === "compose") loadHints(); });
document.addEventListener("focusout", (e) => { if (e.target.id === "compose") { offered = []; draw(e.target); } });
document.addEventListener("submit", (e) => { if (e.target === composer()) { e.preventDefault(); send(); } });
document.addEventListener("click", (e) => { if (e.target.closest("[data-cancel]")) leaveMode(); });

async function loadHints() {
  try {
    const answer = await fetch("/practice/page/hints?as=" + encodeURIComponent(me()));
    if (answer.ok) hints = await answer.json();
    if (document.activeElement?.id === "compose") suggest(document.activeElement);
  } catch { /* without suggestions it can be typed all the same */ }
}

// A box that has just come in has the draft that was left there.
afterShow.push(() => {
  const box = $("compose");
  if (!box?.matches("textarea") || box.dataset.ready) return;
  box.dataset.ready = "yes";
  box.value = sessionStorage.getItem(draftKey()) || "";
  fit(box);
  if (document.activeElement === box) loadHints();
});
