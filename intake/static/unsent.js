// Keeps what an applicant types in this browser until the server has it, so that a lost connection loses nothing.
"use strict";

(() => {
  const PREFIX = "intake-unsent:";
  const LONGEST_KEPT = 14 * 24 * 3600 * 1000;
  const form = document.querySelector("form[data-unsent]");
  const status = form?.querySelector("[data-status]");
  if (!form || !status) return;
  const key = PREFIX + form.dataset.unsent;
  const seen = form.elements.seen.value;
  const fields = () => [...form.elements].filter((field) => field.name && !["hidden", "file", "submit"].includes(field.type));

  const read = (name) => {
    try {
      return JSON.parse(localStorage.getItem(name));
    } catch {
      return null;
    }
  };
  const forget = (name) => {
    try {
      localStorage.removeItem(name);
    } catch { /* a browser that keeps nothing has nothing to forget */ }
  };
  const keep = () => {
    const typed = fields().map((field) => [field.name, field.value, field.checked ?? null]);
    try {
      localStorage.setItem(key, JSON.stringify({ at: Date.now(), seen, typed }));
    } catch { /* without room, the server alone keeps what is saved */ }
  };
  const tidy = () => {
    try {
      for (const name of Object.keys(localStorage)) {
        if (name.startsWith(PREFIX) && Date.now() - (read(name)?.at ?? 0) > LONGEST_KEPT) forget(name);
      }
    } catch { /* as above */ }
  };

  const putBack = (typed) => {
    let changed = false;
    fields().forEach((field, place) => {
      const [name, value, ticked] = typed[place] ?? [];
      if (name !== field.name) return;
      if (field.type === "checkbox" || field.type === "radio") {
        if (field.value !== value || field.checked === ticked) return;
        field.checked = ticked;
      } else {
        if (field.value === value) return;
        field.value = value;
      }
      changed = true;
    });
    if (changed) status.textContent = status.dataset.back;
  };

  tidy();
  const kept = read(key);
  if (kept?.seen === seen && Array.isArray(kept.typed)) putBack(kept.typed);
  else forget(key);
  form.addEventListener("input", keep);
  form.addEventListener("submit", (event) => {
    keep();
    if (navigator.onLine) return;
    event.preventDefault();
    status.textContent = status.dataset.offline;
  });
  window.addEventListener("online", () => { if (status.textContent === status.dataset.offline) status.textContent = status.dataset.online; });
})();
