// The findings follow the text: asked for again shortly after each save. "Go there" leads into the field, and
// "Replace" exchanges the words in it, so that they are saved like anything that is typed.
(() => {
  const AFTER = 400;
  const pane = () => document.getElementById("findings");
  let timer;
  let kept = null;

  // Nobody's pane is replaced under their hands: while a reason is being written it waits.
  const isWriting = () => pane()?.contains(document.activeElement) && document.activeElement.matches("textarea");

  // Each tick is saved by itself. While one is on its way the pane waits, as it would come back without it.
  let ticksOnTheirWay = 0;
  const isTick = (event) => event.detail.elt?.matches?.("#at-checklist input");
  // Approval is asked for after the findings, so that the two never disagree for long.
  const renew = () => {
    const approval = document.getElementById("approval");
    if (approval && !approval.contains(document.activeElement)) approval.dispatchEvent(new CustomEvent("refresh"));
  };
  const refresh = () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      if (!pane()) return renew();
      if (isWriting() || ticksOnTheirWay) return refresh();
      pane().dispatchEvent(new CustomEvent("refresh"));
    }, AFTER);
  };
  document.addEventListener("saved", refresh);
  document.addEventListener("htmx:beforeSend", (event) => {
    if (isTick(event)) ticksOnTheirWay += 1;
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    if (!isTick(event)) return;
    ticksOnTheirWay -= 1;
    refresh();
  });

  // Where a place has no field of its own, the pane that it is about.
  const PANES = {
    actions: "rows", message: "rows", action: "rows", variant: "variants", asset: "assets", targets: "schedule",
    inputs: "about", claims: "about", changed: "about", embargo: "about", edition: "compose",
  };
  const fieldAt = (anchor) => {
    const pane = PANES[anchor.split("-")[1]];
    // A pane that has not come yet is at least shown where it will be.
    const place = [anchor, pane, `pane-${pane}`].map((id) => document.getElementById(id)).find(Boolean);
    if (!place) return null;
    // The field itself comes before its toolbar.
    const kinds = ["[data-field]", "textarea, input:not([type=hidden])", "select", "button"];
    if (place.matches(kinds.join())) return place;
    return kinds.map((kind) => place.querySelector(kind)).find(Boolean) || place;
  };

  // The words that the finding quotes are selected, and in sight in a long text.
  const mark = (field, finding) => {
    const said = [...(finding?.querySelector("p")?.childNodes || [])].filter((node) => node.nodeType === Node.TEXT_NODE); // not where it is
    const words = said.map((node) => node.data).join("").match(/[“”]([^“”]+)”/)?.[1];
    const start = words && field.matches("textarea, input[type=text]") ? field.value.indexOf(words) : -1;
    if (start >= 0) window.textField.selectRange(field, start, start + words.length);
  };

  document.addEventListener("click", (event) => {
    const go = event.target.closest?.("[data-go]");
    if (go) {
      event.preventDefault();
      const anchor = go.hash.slice(1);
      const field = fieldAt(anchor);
      if (!field) return;
      field.dispatchEvent(new Event("reveal", { bubbles: true })); // steps.js opens whatever hides it
      if (!field.matches("textarea, input, select, button, a")) field.tabIndex = -1;
      field.scrollIntoView({ block: "center" });
      window.textField.focus(field);
      mark(field, go.closest("[data-finding]") || pane()?.querySelector(`[data-go][href="${go.hash}"]`)?.closest("[data-finding]"));
      field.classList.add("is-found");
      field.addEventListener("blur", () => field.classList.remove("is-found"), { once: true });
      return;
    }
    const button = event.target.closest?.("#findings [data-replace]");
    if (!button) return;
    const field = fieldAt(button.dataset.replace);
    const { wrong, right } = button.dataset;
    const sign = wrong.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
    const word = new RegExp(`(?<![\\p{L}\\p{N}_])${sign}(?![\\p{L}\\p{N}_])`, "gu");
    if (field && "value" in field && !field.readOnly && word.test(field.value)) {
      field.value = field.value.replace(word, right);
      field.dispatchEvent(new Event("input", { bubbles: true }));
      field.dispatchEvent(new Event("change", { bubbles: true }));
      window.textField.focus(field);
    } else {
      button.dispatchEvent(new CustomEvent("replace"));
    }
  });

  document.addEventListener("htmx:beforeSwap", (event) => {
    if (event.target.id !== "findings") return;
    if (event.detail.xhr.status === 409) {
      event.detail.shouldSwap = true;
      event.detail.isError = false;
    }
    // What is open, half written, and in focus stays so.
    const old = event.target;
    kept = {
      open: new Map([...old.querySelectorAll("details[data-key]")].map((one) => [one.dataset.key, one.open])),
      words: new Map([...old.querySelectorAll("textarea")].map((one) => [one.id, one.value])),
      id: old.contains(document.activeElement) ? document.activeElement.id || "h-findings" : "",
    };
  });
  document.addEventListener("htmx:afterSwap", () => {
    const now = pane();
    if (!now || !kept) return;
    renew();
    for (const one of now.querySelectorAll("details[data-key]")) {
      if (kept.open.get(one.dataset.key)) one.open = true;
    }
    for (const one of now.querySelectorAll("textarea")) {
      if (!one.value && kept.words.get(one.id)) one.value = kept.words.get(one.id);
    }
    if (kept.id) document.getElementById(kept.id)?.focus();
    kept = null;
  });

  // While addresses are being tried, look again now and then.
  setInterval(() => {
    if (document.visibilityState === "visible" && pane() && !pane().contains(document.activeElement)) refresh();
  }, 30_000);
})();
