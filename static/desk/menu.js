// The frame keeps its menu shut up to 1280 px, where there is room for its words, and as wide as on a cinema screen.
(() => {
  const WIDE = 1280;
  const frame = window.theme;
  const page = document.documentElement;
  // A menu that is open because there is room for it says so: the style sheet shuts it with the window, at once, before Alpine does.
  const stays = () => {
    const isOpen = window.innerWidth >= WIDE && localStorage.getItem("sidebarOpen") !== "0";
    if (isOpen) page.setAttribute("data-menu-by-width", "");
    return isOpen;
  };

  // Its own script has been read, and Alpine has not begun with it yet.
  window.theme = (...given) => {
    const parts = frame(...given);
    parts.sidebarWidth = localStorage.getItem("sidebarWidth") || 224;
    parts.sidebarOpen = stays();
    parts.sidebarToggle = function () {
      this.sidebarOpen = !this.sidebarOpen;
      page.removeAttribute("data-menu-by-width");
      if (window.innerWidth >= WIDE) localStorage.setItem("sidebarOpen", this.sidebarOpen ? "1" : "0");
    };
    parts.themeBindings["x-resize.window"] = function () {
      this.sidebarOpen = stays();
    };
    return parts;
  };
})();
