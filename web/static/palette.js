/* The command palette: Ctrl-K, a few letters, Enter. Without it everything is reached by links and the search page. */

"use strict";

const palette = document.getElementById("palette");
const field = palette.querySelector("input");
const list = palette.querySelector("[role=listbox]");
const nothing = palette.querySelector("[data-nothing]");
const WAIT = 150;
const MOST_PLACES = 8;
let places = [];
let asked = 0;
let timer = 0;

const fits = (title, typed) => {
  const low = title.toLowerCase();
  return typed.split(/\s+/).every((word) => low.includes(word));
};

async function offers(url) {
  const answer = await fetch(url).catch(() => null);
  return answer && answer.ok && !answer.redirected ? (await answer.json()).offers : [];
}

function choose(index) {
  const all = [...list.children];
  all.forEach((one, at) => one.setAttribute("aria-selected", String(at === index)));
  const chosen = all[index];
  field.setAttribute("aria-activedescendant", chosen ? chosen.id : "");
  if (chosen) chosen.scrollIntoView({ block: "nearest" });
}

const chosen = () => [...list.children].findIndex((one) => one.getAttribute("aria-selected") === "true");

/* `more` when the server has not answered yet: only then can it be said that there is nothing. */
function show(found, { more = false } = {}) {
  list.replaceChildren(
    ...found.map((one, at) => {
      const line = document.createElement("a");
      line.id = `offer-${at}`;
      line.href = one.url;
      line.setAttribute("role", "option");
      line.tabIndex = -1;
      const kind = document.createElement("span");
      kind.className = "badge";
      kind.textContent = palette.dataset[one.kind] || "";
      const title = document.createElement("b");
      title.textContent = one.title;
      const note = document.createElement("small");
      note.textContent = one.note || "";
      line.append(kind, title, note);
      return line;
    })
  );
  nothing.hidden = more || found.length > 0;
  choose(0);
}

async function narrow() {
  const typed = field.value.trim().toLowerCase();
  const mine = ++asked;
  const near = places.filter((one) => fits(one.title, typed)).slice(0, typed ? MOST_PLACES : places.length);
  const more = typed.length >= 2;
  show(near, { more });
  if (!more) return;
  const found = await offers(`${palette.dataset.find}?q=${encodeURIComponent(typed)}`);
  if (mine === asked) show([...near, ...found]);
}

async function open() {
  if (palette.open) return;
  field.value = "";
  palette.showModal();
  if (!places.length) places = await offers(palette.dataset.places);
  narrow();
}

document.addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
    event.preventDefault();
    open();
  }
});

for (const link of document.querySelectorAll("[data-palette-link]")) {
  link.addEventListener("click", (event) => {
    event.preventDefault();
    open();
  });
}

field.addEventListener("input", () => {
  clearTimeout(timer);
  timer = setTimeout(narrow, WAIT);
});

field.addEventListener("keydown", (event) => {
  const last = list.children.length - 1;
  if (event.isComposing) return;
  if (event.key === "ArrowDown") choose(Math.min(chosen() + 1, last));
  else if (event.key === "ArrowUp") choose(Math.max(chosen() - 1, 0));
  else if (event.key === "Enter" && chosen() >= 0) list.children[chosen()].click();
  else return;
  event.preventDefault();
});

for (const dialog of document.querySelectorAll("dialog")) {
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close();
  });
}
