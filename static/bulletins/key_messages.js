// Forms that save themselves: [data-saves] with hx-trigger="save". 1.5 s after typing stops, on change and on leaving a
// field. Whatever would redraw the pane ([data-after-saves]) waits until all is saved.
(() => {
  const AFTER = 1500;
  const AGAIN = 5000;
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
    if (!form || isAside(event.target)) return;
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
  document.addEventListener("words-back", ({ target: field, detail: { token } }) => {
    if (formOf(field) && token && readOf(field)) readOf(field).value = token;
  });
  // What a request takes along is kept until the desk has it.
  const taken = new WeakMap(); // request → [field's id, its words]
  document.addEventListener("htmx:beforeRequest", ({ detail }) => {
    const box = detail.elt.closest("[data-box]"); // one of two texts is chosen
    const fields = detail.elt.matches("form[data-saves]") ? [...detail.elt.elements].filter(isTyped) : [box?.querySelector("[id]")].filter(Boolean);
    taken.set(detail.xhr, fields.map((field) => [field.id, box ? undefined : field.value]));
  });
  document.addEventListener("htmx:afterRequest", ({ detail }) => {
    if (detail.xhr.status !== 200) return;
    for (const [id, words] of taken.get(detail.xhr) || []) {
      const field = document.getElementById(id);
      if (!field || (words !== undefined && field.value !== words)) continue;
      stored.set(field, field.value);
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
