// A picture opens large over the page: a[data-large] leads to the picture itself, which is what happens without script. Esc, Back and
// Close bring the page back as it was. Share and Download there are those of the place that the picture stands in.
(() => {
  const view = document.querySelector("dialog[data-large-view]");
  if (!view?.showModal) return;
  const picture = document.createElement("img");
  view.querySelector(".large__pic").append(picture);
  const zoom = view.querySelector("[data-large-zoom]");
  const share = view.querySelector("[data-share-file]");
  const download = view.querySelector("a[download]");

  const enlarge = (is) => {
    view.classList.toggle("is-zoomed", is);
    zoom.setAttribute("aria-pressed", is);
  };

  const open = (link) => {
    const small = link.querySelector("img");
    const place = link.closest("[data-item], li, section");
    const shares = link.closest(".stage")
      ? document.querySelector(".bar [data-shares-card], .stage [data-shares-card]")
      : place?.querySelector("[data-share-file]");
    Object.assign(picture, { src: small.currentSrc || small.src, alt: small.alt, lang: small.lang });
    for (const side of ["width", "height"]) picture.setAttribute(side, small.getAttribute(side));
    const whole = new Image();
    whole.addEventListener("load", () => view.open && (picture.src = whole.src));
    whole.src = link.href;
    Object.assign(download, { href: link.href, download: link.dataset.name || "" });
    for (const name of ["item", "until"]) {
      const said = link.closest(`[data-${name}]`)?.dataset[name];
      if (said === undefined) delete view.dataset[name];
      else view.dataset[name] = said;
    }
    Object.assign(share.dataset, { shareFile: link.href, name: link.dataset.name || "" });
    if (shares?.dataset.share) share.dataset.share = shares.dataset.share;
    else delete share.dataset.share;
    enlarge(false);
    view.showModal();
    history.pushState({ ...history.state, large: true }, "");
  };

  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-large]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    open(link);
  });
  view.addEventListener("click", (event) => {
    if (event.target === picture) enlarge(!view.classList.contains("is-zoomed"));
    if (event.target === view || event.target.closest("[data-large-close]")) view.close();
  });
  zoom.addEventListener("click", () => enlarge(!view.classList.contains("is-zoomed")));
  view.addEventListener("close", () => {
    view.querySelector(".told")?.remove();
    if (history.state?.large) history.back();
  });
  addEventListener("popstate", () => view.open && view.close());
  if (history.state?.large) history.replaceState({ ...history.state, large: false }, ""); // the page was loaded anew while it was open
})();
