// What somebody types to the team or asks stays on the device, in this tab, until it is sent: when the login ends or the
// connection goes meanwhile, it is there again. It is shown to its writer only, and goes when they log out (forget.js).
(() => {
  const { reader } = document.currentScript.dataset;
  const PREFIX = "portal-draft:";
  const startOf = (form) => `${PREFIX}${new URL(form.action).pathname}:`;
  const keyOf = (form) => startOf(form) + (form.elements.bulletin?.value || "");
  const textsOf = (form) => [...form.querySelectorAll("textarea[name]")];

  const read = (key) => {
    try {
      const draft = JSON.parse(sessionStorage.getItem(key));
      return draft.reader === reader ? draft.texts : {};
    } catch {
      return {};
    }
  };
  const write = (form) => {
    const texts = Object.fromEntries(textsOf(form).map((text) => [text.name, text.value]));
    try {
      sessionStorage.setItem(keyOf(form), JSON.stringify({ reader, texts }));
    } catch {
      // No room: the page still has it.
    }
  };
  const drop = (form) => {
    try {
      const start = startOf(form);
      for (const key of Object.keys(sessionStorage)) if (key.startsWith(start)) sessionStorage.removeItem(key);
    } catch {
      // Nothing is kept where there is nothing to keep it in.
    }
  };

  // What another reader wrote on this device (js/kept_words.js) goes as soon as somebody else is logged in.
  try {
    const others = Object.keys(localStorage).filter((key) => /^words \S+ portal /.test(key) && !key.includes(` portal ${reader} `));
    others.forEach((key) => localStorage.removeItem(key));
  } catch {
    // Nothing is kept where there is nothing to keep it in.
  }

  const asked = new URLSearchParams(location.search);
  const isSent = asked.has("sent");
  const show = (form) => {
    form.dispatchEvent(new Event("reveal", { bubbles: true }));
    form.scrollIntoView();
  };
  for (const form of document.querySelectorAll("form[data-draft]")) {
    if (isSent) drop(form);
    const texts = read(keyOf(form));
    const lost = textsOf(form).filter((text) => !text.value && texts[text.name]);
    for (const text of lost) text.value = texts[text.name];
    if (lost.length && asked.has("unsent")) addEventListener("load", () => show(form)); // behind a tab, perhaps
    form.addEventListener("input", () => write(form));
  }

  // A form that cannot be sent now is not sent, so that its page stays with all that was typed.
  document.addEventListener("submit", (event) => {
    const words = document.querySelector("template[data-offline-unsent]");
    if (navigator.onLine || !words || event.target.method !== "post") return;
    event.preventDefault();
    document.querySelector("[data-is-unsent]")?.remove();
    const told = words.content.firstElementChild.cloneNode(true);
    told.dataset.isUnsent = "";
    event.target.prepend(told);
    told.focus();
  });
})();
