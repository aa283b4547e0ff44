// Keys for staff: they press what is on the page anyway. None fires while somebody types, or with Ctrl, Alt or Meta.
"use strict";

(() => {
  const OFF = "desk-keys-off";
  const WITHOUT_LETTERS = new Set(["radio", "checkbox", "button", "submit", "reset"]);
  let chosen = -1;
  let criterion = null;

  const isOff = () => {
    try { return localStorage.getItem(OFF) === "yes"; } catch { return false; }
  };
  const types = (element) =>
    element.isContentEditable ||
    ["TEXTAREA", "SELECT"].includes(element.tagName) ||
    (element.tagName === "INPUT" && !WITHOUT_LETTERS.has(element.type));

  const rows = () => [...document.querySelectorAll("table.queue tbody tr")].filter((row) => row.querySelector("th a"));
  const choose = (step) => {
    const all = rows();
    if (!all.length) return follow(step > 0 ? "main a[rel=next]" : "main a[rel=prev]");
    chosen = Math.min(Math.max(chosen + step, 0), all.length - 1);
    all.forEach((row, place) => row.toggleAttribute("data-chosen", place === chosen));
    all[chosen].querySelector("th a").focus();
  };
  const follow = (selector) => document.querySelector(selector)?.click();
  const open = () => {
    const row = rows()[chosen];
    if (row) row.querySelector("th a").click();
  };
  const go = (number) => {
    criterion = document.querySelector(`[data-criterion="${number}"]`);
    const first = criterion?.querySelector("input[type=radio]:checked") ?? criterion?.querySelector("input[type=radio]");
    criterion?.scrollIntoView({ block: "start" });
    first?.focus({ preventScroll: true });
  };
  const judge = (outcome) => {
    const place = document.activeElement?.closest("[data-criterion]") ?? criterion;
    const radio = place?.querySelector(`input[type=radio][value="${outcome}"]`);
    if (!radio) return;
    radio.click();
    place.querySelector("textarea")?.focus();
  };
  const deeds = () => {
    const place = document.querySelector("[data-key=deeds]") ?? document.querySelector("main form");
    place?.scrollIntoView({ block: "start" });
    const first = place?.querySelector("input[type=radio]:checked") ??
      place?.querySelector("a, button, input:not([type=hidden]), select, textarea");
    first?.focus({ preventScroll: true });
  };

  const keys = {
    j: () => choose(1),
    k: () => choose(-1),
    o: open,
    1: () => go(1),
    2: () => go(2),
    3: () => go(3),
    4: () => go(4),
    m: () => judge("met"),
    n: () => judge("not_met"),
    u: () => judge("need_more"),
    s: () => follow("[data-key=save]"),
    d: deeds,
    c: () => document.querySelector("[data-key=confirm]")?.focus(),
    q: () => follow("[data-key=queue]"),
    "/": () => document.querySelector("input[type=search]")?.focus(),
    "?": () => follow("[data-key=keys]"),
  };

  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
    if (event.key === "Escape" && types(event.target)) return event.target.blur();
    if (types(event.target) || isOff() || !Object.hasOwn(keys, event.key)) return;
    event.preventDefault();
    keys[event.key]();
  });

  const toggle = document.querySelector("[data-key=switch]");
  if (toggle) {
    const say = () => { toggle.textContent = isOff() ? toggle.dataset.on : toggle.dataset.off; };
    toggle.hidden = false;
    toggle.addEventListener("click", () => {
      try { localStorage.setItem(OFF, isOff() ? "no" : "yes"); } catch { /* kept for this page only where storage is refused */ }
      say();
    });
    say();
  }
})();
