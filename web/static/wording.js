/* The words of a message are judged and shown in their example while they are typed, by the page's own preview. Without
   this there is a button for it. */

"use strict";

(() => {
  const PAUSE = 400;
  const form = document.querySelector("form[data-preview]");
  let waiting = 0;
  let asked = 0;

  function mark(field, shown) {
    for (const kind of [".fault", ".instead"]) {
      const known = field.querySelector(kind);
      const fresh = shown.querySelector(kind);
      if (known) known.remove();
      if (fresh) field.append(document.adoptNode(fresh));
    }
    const input = field.querySelector("textarea");
    const judged = shown.querySelector("textarea");
    for (const name of ["aria-invalid", "aria-describedby"]) {
      if (judged.hasAttribute(name)) input.setAttribute(name, judged.getAttribute(name));
      else input.removeAttribute(name);
    }
  }

  async function show() {
    const mine = ++asked;
    const answer = await fetch(form.dataset.preview, {
      method: "POST", body: new URLSearchParams(new FormData(form)), headers: { Accept: "text/html" },
    }).catch(() => null);
    if (mine !== asked || answer === null || !answer.ok || answer.redirected) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const examples = page.getElementById("examples");
    if (mine !== asked || !examples) return;
    document.getElementById("examples").replaceWith(document.adoptNode(examples));
    for (const input of form.querySelectorAll("textarea")) {
      const shown = page.getElementById(input.id);
      if (shown) mark(input.closest(".field"), shown.closest(".field"));
    }
  }

  form.addEventListener("input", () => {
    window.clearTimeout(waiting);
    waiting = window.setTimeout(show, PAUSE);
  });
})();
