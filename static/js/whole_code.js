// A login code is sent as soon as it is whole, once on a page: a wrong one costs a try, and is corrected by hand.
(() => {
  const field = document.querySelector("[data-whole]");
  if (!field) return;
  document.querySelector("[data-by-itself]").hidden = false;
  let isSent = Boolean(field.getAttribute("aria-invalid"));
  field.addEventListener("input", () => {
    if (isSent || field.value.replace(/\D/g, "").length !== Number(field.dataset.whole)) return;
    isSent = true;
    field.form.requestSubmit();
  });
})();
