// The preview beside the text: drawn anew while somebody writes, in the language that is being written, and led along by the caret:
// the block in which it stands is brought in sight and lightly marked.
(() => {
  const root = document.getElementById("compose");
  const shown = document.getElementById("preview-form");
  const frame = document.getElementById("preview-frame");
  if (!root || !shown) return;
  const { blockSign, fieldOf, hasFocus, selectionOf } = window.textField;
  const AFTER = 500; // ms without a key
  const language = shown.elements.language;
  const forms = [...root.querySelectorAll("form[data-words]")];
  const fieldsOf = (form) => [...form.querySelectorAll("[data-field]")];
  const isWords = (field) => Boolean(field?.matches?.("[data-field]") && root.contains(field));

  // --- Drawing it -----------------------------------------------------------------------------------------------------

  const hidden = (name, value) => {
    let box = shown.querySelector(`input[type=hidden][name="${name}"]`);
    if (!box) {
      box = Object.assign(document.createElement("input"), { type: "hidden", name });
      shown.append(box);
    }
    box.value = value;
  };
  let scrolled = 0;
  const refresh = () => {
    const chosen = language.selectedOptions[0];
    const form = chosen && forms.find((one) => one.dataset.edition === chosen.dataset.edition);
    if (!form) return;
    hidden("level", chosen.dataset.level);
    for (const field of fieldsOf(form)) hidden(field.dataset.field, field.value);
    try { scrolled = frame.contentWindow.scrollY; } catch { scrolled = 0; }
    shown.requestSubmit();
  };
  let soon;
  const preview = () => {
    clearTimeout(soon);
    soon = setTimeout(refresh, AFTER);
  };
  const choose = (edition) => {
    const option = [...language.options].find((one) => one.dataset.edition === edition);
    if (!option || option.selected) return;
    option.selected = true;
    preview();
  };
  shown.addEventListener("change", () => { scrolled = 0; preview(); });
  root.addEventListener("input", (event) => isWords(event.target) && preview());
  root.addEventListener("language", (event) => choose(event.detail));
  root.addEventListener("focusin", (event) => {
    const field = fieldOf(event.target);
    if (isWords(field)) choose(field.form.dataset.edition);
  });
  document.body.addEventListener("saved", (event) => event.detail?.from !== "compose" && preview());
  document.addEventListener("preview", preview);

  // --- Following the caret --------------------------------------------------------------------------------------------

  const ENOUGH = 80; // signs tell one block from another
  const words = (text) => text.replace(/\s+/g, " ").trim();
  const unsigned = (line) => {
    for (let sign = blockSign(line); sign; sign = blockSign(line)) line = line.slice(sign.length);
    return line;
  };
  const plain = (block) =>
    words(block.split("\n").map(unsigned).join("\n").replace(/\[([^\]]*)\]\([^)]*\)/g, "$1").replace(/\\([\\`*[\]<_#>+.-])|\*+/g, "$1")).slice(0, ENOUGH).trim();
  // Return what the block with the caret says, and how many blocks before it say the same.
  const blockAt = (text, place) => {
    const blocks = [];
    let at = 0;
    for (const line of text.split("\n")) {
      const isNew = !blocks.length || !line.trim() || blockSign(line) || blocks.at(-1).isOver;
      if (isNew) blocks.push({ from: at, text: line, isOver: !line.trim() });
      else blocks.at(-1).text += `\n${line}`;
      at += line.length + 1;
    }
    const number = blocks.findLastIndex(({ from }) => from <= place);
    const says = plain(blocks[number]?.text || "");
    return { says, before: blocks.slice(0, number).filter((one) => plain(one.text) === says).length };
  };
  const BLOCKS = "p, li, h1, h2, h3, h4, h5, h6, blockquote, td, pre";
  const found = (page, { says, before }) => {
    const alike = [...page.querySelectorAll(BLOCKS)].filter((one) => words(one.textContent).startsWith(says));
    const inner = alike.filter((one) => !alike.some((other) => other !== one && one.contains(other)));
    return inner[before] || inner.at(-1);
  };
  let marked = null;
  const follow = () => {
    let page;
    try { page = frame.contentDocument; } catch { return; }
    const field = fieldOf(document.activeElement);
    if (!page?.body || !isWords(field) || field.dataset.field !== "body" || !hasFocus(field)) return;
    if (language.selectedOptions[0]?.dataset.edition !== field.form.dataset.edition) return;
    const block = blockAt(field.value, selectionOf(field).from);
    const place = block.says && found(page, block);
    if (marked && marked !== place) {
      marked.style.backgroundColor = "";
      delete marked.dataset.here;
    }
    marked = place || null;
    if (!place) return;
    place.style.backgroundColor = "color-mix(in srgb, currentColor 12%, transparent)";
    place.dataset.here = "";
    const { top, bottom } = place.getBoundingClientRect();
    const height = frame.clientHeight;
    if (top < height * 0.1 || bottom > height * 0.85) frame.contentWindow.scrollBy(0, top - height * 0.3);
  };
  let next = null;
  const soonFollow = () => {
    next ??= setTimeout(() => {
      next = null;
      follow();
    }, 120);
  };
  frame.addEventListener("load", () => {
    try { frame.contentWindow.scrollTo(0, scrolled); } catch { /* not ours */ }
    marked = null;
    follow();
  });
  root.addEventListener("caret", soonFollow);
  document.addEventListener("selectionchange", soonFollow);
})();
