// Presses "Go on" by itself, once somebody has begun; a page without that button, such as an error, ends it.
"use strict";

(() => {
  const PRESSED = "bulk-pressed-at";
  const FRESH = 60_000;
  const PAUSE = 700;
  const store = (act) => { try { return act(sessionStorage); } catch { return null; } };
  const form = document.querySelector("form[data-goes-on]");
  if (!form) return;

  const stop = document.querySelector("[data-stops]");
  const pressed = Number(store((kept) => kept.getItem(PRESSED)));
  store((kept) => kept.removeItem(PRESSED));
  form.addEventListener("submit", () => store((kept) => kept.setItem(PRESSED, String(Date.now()))));

  if (form.dataset.goesOn !== "next" || !pressed || Date.now() - pressed > FRESH) return;
  const next = setTimeout(() => form.requestSubmit(), PAUSE);
  if (!stop) return;
  stop.hidden = false;
  stop.addEventListener("click", () => { clearTimeout(next); stop.hidden = true; });
  stop.focus();
})();
