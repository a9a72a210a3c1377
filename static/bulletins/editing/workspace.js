// The text pane of the compose page: saves while somebody writes, never over anybody's words; brings in what others
// wrote; formats. What is not saved yet stays in this browser until it is (js/kept_words.js).
(() => {
  const root = document.getElementById("compose");
  if (!root) return;
  const says = JSON.parse(document.getElementById("compose-says").textContent);
  const AFTER = 1500; // ms without a key
  const AGAIN = 5000; // after a failure
  const ASK = 10000; // who is here, and what changed
  const LONGEST_SUBJECT = 60;
  const LONG = 50000; // signs; a text that is longer is not sent along as it was
  const writes = "writes" in root.dataset;
  const { fieldOf, focus, insert, replace, selectRange, selectionOf } = window.textField;
  // Read each time: whoever has logged in again on another page has a new one (js/session.js).
  const csrf = () => JSON.parse(root.getAttribute("hx-headers"))["X-CSRFToken"];
  const forms = [...root.querySelectorAll("form[data-words]")];
  const fields = new Map(); // element → {saved, token, clash, refused}
  const waiting = new Map(); // form → timer
  const busy = new Set();
  let wasOut = false; // the last save found that nobody is logged in
  const fieldsOf = (form) => [...form.querySelectorAll("[data-field]")];
  const isDirty = (field) => fields.get(field).saved !== field.value;
  const kept = window.keptWords;
  // The bar says what the form whose state matters most says (steps.js).
  // Without a text it has nothing to say any more.
  const tell = (form, text, kind = "") => form.dispatchEvent(new CustomEvent("save-state", { bubbles: true, detail: { text, kind } }));
  const post = (url, body, extra = {}) =>
    fetch(url, {
      method: "POST",
      body,
      headers: { Accept: "application/json", "X-CSRFToken": csrf(), "X-Requested-With": "fetch" },
      redirect: "manual", // to the login: the session is over
      ...extra,
    });
  const isOut = (answer) => answer.status === 403 || answer.type === "opaqueredirect";
  const recount = (field) => field.dispatchEvent(new CustomEvent("input", { bubbles: true, detail: "quiet" }));
  const put = (field, text, token) => {
    // Keeps the caret of whoever is in the field.
    const [start, end] = [field.selectionStart, field.selectionEnd];
    field.value = text;
    if (document.activeElement === field) field.setSelectionRange(Math.min(start, text.length), Math.min(end, text.length));
    Object.assign(fields.get(field), { saved: field.value, token });
    field.form.elements[`read_${field.dataset.field}`].value = token;
    recount(field);
  };

  for (const form of forms)
    for (const field of fieldsOf(form)) fields.set(field, { saved: field.defaultValue, token: field.dataset.token });

  // --- Saving -------------------------------------------------------------------------------------------------------

  const sending = (form) => fieldsOf(form).filter((field) => isDirty(field) && !fields.get(field).clash && !refused(field));
  const refused = (field) => fields.get(field).refused === field.value;
  const bodyOf = (form, chosen) => {
    const body = new URLSearchParams();
    for (const field of chosen) {
      body.set(field.dataset.field, field.value);
      body.set(`read_${field.dataset.field}`, fields.get(field).token);
      // What it began with: the desk puts together what others changed elsewhere in it.
      if (fields.get(field).saved.length < LONG) body.set(`base_${field.dataset.field}`, fields.get(field).saved);
    }
    const tick = form.elements.is_current;
    if (tick?.checked) body.set("is_current", "on");
    return body;
  };
  const later = (form, wait) => {
    clearTimeout(waiting.get(form));
    waiting.set(form, setTimeout(() => save(form), wait));
  };

  const rests = (form) => fieldsOf(form).some(isDirty) || tell(form);
  const save = async (form) => {
    clearTimeout(waiting.get(form));
    waiting.delete(form);
    if (busy.has(form)) return later(form, 300);
    const chosen = sending(form);
    const tick = form.elements.is_current;
    const ticked = tick?.checked;
    if (!chosen.length && !ticked) return rests(form);
    const sent = new Map(chosen.map((field) => [field.dataset.field, field.value]));
    const body = bodyOf(form, chosen);
    busy.add(form);
    tell(form, says.saving, "status--current");
    try {
      body.set("state", root.dataset.state); // submitted meanwhile: not taken out of review unawares
      const answer = await post(form.action, body);
      if (isOut(answer)) {
        wasOut = true;
        tell(form, says.gone, "status--bad");
        document.dispatchEvent(new Event("session:ask"));
        return later(form, AGAIN);
      }
      const told = await answer.json();
      if (answer.status === 422) return refuse(form, told.fields);
      if (answer.status === 423) return tell(form, told.says, "status--bad");
      if (!answer.ok && answer.status !== 409) throw new Error(answer.statusText);
      if (ticked) tick.checked = false; // ticked meanwhile: the next save takes it along
      saved(form, sent, told);
      if (wasOut) document.dispatchEvent(new Event("preview")); // it was turned away too
      wasOut = false;
    } catch (fault) {
      tell(form, fault instanceof TypeError || fault instanceof Error ? says.offline : String(fault), "status--bad");
      later(form, AGAIN);
    } finally {
      busy.delete(form);
    }
  };

  // What the correction says has followed the text: it is shown anew where nobody has begun to write it.
  const sayAnew = () => {
    const about = document.getElementById("pane-about");
    const isBegun = [...(about?.querySelectorAll("textarea") ?? [])].some((field) => field.value !== field.defaultValue);
    if (about && !isBegun) about.dispatchEvent(new Event("again"));
  };

  const saved = (form, sent, told) => {
    const clashes = new Map(told.clashes.map((clash) => [clash.field, clash]));
    for (const field of fieldsOf(form)) {
      const name = field.dataset.field;
      const clash = clashes.get(name);
      if (clash) show(field, clash);
      else if (sent.has(name)) {
        const { text, token } = told.fields[name];
        const others = told.combined[name]; // the mark of what was sent: the desk has put it together with others' words
        Object.assign(fields.get(field), { saved: sent.get(name), token: others || token });
        form.elements[`read_${name}`].value = others || token;
        accept(field);
        if (isDirty(field)) later(form, AFTER);
        else kept.drop(field);
        if (others && !isDirty(field)) put(field, text, token);
      }
    }
    if (told.says_anew) sayAnew();
    if (told.voided) root.dataset.state = "draft";
    const remarks = [told.voided && says.voided, Object.keys(told.combined).length && says.combined].filter(Boolean);
    const time = says.saved.replace("%(time)s", told.time);
    const turnedDown = fieldsOf(form).find(refused); // the rest is saved, it is not
    if (clashes.size) tell(form, says.clash, "status--bad");
    else if (turnedDown) tell(form, said(turnedDown).textContent, "status--bad");
    else tell(form, [time, ...remarks].join(". "), remarks.length ? "status--changed" : "status--good");
    document.body.dispatchEvent(new CustomEvent("saved", { bubbles: true, detail: { from: "compose" } }));
  };

  const refuse = (form, why) => {
    for (const field of fieldsOf(form)) {
      const sentence = why[field.dataset.field];
      if (!sentence) continue;
      fields.get(field).refused = field.value;
      field.setAttribute("aria-invalid", "true");
      say(field, sentence);
    }
    tell(form, Object.values(why).join(" "), "status--bad");
    if (sending(form).length) later(form, 50); // the rest fits
  };
  // Nothing is wrong with it any more.
  const accept = (field) => {
    if (fields.get(field).clash) return;
    fields.get(field).refused = undefined;
    say(field, "");
    field.removeAttribute("aria-invalid");
  };
  const said = (field) => document.getElementById(`s-${field.form.dataset.edition}-${field.dataset.field}`);
  const say = (field, sentence) => {
    const place = said(field);
    place.replaceChildren();
    if (!sentence) return;
    const line = document.createElement("p");
    line.className = "status status--bad";
    line.textContent = sentence;
    place.append(line);
  };

  // --- Two texts ----------------------------------------------------------------------------------------------------

  // Both texts in one, or nothing where that is longer than the field may be.
  const together = (field, clash) => {
    const gap = field.tagName === "TEXTAREA" ? "\n\n" : " ";
    const both = field.value === clash.mine ? clash.both : `${clash.theirs}${gap}{${clash.or}} ${field.value}`;
    return field.dataset.limit && [...both].length > Number(field.dataset.limit) ? undefined : both;
  };
  const show = (field, clash) => {
    const mine = field.value;
    fields.get(field).clash = clash;
    const box = document.getElementById("clash-template").content.cloneNode(true);
    box.querySelector("[role=alert] b").textContent = clash.changed_by;
    // Lines that only one of them has are marked.
    const lines = (place, text, other) => {
      const known = new Set(other.split("\n"));
      for (const [at, line] of text.split("\n").entries()) {
        if (at) place.append("\n");
        const part = known.has(line) ? document.createTextNode(line) : document.createElement("mark");
        part.textContent = line;
        place.append(part);
      }
    };
    lines(box.querySelector("[data-theirs]"), clash.theirs, mine);
    lines(box.querySelector("[data-mine]"), mine, clash.theirs);
    box.querySelector("[data-marked]").innerHTML = clash.marked; // made safe by the desk (lib/text/revisions/word_diff)
    for (const part of box.querySelectorAll(".as-written")) part.lang = field.lang;
    box.querySelector("[data-take=both]").hidden = together(field, clash) === undefined;
    said(field).replaceChildren(box);
    said(field).scrollIntoView({ block: "nearest" });
    const next = document.querySelector("#next-step .next__words");
    if (next) next.textContent = says.clash;
  };
  // Two texts come before whatever is to be fixed next.
  document.addEventListener("click", (event) => {
    const waiting = event.target.closest?.("#next-step") && root.querySelector(".clash-in");
    if (!waiting) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    location.hash = waiting.closest(".field").querySelector("[data-field]").id; // opens the step and the language that it is in
    requestAnimationFrame(() => {
      waiting.scrollIntoView({ block: "center" });
      waiting.querySelector("button").focus({ preventScroll: true });
    });
  }, { capture: true });
  root.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-take]");
    if (!button) return;
    const field = button.closest(".field").querySelector("[data-field]");
    const { clash } = fields.get(field);
    const both = together(field, clash);
    if (button.dataset.take === "both" && both === undefined) {
      button.hidden = true; // more was typed meanwhile
      return;
    }
    Object.assign(fields.get(field), { clash: undefined, saved: clash.theirs, token: clash.token });
    field.form.elements[`read_${field.dataset.field}`].value = clash.token;
    said(field).replaceChildren();
    if (button.dataset.take === "theirs") {
      put(field, clash.theirs, clash.token);
      kept.drop(field);
      if (!fieldsOf(field.form).some(isDirty)) tell(field.form, says.nothing, "status--good");
    } else if (button.dataset.take === "both") {
      // Theirs come in as what others write does: Ctrl+Z takes back what was typed here, never their words.
      field.value = both;
      recount(field);
      kept.keep(field);
      await save(field.form);
    } else await save(field.form);
    focus(field);
    if (clash.settle) post(clash.settle, new URLSearchParams()).catch(() => {});
  });

  // --- What the keys do ---------------------------------------------------------------------------------------------

  root.addEventListener("input", (event) => {
    const field = event.target;
    if (!fields.has(field)) return;
    if (event.detail === "quiet" || !writes) return;
    const { refused: turnedDown } = fields.get(field);
    if (turnedDown !== undefined && turnedDown !== field.value) accept(field);
    if (!isDirty(field)) {
      if (turnedDown !== undefined && !fieldsOf(field.form).some(isDirty)) tell(field.form, says.nothing, "status--good");
      else rests(field.form);
      return kept.drop(field);
    }
    kept.keep(field);
    tell(field.form, says.unsaved);
    if (!fields.get(field).clash) later(field.form, AFTER);
  });
  root.addEventListener("focusout", (event) => {
    const field = fieldOf(event.target);
    if (fields.has(field) && writes) save(field.form);
  });
  // An email subject that is empty begins as the title, in whole words.
  const begun = new WeakMap(); // subject → the title that it began as
  root.addEventListener("focusout", (event) => {
    const title = event.target;
    if (!writes || !fields.has(title) || title.dataset.field !== "title" || !title.value.trim()) return;
    const subject = title.form.querySelector('[data-field="subject"]');
    if (!subject || subject.value.trim() || fields.get(subject).saved.trim()) return;
    const words = title.value.trim().split(/\s+/);
    const whole = words.join(" ");
    while (words.length > 1 && words.join(" ").length > LONGEST_SUBJECT - 2) words.pop();
    subject.value = whole.length <= LONGEST_SUBJECT ? whole : `${words.join(" ").slice(0, LONGEST_SUBJECT - 2)} …`;
    subject.dispatchEvent(new Event("input", { bubbles: true }));
    begun.set(subject, subject.value);
  });
  // Whoever comes to it with the mouse has it selected once, as with Tab: what is pasted or typed takes its place.
  root.addEventListener("mousedown", ({ target }) => {
    const words = begun.get(target);
    begun.delete(target);
    if (words !== undefined && words === target.value) target.addEventListener("mouseup", () => target.select(), { once: true });
  });
  root.addEventListener("change", (event) => {
    if (event.target.name === "is_current" && event.target.checked) save(event.target.form);
  });
  root.addEventListener("submit", (event) => {
    if (!event.target.matches("form[data-words]")) return;
    event.preventDefault();
    save(event.target);
  });
  const leave = () => {
    for (const form of forms) {
      const chosen = sending(form);
      if (!chosen.length) continue;
      // A request that outlives its page may carry 64 kB; more stays in this browser and is offered back.
      const body = bodyOf(form, chosen);
      if (String(body).length > 60000) for (const { dataset } of chosen) body.delete(`base_${dataset.field}`);
      post(form.action, body, { keepalive: true }).catch(() => {});
    }
  };
  document.addEventListener("save-all", () => writes && forms.forEach(save));
  window.addEventListener("pagehide", () => writes && leave());
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden" && writes) forms.forEach(save);
  });

  const shapes = {
    bold: (text) => [`**${text}**`, 2],
    italic: (text) => [`*${text}*`, 1],
    heading: (text) => [`## ${text.replace(/^#+\s+/, "")}`, 3],
    list: (text) => [text.split("\n").map((line) => `- ${line}`).join("\n"), 2],
    quote: (text) => [text.split("\n").map((line) => `> ${line}`).join("\n"), 2],
    link: (text) => [`[${text || says.linked}](https://)`, 1],
  };
  const format = (field, shape) => {
    let { from, to } = selectionOf(field);
    const wholeLines = ["heading", "list", "quote"].includes(shape);
    if (wholeLines) {
      from = field.value.lastIndexOf("\n", from - 1) + 1;
      const stop = field.value.indexOf("\n", to);
      to = stop < 0 ? field.value.length : stop;
    }
    const text = field.value.slice(from, to);
    const [formed, at] = shapes[shape](text);
    replace(field, from, to, formed);
    if (shape === "link") selectRange(field, from + formed.length - 1);
    else selectRange(field, text ? from + formed.length : from + at);
  };
  const fieldUnder = (bar) => document.getElementById(bar.getAttribute("aria-controls"));
  root.addEventListener("click", (event) => {
    const button = event.target.closest("button[data-md]");
    if (button) format(fieldUnder(button.closest(".md")), button.dataset.md);
  });
  root.addEventListener("change", (event) => {
    if (!event.target.matches("select[data-md]") || !event.target.value) return;
    const field = fieldUnder(event.target.closest(".md"));
    insert(field, event.target.value);
    event.target.value = "";
  });
  root.addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey || !writes) return;
    const field = fieldOf(event.target);
    const shape = { b: "bold", i: "italic", k: "link" }[event.key.toLowerCase()];
    if (shape && fields.has(field) && field.tagName === "TEXTAREA") {
      event.preventDefault();
      format(field, shape);
    }
  });
  for (const bar of root.querySelectorAll(".md")) bar.hidden = false;

  // --- What comes back after a crash ----------------------------------------------------------------------------------

  root.addEventListener("words-state", ({ target: field, detail }) => {
    if (fields.has(field)) Object.assign(detail, { base: fields.get(field).saved, token: fields.get(field).token });
  });
  root.addEventListener("words-back", ({ target: field, detail: { base, token } }) => {
    if (!fields.has(field)) return;
    Object.assign(fields.get(field), { saved: base ?? fields.get(field).saved, token, clash: undefined });
    say(field, "");
  });

  // --- Others -------------------------------------------------------------------------------------------------------

  const here = document.getElementById("here");
  let commented = ""; // what the desk last said of the comments
  const ask = async () => {
    const part = document.activeElement?.closest?.("[data-part]")?.dataset.part || "";
    const body = new URLSearchParams({ part });
    const asked = new Map([...fields].map(([field, { token }]) => [field, token]));
    for (const [field, token] of asked) body.set(`read_${field.form.dataset.edition}_${field.dataset.field}`, token);
    try {
      const answer = await post(root.dataset.here, body);
      if (isOut(answer)) document.dispatchEvent(new Event("session:ask"));
      if (!answer.ok) return;
      const told = await answer.json();
      const line = told.here.join(". ");
      if (here.textContent !== line) here.textContent = line;
      bringIn(told.changed, asked);
      if (commented && commented !== told.comments) document.body.dispatchEvent(new Event("commented"));
      commented = told.comments;
    } catch {
      /* asked again soon */
    }
  };
  // `asked` are the marks with which the page asked: what was saved since is newer than this answer.
  const bringIn = (changed, asked) => {
    let isRenewed = false;
    for (const form of forms) {
      const renewed = [];
      let isOwn = false; // restored, or written in another tab
      // While a save is under way its own answer says what is stored.
      if (busy.has(form)) continue;
      for (const [name, { text, token, mine }] of Object.entries(changed[form.dataset.edition] || {})) {
        const field = form.querySelector(`[data-field="${name}"]`);
        const now = fields.get(field);
        if (isDirty(field) || now.clash || now.token === token || now.token !== asked.get(field)) continue;
        put(field, text, token);
        kept.drop(field); // our own words too, saved on leaving after this page was asked for
        if (mine) isOwn = true;
        else renewed.push(form.querySelector(`label[for="${field.id}"]`).textContent);
      }
      if (!renewed.length && !isOwn) continue;
      isRenewed = true;
      if (renewed.length) tell(form, says.renewed.replace("%(field)s", renewed.join(", ")), "status--changed");
    }
    if (isRenewed) {
      document.body.dispatchEvent(new CustomEvent("saved", { bubbles: true, detail: { from: "compose" } }));
    }
  };
  setInterval(() => document.visibilityState === "visible" && ask(), ASK);
  ask();
  document.body.addEventListener("saved", (event) => {
    if (event.detail?.from !== "compose") ask();
  });

  // Refusals of these parts say why; they are shown where they belong.
  document.addEventListener("htmx:beforeSwap", (event) => {
    if ([409, 422].includes(event.detail.xhr.status) && event.target.closest?.("#parity, #about, .history")) {
      event.detail.shouldSwap = true;
      event.detail.isError = false;
    }
  });
})();
