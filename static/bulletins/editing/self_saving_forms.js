// Forms that save themselves: [data-saves] with hx-trigger="save". 1.5 s after typing stops, on change and on leaving a
// field. Whatever would redraw the pane ([data-after-saves]) waits until all is saved.
(() => {
  const AFTER = 1500;
  const AGAIN = 5000;
  const LONG = 50000; // signs; a text that is longer is not sent along as it was
  const waiting = new Map(); // form → timer
  const busy = new Set();
  const again = new Set(); // changed while its save was under way
  const stopped = new Set(); // not saved, for its owner is logged out
  const says = JSON.parse(document.getElementById("compose-says").textContent);
  const tell = (form, text, kind = "") => form.dispatchEvent(new CustomEvent("save-state", { bubbles: true, detail: { text, kind } }));
  const formOf = (target) => target.closest?.("form[data-saves][hx-post]");
  const isAside = (target) => target.closest("[data-clash]");
  const isTyped = (field) => field.matches("textarea, input:is([type=text], [type=url], [type=datetime-local])") && !isAside(field);
  const kept = window.keptWords;
  const stored = new WeakMap(); // field → what the desk has of it; before a save, what was drawn
  const readOf = (field) => document.getElementById(`${field.id}-read`);
  const drawn = (field) => stored.get(field) ?? field.defaultValue;
  // Put in what the desk made of it, with the caret where it was.
  const put = (field, { text, token }) => {
    const [start, end] = [field.selectionStart, field.selectionEnd];
    field.value = text;
    if (document.activeElement === field) field.setSelectionRange(Math.min(start, text.length), Math.min(end, text.length));
    readOf(field).value = token;
    stored.set(field, text);
    field.dispatchEvent(new CustomEvent("input", { bubbles: true, detail: "quiet" }));
  };
  const stateOf = (form) => document.querySelector(form.getAttribute("hx-target"));

  const save = (form) => {
    clearTimeout(waiting.get(form));
    waiting.delete(form);
    stopped.delete(form);
    if (!form.isConnected) return;
    if (busy.has(form)) return again.add(form);
    busy.add(form);
    tell(form, says.saving, "status--current");
    form.dispatchEvent(new CustomEvent("save"));
  };
  const later = (form, wait) => {
    clearTimeout(waiting.get(form));
    waiting.set(form, setTimeout(() => save(form), wait));
  };
  const settled = () => [...waiting.keys(), ...busy, ...again, ...stopped].every((form) => !form.isConnected);

  document.addEventListener("input", (event) => {
    const form = formOf(event.target);
    if (!form || isAside(event.target) || event.detail === "quiet") return;
    if (isTyped(event.target)) kept.keep(event.target);
    later(form, AFTER);
    tell(form, says.unsaved);
    const state = stateOf(form);
    if (state && !state.querySelector(".status--waits")) {
      state.innerHTML = '<span class="status status--waits"></span>';
      state.firstChild.textContent = form.dataset.unsaved;
    }
  });
  document.addEventListener("change", (event) => {
    const form = formOf(event.target);
    if (form && !isAside(event.target)) save(form);
  });
  document.addEventListener("focusout", (event) => {
    const form = formOf(event.target);
    if (form && waiting.has(form)) save(form);
  });

  document.addEventListener("save-all", () => [...waiting.keys(), ...stopped].forEach(save));

  document.addEventListener("session:stopped", (event) => {
    const form = event.target;
    if (!form.matches?.("form[data-saves]")) return;
    busy.delete(form);
    again.delete(form);
    stopped.add(form);
    tell(form, says.gone, "status--bad");
  });
  document.addEventListener("session:back", () => [...stopped].forEach(save));

  document.addEventListener("submit", (event) => {
    if (!event.target.matches("form[data-saves]")) return;
    event.preventDefault(); // Enter in a line
    if (formOf(event.target)) save(event.target);
  });

  // What comes back from a page that is gone counts as read when that page read it.
  document.addEventListener("words-state", ({ target: field, detail }) => {
    if (!formOf(field)) return;
    if (stored.has(field)) detail.base = stored.get(field);
    detail.token = readOf(field)?.value;
  });
  document.addEventListener("words-back", ({ target: field, detail: { base, token } }) => {
    if (!formOf(field) || !token || !readOf(field)) return;
    readOf(field).value = token;
    if (base !== undefined) stored.set(field, base);
  });
  // What a request takes along is kept until the desk has it.
  const taken = new WeakMap(); // request → [field's id, its words, the mark of what was read]
  document.addEventListener("htmx:beforeRequest", ({ detail }) => {
    const box = detail.elt.closest("[data-box]"); // one of two texts is chosen
    const fields = detail.elt.matches("form[data-saves]") ? [...detail.elt.elements].filter(isTyped) : [box?.querySelector("[id]")].filter(Boolean);
    taken.set(detail.xhr, fields.map((field) => [field.id, box ? undefined : field.value, readOf(field)?.value]));
  });
  document.addEventListener("htmx:afterRequest", ({ detail }) => {
    if (![200, 409, 422].includes(detail.xhr.status)) return;
    for (const [id, words, read] of taken.get(detail.xhr) || []) {
      const field = document.getElementById(id);
      const both = document.querySelector(`[data-combined="${CSS.escape(id)}"]`)?.dataset; // with someone else's words
      if (!field || (detail.xhr.status !== 200 && !both && readOf(field)?.value === read)) continue;
      if (both) readOf(field).value = both.sent;
      stored.set(field, words ?? field.value);
      if (words !== undefined && field.value !== words) continue; // whoever writes on does so from what was sent
      if (both) put(field, both);
      kept.drop(field);
    }
  });

  document.addEventListener("htmx:configRequest", (event) => {
    const form = event.target;
    if (!form.matches("form[data-saves]")) return;
    // A field whose two texts are still to be chosen from, and what belongs to the choice, is not saved.
    for (const box of form.querySelectorAll("[data-box]:has([data-clash])")) {
      event.detail.parameters.delete?.(box.dataset.box);
      delete event.detail.parameters[box.dataset.box];
    }
    // What a field began with: the desk puts together what others changed in other lines.
    for (const field of [...form.elements].filter(isTyped))
      if (field.value !== drawn(field) && drawn(field).length < LONG) event.detail.parameters[`base-${field.name}`] = drawn(field);
  });
  document.addEventListener("htmx:beforeSwap", (event) => {
    if ([409, 422].includes(event.detail.xhr.status) && event.target.closest?.("#rows, #variants")) {
      event.detail.shouldSwap = true;
      event.detail.isError = false;
    }
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    const form = event.target;
    if (!form.matches?.("form[data-saves]") || stopped.has(form)) return;
    busy.delete(form);
    const { status } = event.detail.xhr;
    const said = stateOf(form)?.querySelector(".status");
    if (!status || status >= 500 || status === 403) {
      tell(form, says.offline, "status--bad");
      later(form, AGAIN);
    } else if (said) tell(form, status < 400 ? said.textContent.trim() : says.refused, status < 400 ? "status--good" : "status--bad");
    if (again.delete(form)) save(form);
  });
  document.addEventListener("htmx:confirm", (event) => {
    if (!event.target.matches?.("[data-after-saves]") || settled()) return;
    event.preventDefault();
    [...waiting.keys()].forEach(save);
    const go = () => (settled() ? event.detail.issueRequest(true) : setTimeout(go, 50));
    go();
  });
  // The pane was drawn anew: whoever pressed a button in it with the keyboard goes on where they were.
  let pressed = "";
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (event.target.matches?.("[data-after-saves][id]")) pressed = event.target.id;
  });
  document.addEventListener("htmx:afterSettle", () => {
    const button = pressed && document.getElementById(pressed);
    pressed = "";
    if (button) (button.disabled ? button.parentNode.querySelector("button:enabled") : button)?.focus();
  });
  window.addEventListener("beforeunload", (event) => {
    if (settled()) return;
    [...waiting.keys()].forEach(save);
    event.preventDefault();
  });
})();
