// The compose page in steps: one is shown, the address says which, and the bar says what is wrong in the others and
// whether everything is saved. Without script the steps stand below one another.
(() => {
  const root = document.getElementById("compose");
  if (!root) return;
  const says = JSON.parse(document.getElementById("compose-says").textContent);
  const steps = [...root.querySelectorAll("[data-step]")];
  const AGAIN = 3000; // ms after a part of the page did not come
  const wide = matchMedia("(min-width: 48rem)");
  const store = {
    get: (name) => { try { return localStorage.getItem(name); } catch { return null; } },
    set: (name, value) => { try { localStorage.setItem(name, value); } catch { /* full, or forbidden */ } },
  };

  // --- Which step is shown ------------------------------------------------------------------------------------------

  const at = () => decodeURIComponent(location.hash.slice(1));
  const current = () => steps.find((step) => !step.hidden);
  const link = (step) => document.getElementById(`step-${step.id}`);
  const mark = () => {
    for (const step of steps) {
      if (step.hidden) link(step).removeAttribute("aria-current");
      else link(step).setAttribute("aria-current", "step");
    }
    // On a phone the steps are pushed sideways; the one that is shown is in sight.
    const list = document.querySelector("#steps .steps__list");
    const here = link(current()).parentElement;
    list.scrollLeft = here.offsetLeft - list.offsetLeft - 24;
  };
  // Whoever was led to the login and back stands where they were; an address loses its # on that way.
  const PLACE = `editor step ${location.pathname}`;
  const remember = (step) => { try { sessionStorage.setItem(PLACE, step.id); } catch { /* forbidden */ } };
  const cameFromLogin = () => document.referrer && /^\/[a-z]{2}\/account\//.test(new URL(document.referrer).pathname);
  const before = () => { try { return cameFromLogin() ? sessionStorage.getItem(PLACE) : null; } catch { return null; } };
  const open = (step) => {
    remember(step);
    const before = current();
    for (const one of steps) one.hidden = one !== step;
    mark();
    if (step !== before && root.getBoundingClientRect().top < 0) root.scrollIntoView();
  };
  // Whatever hides a place opens: its step, its language, its tab, its folds.
  const reveal = (place, comesBack) => {
    const step = place.closest("[data-step]");
    if (!step) return;
    if (step.hidden) {
      if (comesBack) history.pushState(null, "", `#${step.id}`); // Back leads to where one was
      open(step);
    }
    const language = place.closest("section.language[hidden]");
    if (language) choose(language.dataset.edition);
    const panel = place.closest("[role=tabpanel][hidden]");
    if (panel) document.getElementById(`${panel.id}-tab`).click();
    for (let fold = place.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
  };
  root.addEventListener("reveal", (event) => reveal(event.target, true));

  let sought = ""; // a place in a part that has not come yet
  const go = () => {
    const step = at() ? steps.find((one) => one.id === at()) : steps[0];
    if (step) return open(step);
    const place = at() && document.getElementById(at());
    sought = place ? "" : at();
    if (!place || !root.contains(place)) return;
    reveal(place);
    place.scrollIntoView({ block: "center" });
  };
  addEventListener("hashchange", go);
  document.addEventListener("htmx:afterSettle", () => sought && document.getElementById(sought) && go());

  addEventListener("keydown", (event) => {
    if (!event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const step = steps[Number(event.code.replace("Digit", "")) - 1]; // on a Mac the key says another sign
    if (!step) return;
    event.preventDefault();
    history.pushState(null, "", `#${step.id}`);
    open(step);
    step.tabIndex = -1;
    step.focus({ preventScroll: true });
  });

  // --- One language, two, or all ------------------------------------------------------------------------------------

  const views = document.getElementById("views");
  const languages = [...root.querySelectorAll("section.language")];
  let view = store.get("editor view") || "one";
  let here = languages[0]?.dataset.edition;
  const shown = () => {
    const one = languages.find((box) => box.dataset.edition === here);
    if (!wide.matches || view === "one") return [one];
    if (view === "all") return languages;
    const original = languages.find((box) => "original" in box.dataset) || languages[0];
    return [original, one === original ? languages.find((box) => box !== original) : one];
  };
  const draw = () => {
    const boxes = shown();
    for (const box of languages) box.hidden = !boxes.includes(box);
    for (const button of views.querySelectorAll("[data-language]"))
      button.setAttribute("aria-pressed", boxes.some((box) => box?.dataset.edition === button.dataset.language));
    for (const button of views.querySelectorAll("[data-view]")) button.setAttribute("aria-pressed", button.dataset.view === view);
    root.dataset.view = wide.matches ? view : "one";
  };
  const choose = (edition) => {
    here = edition;
    draw();
    root.dispatchEvent(new CustomEvent("language", { detail: edition }));
  };
  views.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    if (button.dataset.language) return choose(button.dataset.language);
    view = button.dataset.view;
    store.set("editor view", view);
    draw();
  });
  wide.addEventListener("change", draw);
  views.hidden = languages.length < 2;
  if (languages.length) draw();

  // --- What is wrong, by step ---------------------------------------------------------------------------------------

  const WRONG = ".clash, .clash-in, .fault, [data-said] .status--bad, .rowbox__state .status--bad, .kept-words__words";
  const count = () => {
    for (const step of steps) {
      const isWrong = Boolean(step.querySelector(WRONG)) || failing.has(step.id);
      link(step).classList.toggle("step--unsaved", isWrong);
      link(step).querySelector("[data-unsaved]").hidden = !isWrong;
    }
    for (const button of views.querySelectorAll("[data-language]")) {
      const box = languages.find((one) => one.dataset.edition === button.dataset.language);
      const fields = [...box.querySelectorAll(".field[id]")].map((field) => `#${CSS.escape(field.id)}`);
      const stops = [...root.querySelectorAll("#findings .stops [data-go]")].filter((one) => fields.includes(`#${CSS.escape(one.hash.slice(1))}`));
      const number = Math.max(stops.length, box.querySelectorAll(WRONG).length);
      const place = button.querySelector(".seg__count");
      place.hidden = !number;
      place.textContent = number || "";
    }
  };
  let soon;
  const recount = () => {
    clearTimeout(soon);
    soon = setTimeout(() => {
      mark();
      count();
    }, 30);
  };
  for (const name of ["htmx:afterSettle", "htmx:oobAfterSwap", "save-state", "input"]) document.addEventListener(name, recount);
  root.addEventListener("click", recount);

  // --- Whether everything is saved ----------------------------------------------------------------------------------

  const state = document.getElementById("saved-state");
  const parts = new Map(); // what saves itself → {text, kind}
  const failing = new Set(); // steps in which something was not saved
  // What matters most is said: not saved, being saved, still to be saved, saved with a remark, saved.
  const ORDER = ["status--bad", "status--current", "", "status--changed", "status--good"];
  const show = () => {
    for (const part of parts.keys()) if (!part.isConnected) parts.delete(part);
    failing.clear();
    for (const [part, { kind }] of parts) {
      const step = kind === "status--bad" && part.closest("[data-step]");
      if (step) failing.add(step.id);
    }
    const said = [...parts.values()].reverse().sort((one, other) => ORDER.indexOf(one.kind) - ORDER.indexOf(other.kind))[0];
    if (!state) return;
    const text = said?.text || says.nothing;
    state.className = `status ${said?.kind || ""}`;
    if (state.textContent !== text) state.textContent = state.title = text;
  };
  root.addEventListener("save-state", (event) => {
    const { text } = event.detail;
    if (!text && parts.get(event.target)?.kind) return show(); // it was saved, and nothing came of what was typed since
    parts.delete(event.target); // the newest comes last
    if (text) parts.set(event.target, event.detail);
    show();
  });
  const tell = (part, text, kind) => part.dispatchEvent(new CustomEvent("save-state", { bubbles: true, detail: { text, kind } }));

  // Forms that their own button saves, and choices that save themselves. A part that is drawn anew has no form of before,
  // so the part speaks for it.
  const BUTTON = "#about form, .assets__form";
  const CHOICE = "#schedule form, #at-checklist input";
  const partOf = (target) => target.closest("#about, #assets, #schedule, #findings")?.parentElement;
  document.addEventListener("input", (event) => {
    if (event.target.closest?.(BUTTON) && event.target.type !== "file") tell(partOf(event.target), says.unsaved, "");
  });
  document.addEventListener("htmx:beforeSend", (event) => {
    if (event.target.matches?.(`${BUTTON}, ${CHOICE}`)) tell(partOf(event.target), says.saving, "status--current");
  });
  const answered = new WeakMap(); // a request → the part that it saved, whose form may be gone when it is over
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (event.target.matches?.(`${BUTTON}, ${CHOICE}`)) answered.set(event.detail.xhr, partOf(event.target));
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    const { xhr } = event.detail;
    const part = answered.get(xhr);
    if (!part) return;
    const time = new Date().toLocaleTimeString("en-GB", { timeZone: says.zone });
    if (!xhr.status || xhr.status >= 500 || xhr.status === 403) tell(part, says.offline, "status--bad");
    else if (xhr.status >= 400) tell(part, says.refused, "status--bad");
    else tell(part, says.saved.replace("%(time)s", time), "status--good");
  });

  // What was not saved because its owner is logged out is saved when they are back.
  const stopped = new Set();
  document.addEventListener("session:stopped", ({ target, detail }) => {
    if (target.matches?.(".late:empty")) stopped.add(target);
    if (!target.matches?.(`${BUTTON}, ${CHOICE}`)) return;
    answered.delete(detail.xhr);
    stopped.add(target);
    tell(partOf(target), says.gone, "status--bad");
  });
  document.addEventListener("session:back", () => {
    for (const one of [...stopped].filter((one) => one.isConnected))
      if (one.matches(BUTTON)) one.requestSubmit();
      else one.dispatchEvent(new Event(one.matches(".late") ? "again" : "change", { bubbles: true }));
    stopped.clear();
  });

  // A part that did not come is asked for again.
  document.addEventListener("htmx:afterRequest", ({ target, detail }) => {
    if (target.matches?.(".late:empty") && !detail.successful) setTimeout(() => target.dispatchEvent(new Event("again")), AGAIN);
  });

  // Ctrl+S saves whatever there is to save, wherever one is.
  document.addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey || event.key.toLowerCase() !== "s") return;
    event.preventDefault();
    document.dispatchEvent(new Event("save-all"));
    for (const [part, { kind }] of parts) if (kind === "") part.querySelectorAll(BUTTON).forEach((form) => form.requestSubmit());
  });
  addEventListener("beforeunload", (event) => {
    const isUnsaved = [...parts].some(([part, { kind }]) => kind === "" && part.querySelector(BUTTON));
    if (isUnsaved || [...stopped].some((one) => one.isConnected && !one.matches(".late"))) event.preventDefault();
  });

  const left = !at() && before();
  if (left && left !== steps[0].id && steps.some((one) => one.id === left)) history.replaceState(null, "", `#${left}`);
  open(steps.find((one) => one.id === at()) || steps[0]);
  go();
  count();
})();
