// Ctrl+K (or Cmd+K) goes to the field that finds everything; where there is no room for one, to its page.
document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented) return; // in a text it makes a link
  if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return;
  const fields = [...document.querySelectorAll(".seek input[type=search]")];
  const field = fields.reverse().find((one) => one.offsetParent !== null); // the page's own before the header's
  event.preventDefault();
  if (!field) return document.querySelector(".seek__way")?.click();
  field.focus();
  field.select();
});
