// The files of a bulletin: the focal point by a press on the picture, the cross over it, and how far an upload is.
(() => {
  const draw = (box) => {
    const x = box.querySelector("[data-focal-x]").value;
    const y = box.querySelector("[data-focal-y]").value;
    const upright = box.querySelector("[data-focal-v]");
    const level = box.querySelector("[data-focal-h]");
    if (!upright) return;
    for (const name of ["x1", "x2"]) upright.setAttribute(name, x || 50);
    for (const name of ["y1", "y2"]) level.setAttribute(name, y || 50);
  };
  const drawAll = () => document.querySelectorAll("[data-focal]").forEach(draw);

  document.addEventListener("click", (event) => {
    const picture = event.target.closest("[data-focal-picture]");
    const box = picture?.closest("[data-focal]");
    const x = box?.querySelector("[data-focal-x]");
    if (!x || x.readOnly) return;
    const place = picture.getBoundingClientRect();
    const share = (at, from, length) => Math.round(Math.min(1, Math.max(0, (at - from) / length)) * 1000) / 10;
    x.value = share(event.clientX, place.left, place.width);
    box.querySelector("[data-focal-y]").value = share(event.clientY, place.top, place.height);
    draw(box);
  });
  document.addEventListener("input", (event) => {
    const box = event.target.closest("[data-focal]");
    if (box) draw(box);
  });
  document.addEventListener("htmx:afterSettle", drawAll);
  document.addEventListener("DOMContentLoaded", drawAll);

  document.addEventListener("htmx:xhr:progress", (event) => {
    const bar = event.target.closest?.("[data-uploads]")?.querySelector("progress");
    if (!bar || !event.detail.lengthComputable) return;
    bar.hidden = false;
    bar.value = (100 * event.detail.loaded) / event.detail.total;
  });
  // Nothing that somebody is writing is swapped away when work is done.
  document.addEventListener("htmx:beforeRequest", (event) => {
    const pane = event.target;
    if (pane.id === "assets" && event.detail.elt === pane && pane.querySelector("details[open] :focus")) {
      event.preventDefault();
    }
  });
  document.addEventListener("htmx:beforeSwap", (event) => {
    if ([409, 422].includes(event.detail.xhr.status) && event.detail.target?.id === "assets") {
      event.detail.shouldSwap = true;
      event.detail.isError = false;
    }
  });
})();
