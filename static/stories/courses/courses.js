// A course: one module at a time, and questions that answer at once. Of whoever takes it with a login, what they did stays on the device
// until the server has it, also without a connection; what is sent twice counts once there. Without a login nothing leaves the page.
// Without script the whole course is one page, and its forms are sent.
(() => {
  const course = document.querySelector("[data-course]");
  if (!course) return;
  const { attempt, reader, send } = course.dataset;
  const KEY = `portal-course:${reader}:${attempt}`;
  const modules = [...course.querySelectorAll("[data-module]")];
  const questionOf = (key) => course.querySelector(`[data-question="${CSS.escape(key)}"]`);
  const tell = (name, is) => {
    for (const one of document.querySelectorAll(`[data-${name}]`)) one.hidden = !is;
  };

  // --- What was done: {read: {module: sent?}, answers: {question: {chosen, right, sent}}} ----------------

  let memory = { read: {}, answers: {} }; // where a device keeps nothing
  const load = () => {
    if (!attempt) return memory;
    try {
      return JSON.parse(localStorage.getItem(KEY)) || { read: {}, answers: {} };
    } catch {
      return memory;
    }
  };
  const keep = (done) => {
    memory = done;
    try {
      if (attempt) localStorage.setItem(KEY, JSON.stringify(done));
    } catch {
      // No room: the page still has it.
    }
  };
  const waiting = (done) => ({
    read: Object.keys(done.read).filter((key) => !done.read[key]),
    answers: Object.entries(done.answers).filter(([, one]) => !one.sent),
  });

  // --- Showing it -----------------------------------------------------------------------------------------

  const showAnswer = (form, chosen, isRight) => {
    form.classList.add("is-answered");
    for (const box of form.querySelectorAll('[name="chosen"]')) box.checked = chosen.split(",").includes(box.value);
    for (const why of form.querySelectorAll("[data-why]")) why.hidden = false;
    say(form, isRight ? "right" : "wrong");
    if (isRight) form.dataset.kept = ""; // what was right once stays right
    showStill();
  };
  // Under “To finish”: which questions of modules that were gone through are not right yet.
  const showStill = () => {
    const rows = [...document.querySelectorAll("[data-still]")];
    for (const row of rows) {
      const form = questionOf(row.dataset.still);
      row.hidden = "kept" in form.dataset || !("read" in form.closest("[data-module]").dataset);
    }
    const isOver = document.querySelector("[data-finished]:not([hidden])") !== null;
    for (const all of document.querySelectorAll("[data-stills]")) all.hidden = isOver || rows.every((row) => row.hidden);
  };
  const say = (form, what) => {
    for (const one of form.querySelectorAll("[data-said]")) one.hidden = one.dataset.said !== what;
  };
  const showRead = (key) => {
    for (const one of course.querySelectorAll(`[data-done="${CSS.escape(key)}"]`)) one.hidden = false;
    for (const one of modules) if (one.dataset.module === key) one.dataset.read = "";
    showStill();
  };

  const showFinished = () => {
    const notice = document.querySelector("[data-finished][hidden]");
    tell("finished", true);
    showStill();
    notice?.scrollIntoView({ block: "center" }); // it stands at the top, and the last answer may be far below
  };

  const place = (key) => modules.findIndex((one) => one.id === key || one.querySelector(`[id="${CSS.escape(key)}"]`));
  const goTo = (number, isMoved) => {
    modules.forEach((one, at) => (one.hidden = at !== number));
    for (const link of course.querySelectorAll("[data-to]")) {
      if (link.dataset.to === modules[number].id) link.setAttribute("aria-current", "step");
      else link.removeAttribute("aria-current");
    }
    if (isMoved) {
      modules[number].focus({ preventScroll: true });
      modules[number].scrollIntoView();
    }
  };
  const follow = () => {
    const key = decodeURIComponent(location.hash.slice(1));
    const found = key ? place(key) : -1;
    if (found < 0) return false;
    goTo(found, key === modules[found].id);
    if (key !== modules[found].id) document.getElementById(key).scrollIntoView();
    return true;
  };
  const next = (from) => {
    if (from + 1 < modules.length) location.hash = modules[from + 1].id;
    else document.getElementById("end")?.scrollIntoView();
  };

  // --- Sending it -----------------------------------------------------------------------------------------

  let isSending = false;
  const flush = async () => {
    if (!attempt || isSending) return;
    const { read, answers } = waiting(load());
    if (!read.length && !answers.length) return tell("waits", false);
    const body = new URLSearchParams({ attempt });
    body.set("csrfmiddlewaretoken", course.querySelector('[name="csrfmiddlewaretoken"]').value);
    read.forEach((key) => body.append("read", key));
    answers.forEach(([key, one]) => body.append("answer", `${key}:${one.chosen}`));
    isSending = true;
    let answer = null;
    try {
      answer = await fetch(send, { method: "POST", body, headers: { "X-Requested-With": "fetch" }, redirect: "manual", credentials: "same-origin" });
    } catch {
      // No connection: it waits.
    }
    isSending = false;
    if (!answer || answer.status >= 500) return tell("waits", true);
    if (answer.status === 404 || answer.status === 410) return tell("waits", false); // the course is no longer there
    if (answer.status !== 200) return tell("login", true);
    const done = load();
    read.forEach((key) => (done.read[key] = true));
    for (const [key, one] of answers) if (done.answers[key]?.chosen === one.chosen) done.answers[key].sent = true;
    keep(done);
    tell("waits", false);
    tell("login", false);
    if ((await answer.json()).finished) showFinished();
    if (waiting(load()).read.length || waiting(load()).answers.length) flush();
  };

  // --- What somebody does -------------------------------------------------------------------------------

  course.addEventListener("submit", (event) => {
    const form = event.target;
    event.preventDefault();
    const done = load();
    if (form.dataset.goes) {
      if (!(form.dataset.goes in done.read)) done.read[form.dataset.goes] = false;
      showRead(form.dataset.goes);
      keep(done);
      next(place(form.dataset.goes));
    } else {
      const chosen = [...form.querySelectorAll('[name="chosen"]:checked')].map((box) => box.value).join(",");
      if (!chosen) return say(form, "none");
      const isRight = chosen === form.dataset.right;
      showAnswer(form, chosen, isRight);
      const key = form.dataset.question;
      if (isRight || !done.answers[key]?.right) done.answers[key] = { chosen, right: isRight, sent: false };
      keep(done);
    }
    flush();
  });
  course.addEventListener("click", (event) => {
    const link = event.target.closest("[data-next]");
    if (!link) return;
    event.preventDefault();
    next(place(link.closest("[data-module]").id));
  });

  // --- The beginning --------------------------------------------------------------------------------------

  for (const form of course.querySelectorAll("[data-question]")) {
    if (form.querySelector('[data-said="right"]:not([hidden])')) form.dataset.kept = "";
  }
  const isSaved = Boolean(document.querySelector("[data-saved]:not([hidden])"));
  const done = load();
  if (!isSaved) {
    // The page comes from the server and says itself what that has.
    for (const key of Object.keys(done.read)) if (done.read[key]) delete done.read[key];
    for (const key of Object.keys(done.answers)) if (done.answers[key].sent) delete done.answers[key];
    keep(done);
  }
  Object.keys(done.read).forEach(showRead);
  for (const [key, one] of Object.entries(done.answers)) {
    const form = questionOf(key);
    if (form) showAnswer(form, one.chosen, one.right);
  }
  if (!follow()) {
    const answered = course.querySelector(".question.is-answered");
    const open = modules.findIndex((one) => !("read" in one.dataset));
    goTo(!attempt && answered ? place(answered.id) : Math.max(0, open), false);
  }
  addEventListener("hashchange", follow);
  addEventListener("online", flush);
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && flush());
  flush();

  // Pictures are kept with the page for when there is no connection (influencers/offline.js).
  const pictures = [...course.querySelectorAll(".module__picture")].map((one) => one.src);
  if (attempt && pictures.length && window.caches && !isSaved && document.querySelector("[data-offline]")) {
    caches.open("portal-pictures").then((cache) => Promise.allSettled(pictures.map((url) => cache.add(url))), () => {});
  }
})();
