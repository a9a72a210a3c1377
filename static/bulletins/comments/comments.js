// Comments at a passage: what is selected in a text gets one, a quoted passage is selected again, and an @ offers colleagues.
// What is shown of comments comes from the desk; nothing here makes markup.
(() => {
  const root = document.getElementById("compose");
  if (!root) return;
  const AROUND = 40; // signs kept on each side of a passage
  const LONGEST = 300;
  const BOX = ["edition", "variant", "message", "action"].map((kind) => `.field[id^="at-${kind}-"]`).join();
  const form = document.getElementById("comment-new"); // not there when the bulletin takes no comments
  const fieldIn = (box) => box?.querySelector("textarea, input[type=text]");

  // --- A new comment ------------------------------------------------------------------------------------------------

  let last = null; // the box of the text that somebody was in
  root.addEventListener("focusin", (event) => {
    last = event.target.closest(BOX) || last;
  });

  const say = (step, text) => {
    const place = step.querySelector("[data-comment-says]");
    if (!place) return;
    place.dispatchEvent(new Event("reveal", { bubbles: true }));
    place.textContent = text;
  };
  // The words that are selected, without the spaces at their ends.
  const selected = (field) => {
    let { from, to } = selectionOf(field);
    while (from < to && /\s/.test(field.value[from])) from += 1;
    while (to > from && /\s/.test(field.value[to - 1])) to -= 1;
    return { from, to };
  };
  const begin = (box, step) => {
    const field = box?.isConnected && !box.closest("[hidden]") ? fieldIn(box) : null;
    const { from, to } = field ? selected(field) : { from: 0, to: 0 };
    say(step, "");
    if (from === to) return say(step, form.dataset.nothing);
    if (to - from > LONGEST) return say(step, form.dataset.tooLong);
    document.dispatchEvent(new Event("save-all")); // the desk knows the words by the time that it is sent
    const text = field.value;
    const given = { anchor: box.id, quote: text.slice(from, to), before: text.slice(Math.max(0, from - AROUND), from), after: text.slice(to, to + AROUND), start: from };
    for (const [name, value] of Object.entries(given)) form.elements[name].value = value;
    const quoted = form.querySelector("[data-quoted]");
    quoted.textContent = `“${given.quote}”`;
    quoted.lang = field.lang;
    form.hidden = false;
    form.elements.text.focus();
  };
  const close = () => {
    form.hidden = true;
    document.getElementById("comment-new-said").replaceChildren();
    const field = fieldIn(document.getElementById(form.elements.anchor.value));
    const from = Number(form.elements.start.value);
    if (field) selectRange(field, from, from + form.elements.quote.value.length);
  };
  if (form) {
    // One that was begun on a page that is gone is open again, beside the words that it is about.
    form.addEventListener("words-back", ({ detail: { beside } }) => {
      form.querySelector("[data-quoted]").textContent = `“${beside?.quote || ""}”`;
      form.hidden = false;
    });
    root.addEventListener("click", (event) => {
      const button = event.target.closest("[data-comment]");
      if (button) begin(button.closest(BOX) || last, button.closest("[data-step]"));
      else if (event.target.closest("[data-comment-cancel]")) close();
    });
    root.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && form.contains(event.target) && people.hidden) return close();
      if (!event.ctrlKey || !event.altKey || event.code !== "KeyM") return;
      const box = event.target.closest(BOX);
      if (!box) return;
      event.preventDefault();
      begin(box, box.closest("[data-step]"));
    });
    addEventListener("beforeunload", (event) => {
      if ([...root.querySelectorAll("[data-mentions]")].some((text) => text.value.trim() && text.value !== text.defaultValue)) event.preventDefault();
    });
  }

  // What was sent is not put back when the comments are drawn anew.
  document.addEventListener("commented", (event) => {
    const sent = event.target.closest?.("[data-comment-form]");
    if (!sent) return;
    window.keptWords.drop(sent.elements.text);
    sent.elements.text.value = sent.elements.text.defaultValue; // it is drawn anew with what was sent
    sent.closest("details")?.removeAttribute("open");
    if (sent === form) close();
  });
  // A refusal is shown where it belongs.
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.xhr.status !== 422 || !event.target.id?.startsWith("comment-")) return;
    event.detail.shouldSwap = true;
    event.detail.isError = false;
  });
  // What is open, or half written, stays open.
  const open = new Set();
  document.addEventListener("htmx:beforeSwap", ({ target }) => {
    if (!target.matches?.(".comments")) return;
    open.clear();
    for (const fold of target.querySelectorAll("details[open]")) open.add(fold.dataset.key);
  });
  document.addEventListener("htmx:afterSettle", ({ target }) => {
    if (!target.matches?.(".comments")) return;
    for (const fold of target.querySelectorAll("details")) {
      const text = fold.querySelector("textarea");
      fold.open = text && text.value !== text.defaultValue ? true : open.has(fold.dataset.key);
    }
  });

  // --- Its passage --------------------------------------------------------------------------------------------------

  // Somebody may have written on since the desk looked: the words nearest to where it found them.
  const find = (text, quote, at) => {
    let best = -1;
    for (let here = text.indexOf(quote); here >= 0; here = text.indexOf(quote, here + quote.length))
      if (best < 0 || Math.abs(here - at) < Math.abs(best - at)) best = here;
    return best;
  };
  // In the editor the words of open comments are marked; a plain field has the list of comments only.
  const marked = new Map(); // comments of a step → the fields with marks of theirs
  document.addEventListener("htmx:afterSettle", ({ target }) => {
    if (!target.matches?.(".comments")) return;
    const ranges = new Map([...(marked.get(target.id) || [])].map((field) => [field, []]));
    for (const { dataset } of target.querySelectorAll(":scope > .talk [data-passage]")) {
      const field = fieldIn(document.getElementById(dataset.passage));
      const from = field ? find(field.value, dataset.quote, Number(dataset.at)) : -1;
      if (from < 0) continue;
      if (!ranges.has(field)) ranges.set(field, []);
      ranges.get(field).push({ from, to: from + dataset.quote.length, className: "md-comment" });
    }
    marked.set(target.id, [...ranges.keys()].filter((field) => ranges.get(field).length));
    for (const [field, own] of ranges) window.textField.mark(field, "comments", own);
  });
  root.addEventListener("click", (event) => {
    const button = event.target.closest("[data-passage]");
    const field = button && fieldIn(document.getElementById(button.dataset.passage));
    if (!field) return;
    const { quote, at } = button.dataset;
    const from = find(field.value, quote, Number(at));
    button.closest("li").querySelector("[data-gone]").hidden = from >= 0;
    if (from < 0) return;
    field.dispatchEvent(new Event("reveal", { bubbles: true })); // steps.js opens whatever hides it
    field.closest(BOX).scrollIntoView({ block: "center" });
    selectRange(field, from, from + quote.length);
  });

  // --- Mentions -----------------------------------------------------------------------------------------------------

  const people = document.getElementById("comment-people");
  if (!people) return;
  const options = [...people.children];
  const offered = () => options.filter((one) => !one.hidden);
  const status = document.getElementById("comment-people-says");
  let writing = null; // the field for which it is open
  const typed = (field) => field.value.slice(0, field.selectionStart).match(/(?:^|[^\p{L}\p{N}_@])@([\p{L}\p{N}_.@'’ -]{0,60})$/u)?.[1];
  const point = (option) => {
    for (const one of options) one.setAttribute("aria-selected", one === option);
    writing.setAttribute("aria-activedescendant", option.id);
    option.scrollIntoView({ block: "nearest" });
  };
  const shut = () => {
    people.hidden = true;
    status.textContent = "";
    writing?.removeAttribute("aria-activedescendant");
    writing = null;
  };
  const offer = (field) => {
    const begun = typed(field)?.toLowerCase();
    if (begun === undefined) return shut();
    for (const one of options) {
      const name = one.textContent.toLowerCase();
      one.hidden = !name.startsWith(begun) && !name.includes(` ${begun}`);
    }
    const found = offered();
    if (!found.length || found.some((one) => one.textContent.toLowerCase() === begun)) return shut();
    writing = field;
    people.hidden = false;
    const { left, top, bottom, width } = field.getBoundingClientRect();
    const above = bottom + people.offsetHeight > innerHeight;
    people.style.left = `${left}px`;
    people.style.top = `${above ? top - people.offsetHeight : bottom}px`;
    people.style.width = `${width}px`;
    status.textContent = `${status.dataset.says} ${found.length}`;
    point(found[0]);
  };
  const choose = (option) => {
    const field = writing;
    const end = field.selectionStart;
    const start = end - typed(field).length;
    field.focus();
    field.setRangeText(`${option.textContent} `, start, end, "end");
    shut();
    field.dispatchEvent(new Event("input", { bubbles: true }));
  };
  root.addEventListener("input", (event) => event.target.matches("[data-mentions]") && offer(event.target));
  root.addEventListener("focusout", (event) => event.target === writing && setTimeout(shut, 150));
  people.addEventListener("pointerdown", (event) => {
    event.preventDefault(); // the field keeps the focus
    const option = event.target.closest("[role=option]");
    if (option) choose(option);
  });
  root.addEventListener("keydown", (event) => {
    if (!writing || event.target !== writing || people.hidden) return;
    const found = offered();
    const here = found.findIndex((one) => one.getAttribute("aria-selected") === "true");
    const to = { ArrowDown: here + 1, ArrowUp: here - 1 }[event.key];
    if (to !== undefined) point(found[(to + found.length) % found.length]);
    else if (["Enter", "Tab"].includes(event.key)) choose(found[here]);
    else if (event.key === "Escape") shut();
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
})();
