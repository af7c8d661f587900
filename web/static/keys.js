/* Working by keyboard. A page says itself what a key does: data-key="c" on a button, a summary, an input or a link;
   with rows picked what can be done with those goes first, then within a list the one of the row one is at. Only adds: all of it can be clicked as well. */

"use strict";

const GO_FOR = 1500;
let going = 0;

const typing = (target) => target.closest("input:not([type=checkbox]), textarea, select, [contenteditable]");
const links = () => [...document.querySelectorAll("[data-keys] .what a")];
const row = () => document.activeElement.closest("[data-keys] > li");
const visible = (element) => element.checkVisibility();

function move(by) {
  const all = links();
  if (all.length === 0) return;
  const here = row();
  const at = here ? all.findIndex((link) => here.contains(link)) : -1;
  const next = all[Math.max(0, Math.min(at + by, all.length - 1))];
  next.focus();
  next.closest("li").scrollIntoView({ block: "nearest" });
}

function act(key) {
  const mark = `[data-key="${CSS.escape(key)}"]`;
  const picked = document.querySelector(".pick:checked") && document.querySelector(`.bulk ${mark}`);
  const here = row();
  const target = picked || [...(here ? here.querySelectorAll(mark) : []), ...document.querySelectorAll(mark)].find(
    (one) => visible(one) && !one.closest(".bulk") && (here && here.contains(one) || !one.closest("[data-keys]"))
  );
  if (!target) return false;
  if (target.tagName === "SUMMARY") {
    target.parentElement.open = true;
    const first = target.parentElement.querySelector("input:not([type=hidden]), textarea, select, .sheet button");
    (first || target).focus();
  } else if (target.matches("textarea, select, input:not([type=checkbox])")) {
    target.focus();
    if (target.select) target.select();
  } else {
    target.click();
  }
  return true;
}

function go(key) {
  const place = document.querySelector(`[data-go="${CSS.escape(key)}"]`);
  if (place) place.click();
  return Boolean(place);
}

function explain() {
  const dialog = document.getElementById("keys");
  const own = dialog.querySelector("[data-own]");
  const seen = new Set();
  own.replaceChildren();
  for (const one of document.querySelectorAll("[data-key]")) {
    const label = one.dataset.label || one.getAttribute("aria-label") || one.textContent.trim();
    if (seen.has(one.dataset.key) || !label || !(visible(one) || one.closest("[data-keys], details"))) continue;
    seen.add(one.dataset.key);
    const key = document.createElement("kbd");
    const what = document.createElement("span");
    key.textContent = one.dataset.key;
    what.textContent = label;
    const line = document.createElement("li");
    line.append(key, what);
    own.append(line);
  }
  dialog.showModal();
}

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (event.key === "Escape") {
    const open = document.activeElement.closest("details.menu[open]");
    if (open) {
      open.open = false;
      open.querySelector("summary").focus();
    } else if (typing(event.target)) {
      event.target.blur();
    }
    return;
  }
  if (typing(event.target) || document.querySelector("dialog[open]")) return;
  const meant = going && Date.now() - going < GO_FOR;
  going = 0;
  let done = true;
  if (meant) done = go(event.key);
  else if (event.key === "g") going = Date.now();
  else if (event.key === "j") move(1);
  else if (event.key === "k") move(-1);
  else if (event.key === "?") explain();
  else done = event.key.length === 1 && event.key !== " " && act(event.key);
  if (done) event.preventDefault();
});
