// A long list of facts is narrowed by words, kind and language. What was chosen stays when the list comes anew, as after each save.
(() => {
  const chosen = { words: "", kind: "", language: "" };
  const pane = () => document.querySelector(".facts-pane");

  const narrow = () => {
    const box = pane()?.querySelector("[data-narrows]");
    if (!box) return;
    box.hidden = false;
    const words = chosen.words.toLocaleLowerCase().split(/\s+/).filter(Boolean);
    const rows = [...pane().querySelectorAll(".factlist > li[data-kind]")];
    let count = 0;
    for (const row of rows) {
      const said = words.length ? row.textContent.toLocaleLowerCase() : "";
      row.hidden =
        (chosen.kind && row.dataset.kind !== chosen.kind) ||
        (chosen.language && !row.dataset.languages.split(" ").includes(chosen.language)) ||
        !words.every((word) => said.includes(word));
      if (!row.hidden) count += 1;
    }
    const isNarrowed = count < rows.length;
    const small = pane().querySelector("[data-key='facts-small']");
    if (small) {
      const has = Boolean(small.querySelector(".factlist > li:not([hidden])"));
      small.hidden = !has;
      if (isNarrowed && has) small.open = true;
    }
    box.querySelector("[role=status]").textContent = isNarrowed ? box.dataset.says.replace("{n}", count).replace("{all}", rows.length) : "";
    for (const field of box.querySelectorAll("[name]")) if (field.value !== chosen[field.name]) field.value = chosen[field.name];
  };

  const choose = (event) => {
    const field = event.target;
    if (!field.closest?.("[data-narrows]") || chosen[field.name] === field.value) return;
    chosen[field.name] = field.value;
    narrow();
  };
  document.addEventListener("input", choose);
  document.addEventListener("change", choose);
  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target.closest?.("[data-narrows]")) event.preventDefault();
  });

  // The caret stays in the field of words when the list comes anew.
  let at = null;
  document.addEventListener("htmx:beforeSwap", (event) => {
    const field = document.activeElement;
    const isHere = event.target.matches?.(".facts-pane") && field?.closest("[data-narrows]");
    at = isHere ? { name: field.name, caret: field.selectionStart } : null;
  });
  document.addEventListener("htmx:afterSettle", () => {
    narrow();
    const field = at && pane()?.querySelector(`[data-narrows] [name=${at.name}]`);
    field?.focus({ preventScroll: true });
    if (field?.type === "search") field.setSelectionRange(at.caret, at.caret);
    at = null;
  });
  narrow();
})();
