/* Only adds: a question before what cannot be taken back, no double posts, menus that close, times and counts that stay right. */

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
  // A file comes and the page stays: the next one may be asked for.
  if (form.hasAttribute("data-file")) setTimeout(release, 2000, form);
});

function release(form) {
  delete form.dataset.sent;
  form.removeAttribute("aria-busy");
}

/* Coming back by the browser's own button gives a page that may be sent again. */
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) release(form);
});

/* On a small screen the navigation is wider than the page: the place one is at stays in sight. */
for (const here of document.querySelectorAll(".nav [aria-current], .tabs [aria-current]")) {
  const bar = here.closest(".nav, .tabs");
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

/* A menu is closed by whatever happens elsewhere. */
document.addEventListener("click", (event) => {
  for (const open of document.querySelectorAll("details.menu[open]")) {
    if (!open.contains(event.target)) open.open = false;
  }
});

/* How much is in every list goes on being right while the page is open. */
const counted = document.querySelector("[data-counts]");
const EVERY = 30000;
let counts = "";

async function count() {
  if (document.hidden) return;
  const answer = await fetch(counted.dataset.counts, { headers: counts ? { "If-None-Match": counts } : {} }).catch(() => null);
  if (!answer || answer.status !== 200 || answer.redirected) return;
  counts = answer.headers.get("ETag") || "";
  for (const [name, [number, exact]] of Object.entries(await answer.json())) {
    for (const shown of document.querySelectorAll(`[data-count="${CSS.escape(name)}"]`)) {
      shown.textContent = `${number}${exact ? "" : "+"}`;
    }
  }
}

if (counted) setInterval(count, EVERY);

/* What goes on without anybody's doing is asked after until it is over; then the page is another one. */
const renewed = document.querySelector("[data-again]");

async function again() {
  if (document.hidden) return;
  const answer = await fetch(window.location.href).catch(() => null);
  if (!answer || answer.status !== 200 || answer.redirected) return;
  const next = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById(renewed.id);
  if (!next) window.location.reload();
  else renewed.replaceChildren(...next.childNodes);
}

if (renewed) setInterval(again, Number(renewed.dataset.again));
