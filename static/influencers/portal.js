// The portal, beyond reading, and the page of an answer, where anyone shares and nothing is noted: it notes what is taken, asks whether it still holds before it is copied, shared or
// downloaded, and lets pages be read again offline. Without script the words are there to read and select.
(() => {
  const html = document.documentElement;
  const form = document.querySelector("[data-note]");
  const live = document.querySelector("[data-live]");
  const QUEUE = "portal-uses";
  const MOST_WAITING = 50; // uses that wait for a connection
  const ANSWERED = [204, 400, 404, 409, 410]; // noted, or never to be
  const PATIENCE = 3000; // milliseconds for the server's word
  const TAKEN = ["unchecked", "ready", "lacking", "unshared", "shared", "picture", "by-hand"]; // told of what is not refused
  const AGAIN = 60000; // between two looks at a page that stays open

  // Whom a mail's link was sent to is nobody else's business when its address is copied.
  const here = new URL(location.href);
  if (here.searchParams.has("for")) {
    here.searchParams.delete("for");
    history.replaceState(history.state, "", here);
  }

  // --- Saying what happened ------------------------------------------------------------------------

  const say = (what, near, more) => {
    const words = document.querySelector(`template[data-told="${what}"]`);
    if (!words) return;
    const before = document.querySelector(".told");
    if (!near && before?.dataset.what === what) return; // said already, beside what was pressed
    before?.remove();
    const told = document.createElement("div");
    told.dataset.what = what;
    told.className = `notice told${["unchecked", "shared", "picture"].includes(what) ? "" : " notice--changed"}`;
    const inside = document.createElement("div");
    inside.className = "flow";
    for (const one of [what, more].filter(Boolean)) inside.append(document.querySelector(`template[data-told="${one}"]`).content.cloneNode(true));
    told.append(inside);
    const stage = near?.closest(".bar") && document.querySelector(".stage__set"); // the bar stays as low as it is
    const card = near?.closest(".say, .asset, li");
    const row = near?.closest(".row, section");
    if (stage) stage.prepend(told);
    else if (card) card.append(told);
    else if (row) row.after(told);
    else document.querySelector("main").prepend(told);
    if (near && what !== "shared") told.scrollIntoView({ block: "nearest" }); // the card stays where it was
    if (near && !TAKEN.includes(what)) {
      told.tabIndex = -1;
      told.focus({ preventScroll: true });
    }
    if (live) setTimeout(() => (live.textContent = told.textContent.trim().replace(/\s+/g, " ")), 50);
  };

  // --- What is taken, and whether it holds -----------------------------------------------------------

  const itemsOf = (nodes) => [
    ...new Set(
      nodes.flatMap((node) => {
        const inside = [...node.querySelectorAll("[data-item]")];
        const around = node.closest("[data-item]");
        return (inside.length ? inside : around ? [around] : []).map((one) => one.dataset.item);
      }),
    ),
  ];
  const isOver = (node) => {
    const places = [node.closest("[data-until]"), ...node.querySelectorAll("[data-until]")];
    return places.some((place) => place && Date.parse(place.dataset.until) <= Date.now());
  };

  const bodyOf = (way, items) => {
    const body = new URLSearchParams(new FormData(form));
    body.set("way", way);
    items.forEach((item) => body.append(form.dataset.itemName || "item", item));
    return body;
  };
  const headers = { "X-Requested-With": "fetch" };
  const send = (address, body, signal) =>
    fetch(address, {
      method: "POST",
      body,
      headers,
      credentials: "same-origin",
      keepalive: true,
      redirect: "manual",
      signal,
    });

  // What was taken without a connection waits on the device until the server has answered for it.
  const waiting = () => {
    try {
      const rows = JSON.parse(localStorage.getItem(QUEUE) || "[]");
      return rows.filter((one) => one.reader === form.dataset.note);
    } catch {
      return [];
    }
  };
  const keep = (rows) => {
    try {
      localStorage.setItem(QUEUE, JSON.stringify(rows.slice(-MOST_WAITING)));
    } catch {
      // No room: what is done is done.
    }
  };
  const queue = (address, body) => {
    body.set("done", "1");
    body.delete("csrfmiddlewaretoken");
    keep([...waiting(), { address, body: body.toString(), reader: form.dataset.note }]);
  };
  const flush = async () => {
    for (const one of waiting()) {
      const body = new URLSearchParams(one.body);
      body.set("csrfmiddlewaretoken", new FormData(form).get("csrfmiddlewaretoken"));
      try {
        const answer = await send(one.address, body);
        if (!ANSWERED.includes(answer.status)) continue;
      } catch {
        return; // The connection is gone again.
      }
      keep(waiting().filter((other) => other.address !== one.address || other.body !== one.body));
    }
  };

  // Ask whether things may be taken: "holds", "changed", "expired"; "unchecked" when the server cannot be reached, and
  // "refused" when it does not know who asks, or what about.
  const ask = async (way, items) => {
    const body = bodyOf(way, items);
    const patience = new AbortController();
    const timer = setTimeout(() => patience.abort(), PATIENCE);
    try {
      const { status } = await send(form.action, body, patience.signal);
      if (status < 500) return { 204: "holds", 409: "changed", 410: "expired" }[status] || "refused";
    } catch {
      // No connection, or none that answers in time.
    } finally {
      clearTimeout(timer);
    }
    if (way !== form.dataset.reads) queue(form.action, body);
    return "unchecked";
  };

  // Settle when things may be taken, fail when not, and say why in either case where there is something to say.
  const permit = async (way, nodes, near) => {
    if (!form && !nodes.some(isOver)) return "holds"; // nothing is asked where nothing is noted
    if (nodes.some(isOver)) {
      markOver();
      say("expired", near);
      throw new Error("expired");
    }
    const word = await ask(way, itemsOf(nodes));
    if (word === "holds") document.querySelector(".told")?.remove();
    else say(word, near);
    if (word !== "holds" && word !== "unchecked") throw new Error(word);
    return word;
  };

  const nodesOf = (ids) => ids.split(" ").map((id) => document.querySelector(id)).filter(Boolean);

  if (form) {
    document.addEventListener("copying", (event) => {
      const nodes = nodesOf(event.target.dataset.copy);
      if (itemsOf(nodes).length) event.detail.permits.push(permit("copied", nodes, event.target));
    });

    document.addEventListener("click", async (event) => {
      const link = event.target.closest("a[download]");
      if (!link || link.dataset.free || !link.closest("[data-item]")) return;
      event.preventDefault();
      try {
        await permit("downloaded", [link], link);
      } catch {
        return;
      }
      link.dataset.free = "1";
      link.click();
      delete link.dataset.free;
    });
  }

  // --- The share sheet -------------------------------------------------------------------------------

  // What is shared, or will be next, is kept on the device with the pages that it is on, for when there is no connection.
  const PICTURES = "portal-pictures"; // wiped with the pages (offline.js)
  const MOST_PICTURES = 80;
  const keepPicture = async (url, answer) => {
    const cache = await caches.open(PICTURES);
    await cache.delete(url, { ignoreVary: true }); // the newest stand last
    await cache.put(url, answer);
    const keys = await cache.keys();
    await Promise.all(keys.slice(0, Math.max(0, keys.length - MOST_PICTURES)).map((key) => cache.delete(key)));
  };
  const isKept = Boolean(html.querySelector("[data-offline]")) && Boolean(window.caches);

  const loaded = async (url, how = {}) => {
    try {
      let answer = await fetch(url, how);
      for (let turn = 0; answer.status === 503 && turn < 5; turn++) {
        await new Promise((resolve) => setTimeout(resolve, 1000)); // it is just being drawn
        answer = await fetch(url, how);
      }
      const isPicture = answer.status === 200 && answer.headers.get("Content-Type")?.startsWith("image/");
      if (isKept && isPicture) keepPicture(url, answer.clone()).catch(() => {}); // no room: it is there now
      return answer;
    } catch (fault) {
      const kept = isKept && (await caches.match(new URL(url, location.href).href, { ignoreVary: true }));
      if (!kept) throw fault;
      return kept;
    }
  };
  const fileOf = async (url, name) => {
    const answer = await loaded(url);
    const blob = await answer.blob();
    if (!answer.ok || !/^(image|video)\//.test(blob.type)) throw new Error("no picture");
    return new File([blob], name, { type: blob.type });
  };
  const canShareFiles = (url = "") => {
    const kind = /\.(mp4|mov|webm)( |$)/.test(url) ? "video/mp4" : "image/png";
    try {
      return navigator.canShare({ files: [new File([""], kind.replace(/.*\//, "a."), { type: kind })] });
    } catch {
      return false;
    }
  };
  const ready = new WeakMap(); // what may be shared, yet came too late for the press that asked for it

  const sharedBy = (button) => button.madeFile || button.dataset.shareFile;

  // Return what a button shares, its picture with its words, when it may be shared.
  const permitted = async (button) => {
    const { shareFile: url, share: ids } = button.dataset;
    const withFile = button.madeFile || (url && canShareFiles(url));
    const urls = (url || "").trim().split(" ");
    const names = (button.dataset.name || "").trim().split(" ");
    const all = () =>
      button.madeFile // drawn on this page, with the reader's own words
        ? Promise.resolve([button.madeFile])
        : Promise.all(urls.map((one, at) => fileOf(one, names[at] || one.split("/").pop())));
    const file = withFile ? all() : Promise.resolve();
    const had = file.catch((fault) => ids ? undefined : Promise.reject(fault)); // without its picture the words are shared
    had.catch(() => {}); // it is said below
    const word = await permit(withFile ? "downloaded" : "copied", withFile ? [button] : nodesOf(ids), button);
    const picture = await had; // or several
    const shared = { ...(picture && { files: picture }), ...(ids && { text: wordsOf(ids) }) };
    return { shared, of: sharedBy(button), until: Date.now() + AGAIN, word, lacks: withFile && !picture };
  };

  if (navigator.share) {
    const offer = () => {
      for (const button of document.querySelectorAll("[data-share], [data-share-file]")) {
        button.hidden = !button.dataset.share && !canShareFiles(button.dataset.shareFile);
      }
    };
    offer();
    document.addEventListener("shareable", offer); // another part of the page has come
    document.addEventListener("click", async (event) => {
      const button = event.target.closest("[data-share], [data-share-file]");
      if (!button || button.ariaBusy === "true") return;
      let held = ready.get(button);
      ready.delete(button);
      button.ariaBusy = "true";
      const waits = []; // for what is shared to be made
      button.dispatchEvent(new CustomEvent("sharing", { bubbles: true, detail: { waits } }));
      try {
        await Promise.all(waits);
        if (!(held?.until > Date.now()) || held.of !== sharedBy(button)) {
          held = await permitted(button);
          if (held.lacks) {
            ready.set(button, held); // the words go alone only when that is meant
            say("lacking", button, held.word === "unchecked" && held.word);
            return;
          }
        }
        await navigator.share(held.shared);
        button.dispatchEvent(new CustomEvent("shared", { bubbles: true }));
        if (document.getElementById("posted")) say("shared", button);
      } catch (fault) {
        if (["changed", "expired", "refused", "own"].includes(fault.message) || fault.name === "AbortError") return; // said, or meant
        if (fault.name === "NotAllowedError" && held) ready.set(button, held);
        say(fault.name === "NotAllowedError" && held ? "ready" : "unshared", button);
      } finally {
        button.ariaBusy = null;
      }
    });
  }

  // --- One picture in three shapes ----------------------------------------------------------------------

  const stage = document.querySelector(".stage");
  const shape = () => stage.querySelector("[name=shape]:checked");
  const reshape = () => {
    const { file, thumbnail, width, height, name } = shape().dataset;
    Object.assign(stage.querySelector("img"), { src: thumbnail, width, height });
    stage.querySelectorAll("a[data-picture]").forEach((one) => Object.assign(one, { href: file, download: name }));
    const large = stage.querySelector("a[data-large]");
    large.href = file;
    large.dataset.name = name;
    for (const button of document.querySelectorAll("[data-shares-card]")) Object.assign(button.dataset, { shareFile: file, name });
  };
  if (stage?.querySelector("[name=shape]")) {
    stage.addEventListener("change", (event) => event.target.name === "shape" && reshape());
    reshape(); // what a reloaded page kept
  }

  // A clipboard takes PNG only.
  const asPng = async (blob) => {
    if (blob.type === "image/png") return blob;
    const drawn = await createImageBitmap(blob);
    const canvas = document.createElement("canvas");
    Object.assign(canvas, { width: drawn.width, height: drawn.height });
    canvas.getContext("2d").drawImage(drawn, 0, 0);
    return new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
  };

  // On a desktop a picture is copied, or dragged out as the file that it is.
  const picture = stage?.querySelector("[data-copy-picture]");
  if (picture && window.ClipboardItem && navigator.clipboard?.write) {
    picture.hidden = false;
    picture.addEventListener("click", async () => {
      const held = permit("downloaded", [picture], picture);
      held.catch(() => {});
      const link = stage.querySelector("a[data-picture]");
      const made = document.querySelector("[data-shares-card]")?.madeFile;
      const blob = held.then(() => made || fileOf(link.href, link.download));
      blob.catch(() => {});
      try {
        await navigator.clipboard.write([new ClipboardItem({ "image/png": blob.then(asPng) })]);
        say("picture", picture);
      } catch {
        held.then(() => say("by-hand", picture), () => {}); // whoever stopped it has said why
      }
    });
  }
  document.addEventListener("dragstart", (event) => {
    const link = event.target.closest?.("a[data-large], a[data-picture]");
    if (!link || !event.dataTransfer) return;
    const name = link.download || link.dataset.name;
    const kind = name.endsWith(".jpg") ? "image/jpeg" : "image/png";
    event.dataTransfer.setData("DownloadURL", `${kind}:${name}:${link.href}`);
    event.dataTransfer.setData("text/uri-list", link.href);
  });

  // A picture that is just being drawn appears by itself: the page is asked for again, less and less often, for a quarter of an hour.
  const drawing = document.querySelector("[data-drawing]");
  const waitForPicture = async () => {
    for (let turn = 0; turn < 16; turn++) {
      await new Promise((resolve) => setTimeout(resolve, Math.min(60000, 6000 * 1.4 ** turn) * (1 + Math.random() / 4)));
      if (document.visibilityState !== "visible" || !navigator.onLine) continue;
      const answer = await fetch(location.href, { headers }).catch(() => null);
      if (!answer?.ok || !(await answer.text()).includes('class="stage__pic"')) continue;
      if (!document.activeElement?.matches("textarea, input")) return location.reload();
      const link = Object.assign(document.createElement("a"), { href: "", textContent: drawing.dataset.drawing });
      return drawing.replaceChildren(link); // somebody is writing
    }
  };
  if (drawing) waitForPicture();

  // --- Videos: a picture until somebody plays it, so that nothing is loaded before ---------------------------

  document.addEventListener("click", (event) => {
    const link = event.target.closest("[data-play]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    const video = link.querySelector("template").content.querySelector("video").cloneNode(true);
    video.classList.add(...link.classList);
    video.tabIndex = 0;
    link.replaceWith(video);
    video.focus();
    video.play().catch(() => {}); // the controls are there
  });

  // --- A page that stays open ------------------------------------------------------------------------

  const markOver = () => {
    for (const place of document.querySelectorAll("[data-until]:not(.is-over)")) {
      if (Date.parse(place.dataset.until) > Date.now()) continue;
      place.classList.add("is-over");
      place.querySelectorAll("[data-copy], [data-share], [data-copy-picture]").forEach((one) => one.setAttribute("aria-disabled", "true"));
      const meta = place.querySelector(".say__until");
      const words = document.querySelector('template[data-told="over"]');
      if (meta && words) meta.replaceChildren(words.content.cloneNode(true));
    }
  };
  let looked = 0;
  const look = async () => {
    markOver();
    if (document.visibilityState !== "visible" || !form?.dataset.reads || Date.now() - looked < AGAIN) return;
    looked = Date.now();
    if ((await ask(form.dataset.reads, [""])) === "changed") say("changed");
  };

  // --- Reading again offline ---------------------------------------------------------------------------

  const keepForOffline = async () => {
    const address = html.querySelector("[data-offline]")?.dataset.offline;
    if (!address || !navigator.serviceWorker) return;
    const controlled = Boolean(navigator.serviceWorker.controller);
    try {
      await navigator.serviceWorker.register(address);
      const { active } = await navigator.serviceWorker.ready;
      if (controlled) return;
      const parts = [...document.querySelectorAll('link[rel="stylesheet"], script[src]')].map((one) => one.href || one.src);
      active.postMessage({ page: location.href, parts });
    } catch {
      // Not possible here: the portal is read online.
    }
  };

  // The picture that Share would share, and how it looks on the page.
  const keepShared = () => {
    const { shareFile } = document.querySelector(".bar [data-share-file]")?.dataset || {};
    const shown = [...document.querySelectorAll(".stage__pic img, .look img")].map((one) => one.currentSrc || one.previousElementSibling?.srcset || one.src);
    if (!isKept || !shareFile || navigator.connection?.saveData || !navigator.onLine) return;
    for (const url of [shareFile, ...shown]) loaded(url).catch(() => {});
  };
  // The other looks of the card, one after the other, so that they can be chosen without a connection. Nobody has chosen them yet.
  const keepLooks = async () => {
    const asked = { urls: [] };
    document.dispatchEvent(new CustomEvent("looks", { detail: asked }));
    if (!isKept || navigator.connection?.saveData) return;
    for (const url of asked.urls) {
      if (!navigator.onLine) return;
      if (await caches.match(new URL(url, location.href).href, { ignoreVary: true })) continue;
      await loaded(url, { cache: "no-store", headers: { "X-Requested-With": "keep" } }).catch(() => {});
    }
  };
  const keepPictures = () => {
    keepShared();
    keepLooks();
  };
  if (document.readyState === "complete") keepPictures();
  else addEventListener("load", keepPictures);

  markOver();
  setInterval(markOver, 15000);
  if (form) {
    const saved = document.querySelector("[data-saved]:not([hidden])");
    if (!saved) {
      flush().then(look);
      document.addEventListener("visibilitychange", look);
      addEventListener("pageshow", (event) => event.persisted && look());
    }
  }
  keepForOffline();

  // A copy that was kept says so until it is read again; it is not offline for longer than its reader is.
  const place = document.querySelector("[data-saved]:not([hidden])");
  const tellLine = () => {
    for (const one of place.querySelectorAll("[data-is-off]")) one.hidden = navigator.onLine;
    for (const one of place.querySelectorAll("[data-is-back]")) one.hidden = !navigator.onLine;
  };
  if (place) for (const name of ["online", "offline"]) addEventListener(name, tellLine);
})();
