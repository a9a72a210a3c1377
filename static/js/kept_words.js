// Words that the server has not got, yet or ever, are kept in this browser, a copy for each field and each page that is open, so that no
// page touches another's. What a page left that is gone (closed, crashed, logged out) comes back beside its field on the next: put back
// at once where a button sends it (form[data-keeps]) or nothing does ([data-typed]), offered where the field saves itself or its text
// has changed since, and never overwritten by what is typed since. The nearest [data-keeps] names the place; what the portal keeps, under
// "portal <reader> …", goes when its reader logs out (influencers/forget.js) or another one comes (influencers/drafts.js).
// Whatever saves a field by itself calls keep() and drop(), and answers two events on it:
// "words-state" (fill in the token and the base that were read) and "words-back" (take those of a copy that comes back).
window.keptWords = (() => {
  const says = document.currentScript.dataset;
  const PREFIX = "words ";
  const OLDEST = 14 * 24 * 3600 * 1000; // ms that a copy waits
  const TYPED = "textarea, select, input:not([type]), input:is([type=text], [type=url], [type=date], [type=datetime-local])";
  const page = `${Date.now().toString(36)}${Math.random().toString(36).slice(2)}`;
  const store = {
    get: (key) => { try { return JSON.parse(localStorage.getItem(key)); } catch { return null; } },
    set: (key, value) => { try { localStorage.setItem(key, JSON.stringify(value)); } catch { /* full, or forbidden */ } },
    drop: (key) => { try { localStorage.removeItem(key); } catch { /* forbidden */ } },
    keys: () => { try { return Object.keys(localStorage).filter((key) => key.startsWith(PREFIX)); } catch { return []; } },
  };
  // Until 1.0.0 a text was kept once for all pages, as "words <user> <bulletin> <version> <edition> <field>".
  for (const key of store.keys()) {
    const [, user, bulletin, version, edition, field] = key.match(/^words (\d+) (\d+) (\d+) (\d+) (\w+)$/) || [];
    if (!field) continue;
    store.set(`${PREFIX}before ${user} bulletin ${bulletin} ${version} f-${edition}-${field}`, { ...store.get(key), at: Date.now() });
    store.drop(key);
  }
  for (const key of store.keys()) if (!(Date.now() - store.get(key)?.at < OLDEST)) store.drop(key);

  // A page holds a lock of its own as long as it is there; whoever gets it too knows that it is gone.
  const { locks } = navigator;
  locks?.request(`page ${page}`, () => new Promise(() => {}));
  const ends = new Map();
  const gone = (one) => {
    if (!ends.has(one)) ends.set(one, locks ? locks.request(`page ${one}`, { mode: "shared" }, () => {}) : Promise.resolve());
    return ends.get(one);
  };

  const nameOf = (field) => `${field.closest("[data-keeps]")?.dataset.keeps} ${field.id || field.name}`;
  const keyOf = (field, of = page) => `${PREFIX}${of} ${nameOf(field)}`;
  const isSent = (field) => field.form?.matches("form[data-keeps]");
  const isPutBack = (field) => isSent(field) || field.closest("[data-typed]");
  const drawn = (field) =>
    field.tagName === "SELECT" ? (field.querySelector("option[selected]") || field.options[0])?.value ?? "" : field.defaultValue;
  const stateOf = (field) => {
    const state = { base: drawn(field) };
    field.dispatchEvent(new CustomEvent("words-state", { bubbles: true, detail: state }));
    return state;
  };
  const fieldsIn = (place) => [...(place.matches?.(TYPED) ? [place] : place.querySelectorAll(TYPED))].filter((one) => one.closest("[data-keeps]"));
  // A name that stands there several times is a list of what the page has, and no mark of what was read.
  const hidden = (form) => {
    const every = [...(form?.querySelectorAll("input[type=hidden]:not([name=csrfmiddlewaretoken])") || [])];
    return every.filter(({ name }) => every.filter((one) => one.name === name).length === 1);
  };

  const keep = (field, text = field.value) => {
    const beside = isSent(field) ? Object.fromEntries(hidden(field.form).map(({ name, value }) => [name, value])) : undefined;
    store.set(keyOf(field), { ...stateOf(field), text, beside, at: Date.now() });
  };
  // The server has it: no copy of these words is needed any more.
  const drop = (field) => {
    store.drop(keyOf(field));
    for (const box of boxes.get(field) || []) if (box.copy()?.text === field.value) box.close();
  };

  // --- What comes back ------------------------------------------------------------------------------------------------

  const boxes = new Map(); // field → what is offered beside it
  const button = (text, act) => {
    const made = document.createElement("button");
    Object.assign(made, { type: "button", className: "btn btn--line", textContent: text });
    made.addEventListener("click", act);
    return made;
  };
  const show = (field, key, sentence, words, ...buttons) => {
    const box = document.createElement("div");
    box.className = "notice kept-words";
    box.setAttribute("role", "group");
    const inside = box.appendChild(document.createElement("div"));
    inside.className = "fields";
    const said = inside.appendChild(document.createElement("p"));
    said.setAttribute("role", "alert");
    said.textContent = sentence;
    if (words !== undefined) {
      const shown = inside.appendChild(document.createElement("p"));
      Object.assign(shown, { className: "as-written kept-words__words", textContent: words, lang: field.lang, tabIndex: 0 });
    }
    const row = inside.appendChild(document.createElement("div"));
    row.className = "row";
    const one = {
      copy: () => store.get(key),
      close: () => {
        store.drop(key);
        box.remove();
        boxes.get(field)?.delete(one);
        field.dispatchEvent(new CustomEvent("save-state", { bubbles: true, detail: { text: "" } }));
      },
    };
    row.append(...buttons.map(([text, act]) => button(text, () => act(one))));
    const above = field.previousElementSibling;
    (above?.matches(".editor") ? above : field).before(box);
    for (let fold = field.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
    if (!boxes.has(field)) boxes.set(field, new Set());
    boxes.get(field).add(one);
    if (words !== undefined) box.dispatchEvent(new CustomEvent("save-state", { bubbles: true, detail: { text: says.bar, kind: "status--changed" } }));
  };
  const fill = (field, copy) => {
    if (copy.beside) for (const one of hidden(field.form)) if (one.name in copy.beside) one.value = copy.beside[one.name];
    field.dispatchEvent(new CustomEvent("words-back", { bubbles: true, detail: copy }));
    field.value = copy.text;
    field.dispatchEvent(new Event("input", { bubbles: true }));
  };
  let aside = 0;
  const use = (field, key, one) => {
    const copy = store.get(key);
    const [was, text] = [stateOf(field), field.value];
    one.close();
    if (copy) fill(field, copy);
    (field.previousElementSibling?.querySelector?.(".cm-content") || field).focus();
    // What stood there and is not saved takes its place.
    if (!text.trim() || text === was.base || text === copy?.text) return;
    const other = keyOf(field, `${page}.${(aside += 1)}`);
    store.set(other, { ...was, text, at: Date.now() });
    offer(field, other);
  };
  const offer = (field, key) =>
    show(field, key, says.left, store.get(key).text, [says.use, (one) => use(field, key, one)], [says.drop, (one) => one.close()]);
  const putBack = (field, key, copy) => {
    const before = field.value;
    fill(field, copy);
    store.drop(key);
    if (field.tagName === "SELECT") return;
    show(field, keyOf(field), says.back, undefined, [says.drop, (one) => {
      field.value = before;
      field.dispatchEvent(new Event("input", { bubbles: true }));
      one.close();
    }]);
  };

  const seen = new WeakMap(); // field → the copies that it was asked about
  const ask = async (field, key) => {
    if (!seen.has(field)) seen.set(field, new Set());
    if (seen.get(field).has(key)) return;
    seen.get(field).add(key);
    await gone(key.slice(PREFIX.length).split(" ", 1)[0].split(".", 1)[0]);
    const copy = store.get(key);
    if (!copy || !field.isConnected || field.readOnly || field.disabled) return;
    const { base } = stateOf(field);
    if (copy.text === base || copy.text === field.value) {
      if (field.value !== base) keep(field); // the browser has put it back
      return store.drop(key);
    }
    const isNew = isPutBack(field) && field.value === base && copy.base === base && !boxes.get(field)?.size;
    if (isNew && (field.tagName !== "SELECT" || [...field.options].some(({ value }) => value === copy.text))) putBack(field, key, copy);
    else if (field.tagName !== "SELECT") offer(field, key);
  };
  const nameIn = (key) => key.slice(PREFIX.length).replace(/^\S+ /, "");
  const look = (place, keys = store.keys()) => {
    if (!keys.length) return;
    const fields = new Map(fieldsIn(place).map((field) => [nameOf(field), field]));
    const others = keys.filter((key) => !key.startsWith(`${PREFIX}${page}`)).sort((one, other) => store.get(other)?.at - store.get(one)?.at);
    for (const key of others) if (fields.has(nameIn(key))) ask(fields.get(nameIn(key)), key);
  };

  document.addEventListener("htmx:afterSettle", ({ target }) => look(target));
  addEventListener("storage", ({ key, newValue }) => key?.startsWith(PREFIX) && newValue && look(document, [key]));

  // --- Forms that a button sends, and what nobody sends ----------------------------------------------------------------

  const typed = ({ target: field }) => {
    if (!field.matches?.(TYPED) || !isPutBack(field)) return;
    if (field.value === drawn(field)) store.drop(keyOf(field));
    else keep(field);
  };
  for (const field of fieldsIn(document)) if (field.value !== drawn(field)) typed({ target: field }); // before this script had come
  document.addEventListener("input", typed);
  document.addEventListener("change", typed);
  const sent = new WeakMap(); // a request → the copies of what it takes
  document.addEventListener("htmx:beforeRequest", ({ detail }) => {
    const { elt } = detail;
    if (elt.matches?.("form[data-keeps]")) sent.set(detail.xhr, fieldsIn(elt).map((field) => [keyOf(field), field.value]));
  });
  document.addEventListener("htmx:afterRequest", ({ detail }) => {
    if (!detail.successful) return;
    for (const [key, text] of sent.get(detail.xhr) || []) if (store.get(key)?.text === text) store.drop(key);
  });

  // Once the page's own scripts listen.
  document.addEventListener("DOMContentLoaded", () => look(document));
  return { keep, drop };
})();
