// Staff are logged out when they do nothing for a while. Typing and clicking is doing something, so this says so to the
// server now and then; it warns shortly before the end, and keeps what was written on the page until its owner is
// logged in again: forms wait meanwhile, and get the token that the new session wants.
(() => {
  const says = document.currentScript.dataset;
  const WARN = Number(says.warned) * 60_000;
  const PING = 60_000;
  let token = says.token;
  let ends = Date.now() + Number(says.left) * 1000;
  let pinged = Date.now();
  let state = "on"; // on, soon, over
  let asking = false;

  const banner = document.createElement("div");
  banner.className = "session cb";
  banner.hidden = true;
  const live = document.createElement("p");
  live.setAttribute("role", "alert");
  live.setAttribute("aria-live", "assertive");
  const way = document.createElement("p");
  banner.append(live, way);

  const button = () => {
    const stay = document.createElement("button");
    stay.type = "button";
    stay.textContent = says.stay;
    stay.addEventListener("click", () => ask("POST"));
    return stay;
  };
  const link = () => {
    const enter = document.createElement("a");
    enter.href = says.login;
    enter.target = "_blank";
    enter.textContent = says.enter;
    return enter;
  };
  const show = (words, ...actions) => {
    if (!banner.isConnected) document.body.prepend(banner);
    banner.hidden = false;
    // A live region speaks of what changes in it while it is there.
    if (live.textContent !== words) requestAnimationFrame(() => (live.textContent = words));
    way.replaceChildren(...actions);
    way.hidden = !actions.length;
  };
  const become = (next) => {
    if (state === next) return;
    const before = state;
    state = next;
    if (state === "soon") show(says.soon, button());
    else if (state === "over") show(says.over, link());
    else if (before === "over") {
      show(says.back);
      document.dispatchEvent(new Event("session:back"));
      setTimeout(() => state === "on" && (banner.hidden = true), 15_000);
    } else banner.hidden = true;
  };

  const renew = (fresh) => {
    token = fresh;
    for (const field of document.querySelectorAll("input[name=csrfmiddlewaretoken]")) field.value = fresh;
    for (const part of document.querySelectorAll("[hx-headers]")) {
      try {
        const headers = JSON.parse(part.getAttribute("hx-headers"));
        if (!("X-CSRFToken" in headers)) continue;
        part.setAttribute("hx-headers", JSON.stringify({ ...headers, "X-CSRFToken": fresh }));
      } catch {
        /* not ours */
      }
    }
  };

  // Ask how long the session lasts; a POST says that somebody is here.
  const ask = async (method) => {
    if (asking) return;
    asking = true;
    pinged = Date.now();
    try {
      const headers = { "X-CSRFToken": token };
      let answer = await fetch(says.url, { method, headers, cache: "no-store" });
      if (answer.status === 403) answer = await fetch(says.url, { cache: "no-store" });
      if (!answer.ok) return;
      const told = await answer.json();
      if (told.left > 0 && told.who !== says.who) {
        state = "over";
        show(says.other);
        return;
      }
      // Also when nobody noticed here that the session had ended, and another one has begun on another page.
      if (told.left > 0 && told.token) renew(told.token);
      ends = Date.now() + told.left * 1000;
      become(told.left <= 0 ? "over" : ends - Date.now() <= WARN ? "soon" : "on");
    } catch {
      /* no network: asked again soon */
    } finally {
      asking = false;
    }
  };

  const here = () => {
    if (state !== "over" && Date.now() - pinged > (state === "soon" ? 5_000 : PING)) ask("POST");
  };
  for (const kind of ["keydown", "input", "pointerdown"]) document.addEventListener(kind, here, { capture: true, passive: true });

  // A script of the page was turned away: what holds now is asked at once.
  document.addEventListener("session:ask", () => ask("GET"));

  let looked = 0;
  const look = () => {
    const left = ends - Date.now();
    // Another page of the same person may have gone on, so the server is asked before anything is said.
    const every = state === "over" ? 15_000 : left <= 0 ? 1_000 : 10_000;
    if (left <= WARN && Date.now() - looked > every) {
      looked = Date.now();
      ask("GET");
    }
  };
  setInterval(look, 1_000);
  const back = () => document.visibilityState === "visible" && (state !== "on" || ends - Date.now() <= WARN) && ask("GET");
  document.addEventListener("visibilitychange", back);
  window.addEventListener("focus", back);

  // A form that is sent after the end would lead to the login and lose what is in it.
  document.addEventListener(
    "submit",
    async (event) => {
      if (state !== "over" && Date.now() < ends) return;
      const { target, submitter } = event;
      event.preventDefault();
      event.stopImmediatePropagation();
      await ask("GET");
      if (state !== "over" && Date.now() < ends) target.requestSubmit(submitter);
      else way.firstElementChild?.focus();
    },
    true,
  );
  // So would a part of the page that renews or saves itself. It is told, and again when it may go on.
  const login = new URL(says.login, location.href).pathname;
  const stop = (event) => {
    event.preventDefault();
    event.target.dispatchEvent(new CustomEvent("session:stopped", { bubbles: true, detail: { xhr: event.detail.xhr } }));
  };
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (state === "over" || Date.now() >= ends) stop(event);
  });
  document.addEventListener("htmx:beforeOnLoad", (event) => {
    const to = event.detail.xhr.getResponseHeader("HX-Redirect");
    if (!to || new URL(to, location.href).pathname !== login) return;
    stop(event);
    become("over");
    ask("GET");
  });
})();
