/* While a new customer is typed, ask who holds one much like it. Without this the same is said when the form is sent. */

const QUIET = 500;
const waiting = new WeakMap();
const asked = new WeakMap();

async function ask(form) {
  const turn = (asked.get(form) || 0) + 1;
  asked.set(form, turn);
  const fields = new URLSearchParams();
  for (const [name, value] of new FormData(form)) {
    if (typeof value === "string" && name !== "key") fields.append(name, value);
  }
  const answer = await fetch(form.dataset.alike, { method: "POST", body: fields }).catch(() => null);
  if (!answer || !answer.ok || answer.redirected || asked.get(form) !== turn) return;
  const found = await answer.text();
  const place = form.querySelector("[data-alike-found]");
  if (place.innerHTML.trim() !== found.trim()) place.innerHTML = found;
}

document.addEventListener("input", (event) => {
  const form = event.target.closest("form[data-alike]");
  if (!form || event.target.name === "despite") return;
  clearTimeout(waiting.get(form));
  waiting.set(form, setTimeout(ask, QUIET, form));
});
