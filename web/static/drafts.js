/* What is typed into a task's form is kept as it is typed, and before it is sent: so a server that is away, or a session
   that has ended, costs nothing. Without this there is a button that keeps it. */

"use strict";

const PAUSE = 2500;
const AGAIN = 3000;
const waiting = new WeakMap();

const typedIn = (form) => {
  const fields = new URLSearchParams();
  for (const [name, value] of new FormData(form)) {
    if (typeof value === "string" && name !== "key") fields.append(name, value);
  }
  return fields;
};

/* Nothing was typed into the form as it came, and nothing of it was kept: there is nothing to keep. */
function untouched(form) {
  if (!("fresh" in form.dataset) || "begun" in form.dataset) return false;
  return [...form.elements].every((one) => {
    if (one.type === "file") return one.files.length === 0;
    if (one.options) return [...one.options].every((option, place) => option.selected === stood(one, option, place));
    return (one.checked ?? false) === (one.defaultChecked ?? false) && one.value === (one.defaultValue ?? one.value);
  });
}

function stood(list, option, place) {
  return option.defaultSelected || (place === 0 && ![...list.options].some((other) => other.defaultSelected));
}

/* Gives the status of the answer, 0 when there was none. */
async function keepDraft(form, { leaving = false } = {}) {
  if (untouched(form)) return 200;
  const body = typedIn(form);
  if (form.dataset.kept === String(body)) return 200;
  const answer = await fetch(form.dataset.draft, {
    method: "POST", body, keepalive: leaving, headers: { Accept: "application/json" },
  }).catch(() => null);
  if (answer === null || answer.status >= 502) {
    say(form, "lost");
    return 0;
  }
  if (answer.ok && !answer.redirected) {
    form.dataset.kept = String(body);
    form.dataset.begun = "";
    show(form, (await answer.json()).said);
  } else {
    say(form, answer.status === 401 ? "signedOut" : "notKept");
  }
  return answer.status;
}

/* One of the sentences the page brought along. */
function say(form, trouble) {
  show(form, form.querySelector("[data-said]").dataset[trouble], true);
}

function show(form, text, loud = false) {
  const place = form.querySelector("[data-said]");
  if (place.textContent !== text) place.textContent = text;
  place.classList.toggle("loud", loud);
}

function keepSoon(form, pause = PAUSE) {
  clearTimeout(waiting.get(form));
  waiting.set(form, setTimeout(async () => {
    waiting.delete(form);
    if ((await keepDraft(form)) === 0) keepSoon(form, AGAIN);
  }, pause));
}

for (const kind of ["input", "change"]) {
  document.addEventListener(kind, (event) => {
    const form = event.target.closest("form[data-draft]");
    if (form && !form.dataset.sent) keepSoon(form);
  });
}

/* On a slow line people type before this is here. */
const typing = document.activeElement && document.activeElement.closest("form[data-draft]");
if (typing && [...typing.elements].some((one) => "defaultValue" in one && one.value !== one.defaultValue)) keepSoon(typing);

document.addEventListener("visibilitychange", () => {
  if (!document.hidden) return;
  for (const form of document.querySelectorAll("form[data-draft]")) {
    if (waiting.has(form) && !form.dataset.sent) {
      clearTimeout(waiting.get(form));
      waiting.delete(form);
      keepDraft(form, { leaving: true });
    }
  }
});

/* Sent by the browser itself, with the key the form has, once the server has answered: whatever happens then, the
   draft is there. */
async function sendWhenThere(form) {
  clearTimeout(waiting.get(form));
  waiting.delete(form);
  delete form.dataset.kept;
  while ((await keepDraft(form)) === 0) {
    say(form, "waits");
    await new Promise((resolve) => setTimeout(resolve, AGAIN));
  }
  HTMLFormElement.prototype.submit.call(form);
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || !form.matches("form[data-draft]")) return;
  clearTimeout(waiting.get(form));
  waiting.delete(form);
  if (event.submitter && (event.submitter.name || event.submitter.hasAttribute("formaction"))) return;
  event.preventDefault();
  sendWhenThere(form);
});
