// A tab says how many of its fields are too long, also while somebody types.
(() => {
  const count = () => {
    const root = document.querySelector("#variants [data-tabs]");
    for (const panel of root?.querySelectorAll(":scope > [data-tab]") || []) {
      const tab = document.getElementById(`${panel.id}-tab`);
      const over = panel.querySelectorAll(".counter.is-over").length;
      if (tab) tab.textContent = over ? `${panel.dataset.tab}: ${over} ${root.dataset.over}` : panel.dataset.tab;
    }
  };
  document.addEventListener("input", (event) => {
    if (event.target.closest?.("#variants")) setTimeout(count);
  });
  document.addEventListener("htmx:load", () => setTimeout(count));
  count();

  // A place inside a panel that is not shown: its tab opens first.
  const reveal = (hash) => {
    const place = hash.length > 1 && document.getElementById(decodeURIComponent(hash.slice(1)));
    const panel = place && place.closest("#variants [data-tab][hidden]");
    if (!panel) return;
    document.getElementById(`${panel.id}-tab`).click();
    place.scrollIntoView({ block: "center" });
  };
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.('a[href^="#at-variant-"]');
    if (link) reveal(link.hash);
  });
  window.addEventListener("hashchange", () => reveal(location.hash));
})();
