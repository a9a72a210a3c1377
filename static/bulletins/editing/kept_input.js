// What somebody types or ticks while an answer is on its way, and what waits unsaved in the other forms of the part that
// the answer draws anew, is put back into it, and saved from there if it saves itself.
(() => {
  const OURS = "#compose [data-step]";
  const FIELDS = "input[id]:not([type=hidden], [type=file]), textarea[id], select[id]";
  const isTick = (field) => field.matches("[type=checkbox], [type=radio]");
  const valueOf = (field) => (isTick(field) ? field.checked : field.value);
  const drawn = (field) => {
    if (isTick(field)) return field.defaultChecked;
    if (field.tagName !== "SELECT") return field.defaultValue;
    return (field.querySelector("option[selected]") || field.options[0])?.value;
  };
  const read = (part) => new Map([...part.querySelectorAll(FIELDS)].map((field) => [field.id, valueOf(field)]));

  const asked = new WeakMap(); // a request → what its part said when it left
  document.addEventListener("htmx:beforeSend", (event) => {
    const part = event.detail.target;
    if (part?.closest?.(OURS)) asked.set(event.detail.xhr, read(part));
  });

  const kept = new Map(); // a request → what to put back, and the step in which
  document.addEventListener("htmx:beforeSwap", (event) => {
    const { xhr, target: part, requestConfig } = event.detail;
    const before = asked.get(xhr);
    asked.delete(xhr);
    if (!before || !event.detail.shouldSwap) return;
    const own = requestConfig.elt.closest("form");
    const put = new Map();
    for (const field of part.querySelectorAll(FIELDS)) {
      // A form that saves itself, or that this answers, knew all up to the request; what others say is as it was drawn, until changed.
      const isKnown = field.form && (field.form === own || field.form.matches("[data-saves]"));
      if (valueOf(field) !== (isKnown ? before.get(field.id) : drawn(field))) put.set(field.id, valueOf(field));
    }
    kept.set(xhr, { put, step: part.closest("[data-step]") });
  });
  document.addEventListener("htmx:afterSwap", ({ detail }) => {
    for (const [id, value] of kept.get(detail.xhr)?.put || []) {
      const field = document.getElementById(id);
      if (!field || field.disabled || field.readOnly) continue;
      if (isTick(field)) field.checked = value;
      else field.value = value;
    }
  });
  // Only now do the new forms listen. Whatever was put back is told them, and what was ticked since it was drawn.
  document.addEventListener("htmx:afterSettle", ({ detail }) => {
    const found = kept.get(detail.xhr);
    if (!found) return;
    kept.delete(detail.xhr);
    const isNew = (field) => isTick(field) && field.form?.matches("#schedule form") && valueOf(field) !== drawn(field);
    for (const field of found.step.querySelectorAll(FIELDS)) {
      if (!found.put.has(field.id) && !isNew(field)) continue;
      field.dispatchEvent(new Event("input", { bubbles: true }));
      field.dispatchEvent(new Event("change", { bubbles: true }));
    }
  });
})();
