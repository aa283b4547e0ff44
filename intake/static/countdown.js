// Counts down the seconds in which a step can be undone. Without it the page says the minutes, which stay true as a text.
"use strict";

(() => {
  const shown = (seconds) => `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;

  document.querySelectorAll("[data-seconds]").forEach((place) => {
    const end = performance.now() + Number(place.dataset.seconds) * 1000;
    const tick = () => {
      const left = Math.max(0, Math.ceil((end - performance.now()) / 1000));
      place.textContent = left ? shown(left) : place.dataset.over;
      if (left) setTimeout(tick, 1000);
    };
    tick();
  });
})();
