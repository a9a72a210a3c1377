// Notes that the page of a recall was seen. Without script, the answer says so too.
(() => {
  const form = document.querySelector("[data-recall-seen]");
  if (!form) return;
  const note = () =>
    fetch(form.action, {
      method: "POST",
      body: new URLSearchParams(new FormData(form)),
      credentials: "same-origin",
      keepalive: true,
    }).catch(() => {}); // Offline: it is noted the next time.
  if (document.visibilityState === "visible") note();
  else document.addEventListener("visibilitychange", note, { once: true });
})();
