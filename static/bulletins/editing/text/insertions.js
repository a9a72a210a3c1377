// What can be put into a text without writing it: this bulletin's facts as the text's language says them, ready phrases, and
// published answers. "/" at the start of a line or after a space opens the list at the caret, and so does the button Insert. What is
// typed then finds in it; what is not found goes into the text as it was typed.
(() => {
  const root = document.getElementById("compose");
  const box = document.getElementById("inserts");
  if (!root || !box) return;
  const { caretRect, fieldOf, focus, insert, replace, selectionOf } = window.textField;
  const find = box.querySelector("[role=combobox]");
  const list = box.querySelector("[role=listbox]");
  const status = box.querySelector("[role=status]");
  const says = box.dataset;
  const MOST = 60; // options shown at once
  const isText = (field) => field?.matches?.("textarea[data-inserts]:not([readonly])");

  const kept = new Map(); // address → what can be inserted, until something is saved
  document.addEventListener("saved", () => kept.clear());
  const offered = async (address) => {
    if (!kept.has(address)) {
      const answer = await fetch(address, { headers: { Accept: "application/json", "X-Requested-With": "fetch" }, redirect: "manual" });
      if (!answer.ok) {
        if (answer.status === 403 || answer.type === "opaqueredirect") document.dispatchEvent(new Event("session:ask"));
        throw new Error(answer.statusText);
      }
      kept.set(address, (await answer.json()).insertions);
    }
    return kept.get(address);
  };

  let open = null; // {field, from, to, isLoading, isChosen}: what the chosen words take the place of; Enter may come before the list
  let all = [];
  let shown = [];
  let at = 0;
  const point = (next) => {
    at = shown.length ? (next + shown.length) % shown.length : 0;
    [...list.children].forEach((option, number) => option.setAttribute("aria-selected", number === at));
    const chosen = list.children[at];
    if (chosen) find.setAttribute("aria-activedescendant", chosen.id);
    else find.removeAttribute("aria-activedescendant");
    chosen?.scrollIntoView({ block: "nearest" });
  };
  const draw = () => {
    const words = find.value.toLocaleLowerCase().split(/\s+/).filter(Boolean);
    shown = all.filter((one) => words.every((word) => `${one.kind} ${one.name} ${one.text}`.toLocaleLowerCase().includes(word))).slice(0, MOST);
    list.replaceChildren(
      ...shown.map((one, number) => {
        const option = document.createElement("li");
        option.id = `inserts-${number}`;
        option.setAttribute("role", "option");
        const name = document.createElement("span");
        name.textContent = one.name;
        name.lang = open.field.lang;
        const kind = document.createElement("small");
        kind.textContent = one.kind;
        option.append(name, kind);
        return option;
      }),
    );
    status.textContent = shown.length ? `${says.count} ${shown.length}` : says.none;
    point(0);
  };
  const place = () => {
    const caret = caretRect(open.field);
    const { offsetWidth: width, offsetHeight: height } = box;
    const below = caret.bottom + 6;
    box.style.left = `${Math.max(8, Math.min(caret.left, document.documentElement.clientWidth - width - 8))}px`;
    box.style.top = `${below + height < innerHeight ? below : Math.max(8, caret.top - height - 6)}px`;
  };
  const show = async (field, from, to) => {
    open = { field, from, to, isLoading: true, isChosen: false };
    const mine = open;
    all = shown = [];
    find.value = "";
    list.replaceChildren();
    status.textContent = says.loading;
    box.hidden = false;
    place();
    find.focus({ preventScroll: true });
    try {
      const found = await offered(field.dataset.inserts);
      if (open !== mine) return;
      all = found;
      open.isLoading = false;
      draw();
      if (open.isChosen) return enter();
    } catch {
      if (open !== mine) return;
      open.isLoading = open.isChosen = false;
      status.textContent = says.failed;
    }
    place();
  };
  const close = () => {
    const was = open;
    open = null;
    box.hidden = true;
    return was;
  };
  // Back to the text, behind the "/", with what was typed since.
  const leave = (typed = "") => {
    const { field, to } = close();
    focus(field);
    replace(field, to, to, typed);
  };
  // What was typed goes into the text, and whoever went elsewhere stays there.
  const goOn = () => {
    const { field, to } = close();
    if (!find.value) return;
    field.setRangeText(find.value, to, to, "end");
    field.dispatchEvent(new Event("input", { bubbles: true }));
  };
  const choose = (one) => {
    if (!one) return;
    const { field, from, to } = close();
    const before = field.value.slice(0, from);
    const isBlock = one.text.includes("\n") && before.trim() && !before.endsWith("\n\n");
    focus(field);
    // Typed first: Ctrl+Z leads back to it.
    if (find.value) replace(field, to, to, find.value);
    replace(field, from, to + find.value.length, `${isBlock ? "\n\n" : ""}${one.text}`);
  };

  // Chosen at once, or as soon as the list is there.
  const enter = () => {
    if (open.isLoading) open.isChosen = true;
    else if (shown.length) choose(shown[at]);
    else leave(find.value);
  };

  find.addEventListener("input", () => {
    open.isChosen = false; // whoever goes on typing looks for something else
    // "and / or": it was no wish for the list.
    if (find.value.startsWith(" ")) return leave(find.value);
    const { field, to } = open;
    window.keptWords.keep(field, field.value.slice(0, to) + find.value + field.value.slice(to));
    if (all.length) draw();
  });
  const KEYS = {
    ArrowDown: () => point(at + 1),
    ArrowUp: () => point(at - 1),
    Enter: enter,
    Escape: () => leave(find.value),
    Tab: () => leave(find.value),
  };
  box.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    const { field, from, to } = open || {};
    let act = KEYS[event.key];
    if (event.key === " " && all.length && !shown.length) act = () => leave(`${find.value} `);
    if (event.key === "Backspace" && !find.value && to > from)
      act = () => {
        close();
        replace(field, from, to, "");
      };
    if (!act) return;
    event.preventDefault();
    event.stopPropagation();
    act();
  });
  box.addEventListener("focusout", ({ relatedTarget }) => {
    if (open && !box.contains(relatedTarget)) goOn();
  });
  for (const name of ["pagehide", "beforeunload"]) addEventListener(name, () => open && goOn(), { capture: true }); // before it is saved
  list.addEventListener("pointerdown", (event) => event.preventDefault()); // the focus stays where it is
  list.addEventListener("click", ({ target }) => choose(shown[[...list.children].indexOf(target.closest("[role=option]"))]));

  // What an authority's update says that is new goes where the caret was last, else to the end of a text in sight, first of that in its language.
  let last = null;
  root.addEventListener("click", ({ target }) => {
    const button = target.closest("[data-puts]");
    if (!button) return;
    const texts = [...root.querySelectorAll("textarea[data-inserts]:not([readonly])")].filter((one) => one.closest(".language").checkVisibility());
    const field = texts.includes(last) ? last : texts.find((one) => one.lang === button.lang) || texts[0];
    if (!field) return;
    focus(field);
    const { to } = selectionOf(field);
    // A caret before the first letter was placed by nobody: it stands there when a page opens.
    if (field === last && to > 0) insert(field, button.dataset.puts);
    else replace(field, field.value.length, field.value.length, `${field.value.trim() && "\n\n"}${button.dataset.puts}`);
  });

  // A "/" that somebody has just typed.
  const lengths = new WeakMap();
  root.addEventListener("focusin", ({ target }) => {
    const field = fieldOf(target);
    if (!isText(field)) return;
    lengths.set(field, field.value.length);
    last = field;
  });
  root.addEventListener("input", (event) => {
    const field = event.target;
    if (!isText(field)) return;
    const isOneMore = field.value.length === lengths.get(field) + 1;
    lengths.set(field, field.value.length);
    if (!isOneMore || event.detail === "quiet" || event.isComposing) return;
    // Not within the editor's own change, and before the next key.
    queueMicrotask(() => {
      const { from, to } = selectionOf(field);
      if (from !== to || field.value[from - 1] !== "/" || !/^\s?$/.test(field.value.slice(0, from - 1).slice(-1)) || open) return;
      show(field, from - 1, from);
    });
  });
  root.addEventListener("click", ({ target }) => {
    const button = target.closest("[data-inserts-open]");
    if (!button) return;
    const field = document.getElementById(button.closest(".md").getAttribute("aria-controls"));
    const { from, to } = selectionOf(field);
    show(field, from, to);
  });
})();
