// What stands in a text field, and which part of it is chosen, for every script that reads or changes it: formatting, pasting,
// findings, comments. A field is its <textarea> or <input>; a surface that shows it in another way answers for it.
(() => {
  const BOOK = 100_000; // signs; the browser's own editing takes minutes for more
  const surfaces = new Map(); // field → what shows it

  // Return the field to which a node belongs: itself, or that of the surface in which the node is.
  const fieldOf = (node) => {
    if (node?.matches?.("textarea, input")) return node;
    for (const [field, surface] of surfaces) if (surface.dom.contains(node)) return field;
    return null;
  };
  // A field that is typed into itself answers for itself, whatever else shows it.
  const surfaceOf = (field) => (document.activeElement === field ? null : surfaces.get(field));
  const hasFocus = (field) => fieldOf(document.activeElement) === field;
  const focus = (field) => (surfaces.get(field) || field).focus({ preventScroll: true });

  // Show a field in another way, which `make` returns: its `dom`, and what is asked of it below.
  const showIn = (field, make) => {
    if (surfaces.has(field)) return;
    const isHere = document.activeElement === field;
    const surface = make();
    surfaces.set(field, surface);
    surface.dom.addEventListener("focusout", () => field.dispatchEvent(new FocusEvent("blur")));
    for (const [name, ranges] of marked.get(field) || []) surface.mark(name, ranges);
    if (isHere) surface.focus();
  };
  const showPlain = (field) => {
    const isHere = hasFocus(field);
    surfaces.get(field)?.close();
    surfaces.delete(field);
    if (isHere) field.focus();
  };

  // Return {from, to, text}: places are counted in UTF-16 units, as in `field.value`.
  const selectionOf = (field) => {
    const [from, to] = surfaceOf(field)?.selection() || [field.selectionStart, field.selectionEnd];
    return { from, to, text: field.value.slice(from, to) };
  };
  // Choose a part of the text, and bring it in sight.
  const selectRange = (field, from, to = from) => {
    const end = Math.min(to, field.value.length);
    const start = Math.min(from, end);
    const surface = surfaceOf(field);
    if (surface) return surface.select(start, end);
    field.focus({ preventScroll: true });
    field.setSelectionRange(start, end);
    if (field.value.length) field.scrollTop = (field.scrollHeight * start) / field.value.length - field.clientHeight / 2;
  };
  // Put a text in the place of another; Ctrl+Z takes it back. The caret stands behind it.
  const replace = (field, from, to, text) => {
    const surface = surfaceOf(field);
    if (surface) return surface.replace(from, to, text);
    field.focus({ preventScroll: true });
    field.setSelectionRange(from, to);
    if (text.length > BOOK || !document.execCommand("insertText", false, text)) field.setRangeText(text, from, to, "end");
    field.dispatchEvent(new Event("input", { bubbles: true }));
  };
  // Mark parts of the text, [{from, to, className}], where what shows it can; each `name` has marks of its own.
  const marked = new WeakMap(); // field → marks by name, for what shows it later
  const mark = (field, name, ranges) => {
    if (!marked.has(field)) marked.set(field, new Map());
    marked.get(field).set(name, ranges);
    surfaces.get(field)?.mark(name, ranges);
  };
  // Return where the caret is on the screen. A <textarea> does not tell, so its text is laid out once more.
  const caretRect = (field) => {
    const surface = surfaceOf(field);
    if (surface) return surface.caret() || surface.dom.getBoundingClientRect();
    const twin = document.createElement("div");
    const style = getComputedStyle(field);
    for (const name of ["font", "letterSpacing", "padding", "border", "boxSizing", "lineHeight", "tabSize"]) twin.style[name] = style[name];
    const { left, top } = field.getBoundingClientRect();
    Object.assign(twin.style, { position: "fixed", left: `${left}px`, top: `${top - field.scrollTop}px`, width: `${field.clientWidth}px`, whiteSpace: "pre-wrap", overflowWrap: "break-word", visibility: "hidden" });
    const caret = document.createElement("span");
    caret.textContent = "\u200b";
    twin.append(field.value.slice(0, field.selectionStart), caret);
    document.body.append(twin);
    const rect = caret.getBoundingClientRect();
    twin.remove();
    return rect;
  };
  // Put a text in the place of what is chosen.
  const insert = (field, text) => {
    const { from, to } = selectionOf(field);
    replace(field, from, to, text);
  };

  // Return the sign with which a line of Markdown begins a block of its own, or "". "31. joulukuuta" is a date (lib/text/dates/leading_dates.py).
  const date = document.querySelector("[data-after-day]")?.dataset.afterDay;
  const isDate = date ? new RegExp(`^\\s*\\d{1,2}\\.[ \\t]+${date}`, "iu") : /(?!)/;
  const blockSign = (line) => (isDate.test(line) ? "" : line.match(/^\s*(?:#{1,6} |[-*+] |\d{1,3}\. |> ?)/)?.[0] || "");

  window.textField = { blockSign, caretRect, fieldOf, focus, hasFocus, insert, mark, replace, selectRange, selectionOf, showIn, showPlain };
  Object.assign(window, { selectionOf, selectRange }); // by these names alone too
})();
