/* Only adds: a question before what cannot be taken back, no double posts, times that go on counting. */

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
