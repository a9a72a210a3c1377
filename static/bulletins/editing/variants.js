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
  // A picture gives its alt text to fields that are empty; what somebody typed there meanwhile stays.
  document.addEventListener("htmx:oobBeforeSwap", (event) => {
    const { target } = event.detail;
    if (target.matches?.("#variants [data-box=alt_text]") && target.querySelector("textarea")?.value) event.detail.shouldSwap = false;
  });
  count();
})();
