// What the frame leaves out for those who use a keyboard or a screen reader.
(() => {
  // It draws its menu button as a span.
  const label = document.currentScript.dataset.menu;
  for (const button of document.querySelectorAll('span[x-on\\:click="sidebarToggle()"]')) {
    button.setAttribute("role", "button");
    button.setAttribute("tabindex", "0");
    button.setAttribute("aria-label", label);
    button.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      button.click();
    });
  }
  // It writes the name of a chosen file into the first text box near by, whosever that is. Its own is disabled, and only that is meant.
  Object.defineProperty(HTMLInputElement.prototype, "hasChangeListener", {
    get() { return this.isListenedTo || !this.parentNode?.parentNode?.parentNode?.querySelector("input[type=text]")?.disabled; },
    set(value) { this.isListenedTo = value; },
  });
  // On a phone the lists of a place are one line; the one that is open is in sight.
  const tabs = document.getElementById("tabs-items");
  const open = tabs?.querySelector(".active");
  if (open) tabs.scrollLeft = open.offsetLeft - (tabs.clientWidth - open.clientWidth) / 2;
  // Two landmarks of one kind are told apart by their names.
  document.getElementById("nav-sidebar-inner")?.setAttribute("aria-label", document.currentScript.dataset.main);
  tabs?.setAttribute("aria-label", document.currentScript.dataset.lists);
  // Others' scripts make the boxes with suggestions, and those to choose from two lists, when they come to it.
  name();
  new MutationObserver(name).observe(document.body, { childList: true, subtree: true });

  function name() {
    // A box with suggestions is named by what was chosen in it, which at first is nothing. Name it by its field's label too.
    for (const box of document.querySelectorAll(".select2-selection")) {
      const select = box.closest(".select2-container").previousElementSibling;
      const said = box.querySelector("[role=textbox]");
      const title = select?.labels?.[0];
      if (!title) continue;
      title.id ||= `${select.id}_label`;
      for (const one of [box, said]) one?.setAttribute("aria-labelledby", `${title.id} ${said?.id ?? ""}`.trim());
    }
    // A sign with a name is a picture.
    for (const sign of document.querySelectorAll(".help-tooltip[aria-label]")) sign.setAttribute("role", "img");
  }
})();
