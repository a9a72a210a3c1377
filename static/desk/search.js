// Ctrl+K (or Cmd+K) goes to the field that finds everything; where there is no room for one, to its page.
document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented) return; // in a text it makes a link
  if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return;
  const fields = [...document.querySelectorAll(".seek input[type=search]")];
  const field = fields.reverse().find((one) => one.offsetParent !== null); // the page's own before the header's
  event.preventDefault();
  if (!field) return document.querySelector(".seek__way")?.click();
  field.focus();
  field.select();
});

// It suggests: before a word is typed where one may go and the newest bulletins, then what is found. Arrows choose, Enter goes
// there, Escape closes; Enter with nothing chosen searches as ever.
(() => {
  const form = document.querySelector(".seek[data-suggestions]");
  const field = form?.querySelector("input[type=search]");
  if (!field) return;
  const list = document.createElement("div");
  list.id = "seek-list";
  list.className = "seek__list";
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", field.getAttribute("aria-label"));
  list.hidden = true;
  form.append(list);
  field.setAttribute("role", "combobox");
  field.setAttribute("aria-controls", list.id);
  field.setAttribute("aria-expanded", "false");
  field.setAttribute("aria-autocomplete", "list");
  let asked = 0;
  let timer;

  const options = () => [...list.querySelectorAll("[role=option]")];
  const chosen = () => list.querySelector("[aria-selected=true]");
  const choose = (option) => {
    chosen()?.setAttribute("aria-selected", "false");
    option?.setAttribute("aria-selected", "true");
    option?.scrollIntoView({ block: "nearest" });
    if (option) field.setAttribute("aria-activedescendant", option.id);
    else field.removeAttribute("aria-activedescendant");
  };
  const close = () => {
    asked += 1;
    clearTimeout(timer);
    list.hidden = true;
    field.setAttribute("aria-expanded", "false");
    choose(null);
  };
  const part = (name, className, text) => Object.assign(document.createElement(name), { className, textContent: text });
  const draw = (groups) => {
    let number = 0;
    list.replaceChildren(
      ...groups.map(({ kind, hits }, at) => {
        const group = part("div", "seek__group", "");
        const head = Object.assign(part("p", "seek__kind", kind), { id: `seek-kind-${at}` });
        group.setAttribute("role", "group");
        group.setAttribute("aria-labelledby", head.id);
        group.append(
          head,
          ...hits.map(({ title, address, detail }) => {
            const option = Object.assign(part("a", "seek__hit", title), { href: address, id: `seek-${(number += 1)}`, tabIndex: -1 });
            option.setAttribute("role", "option");
            option.setAttribute("aria-selected", "false");
            if (detail) option.append(" ", part("span", "soft small", detail));
            return option;
          }),
        );
        return group;
      }),
    );
    list.hidden = !groups.length;
    field.setAttribute("aria-expanded", String(!list.hidden));
    field.removeAttribute("aria-activedescendant");
  };
  const ask = async () => {
    const mine = (asked += 1);
    const said = field.value.trim();
    const query = said && !said.includes("@") ? `?${new URLSearchParams({ q: said })}` : "";
    if (said.includes("@")) return close();
    try {
      const answer = await fetch(form.dataset.suggestions + query, { headers: { Accept: "application/json" } });
      if (!answer.ok || mine !== asked) return;
      const { groups } = await answer.json();
      if (mine === asked && document.activeElement === field) draw(groups);
    } catch {
      // Enter searches all the same.
    }
  };

  field.addEventListener("focus", ask);
  field.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, 200);
  });
  field.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !list.hidden) {
      event.preventDefault();
      return close();
    }
    if (event.key === "Enter" && chosen()) {
      event.preventDefault();
      return chosen().click();
    }
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step || list.hidden) return;
    event.preventDefault();
    const all = options();
    const at = all.indexOf(chosen());
    choose(all[at < 0 && step < 0 ? all.length - 1 : (at + step + all.length) % all.length]);
  });
  form.addEventListener("focusout", (event) => {
    if (!form.contains(event.relatedTarget)) close();
  });
  list.addEventListener("pointerdown", (event) => event.preventDefault()); // the field keeps the focus until the click
})();
