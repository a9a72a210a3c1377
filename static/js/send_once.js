// A form that may be sent by a script and by its button is sent once. The button says so, and so does a live region to
// whoever can't see it.
for (const form of document.querySelectorAll("form[data-once]")) {
  const button = form.querySelector("button[type=submit]");
  const status = form.querySelector("[role=status]");
  const label = button.textContent;
  let waiting = 0;
  const show = (text) => {
    button.textContent = text || label;
    button.setAttribute("aria-disabled", String(Boolean(text)));
    status.textContent = text;
  };
  const free = () => {
    clearTimeout(waiting);
    waiting = 0;
    show("");
  };
  form.addEventListener("submit", (event) => {
    if (waiting) return event.preventDefault();
    // No event tells that a page didn't come, or that its reader pressed Stop.
    waiting = setTimeout(free, 20_000);
    show(form.dataset.once);
  });
  // The page comes back as it was left.
  addEventListener("pageshow", (event) => event.persisted && free());
}
