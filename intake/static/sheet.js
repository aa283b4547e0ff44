// Keeps what a screener types as a draft on the server, so that closing the page loses nothing. The verdicts are saved by the button.
"use strict";

(() => {
  const PAUSE = 1500;
  const LONGEST_WAIT = 10000;
  const form = document.querySelector("form[data-draft]");
  const status = form?.querySelector("[data-status]");
  if (!form || !status) return;
  let timer = null;
  let unsentSince = null;
  let sending = null;

  const say = (text) => { status.textContent = text; };
  const clock = () => new Date().toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });

  const send = async () => {
    clearTimeout(timer);
    if (unsentSince === null) return;
    if (sending) return later();
    unsentSince = null;
    sending = new AbortController();
    try {
      const answer = await fetch(form.dataset.draft, {
        method: "POST",
        body: new URLSearchParams(new FormData(form)),
        credentials: "same-origin",
        redirect: "manual",
        keepalive: true,
        signal: sending.signal,
      });
      say(answer.status === 204 ? `${status.dataset.kept} ${clock()}` : status.dataset.failed);
    } catch (error) {
      if (error.name !== "AbortError") say(status.dataset.failed);
    } finally {
      sending = null;
    }
  };
  const later = () => {
    clearTimeout(timer);
    timer = setTimeout(send, PAUSE);
  };

  form.addEventListener("input", () => {
    unsentSince ??= Date.now();
    if (Date.now() - unsentSince > LONGEST_WAIT) send();
    else later();
  });
  form.addEventListener("submit", () => {
    clearTimeout(timer);
    unsentSince = null;
    sending?.abort();
  });
  document.addEventListener("visibilitychange", () => { if (document.visibilityState === "hidden") send(); });
  window.addEventListener("pagehide", send);
})();
