"use strict";
// What people do with messages: the menu of a message, reactions, buttons and menus in it; and the questions asked before.

const quickEmojis = [["pushpin", "📌"], ["white_check_mark", "✅"], ["eyes", "👀"], ["+1", "👍"], ["tada", "🎉"], ["question", "❓"]];

// ask puts a question; the answer is null for no, else the text typed, "" where none is asked for.
function ask({ title, text = "", yes = "Yes", no = "Cancel", label = "", style = "" }) {
  const box = $("ask");
  $("ask-title").textContent = title;
  $("ask-text").textContent = text;
  $("ask-yes").textContent = yes;
  $("ask-yes").className = style === "danger" ? "danger" : "solid";
  $("ask-no").textContent = no;
  $("ask-label").hidden = !label;
  $("ask-label").firstElementChild.textContent = label;
  $("ask-input").value = "";
  return new Promise((done) => {
    let answer = null;
    $("ask-yes").onclick = () => { answer = $("ask-input").value; };
    $("ask-no").onclick = () => box.close();
    box.onclose = () => done(answer);
    box.showModal();
    (label ? $("ask-input") : $("ask-yes")).focus();
  });
}

// confirmed asks what the bot wants to have asked before an element counts.
async function confirmed(element) {
  const { ask: text, askTitle: title, askYes: yes, askNo: no, askStyle: style } = element.dataset;
  return text === undefined || (await ask({ title, text, yes, no, style })) !== null;
}

const menu = $("menu");

// openMenu shows a list of things to do under a button: [{label, do, wide}]. Arrows move, Escape closes, focus returns.
function openMenu(button, name, items) {
  closeMenu();
  menu.replaceChildren(...items.map((item) => {
    const b = document.createElement("button");
    b.type = "button";
    b.tabIndex = -1;
    b.setAttribute("role", "menuitem");
    b.className = item.small ? "small" : item.danger ? "danger" : "";
    b.textContent = item.label;
    if (item.name) { b.setAttribute("aria-label", item.name); b.title = item.name; }
    b.onclick = () => { closeMenu(); $(button.id)?.focus({ preventScroll: true }); item.do(); };
    return b;
  }));
  menu.setAttribute("role", "menu");
  menu.setAttribute("aria-label", name);
  menu.hidden = false;
  document.querySelector("dialog[open][data-view]:last-of-type")?.append(menu);
  const at = button.getBoundingClientRect(), size = menu.getBoundingClientRect();
  menu.style.left = Math.max(8, Math.min(at.right - size.width, innerWidth - size.width - 8)) + "px";
  menu.style.top = (at.bottom + size.height + 8 > innerHeight ? Math.max(8, at.top - size.height - 4) : at.bottom + 4) + "px";
  openMenu.from = button.id;
  button.setAttribute("aria-expanded", "true");
  menu.firstElementChild.focus();
}

function closeMenu() {
  if (menu.hidden) return false;
  menu.hidden = true;
  document.body.append(menu);
  $(openMenu.from)?.removeAttribute("aria-expanded");
  openMenu.from = null;
  return true;
}
beforeShow.push((fresh) => {
  if (menu.parentNode !== document.body) closeMenu(); // in a form, which may change under it
  if (openMenu.from) fresh.getElementById(openMenu.from)?.setAttribute("aria-expanded", "true");
});

menu.addEventListener("keydown", (e) => {
  const list = [...menu.children], at = list.indexOf(document.activeElement);
  const to = { ArrowDown: at + 1, ArrowRight: at + 1, ArrowUp: at - 1, ArrowLeft: at - 1, Home: 0, End: list.length - 1 }[e.key];
  if (to !== undefined) {
    e.preventDefault();
    list[(to + list.length) % list.length].focus();
  } else if (e.key === "Escape" || e.key === "Tab") {
    e.preventDefault();
    const from = openMenu.from;
    closeMenu();
    $(from)?.focus({ preventScroll: true });
  }
});
document.addEventListener("pointerdown", (e) => { if (!e.target.closest("#menu")) closeMenu(); });
document.addEventListener("wheel", (e) => { if (!e.target.closest("#menu")) closeMenu(); }, { passive: true });

function messageMenu(button) {
  const message = button.closest("[data-ts]"), ts = message.dataset.ts, source = message.dataset.source;
  const author = message.querySelector(".by b")?.textContent || "Slack";
  const items = quickEmojis.map(([name, picture]) => ({
    label: picture, name: "React with " + name.replaceAll("_", " "), small: true, do: () => act("react", { ts, emoji: name }),
  }));
  items.push({ label: "Other reaction …", do: async () => {
    const emoji = await ask({ title: "React", label: "Name of the emoji, such as pushpin", yes: "React" });
    if (emoji) act("react", { ts, emoji });
  } });
  items.push({ label: "Reply in thread", do: () => compose("thread", ts, author) });
  const pinned = message.hasAttribute("data-pinned") || message.matches(".pinned");
  items.push({ label: pinned ? "Unpin" : "Pin to the channel", do: () => act(pinned ? "unpin" : "pin", { ts }) });
  for (const s of $("message-shortcuts").children) {
    items.push({ label: s.textContent, do: () => act("shortcut", { ts, callback: s.dataset.callback }) });
  }
  if (source !== undefined) {
    items.push({ label: "Edit", do: () => compose("ts", ts, author, source) });
    items.push({ label: "Delete", danger: true, do: async () => {
      if (await ask({ title: "Delete the message?", text: "It cannot be brought back.", yes: "Delete" }) !== null) act("delete", { ts });
    } });
  }
  openMenu(button, button.getAttribute("aria-label"), items);
}

// backToBox puts the focus into the message box when what had it is gone, and nowhere else has got it meanwhile.
function backToBox() {
  if (document.activeElement?.matches("body, .log")) $("compose")?.focus({ preventScroll: true });
}

// press tells the bot of a button or a choice, in a message or in a form.
async function press(element, value = "") {
  const { block, deed: action } = element.dataset, form = element.closest("[data-view]");
  element.setAttribute("aria-busy", "true");
  if (element.id) busy.add(element.id);
  if (form) await pressInForm(form, block, action, value);
  else await act("press", { ts: element.closest("[data-ts]").dataset.ts, block, action, value });
  busy.delete(element.id);
  element.removeAttribute("aria-busy");
}

// What waits for the bot stays marked while other things change, so that it is not pressed twice.
const busy = new Set();
beforeShow.push((fresh) => { for (const id of busy) fresh.getElementById(id)?.setAttribute("aria-busy", "true"); });

document.addEventListener("click", async (e) => {
  const hit = (selector) => e.target.closest(selector);
  let b;
  if ((b = hit("[data-more]"))) messageMenu(b);
  else if ((b = hit("[data-overflow]"))) {
    const items = [...b.nextElementSibling.children].map((o) => ({
      label: o.textContent, do: async () => { if (await confirmed(b)) press(b, o.dataset.value); },
    }));
    openMenu(b, "More", items);
  } else if ((b = hit("[data-press]"))) {
    if (b.matches("a")) press(b); // the link opens as any other; the bot is told as well
    else if (!b.hasAttribute("aria-busy") && await confirmed(b)) press(b);
  } else if ((b = hit("[data-emoji]"))) {
    const ts = b.closest("[data-ts]").dataset.ts;
    act(b.getAttribute("aria-pressed") === "true" ? "unreact" : "react", { ts, emoji: b.dataset.emoji });
  } else if ((b = hit("[data-dismiss]"))) {
    await act("dismiss", { ts: b.closest("[data-ts]").dataset.ts });
    backToBox();
  } else if ((b = hit("[data-shortcut]"))) act("shortcut", { callback: b.dataset.shortcut });
  else if ((b = hit("[data-join]"))) { await act("join"); backToBox(); }
  else if ((b = hit("[data-leave]"))) {
    if (await ask({ title: "Leave the channel?", text: "You can come back to a public one.", yes: "Leave" }) !== null) act("leave");
  }
});

// A choice counts at once. A date or time that is being typed changes with every key: it counts when one leaves it.
let typing = null;
document.addEventListener("keydown", (e) => {
  if (!e.target.matches("[data-choose] :is([type=date], [type=time], [type=datetime-local])")) return;
  typing = e.target;
  if (e.key !== "Enter") return;
  e.preventDefault();
  settle(e.target);
});
document.addEventListener("change", (e) => { if (e.target !== typing) choose(e.target.closest("[data-choose]")); });
document.addEventListener("focusout", (e) => { if (e.target === typing) settle(e.target); });

function settle(input) {
  typing = null;
  if (input.value !== input.defaultValue && input.value) choose(input.closest("[data-choose]"));
}

async function choose(set) {
  if (!set) return;
  const inputs = [...set.querySelectorAll("input, select")];
  const value = inputs.flatMap((i) => i.matches("select") ? [...i.selectedOptions].map((o) => o.value)
    : i.matches("[type=checkbox], [type=radio]") ? (i.checked ? [i.value] : []) : [i.value]).join(",");
  if (await confirmed(set)) return press(set, value);
  for (const i of inputs) { // back to what it was
    if (i.matches("select")) for (const o of i.options) o.selected = o.defaultSelected;
    else if (i.matches("[type=checkbox], [type=radio]")) i.checked = i.defaultChecked;
    else i.value = i.defaultValue;
  }
}

// Within the messages the arrow keys go from one message's menu to the next; one of them is a stop of the Tab key.
beforeShow.push(tabStop);
function tabStop(doc) {
  const list = [...doc.querySelectorAll("[data-more]")];
  const at = list.find((b) => b.id === tabStop.id) || list.at(-1);
  for (const b of list) b.tabIndex = b === at ? 0 : -1;
}
addEventListener("DOMContentLoaded", () => tabStop(document));
document.addEventListener("focusin", (e) => {
  if (e.target.matches("[data-more]") && e.target.id !== tabStop.id) { tabStop.id = e.target.id; tabStop(document); }
});
document.addEventListener("keydown", (e) => {
  if (!e.target.matches("[data-more]")) return;
  const list = [...document.querySelectorAll("[data-more]")], at = list.indexOf(e.target);
  const to = { ArrowUp: at - 1, ArrowDown: at + 1, Home: 0, End: list.length - 1 }[e.key];
  if (to === undefined) return;
  e.preventDefault();
  list[to]?.focus();
});
