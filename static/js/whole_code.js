// A login code is sent as soon as it is whole, once on a page: a wrong one costs a try, and is corrected by hand.
(() => {
  const field = document.querySelector("[data-whole]");
  if (!field) return;
  document.querySelector("[data-by-itself]").hidden = false;
  let isSent = Boolean(field.getAttribute("aria-invalid"));
  const sendWhole = () => {
    if (isSent || field.value.replace(/\D/g, "").length !== Number(field.dataset.whole)) return;
    isSent = true;
    field.form.requestSubmit();
  };
  field.addEventListener("input", sendWhole);
  // Typed before this script was there. What the browser puts back into a page that one returns to was sent already.
  if (performance.getEntriesByType("navigation")[0]?.type === "navigate") sendWhole();
})();
