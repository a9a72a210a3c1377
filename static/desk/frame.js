// The frame draws its menu button as a span. Make it a button for those who use a keyboard or a screen reader.
(() => {
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
})();
