// Words that were typed in a form[data-warn] and not saved are not lost to a link or another button of the page: the browser asks
// first. data-warn="unsent" is a form that came back with words that were refused.
for (const form of document.querySelectorAll("form[data-warn]")) {
  let unsaved = form.dataset.warn === "unsent";
  form.addEventListener("input", () => { unsaved = true; });
  form.addEventListener("submit", () => { unsaved = false; });
  addEventListener("beforeunload", (event) => {
    if (unsaved) event.preventDefault();
  });
}
