// The form of message inputs: rows are added without a round trip, pasted text keeps its paragraphs, and what was
// written is kept in this browser until it has been sent. Without script the form works all the same.
(() => {
  const done = document.querySelector("[data-draft-done]");
  if (done) localStorage.removeItem(done.dataset.draftDone);

  const form = document.querySelector("form[data-draft]");
  if (!form) return;
  const key = form.dataset.draft;
  const total = (name) => form.elements[`${name}-TOTAL_FORMS`];

  // --- Rows
  const addRow = (part) => {
    const name = part.dataset.rows;
    const field = total(name);
    const number = Number(field.value);
    const holder = document.createElement("div");
    holder.innerHTML = part
      .querySelector("template")
      .innerHTML.replaceAll("__prefix__", number)
      .replaceAll("__number__", number + 1);
    const row = holder.firstElementChild;
    const rows = part.querySelectorAll("[data-row]");
    rows[rows.length - 1].after(row);
    field.value = number + 1;
    const facts = form.querySelector("[data-rows=facts]");
    if (name === "sources" && facts) {
      const word = facts.dataset.sourceWord.replace("__number__", number + 1);
      const lists = [...facts.querySelectorAll("select"), ...facts.querySelector("template").content.querySelectorAll("select")];
      for (const list of lists) list.add(new Option(word, number + 1));
    }
    return row;
  };

  form.addEventListener("click", (event) => {
    const button = event.target.closest("[data-add]");
    if (!button) return;
    event.preventDefault();
    addRow(button.closest("[data-rows]")).querySelector("input, textarea").focus();
    keep();
  });

  // --- Paste
  const BLOCKS = /^(P|DIV|H[1-6]|LI|UL|OL|TR|TABLE|BLOCKQUOTE|SECTION|ARTICLE)$/;
  const wordsOf = (node) => {
    if (node.nodeType === Node.TEXT_NODE) return node.data.replace(/\s+/g, " ");
    if (node.nodeType !== Node.ELEMENT_NODE || /^(STYLE|SCRIPT|HEAD|TITLE|META)$/.test(node.tagName)) return "";
    if (node.tagName === "BR") return "\n";
    const inside = [...node.childNodes].map(wordsOf).join("");
    if (node.tagName === "LI") return `- ${inside.trim()}\n`;
    if (node.tagName === "TD" || node.tagName === "TH") return `${inside.trim()} `;
    return BLOCKS.test(node.tagName) ? `\n\n${inside.trim()}\n\n` : inside;
  };

  form.addEventListener("paste", (event) => {
    const html = event.clipboardData && event.clipboardData.getData("text/html");
    if (!html || !event.target.matches("textarea")) return;
    // Styles would be refused by the content security policy, loudly, and only the words are wanted.
    const bare = html.replace(/<style[\s\S]*?<\/style>/gi, "").replace(/\sstyle\s*=\s*("[^"]*"|'[^']*')/gi, "");
    const page = new DOMParser().parseFromString(bare, "text/html");
    const text = wordsOf(page.body).replace(/[ \t]*\n[ \t]*/g, "\n").replace(/\n{3,}/g, "\n\n").trim();
    if (!text) return;
    event.preventDefault();
    const field = event.target;
    field.setRangeText(text, field.selectionStart, field.selectionEnd, "end");
    field.dispatchEvent(new Event("input", { bubbles: true }));
  });

  // --- Draft
  const isKept = (field) => field.name && !/^(csrfmiddlewaretoken|authority)$/.test(field.name) && !/^(file|submit|button)$/.test(field.type);
  const written = (draft) => draft.some(([name, value]) => /title$|body$|text$|publisher$|url$/.test(name) && value);

  const keep = () => {
    const draft = [...form.elements]
      .filter((field) => isKept(field) && (!/^(checkbox|radio)$/.test(field.type) || field.checked))
      .map((field) => [field.name, field.value]);
    try {
      if (written(draft)) localStorage.setItem(key, JSON.stringify(draft));
      else localStorage.removeItem(key);
    } catch {
      // No room or no right to keep anything: the form itself still works.
    }
  };

  const restore = () => {
    let draft = [];
    try {
      draft = JSON.parse(localStorage.getItem(key)) || [];
    } catch {
      return;
    }
    if (!written(draft)) return;
    const values = Map.groupBy ? Map.groupBy(draft, ([name]) => name) : draft.reduce((map, pair) => map.set(pair[0], [...(map.get(pair[0]) || []), pair]), new Map());
    for (const part of form.querySelectorAll("[data-rows]")) {
      const wanted = Number((values.get(`${part.dataset.rows}-TOTAL_FORMS`) || [[0, 0]])[0][1]);
      while (Number(total(part.dataset.rows).value) < wanted) addRow(part);
    }
    for (const field of form.elements) {
      if (!isKept(field) || /_FORMS$/.test(field.name)) continue;
      const saved = (values.get(field.name) || []).map(([, value]) => value);
      if (/^(checkbox|radio)$/.test(field.type)) field.checked = saved.includes(field.value);
      else if (saved.length) field.value = saved[0];
    }
    document.querySelector("[data-draft-back]").hidden = false;
  };

  document.querySelector("[data-draft-drop]").addEventListener("click", () => {
    removeEventListener("pagehide", keep);
    localStorage.removeItem(key);
    location.assign(location.pathname);
  });
  if ("draftFresh" in form.dataset) restore();
  else keep();
  let waiting = 0;
  form.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(keep, 300);
  });
  addEventListener("pagehide", keep);
})();
