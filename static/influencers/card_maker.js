// "Make it yours": a choice changes the picture beside it at once, and words of one's own are put above the card. Without script
// the form asks for the page anew, and the picture with own words comes as an answer.
(() => {
  const stage = document.querySelector(".stage--make");
  const form = stage?.querySelector("[data-make]");
  if (!form) return;
  const SIZES = { "9x16": [1080, 1920], "4x5": [1080, 1350], "1x1": [1080, 1080] };
  const PATIENCE = 5; // times that a picture is asked for which is just being drawn
  const picture = stage.querySelector(".stage__pic img");
  const chosen = (name) => form.querySelector(`[name=${name}]:checked`);
  const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

  const address = (more = {}) => {
    const query = { message: form.dataset.key, version: form.dataset.version, theme: chosen("theme").value, crop: chosen("crop").value };
    return `${form.dataset.make}?${new URLSearchParams({ ...query, tone: chosen("tone")?.value || "plain", ...more })}`;
  };

  // What Share, Download and the stage show: the card, or the picture with own words that was made of it.
  const own = stage.querySelector("[data-own]");
  const canvas = stage.querySelector(".stage__own");
  const large = stage.querySelector("a[data-large]");
  const links = [...stage.querySelectorAll("a[data-picture]")];
  let made = null;
  const put = (file) => {
    for (const button of document.querySelectorAll("[data-shares-card]")) button.madeFile = file;
    stage.classList.toggle("has-own", Boolean(file));
    canvas.hidden = !file;
    for (const one of own?.querySelectorAll("[data-own-made], [data-own-off]") || []) one.hidden = !file;
  };
  const takeOff = () => {
    if (!made) return;
    URL.revokeObjectURL(made.address);
    links.forEach((one, at) => Object.assign(one, made.links[at]));
    made = null;
    put(null);
  };

  let tries = 0;
  picture.addEventListener("error", () => {
    if (!picture.src.includes("?") || tries++ >= PATIENCE) return;
    const wanted = picture.src;
    setTimeout(() => picture.src === wanted && (picture.src = wanted), 1000);
  });

  const show = () => {
    const [width, height] = SIZES[chosen("crop").value];
    const name = `${form.dataset.name}-${chosen("theme").value}-${chosen("crop").value}${chosen("theme").dataset.suffix}`;
    const file = address();
    tries = 0;
    takeOff();
    Object.assign(picture, { src: address({ small: "1" }), width, height });
    const tone = chosen("tone");
    if (tone) {
      stage.querySelector("[data-tone-words]").textContent = tone.dataset.words;
      picture.alt = picture.dataset.alt.replace("{words}", tone.dataset.words);
    }
    for (const one of links) Object.assign(one, { href: file, download: name });
    large.href = file;
    large.dataset.name = name;
    for (const button of document.querySelectorAll("[data-shares-card]")) Object.assign(button.dataset, { shareFile: file, name });
    for (const field of ["theme", "crop", "tone"]) {
      const hidden = own?.querySelector(`input[name=${field}]`);
      if (hidden) hidden.value = chosen(field)?.value || "plain";
    }
    const square = own?.querySelector("[data-own-square]");
    if (square) square.hidden = chosen("crop").value !== "1x1";
  };

  // The other pictures take the chosen theme when somebody sees them.
  const others = [...document.querySelectorAll("#key-messages, #files")];
  const inSight = new Set();
  const sight = new IntersectionObserver((seen) => {
    for (const { target, isIntersecting } of seen) inSight[isIntersecting ? "add" : "delete"](target);
    dressUp();
  });
  let shownIn = form.querySelector("[name=theme][checked]").value;
  const dressUp = async () => {
    const wanted = chosen("theme").value;
    if (wanted === shownIn || !inSight.size) return;
    const before = shownIn;
    shownIn = wanted;
    try {
      const answer = await fetch(`?${new URLSearchParams(new FormData(form))}`, { headers: { "X-Requested-With": "fetch" } });
      if (!answer.ok) throw new Error(answer.status);
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      for (const part of others.flatMap((one) => (one.id === "files" ? [...one.querySelectorAll("section[id]")] : [one]))) {
        part.replaceChildren(...(page.getElementById(part.id)?.childNodes || []));
      }
      document.dispatchEvent(new Event("shareable"));
      dressUp(); // another one, by now
    } catch {
      shownIn = before; // offline, perhaps: they come with the next page
    }
  };
  others.forEach((one) => sight.observe(one));

  form.addEventListener("change", () => {
    show();
    dressUp();
    const query = new URLSearchParams(new FormData(form));
    history.replaceState(history.state, "", `?${query}${location.hash}`);
  });
  form.addEventListener("submit", (event) => event.preventDefault());
  document.addEventListener("looks", ({ detail }) => {
    if ((chosen("tone")?.value || "plain") !== "plain") return; // they would be drawn for it
    const themes = [...form.querySelectorAll("[name=theme]")].map(({ value: theme }) => theme);
    for (const small of [{ small: "1" }, {}]) detail.urls.push(...themes.map((theme) => address({ theme, ...small })));
  });
  // The choice is in the address, for Back, reloading and a login that ended; a copy that was kept for reading offline has no choice of its own.
  const asked = new URLSearchParams(location.search);
  for (const name of ["theme", "crop", "tone"]) {
    const option = [...form.querySelectorAll(`[name=${name}]`)].find(({ value }) => value === asked.get(name));
    if (option) option.checked = true;
  }
  const begun = form.querySelectorAll("input:checked:not([checked])").length; // what a reloaded page kept
  if (begun) show();

  // --- Words of one's own --------------------------------------------------------------------------------

  if (!own) return;
  const said = own.querySelector("[data-own-said]");
  const tell = (words) => {
    said.textContent = words;
    said.hidden = !words;
  };
  const ask = async () => {
    for (let turn = 0; ; turn++) {
      const answer = await fetch(own.action, { method: "POST", body: new FormData(own), headers: { "X-Requested-With": "fetch" } });
      if (answer.status !== 503 || turn >= PATIENCE) return answer;
      await pause(1000);
    }
  };
  const putOn = async (blob, takesFocus) => {
    const file = new File([blob], `${own.dataset.name}.jpg`, { type: blob.type });
    const drawn = await createImageBitmap(blob);
    Object.assign(canvas, { width: drawn.width, height: drawn.height });
    canvas.getContext("2d").drawImage(drawn, 0, 0);
    takeOff();
    made = { address: URL.createObjectURL(file), links: links.map(({ href, download }) => ({ href, download })) };
    for (const one of links) Object.assign(one, { href: made.address, download: file.name });
    put(file);
    if (!takesFocus) return;
    canvas.scrollIntoView({ block: "center" });
    canvas.focus({ preventScroll: true });
  };
  const asIs = () => new URLSearchParams(new FormData(own)).toString();
  const make = async (takesFocus) => {
    own.ariaBusy = "true";
    tell("");
    try {
      let answer, was;
      do {
        was = asIs();
        answer = await ask();
      } while (was !== asIs()); // other words, or another look, by now
      if (answer.ok && answer.headers.get("Content-Type") === "image/jpeg") await putOn(await answer.blob(), takesFocus);
      else tell(answer.headers.get("Content-Type")?.startsWith("text/plain") ? await answer.text() : own.dataset.failed);
    } catch {
      tell(navigator.onLine ? own.dataset.failed : own.dataset.offline);
    } finally {
      own.ariaBusy = null;
    }
  };
  let making = null; // the picture that is on its way
  const makeOnce = (takesFocus) => (making ||= make(takesFocus).finally(() => (making = null)));
  own.addEventListener("submit", (event) => {
    event.preventDefault();
    isMeant = true;
    makeOnce(true);
  });

  // Words that were typed, or stand in the open form, are meant: Share makes their picture on its way, and shares nothing when that fails.
  const off = own.querySelector("[data-own-off]");
  const fold = own.closest("details");
  let isMeant = true; // until they are taken off
  let isTyped = false;
  own.addEventListener("input", () => {
    isMeant = isTyped = true;
    takeOff(); // what was made says other words
  });
  off.addEventListener("click", () => {
    isMeant = false;
    tell("");
    takeOff();
    off.hidden = true;
    own.elements.own.focus();
  });
  const onTheWay = async () => {
    await makeOnce(false);
    if (made) return;
    fold.open = true;
    off.hidden = false; // without them it can be shared
    said.scrollIntoView({ block: "center" });
    throw new Error("own");
  };
  document.addEventListener("sharing", (event) => {
    const isHere = event.target.matches("[data-shares-card]");
    if (isHere && !made && isMeant && (isTyped || fold.open) && own.elements.own.value.trim()) event.detail.waits.push(onTheWay());
  });
  // What Back or reloading brought back is seen, and so it is meant.
  window.addEventListener("pageshow", () => {
    fold.open ||= isMeant && Boolean(own.elements.own.value.trim());
  });
  document.addEventListener("shared", () => made && window.keptWords?.drop(own.elements.own));
})();
