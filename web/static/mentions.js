/* After an @ in a comment those are suggested who may be named there. Written by hand it works as well. */

"use strict";

const MOST = 6;
const BEGUN = /(?:^|[^\w@.-])[@＠]([^\s@＠]{0,20})$/;
const people = new Map();

async function known(area) {
  const address = area.dataset.mentions;
  if (!people.has(address)) {
    people.set(address, fetch(address).then((answer) => (answer.ok && !answer.redirected ? answer.json() : [])).catch(() => []));
  }
  return people.get(address);
}

function listOf(area) {
  let list = document.getElementById(`${area.id}-mentions`);
  if (!list) {
    list = document.createElement("ul");
    list.id = `${area.id}-mentions`;
    list.className = "suggestions";
    list.setAttribute("role", "listbox");
    list.setAttribute("aria-label", area.dataset.mentionsLabel);
    list.hidden = true;
    area.after(list);
    area.setAttribute("aria-autocomplete", "list");
    area.setAttribute("aria-controls", list.id);
  }
  return list;
}

function close(area) {
  const list = listOf(area);
  list.hidden = true;
  list.replaceChildren();
  area.removeAttribute("aria-activedescendant");
}

function pick(area, option) {
  const begun = area.value.slice(0, area.selectionStart).match(BEGUN);
  if (begun) {
    const from = area.selectionStart - begun[1].length;
    area.setRangeText(`${option.dataset.said} `, from, area.selectionStart, "end");
  }
  close(area);
  area.focus();
}

function go(area, list, by) {
  const options = [...list.children];
  const at = options.findIndex((one) => one.getAttribute("aria-selected") === "true");
  const next = options[(at + by + options.length) % options.length];
  for (const one of options) one.setAttribute("aria-selected", String(one === next));
  area.setAttribute("aria-activedescendant", next.id);
}

async function suggest(area) {
  const begun = area.value.slice(0, area.selectionStart).match(BEGUN);
  if (!begun) return close(area);
  const typed = begun[1].toLowerCase();
  const all = await known(area);
  const fit = all.filter((one) => one.login.startsWith(typed) || one.name.toLowerCase().includes(typed)).slice(0, MOST);
  if (fit.length === 0) return close(area);
  const list = listOf(area);
  list.replaceChildren(...fit.map((one, place) => {
    const option = document.createElement("li");
    option.id = `${list.id}-${place}`;
    option.setAttribute("role", "option");
    option.setAttribute("aria-selected", String(place === 0));
    option.dataset.said = all.filter((other) => other.name === one.name).length > 1 ? one.login : one.name;
    option.textContent = `${one.name}  @${one.login}`;
    return option;
  }));
  area.setAttribute("aria-activedescendant", `${list.id}-0`);
  list.hidden = false;
  return undefined;
}

for (const area of document.querySelectorAll("textarea[data-mentions]")) {
  area.addEventListener("input", () => suggest(area));
  area.addEventListener("blur", () => close(area));
  area.addEventListener("keydown", (event) => {
    const list = listOf(area);
    if (list.hidden || event.isComposing) return;
    if (event.key === "ArrowDown") go(area, list, 1);
    else if (event.key === "ArrowUp") go(area, list, -1);
    else if (event.key === "Enter" || event.key === "Tab") pick(area, list.querySelector("[aria-selected=true]"));
    else if (event.key === "Escape") close(area);
    else return;
    event.preventDefault();
  });
  listOf(area).addEventListener("mousedown", (event) => {
    event.preventDefault();
    const option = event.target.closest("[role=option]");
    if (option) pick(area, option);
  });
}
