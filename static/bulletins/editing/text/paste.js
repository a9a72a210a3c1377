// Text pasted from Word, Google Docs or a web page becomes Markdown: its headings, lists, links, bold and italic words and
// quotes stay, everything else is words. Nothing pasted is ever put into the page: it is read in a document of its own, in
// which nothing runs and nothing is fetched, and what comes out is text.
(() => {
  const LONGEST = 8_000_000; // signs of HTML; beyond, the plain words are pasted
  const INDENT = "    "; // of an inner list; with less its items are read as the outer one's
  const ITEM = "\u0001"; // before an item of a list of Word
  const FIRST = "\u0002"; // before what would be a sign of Markdown at the beginning of a line
  const GONE = /^(STYLE|SCRIPT|HEAD|TITLE|META|LINK|TEMPLATE|NOSCRIPT|IFRAME|OBJECT|EMBED|SVG|MATH|BUTTON|SELECT|INPUT|TEXTAREA|IMG|VIDEO|AUDIO|DEL|S|STRIKE)$/i; // what is struck out does not hold
  const BLOCK = /^(P|DIV|SECTION|ARTICLE|MAIN|HEADER|FOOTER|TABLE|TBODY|THEAD|TR|PRE|ADDRESS|DL|DT|DD|FIGURE|FIGCAPTION|HR)$/;
  const styleOf = (node) => node.getAttribute("data-look") || "";
  const weighs = (node) => /font-weight:\s*(bold|[6-9]00)/i.test(styleOf(node));
  const isLight = (node) => /font-weight:\s*(normal|[1-5]00)/i.test(styleOf(node));
  // Struck out, hidden, or a comment of Word.
  const isOut = (node) => /text-decoration[^;]*line-through|mso-hide:\s*all|display:\s*none|mso-element:\s*comment/i.test(styleOf(node));
  const slants = (node) => /font-style:\s*italic/i.test(styleOf(node));

  // What Markdown would read as something else is written so that it stays words.
  const plain = (text) => text.replace(/[\\`*[\]<]|(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu, "\\$&").replace(/^(\s*)(#|>|[-+](?=\s|-)|\d{1,3}(?=\.\s))/, `$1${FIRST}$2`);
  const around = (sign, text) => {
    const words = text.trim();
    return words ? text.replace(words, () => `${sign}${words}${sign}`) : text;
  };
  const schemes = () => document.getElementById("compose").dataset.linkSchemes.split(" "); // what a link may begin with
  const address = (node) => {
    const href = (node.getAttribute("href") || "").trim();
    if (/\s/.test(href) || !schemes().some((scheme) => href.toLowerCase().startsWith(scheme))) return "";
    return href.replace(/[()<>\\]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);
  };

  // Word writes its lists as paragraphs: the mark first, the level in the style.
  const wordList = (node) => {
    const level = styleOf(node).match(/mso-list:[^;]*\blevel(\d)/i);
    return node.tagName === "P" && level ? Number(level[1]) : 0;
  };
  const isMark = (node) => /mso-list:\s*Ignore/i.test(styleOf(node));

  const inside = (node, depth) => [...node.childNodes].map((child) => read(child, depth)).join("");
  const line = (text) => text.replace(/\s+/g, " ").trim();
  const item = (node, depth, mark) => {
    const nested = [...node.children].filter((child) => /^(UL|OL)$/.test(child.tagName));
    const words = [...node.childNodes].filter((child) => !nested.includes(child)).map((child) => read(child, depth)).join("");
    return `${INDENT.repeat(depth)}${mark} ${line(words)}\n${nested.map((list) => listed(list, depth + 1)).join("")}`;
  };
  const listed = (list, depth) => {
    let number = Number(list.getAttribute("start")) || 1;
    return [...list.children]
      .map((child) => {
        // Google Docs puts an inner list beside its item.
        if (/^(UL|OL)$/.test(child.tagName)) return listed(child, depth + 1);
        return item(child, depth, list.tagName === "OL" ? `${number++}.` : "-");
      })
      .join("");
  };

  // A table of words becomes a list, a line for each row: "Place: Tori, time: 8–20". One that only lays a page out is read as its parts.
  const rowsOf = (table) => [...table.rows].map((row) => [...row.cells]).filter((cells) => cells.some((cell) => cell.textContent.trim()));
  const isTabular = (table) => {
    const rows = rowsOf(table);
    const isPlain = ({ colSpan, rowSpan, children }) =>
      colSpan === 1 && rowSpan === 1 && children.length < 2 && ![...children].some((child) => /^(UL|OL|TABLE|H[1-6])$/.test(child.tagName));
    return rows.length > 1 && rows[0].length > 1 && rows.every((cells) => cells.length === rows[0].length && cells.every(isPlain));
  };
  const tabulated = (table, depth) => {
    const [first, ...rest] = rowsOf(table);
    const words = (cell) => line(inside(cell, depth));
    const names = first.map((cell) => words(cell).replace(/\*\*|:$/g, ""));
    const isHead = (cell) => cell.tagName === "TH" || cell.closest("THEAD") || !/\d/.test(cell.textContent);
    const hasHead = first.every((cell, at) => names[at] && isHead(cell));
    const small = (name) => (/^\p{Lu}\p{Ll}/u.test(name) ? name[0].toLocaleLowerCase() + name.slice(1) : name);
    const said = (cell, at) => {
      const text = words(cell);
      return text && hasHead ? `${at ? small(names[at]) : names[at]}: ${text}` : text;
    };
    return (hasHead ? rest : [first, ...rest]).map((cells) => `- ${cells.map(said).filter(Boolean).join(", ")}`).join("\n");
  };

  const read = (node, depth = 0) => {
    if (node.nodeType === 3) return plain(node.data.replace(/[\u0001\u0002]/g, "").replace(/\s+/g, " "));
    if (node.nodeType !== 1 || GONE.test(node.tagName) || isOut(node) || isMark(node)) return "";
    const tag = node.tagName;
    if (tag === "BR") return "\n";
    if (tag === "UL" || tag === "OL") return `\n\n${listed(node, depth)}\n`;
    const heading = tag.match(/^H([1-6])$/);
    if (heading) {
      const words = line(inside(node, depth).replace(/\*\*/g, ""));
      return words ? `\n\n${Number(heading[1]) > 2 ? "###" : "##"} ${words}\n\n` : "";
    }
    const level = wordList(node);
    if (level) {
      const mark = [...node.querySelectorAll("*")].find(isMark)?.textContent.trim() || "";
      const number = mark.match(/^(\d+)[.)]/);
      return `\n${ITEM}${INDENT.repeat(level - 1)}${number ? `${number[1]}.` : "-"} ${line(inside(node, depth))}\n`;
    }
    const text = inside(node, depth);
    if (tag === "A") {
      const to = address(node);
      return to && text.trim() ? text.replace(text.trim(), (words) => `[${line(words)}](${to})`) : text;
    }
    if (tag === "BLOCKQUOTE") return `\n\n${text.trim().split("\n").map((one) => `> ${one}`).join("\n")}\n\n`;
    // Google Docs wraps everything in a <b> that weighs nothing.
    if (((tag === "B" || tag === "STRONG") && !isLight(node)) || (tag === "SPAN" && weighs(node))) return text.includes("\n\n") ? text : around("**", text);
    if (tag === "I" || tag === "EM" || (tag === "SPAN" && slants(node))) return text.includes("\n\n") ? text : around("*", text);
    if (tag === "TABLE" && isTabular(node)) return `\n\n${tabulated(node, depth)}\n\n`;
    if (tag === "TD" || tag === "TH") return `${text.trim()} `;
    return BLOCK.test(tag) ? `\n\n${text.trim()}\n\n` : text;
  };

  // The items of a list of Word follow each other without a blank line; one stands before the first.
  const together = (text) => {
    const lines = [];
    let isList = false;
    const kinds = []; // of the lists that are open, by level
    for (const one of text.split("\n")) {
      const isItem = one.startsWith(ITEM);
      const [, spaces, kind] = one.match(/^\u0001( *)(-|\d)/) || [];
      const level = isItem ? spaces.length / INDENT.length : 0;
      const isOther = isItem && kinds[level] && (kinds[level] === "-") !== (kind === "-");
      if (isItem) kinds.splice(level, kinds.length, kind);
      else if (one.trim()) kinds.length = 0;
      if (isItem && isList) {
        while (lines.length && !lines.at(-1).trim()) lines.pop();
        if (isOther) lines.push(""); // a list of another kind
      } else if (isItem) lines.push("");
      else if (one.trim() && isList) lines.push("");
      if (isItem || one.trim()) isList = isItem;
      lines.push(isItem ? one.slice(1) : one);
    }
    return lines.join("\n");
  };

  // Styles and handlers would be refused by the content security policy, loudly; what styles say of weight and lists is kept aside.
  const aside = (tag) => tag.replace(/[\s/"']style\s*=/gi, " data-look=").replace(/[\s/"']on\w+\s*=/gi, " data-gone=");
  // Words that begin like a heading, an item or a quote stay words; a sign elsewhere needs nothing.
  const asWords = (text) =>
    text
      .replace(/^((?:[ \t]*(?:[->]|\d+\.) +)*[ \t]*)\u0002(\d*)(?=(.*))/gm, (all, before, number, rest) =>
        window.textField.blockSign(`${number}${rest}`) || /^(?:[>-]|#{1,6}$)/.test(rest) ? `${before}${number}\\` : before + number)
      .replaceAll(FIRST, "");
  const FORMED = "h1, h2, h3, h4, h5, h6, ul, ol, a[href], b, strong, i, em, blockquote, table, del, ins, s, strike, [data-look*='mso-list'], [data-look*='line-through']";
  // Return the Markdown of some HTML, or nothing when there is no form in it to keep.
  const markdown = (html) => {
    const bare = html.replace(/<style[\s\S]*?(<\/style>|$)/gi, "").replace(/<[^<>]*>/g, aside);
    const { body } = new DOMParser().parseFromString(bare, "text/html");
    if (!body.querySelector(FORMED)) return "";
    return asWords(together(read(body).replace(/[ \t]+\n/g, "\n")))
      .replace(/\n{3,}/g, "\n\n")
      .trim();
  };

  document.addEventListener("paste", (event) => {
    const field = window.textField.fieldOf(event.target);
    if (!field?.matches("#compose textarea[data-field]") || field.readOnly) return;
    const html = event.clipboardData?.getData("text/html");
    if (!html || html.length > LONGEST) return;
    const text = markdown(html);
    if (!text) return;
    event.preventDefault();
    event.stopPropagation();
    window.textField.insert(field, text);
  }, true);
})();
