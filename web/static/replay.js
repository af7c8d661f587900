/* A history as a film: the page's own links, followed without leaving the page; arrows, and the space bar to play. */

"use strict";

(() => {
  let film = document.getElementById("film");
  let timer = 0;
  let speed = "1200";
  let asked = 0;

  function prepare() {
    for (const part of film.querySelectorAll(".player, .keys")) part.hidden = false;
    const choice = film.querySelector("[data-speed]");
    choice.value = speed;
    label();
  }

  function label() {
    const button = film.querySelector("[data-play]");
    button.textContent = timer ? button.dataset.pauseText : button.dataset.playText;
    button.setAttribute("aria-pressed", timer ? "true" : "false");
  }

  function stop() {
    window.clearTimeout(timer);
    timer = 0;
    asked += 1;
    label();
  }

  /* Whoever asks for a second step before the first has come sees the second; who stops sees none that was under way. */
  async function go(address, keep) {
    const mine = ++asked;
    const answer = await fetch(address, { headers: { Accept: "text/html" } });
    if (mine !== asked) return;
    const text = answer.ok ? await answer.text() : "";
    if (mine !== asked) return;
    const next = new DOMParser().parseFromString(text, "text/html").getElementById("film");
    if (!next) {
      window.location.assign(address);
      return;
    }
    const focused = document.activeElement && film.contains(document.activeElement) ? document.activeElement : null;
    const again = focused && (focused.rel || (focused.hasAttribute("data-play") && "play"));
    film.replaceWith(document.adoptNode(next));
    film = document.getElementById("film");
    prepare();
    if (again === "play") film.querySelector("[data-play]").focus();
    else if (again) (film.querySelector(`a[rel="${again}"]`) || film.querySelector("[data-play]")).focus();
    if (keep) window.history.pushState({}, "", address);
  }

  async function walk() {
    const next = film.querySelector('a[rel="next"]');
    if (!next) {
      stop();
      return;
    }
    await go(next.href, true);
    if (timer) timer = window.setTimeout(walk, Number(speed));
  }

  function play() {
    if (timer) {
      stop();
      return;
    }
    timer = window.setTimeout(film.dataset.seq === film.dataset.last ? rewind : walk, 0);
    label();
  }

  /* At the end it plays from the first step. */
  async function rewind() {
    await go(new URL("1", window.location.href).href, true);
    if (timer) timer = window.setTimeout(walk, Number(speed));
  }

  document.addEventListener("click", (event) => {
    if (event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey) return;
    if (event.target.closest("[data-play]")) {
      play();
      return;
    }
    const link = event.target.closest("#film .reel a, #film .marks a, #film .strip a");
    if (!link) return;
    event.preventDefault();
    if (timer) stop();
    go(link.href, true);
  });

  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-speed]")) speed = event.target.value;
  });

  document.addEventListener("keydown", (event) => {
    if (event.metaKey || event.ctrlKey || event.altKey || event.defaultPrevented) return;
    if (event.target.closest("input, select, textarea, [contenteditable], dialog")) return;
    const way = { ArrowLeft: "prev", ArrowRight: "next" }[event.key];
    if (way) {
      const link = film.querySelector(`a[rel="${way}"]`);
      if (!link || event.target.closest(".diagram")) return;
      event.preventDefault();
      if (timer) stop();
      go(link.href, true);
    } else if (event.key === " " && !event.target.closest("a, button, summary")) {
      event.preventDefault();
      play();
    }
  });

  window.addEventListener("popstate", () => go(window.location.href, false));
  prepare();
})();
