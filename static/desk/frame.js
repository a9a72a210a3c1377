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

  // A box with suggestions is named by what was chosen in it, which at first is nothing. Name it by its field's label too.
  addEventListener("load", () => {
    for (const box of document.querySelectorAll(".select2-selection")) {
      const select = box.closest(".select2-container").previousElementSibling;
      const said = box.querySelector("[role=textbox]");
      const name = select?.labels?.[0];
      if (!name) continue;
      name.id ||= `${select.id}_label`;
      for (const one of [box, said]) one?.setAttribute("aria-labelledby", `${name.id} ${said?.id ?? ""}`.trim());
    }
  });
})();
