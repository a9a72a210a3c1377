// Sending a story: each chosen file goes piece by piece (tus 1.0.0), goes on by itself after a lost connection, and from where it was when
// the same file is chosen again. The form may be filled in meanwhile; sent early, it leaves as soon as the file is here.
(() => {
  const form = document.querySelector("form[data-sending]");
  if (!form) return;
  const says = form.dataset;
  const box = form.querySelector("[data-upload]");
  const token = form.querySelector("[name=csrfmiddlewaretoken]").value;
  const format = (text, values) => text.replace(/%\((\w+)\)s/g, (_all, name) => values[name]);
  const SMALLEST = 128 * 1024;
  const LARGEST = 4 * 1024 * 1024;
  const LONGEST_WAIT = 15000; // ms between tries
  const PATIENCE = 60000; // ms for one piece

  document.documentElement.classList.add("has-script");

  // --- Who is seen: added and signed without leaving the page -----------------------------------------------------

  const people = form.querySelector("[data-people]");
  people?.addEventListener("click", async (event) => {
    const button = event.target.closest("button[name=do]");
    if (!button) return;
    event.preventDefault();
    const data = new FormData(form, button);
    data.delete("file");
    try {
      const answer = await fetch(form.action, { method: "POST", body: data, headers: { "X-Part": "people" } });
      const isPart = answer.ok || answer.status === 409 || answer.status === 422;
      if (answer.redirected || !isPart) throw new Error(answer.status);
      people.innerHTML = await answer.text();
      form.elements.revision.value = people.querySelector("[data-new-revision]").value;
      (people.querySelector("[role=alert]") || people.querySelector("[name=name]")).scrollIntoView({ block: "nearest" });
    } catch {
      if (button.isConnected) form.requestSubmit(button); // the whole page says what is wrong
    }
  });
  // Enter in the name of a person adds the person, and sends nothing.
  people?.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !event.target.matches("input:not([type=checkbox])")) return;
    event.preventDefault();
    event.target.closest("div:has(> .field), .signhere")?.querySelector("button[name=do]")?.click();
  });
  if (!box) return;

  // --- What the page says -------------------------------------------------------------------------------------------

  const part = (name) => box.querySelector(`[data-upload-${name}]`);
  const bar = box.querySelector("progress");
  const [nameLine, percentLine, saysLine, retry, live] = ["name", "percent", "says", "retry", "live"].map(part);
  const locale = document.documentElement.lang;
  const inMega = (octets) => `${new Intl.NumberFormat(locale, { maximumFractionDigits: octets < 9950000 ? 1 : 0 }).format(octets / 1e6)} ${locale === "fi" ? "Mt" : "MB"}`;
  const inTime = (seconds) => (seconds < 100
    ? format(says.saysSeconds, { n: Math.max(1, Math.round(seconds)) })
    : format(says.saysMinutes, { n: Math.round(seconds / 60) }));
  const icon = box.querySelector(".upload__row use").getAttribute("href");
  const look = (kind) => {
    for (const one of ["lost", "done", "bad"]) box.classList.toggle(`upload--${one}`, one === kind);
    retry.hidden = kind !== "lost";
    box.querySelector(".upload__row use").setAttribute("href", kind === "lost" ? "#i-cut" : icon);
  };
  let told = 0;
  const progress = (file, done) => {
    const percent = Math.floor((100 * done) / file.size);
    bar.hidden = false;
    bar.value = percent;
    percentLine.textContent = `${percent} %`;
    if (percent >= told + 25) {
      told = percent - (percent % 25);
      live.textContent = says.saysPercent.replace("%(n)s", told);
    }
  };

  // --- One file -------------------------------------------------------------------------------------------------------

  class Refused extends Error {}
  const ask = async (method, address, headers = {}, body = undefined) => {
    const stop = new AbortController();
    const clock = setTimeout(() => stop.abort(), PATIENCE);
    try {
      const answer = await fetch(address, {
        method,
        body,
        signal: stop.signal,
        redirect: "manual",
        headers: { "Tus-Resumable": "1.0.0", "X-CSRFToken": token, ...headers },
      });
      if (answer.status >= 500 || answer.status === 429) throw new Error(answer.status);
      if (answer.status === 403 || answer.type === "opaqueredirect") throw new Refused(saysLine.textContent);
      return answer;
    } finally {
      clearTimeout(clock);
    }
  };
  const base64 = (text) => btoa(String.fromCharCode(...new TextEncoder().encode(text)));
  let known = says.known ? { address: says.known, name: says.knownName, size: Number(says.knownSize) } : null;
  const begin = async (file) => {
    if (known && known.name === file.name.slice(0, 200) && known.size === file.size) return known.address;
    const answer = await ask("POST", says.create, {
      "Upload-Length": String(file.size),
      "Upload-Metadata": `filename ${base64(file.name)}`,
    });
    if (answer.status !== 201) throw new Refused(await answer.text());
    known = { address: answer.headers.get("Location"), name: file.name, size: file.size };
    return known.address;
  };

  let wake = () => {};
  const pause = (ms) => new Promise((go) => {
    const clock = setTimeout(go, ms);
    wake = () => { clearTimeout(clock); go(); };
  });
  addEventListener("online", () => wake());
  retry.querySelector("button").addEventListener("click", () => wake());

  let current = 0; // the number of the choice that is being sent: a newer one ends an older one
  const send = async (file, mine) => {
    let piece = 512 * 1024;
    let wait = 500;
    let offset = null;
    let kept = 0; // what the server is known to have, also while nobody can ask it
    let [since, before] = [0, 0];
    told = 0;
    nameLine.textContent = file.name;
    progress(file, 0);
    while (mine === current) {
      try {
        const address = await begin(file);
        if (offset === null) {
          const answer = await ask("HEAD", address);
          if (answer.status === 404 || answer.status === 410) { known = null; continue; }
          offset = Number(answer.headers.get("Upload-Offset"));
          [since, before] = [performance.now(), offset];
        }
        look("");
        kept = offset;
        progress(file, offset);
        if (offset >= file.size) return true;
        const started = performance.now();
        const body = file.slice(offset, offset + piece);
        const answer = await ask("PATCH", address, { "Upload-Offset": String(offset), "Content-Type": "application/offset+octet-stream" }, body);
        if (mine !== current) return false;
        if (answer.status === 204) {
          offset = Number(answer.headers.get("Upload-Offset"));
          wait = 500;
          const took = performance.now() - started;
          if (took < 1500) piece = Math.min(LARGEST, piece * 2);
          const left = ((file.size - offset) * (performance.now() - since)) / Math.max(1, offset - before) / 1000;
          saysLine.textContent = format(says.saysLeft, { done: inMega(offset), total: inMega(file.size), time: inTime(left) });
        } else if (answer.status === 409) offset = null;
        else if (answer.status === 404 || answer.status === 410) { known = null; offset = null; }
        else throw new Refused(await answer.text());
      } catch (fault) {
        if (fault instanceof Refused) throw fault;
        look("lost");
        nameLine.textContent = says.saysLostTitle;
        saysLine.textContent = format(says.saysLost, { done: inMega(kept) });
        piece = Math.max(SMALLEST, piece / 2);
        offset = null;
        await pause(wait);
        wait = Math.min(LONGEST_WAIT, wait * 2);
        nameLine.textContent = file.name;
      }
    }
    return false;
  };
  const use = async (file) => {
    saysLine.textContent = says.saysLooking;
    const data = new FormData();
    data.set("csrfmiddlewaretoken", token);
    data.set("upload", known.address.split("/").filter(Boolean).pop());
    for (let wait = 500; ; wait = Math.min(LONGEST_WAIT, wait * 2)) {
      let answer = null;
      try {
        answer = await fetch(says.take, { method: "POST", body: data });
      } catch { /* the connection is lost */ }
      if (answer && answer.status < 500 && answer.headers.get("Content-Type")?.startsWith("application/json")) {
        known = null;
        const said = await answer.json();
        if (!answer.ok) throw new Refused(said.why);
        return;
      }
      if (answer && answer.status < 500) throw new Refused("");
      await pause(wait);
    }
  };

  // --- What is chosen, and the form -------------------------------------------------------------------------------------

  let isBusy = false;
  let sendLater = null;
  const leaving = (event) => event.preventDefault();
  const later = form.querySelector("[data-later]");
  const release = () => {
    removeEventListener("beforeunload", leaving);
    isBusy = false;
    for (const input of box.querySelectorAll("input[type=file]")) input.value = "";
  };
  const chosen = async (input) => {
    const files = [...input.files].slice(0, 9);
    if (!files.length) return;
    current += 1;
    const mine = current;
    isBusy = true;
    box.querySelector(".filebox").closest(".btn").classList.add("btn--line");
    addEventListener("beforeunload", leaving);
    try {
      for (const file of files) {
        if (!(await send(file, mine))) return;
        await use(file);
        if (mine !== current) return;
      }
      release();
      look("done");
      nameLine.textContent = says.saysDone;
      if (says.kind === "video") box.querySelector(".filebox + span").textContent = says.saysAnother;
      percentLine.textContent = inMega(files.reduce((sum, file) => sum + file.size, 0));
      bar.hidden = true;
      saysLine.textContent = files.map((file) => file.name).join(", ");
      live.textContent = says.saysDone;
      if (sendLater) form.requestSubmit(sendLater);
      else if (says.kind === "pictures") form.requestSubmit(form.querySelector("[name=do][value=save]")); // their words are asked for
    } catch (fault) {
      if (!(fault instanceof Refused)) throw fault;
      release();
      known = null;
      sendLater = null;
      later.hidden = true;
      look("bad");
      bar.hidden = true;
      percentLine.textContent = "";
      saysLine.textContent = [fault.message, says.saysRefused].filter(Boolean).join(" ");
      live.textContent = saysLine.textContent;
    }
  };
  for (const input of box.querySelectorAll("input[type=file]")) {
    input.addEventListener("change", () => chosen(input));
    chosen(input); // what was chosen before this script had come
  }
  // Only what has a camera at hand is asked to record.
  if (matchMedia("(pointer: coarse)").matches) box.querySelector("[data-record]").hidden = false;
  else if (!box.matches(".upload--done")) box.querySelector(".filebox").closest(".btn").classList.remove("btn--line");

  form.addEventListener("submit", (event) => {
    if (!isBusy) return;
    event.preventDefault();
    sendLater = event.submitter;
    later.hidden = false;
    later.querySelector("p").textContent = says.saysLater;
  });

  if (known) {
    (async () => {
      const answer = await ask("HEAD", known.address).catch(() => null);
      const offset = Number(answer?.headers.get("Upload-Offset") || 0);
      if (!offset || isBusy) return;
      look("lost");
      retry.hidden = true;
      nameLine.textContent = known.name;
      progress(known, offset);
      saysLine.textContent = format(says.saysAgain, { done: inMega(offset), total: inMega(known.size) });
    })();
  }
})();
