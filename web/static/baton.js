/* Only adds: a question before what cannot be taken back, moving through lists by key, and no double posts. */

"use strict";

document.addEventListener("submit", (event) => {
  const form = event.target;
  const question = (event.submitter && event.submitter.dataset.confirm) || form.dataset.confirm;
  if (question && !window.confirm(question)) {
    event.preventDefault();
    return;
  }
  if (form.method !== "post") return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "1";
  form.setAttribute("aria-busy", "true");
});

/* Coming back by the browser's own button gives a page that may be sent again. */
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) {
    delete form.dataset.sent;
    form.removeAttribute("aria-busy");
  }
});

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest("input, textarea, select, [contenteditable]")) return;
  if (event.key !== "j" && event.key !== "k") return;
  const links = [...document.querySelectorAll("[data-keys] .what a")];
  if (links.length === 0) return;
  const at = links.indexOf(document.activeElement);
  const next = event.key === "j" ? Math.min(at + 1, links.length - 1) : Math.max(at - 1, 0);
  links[next].focus();
});

/* On a small screen the navigation is wider than the page: the place one is at stays in sight. */
const here = document.querySelector(".nav [aria-current]");
if (here) {
  const bar = here.closest(".nav");
  const beyond = here.getBoundingClientRect().right - bar.getBoundingClientRect().right;
  if (beyond > 0) bar.scrollLeft += beyond;
}

/* Lengths of time go on counting while the page is open. */
const words = new Intl.RelativeTimeFormat(document.documentElement.lang, { numeric: "auto" });
const SPANS = [["day", 86400], ["hour", 3600], ["minute", 60]];

function spoken(seconds) {
  for (const [unit, length] of SPANS) {
    if (Math.abs(seconds) >= length) return words.format(Math.trunc(seconds / length), unit);
  }
  return words.format(Math.trunc(seconds / 60), "minute");
}

function refresh() {
  for (const time of document.querySelectorAll("time[data-relative]")) {
    time.textContent = spoken((Date.parse(time.dateTime) - Date.now()) / 1000);
  }
}

setInterval(refresh, 60000);
