// Words that were typed and not saved are not lost to another button of the page: the browser asks first.
(() => {
  const form = document.querySelector("form[data-warn]");
  if (!form) return;
  let unsaved = false;
  form.addEventListener("input", () => {
    unsaved = true;
  });
  form.addEventListener("submit", () => {
    unsaved = false;
  });
  window.addEventListener("beforeunload", (event) => {
    if (unsaved) event.preventDefault();
  });
})();
