"use strict";
// Forms in front of the person. The server says which are open; what is typed into them is the browser's until it is sent.

const sending = new Map(); // of a form that waits for the bot, by its id, when it will know
let beforeForm = null; // what had the focus

// values are the contents of a form, empty ones included: a box that is not ticked is an answer too.
function values(form) {
  const out = new URLSearchParams({ view: form.dataset.view });
  for (const [name, value] of new FormData(form.querySelector("form"))) out.append(name, value);
  for (const box of form.querySelectorAll("input[type=checkbox], input[type=radio], select[multiple]")) {
    if (box.name && !out.has(box.name)) out.append(box.name, "");
  }
  for (const when of form.querySelectorAll("input[type=datetime-local]")) {
    if (when.value) out.set(when.name, when.value + ":00Z");
  }
  return out;
}

// sendForm sends a form, or what is pressed in it. What comes while it waits for the bot is sent after that, if it is there still:
// somebody may see the answer, and go on, before we know that it has come.
async function sendForm(form, name, more = {}) {
  const id = form.dataset.view;
  const post = () => {
    const fields = values(form);
    for (const [k, v] of Object.entries(more)) fields.set(k, v);
    return act(name, fields);
  };
  if (!form.matches("dialog")) return post(); // a Home tab: nothing waits there
  while (sending.has(id)) await sending.get(id);
  if (!form.isConnected || !form.open) return;
  const sent = post();
  sending.set(id, sent);
  wait(document);
  try {
    await sent;
  } finally {
    sending.delete(id);
    wait(document);
  }
  const wrong = form.isConnected && form.open && form.querySelector("[aria-invalid]");
  if (wrong) wrong.focus();
}

const pressInForm = (form, block, action, value) => sendForm(form, "view-press", { block, action, value });

// wait shows that a form is on its way.
function wait(doc) {
  for (const form of doc.querySelectorAll("[data-view]")) {
    const on = sending.has(form.dataset.view);
    form.toggleAttribute("aria-busy", on);
    if (on) form.setAttribute("aria-busy", "true");
    form.querySelector(".wait").textContent = on ? "Sending …" : "";
    for (const b of form.querySelectorAll("footer button, header button")) b.disabled = on; // a form's, a Home tab has none
  }
}
beforeShow.push(wait);

// front opens the top form and puts the ones below it out of sight, as they are.
function front() {
  const forms = [...document.querySelectorAll("dialog[data-view]")], top = forms.at(-1);
  for (const form of forms) if (form !== top && form.open) form.close();
  if (top && !top.open) {
    if (!beforeForm) beforeForm = document.activeElement;
    if ($("ask").open) $("ask").close();
    top.showModal();
    enter(top);
  } else if (top && !$("ask").open && (top === empty || !top.contains(document.activeElement))) enter(top); // the bot has changed it
  if (!top && beforeForm) {
    const back = beforeForm.isConnected && beforeForm !== document.body ? beforeForm : $("compose");
    beforeForm = null;
    back?.focus({ preventScroll: true });
  }
}
afterShow.push(front);

// enter puts the focus where a form begins. One that has nothing to fill in yet, as while it loads, is entered again later.
let empty = null;
function enter(form) {
  const first = form.querySelector(".fields input, .fields textarea, .fields select, .fields button");
  empty = first ? null : form;
  (first || form.querySelector("[data-submit], footer [data-close]"))?.focus();
}

// What is put into some inputs the bot wants to know at once. While it is told, only the last of what follows counts; a form
// that was sent or closed meanwhile is no news.
let telling = false, toTell = null;
async function tell(form, field) {
  toTell = [form, field];
  if (telling) return;
  telling = true;
  for (let next; (next = toTell);) {
    toTell = null;
    const [form, field] = next;
    if (!form.isConnected || sending.has(form.dataset.view)) continue;
    const fields = values(form), name = "f/" + field.dataset.field;
    for (const [k, v] of Object.entries({ as: me(), block: field.dataset.field, action: field.dataset.live, value: fields.get(name) || "" })) fields.set(k, v);
    await fetch("/practice/page/do/view-press", { method: "POST", body: fields }).catch(() => {});
    await refresh();
  }
  telling = false;
}
document.addEventListener("input", (e) => {
  const field = e.target.closest("dialog[data-view] [data-live]");
  if (field) tell(field.closest("dialog[data-view]"), field);
});

// The bot is told when somebody opens its Home tab, as Slack does.
let homeOf = null;
afterShow.push(() => {
  const now = document.querySelector(".home") ? me() : null;
  if (now && now !== homeOf) act("home");
  homeOf = now;
});

document.addEventListener("submit", (e) => {
  if (e.target.closest(".home")) e.preventDefault(); // its buttons are what counts
  const form = e.target.closest("dialog[data-view]");
  if (!form) return;
  e.preventDefault();
  if (form.querySelector("[data-submit]")) sendForm(form, "view-submit");
});
document.addEventListener("click", (e) => {
  const close = e.target.closest("[data-close]");
  if (close) act("view-close", { view: close.closest("[data-view]").dataset.view });
});
// Escape closes as the button does: the bot may want to know of it. Events of dialogs do not bubble.
document.addEventListener("cancel", (e) => {
  const form = e.target.closest?.("dialog[data-view]");
  if (!form) return;
  e.preventDefault();
  if (!sending.has(form.dataset.view)) act("view-close", { view: form.dataset.view });
}, true);
document.addEventListener("keydown", (e) => {
  const form = e.target.closest?.("dialog[data-view]");
  if (form && e.key === "Enter" && (e.ctrlKey || e.metaKey) && form.querySelector("[data-submit]")) sendForm(form, "view-submit");
});
