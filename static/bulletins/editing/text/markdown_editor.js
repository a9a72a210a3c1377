// The text of a language in CodeMirror, over its <textarea>, which stays the form's field: whatever is written here stands in it and
// is told as its own input, and whatever others put into it appears here. Phones keep the plain field, where dictation and the
// keyboard's own suggestions work best, and so does whoever asks for it.
(() => {
  const root = document.getElementById("compose");
  const fields = [...(root?.querySelectorAll("textarea[data-field=body]:not([readonly])") || [])];
  const KEY = "editor plain"; // in this browser
  const plain = () => { try { return Boolean(localStorage.getItem(KEY)); } catch { return false; } };
  const keepPlain = (yes) => { try { yes ? localStorage.setItem(KEY, "1") : localStorage.removeItem(KEY); } catch { /* forbidden */ } };
  if (!fields.length) return;

  // --- How Markdown looks ---------------------------------------------------------------------------------------------

  const LINES = { "#": "md-heading", ">": "md-quote" }; // every other sign is an item's
  const WORDS = /(?<strong>\*\*[^*\n]+\*\*)|(?<link>\[[^\]\n]*\]\([^)\s]*\))|(?<em>(?<![*\p{L}\p{N}])\*[^*\s][^*\n]*\*(?!\*))/gu;
  const LONGEST = 5000; // signs of a line in which words are looked for
  const looksOf = ({ Decoration, ViewPlugin }) => {
    const lines = Object.fromEntries(["md-heading", "md-quote", "md-item"].map((name) => [name, Decoration.line({ class: name })]));
    const words = Object.fromEntries(["strong", "link", "em"].map((name) => [name, Decoration.mark({ class: `md-${name}` })]));
    const draw = (view) => {
      const found = [];
      for (const { from, to } of view.visibleRanges)
        for (let at = from; at <= to; ) {
          const line = view.state.doc.lineAt(at);
          const sign = window.textField.blockSign(line.text).trim();
          if (sign) found.push(lines[LINES[sign[0]] || "md-item"].range(line.from));
          for (const { index, 0: text, groups } of line.length < LONGEST ? line.text.matchAll(WORDS) : []) {
            const name = Object.keys(groups).find((one) => groups[one]);
            found.push(words[name].range(line.from + index, line.from + index + text.length));
          }
          at = line.to + 1;
        }
      return Decoration.set(found, true);
    };
    return ViewPlugin.fromClass(
      class {
        constructor(view) { this.decorations = draw(view); }
        update(update) { if (update.docChanged || update.viewportChanged) this.decorations = draw(update.view); }
      },
      { decorations: (plugin) => plugin.decorations },
    );
  };

  // --- What others mark in the text (textField.mark): {from, to, className} by the name of who marks -------------------------------

  const marksIn = ({ Decoration, EditorView, StateEffect, StateField }) => {
    const effect = StateEffect.define();
    const field = StateField.define({
      create: () => new Map(),
      update(marks, { changes, effects }) {
        const now = changes.empty ? marks : new Map([...marks].map(([name, set]) => [name, set.map(changes)]));
        for (const { value } of effects.filter((one) => one.is(effect))) {
          const ranges = value.ranges.filter(({ from, to }) => from < to);
          now.set(value.name, Decoration.set(ranges.map(({ from, to, className }) => Decoration.mark({ class: className }).range(from, to)), true));
        }
        return effects.some((one) => one.is(effect)) ? new Map(now) : now;
      },
      provide: (one) => EditorView.decorations.computeN([one], (state) => [...state.field(one).values()]),
    });
    return { effect, field };
  };

  // --- One field ------------------------------------------------------------------------------------------------------

  const show = (field, library) => {
    const { Annotation, EditorState, EditorView, Transaction, history, historyKeymap, keymap, standardKeymap } = library;
    const fromField = Annotation.define();
    const marks = marksIn(library);
    const label = document.querySelector(`label[for="${field.id}"]`);
    label.id ||= `${field.id}-label`;
    const holder = document.createElement("div");
    holder.className = "editor";
    field.before(holder);
    let isTelling = false;
    const tell = (text) => {
      isTelling = true;
      field.value = text;
      field.dispatchEvent(new Event("input", { bubbles: true }));
      isTelling = false;
    };
    const view = new EditorView({
      parent: holder,
      doc: field.value,
      selection: { anchor: Math.min(field.selectionStart, field.value.length) },
      extensions: [
        history(),
        keymap.of([...standardKeymap, ...historyKeymap]),
        EditorView.lineWrapping,
        EditorState.tabSize.of(3),
        EditorView.contentAttributes.of(() => ({
          "aria-labelledby": label.id,
          "aria-describedby": field.getAttribute("aria-describedby") || "",
          "aria-invalid": field.getAttribute("aria-invalid") || "false",
          lang: field.lang,
          ...(field.dir && { dir: field.dir }),
          tabindex: "0", // what scrolls is reached by keyboard: said where a checker looks for it
          spellcheck: "true",
          autocapitalize: "sentences",
        })),
        looksOf(library),
        marks.field,
        EditorView.updateListener.of((update) => {
          if (update.docChanged && !update.transactions.some((one) => one.annotation(fromField))) tell(update.state.doc.toString());
          if (update.selectionSet && !update.docChanged) field.dispatchEvent(new Event("caret", { bubbles: true }));
        }),
      ],
    });

    // What a script puts into the field appears here, with the caret where it was in the words around it.
    const take = (event) => {
      if (isTelling) return;
      const [now, was] = [field.value, view.state.doc.toString()];
      if (now === was) return;
      let from = 0;
      while (from < now.length && from < was.length && now[from] === was[from]) from += 1;
      let same = 0;
      while (same < now.length - from && same < was.length - from && now.at(-1 - same) === was.at(-1 - same)) same += 1;
      view.dispatch({
        changes: { from, to: was.length - same, insert: now.slice(from, now.length - same) },
        annotations: [fromField.of(true), Transaction.addToHistory.of(event.detail !== "quiet")],
      });
    };
    const focused = (event) => {
      event.preventDefault();
      view.focus();
    };
    const watcher = new MutationObserver(() => view.dispatch({}));
    field.addEventListener("input", take);
    label.addEventListener("click", focused);
    watcher.observe(field, { attributes: true, attributeFilter: ["aria-invalid", "aria-describedby", "lang"] });
    // A label names one field: what is shown.
    field.setAttribute("aria-hidden", "true");
    field.tabIndex = -1;
    field.classList.add("is-under");

    const surface = {
      dom: view.dom,
      focus: () => view.focus(),
      selection: () => [view.state.selection.main.from, view.state.selection.main.to],
      select: (from, to) => {
        view.focus();
        view.dispatch({ selection: { anchor: from, head: to }, effects: EditorView.scrollIntoView(from, { y: "center", yMargin: 24 }) });
      },
      replace: (from, to, text) => {
        view.focus();
        view.dispatch({ changes: { from, to, insert: text }, selection: { anchor: from + text.length }, scrollIntoView: true, userEvent: "input" });
      },
      caret: () => view.coordsAtPos(view.state.selection.main.head),
      mark: (name, ranges) => view.dispatch({ effects: marks.effect.of({ name, ranges }) }),
      close: () => {
        watcher.disconnect();
        field.removeEventListener("input", take);
        label.removeEventListener("click", focused);
        field.removeAttribute("aria-hidden");
        field.removeAttribute("tabindex");
        field.classList.remove("is-under");
        field.setSelectionRange(...surface.selection());
        view.destroy();
        holder.remove();
      },
    };
    return surface;
  };

  // --- Which of the two -----------------------------------------------------------------------------------------------

  let loading = null;
  const load = () =>
    (loading ||= new Promise((resolve, reject) => {
      const script = Object.assign(document.createElement("script"), { src: root.dataset.codemirror });
      script.addEventListener("load", () => resolve(window.CodeMirror));
      script.addEventListener("error", () => {
        loading = null;
        script.remove();
        reject(new Error("the editor did not come")); // the plain field goes on
      });
      document.head.append(script);
    }));
  const { showIn, showPlain } = window.textField;
  const buttons = [...root.querySelectorAll("[data-plain]")];
  const draw = async () => {
    const isPlain = plain();
    for (const button of buttons) button.setAttribute("aria-pressed", isPlain);
    if (isPlain) return fields.forEach(showPlain);
    const library = await load().catch(() => null);
    if (!library || plain()) return;
    for (const field of fields) showIn(field, () => show(field, library));
  };
  if (!("adoptedStyleSheets" in document) || !matchMedia("(pointer: fine)").matches) return;
  for (const button of buttons) {
    button.hidden = false;
    button.addEventListener("click", () => {
      keepPlain(!plain());
      draw();
    });
  }
  draw();
})();
