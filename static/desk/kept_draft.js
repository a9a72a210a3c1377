// What somebody writes in a form (data-draft names it) is kept in this browser until it has been sent. data-draft-after changes
// with each time that the desk took one: what was written before it is no draft any more.
(() => {
  const form = document.querySelector("form[data-draft]");
  if (!form) return;
  const { draft: key, draftAfter: after } = form.dataset;
  const fields = [...form.querySelectorAll("textarea[name], select[name]")];
  const read = () => {
    try {
      return JSON.parse(localStorage.getItem(key));
    } catch {
      return null; // storage is closed, or holds something else
    }
  };
  const keep = () => {
    try {
      if (!fields.some((field) => field.value.trim())) return localStorage.removeItem(key);
      localStorage.setItem(key, JSON.stringify({ after, values: fields.map((field) => [field.name, field.value]) }));
    } catch {
      /* full, or forbidden: the form itself still works */
    }
  };
  const kept = read();
  if (kept?.after === after && fields.every((field) => !field.value)) {
    const values = new Map(kept.values);
    for (const field of fields) {
      const value = values.get(field.name) ?? "";
      if (field.tagName !== "SELECT" || [...field.options].some((one) => one.value === value)) field.value = value;
    }
    form.querySelector("[data-draft-back]").hidden = !fields.some((field) => field.value);
  } else if (kept) keep();
  form.addEventListener("input", keep);
  form.addEventListener("change", keep);
})();
