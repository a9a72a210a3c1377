// Notes which kit was copied or downloaded, so that whoever used it hears of a change. The page works without it.
(() => {
  const kit = document.querySelector("[data-kit]");
  const form = kit?.querySelector("[data-kit-note]");
  if (!form) return;

  const note = async (way, platform = "") => {
    const body = new URLSearchParams(new FormData(form));
    body.set("way", way);
    body.set("platform", platform);
    try {
      const answer = await fetch(form.action, {
        method: "POST",
        body,
        headers: { "X-Requested-With": "fetch" },
        credentials: "same-origin",
        keepalive: true,
      });
      if (answer.status === 409 && way !== "opened") kit.querySelector("[data-kit-stale]").hidden = false;
    } catch {
      // Offline: what was copied is copied.
    }
  };

  kit.addEventListener("click", (event) => {
    const platform = event.target.closest("[data-kit-platform]")?.dataset.kitPlatform || "";
    if (event.target.closest("[data-copy]:not([data-copy='#kit-correction'])")) note("copied", platform);
    if (event.target.closest("[data-kit-download]")) note("downloaded", platform);
  });
  if (kit.querySelector("[data-kit-seen]")) note("opened");
})();
