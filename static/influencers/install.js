// The hint that the portal can be installed on a phone: shown once, not on the first day, and never again after an answer.
(() => {
  const hint = document.querySelector("[data-install]");
  if (!hint) return;
  const standalone = matchMedia("(display-mode: standalone)").matches || navigator.standalone;
  const KEY = "install-hint";
  let known = {};
  try {
    known = JSON.parse(localStorage.getItem(KEY) || "{}");
    if (!known.first) localStorage.setItem(KEY, JSON.stringify({ first: new Date().toDateString() }));
  } catch {
    return; // nothing can be remembered here, so it would come each time
  }
  if (standalone || known.done || !known.first || known.first === new Date().toDateString()) return;

  const done = () => {
    hint.hidden = true;
    try {
      localStorage.setItem(KEY, JSON.stringify({ ...known, done: true }));
    } catch {
      // It is hidden until the next page.
    }
  };
  const show = (how) => {
    for (const one of hint.querySelectorAll("[data-install-how]")) one.hidden = one.dataset.installHow !== how;
    hint.hidden = false;
    known.done = true; // shown once, answered or not
    localStorage.setItem(KEY, JSON.stringify(known));
  };
  hint.querySelector("[data-install-no]").addEventListener("click", done);
  addEventListener("appinstalled", done);
  addEventListener("beforeinstallprompt", (event) => {
    event.preventDefault();
    hint.querySelector("[data-install-yes]").addEventListener("click", async () => {
      await event.prompt();
      done();
    });
    show("prompt");
  });
  const isApple = /iphone|ipad/i.test(navigator.userAgent) || (navigator.platform === "MacIntel" && navigator.maxTouchPoints > 1);
  if (isApple) show("apple");
})();
