// A file that is larger than its box takes (data-most, in megabytes), or of a kind that it does not (accept), is refused here, before
// anybody waits for it to be sent. A kind that the browser does not know is left to the server.
(() => {
  const inputs = [...document.querySelectorAll("input[type=file][data-most]")];
  const number = new Intl.NumberFormat(document.documentElement.lang, { maximumFractionDigits: 1 });
  const look = (input) => {
    const { most, tooLarge, wrongType } = input.dataset;
    const files = [...input.files];
    const size = Math.max(0, ...files.map((file) => file.size)) / 1e6;
    const isOther = files.some((file) => file.type && !input.accept.split(",").includes(file.type));
    const isOver = isOther || size > Number(most);
    input.parentElement.querySelector("[data-over]")?.remove();
    input.toggleAttribute("aria-invalid", isOver);
    if (!isOver) return false;
    const said = document.createElement("p");
    Object.assign(said, { className: "field__error", id: `${input.id}_over` });
    said.dataset.over = "";
    said.setAttribute("role", "alert");
    said.textContent = isOther ? wrongType : tooLarge.replace("%(size)s", number.format(size)).replace("%(most)s", most);
    input.before(said);
    return true;
  };
  for (const input of inputs) {
    input.addEventListener("change", () => look(input));
    if (input.files.length) look(input);
    input.form.addEventListener("submit", (event) => {
      if (!look(input)) return;
      event.preventDefault();
      input.focus();
    });
  }
})();
