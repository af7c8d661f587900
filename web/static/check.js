/* A form is judged while it is filled in, by the rules themselves: what is wrong with a field one has left stands beside
   it, goes as soon as it is mended, and what would follow is told again. Nothing is said of a field not yet come to. */

"use strict";

const left = new WeakMap();
const asking = new WeakMap();

const fieldOf = (name) => (name.startsWith("f.") ? name.split(".")[1] : "");

function answers(form) {
  const fields = new URLSearchParams();
  for (const [name, value] of new FormData(form)) {
    if (typeof value === "string" && name !== "key") fields.append(name, value);
  }
  return fields;
}

function mark(form, name, faults) {
  const inputs = [...form.elements].filter((one) => fieldOf(one.name || "") === name && one.type !== "hidden");
  if (inputs.length === 0) return;
  const place = inputs[0].closest(".field");
  const described = place.matches("fieldset") ? place : inputs[0];
  const known = place.querySelector(":scope > .fault");
  const id = known ? known.id : `${inputs[0].id || `${name}-${form.dataset.check.length}`}-fault`;
  const others = (described.getAttribute("aria-describedby") || "").split(" ").filter((one) => one && one !== id);
  if (faults.length === 0) {
    if (known) known.remove();
    described.removeAttribute("aria-invalid");
    if (others.length) described.setAttribute("aria-describedby", others.join(" "));
    else described.removeAttribute("aria-describedby");
    return;
  }
  const line = known || document.createElement("p");
  line.className = "fault";
  line.id = id;
  line.textContent = faults.join(" ");
  if (!known) place.append(line);
  described.setAttribute("aria-invalid", "true");
  described.setAttribute("aria-describedby", [...others, id].join(" "));
}

async function check(form) {
  const asked = (asking.get(form) || 0) + 1;
  asking.set(form, asked);
  const answer = await fetch(form.dataset.check, { method: "POST", body: answers(form) }).catch(() => null);
  if (!answer || !answer.ok || answer.redirected || asking.get(form) !== asked) return;
  const { faults, next } = await answer.json();
  for (const name of left.get(form) || []) {
    const files = form.querySelector(`input[type=file][name="f.${CSS.escape(name)}"]`);
    if (!files || files.files.length === 0) mark(form, name, faults[name] || []);
  }
  form.querySelector("[data-ahead]").innerHTML = next;
}

document.addEventListener("change", (event) => {
  const form = event.target.closest("form[data-check]");
  const name = form && fieldOf(event.target.name || "");
  if (!name) return;
  left.set(form, (left.get(form) || new Set()).add(name));
  check(form);
});

/* What was marked is looked at again while it is being mended. */
let soon = 0;
document.addEventListener("input", (event) => {
  const form = event.target.closest("form[data-check]");
  const place = form && event.target.closest(".field");
  if (!place || !place.querySelector(":scope > .fault")) return;
  left.set(form, (left.get(form) || new Set()).add(fieldOf(event.target.name)));
  clearTimeout(soon);
  soon = setTimeout(() => check(form), 600);
});
