// Subtitles beside their video: a row for each, with its times and words, in the place of the WebVTT text of form[data-subtitles]. That
// text stays what is sent, so that the page works without this script.
(() => {
  const form = document.querySelector("form[data-subtitles]");
  const box = form && form.querySelector("textarea[name=vtt]");
  const video = document.querySelector("video[data-film]");
  const row = document.querySelector("#subs-row");
  if (!form || !box || !row) return;
  const list = form.querySelector("[data-cues]");
  const says = form.dataset;
  const FAST = 21; // characters a second, from which few can follow
  const WIDE = 42; // characters of a line
  let cues = [];
  const past = [];

  // --- Times and text

  const stamp = (ms, point = ".") => {
    const whole = Math.max(0, Math.round(ms));
    const parts = [Math.floor(whole / 3600000), Math.floor(whole / 60000) % 60, Math.floor(whole / 1000) % 60];
    return `${parts.map((n) => String(n).padStart(2, "0")).join(":")}${point}${String(whole % 1000).padStart(3, "0")}`;
  };
  const short = (ms) => stamp(ms).replace(/^00:0?/, "");
  const moment = (text) => {
    const found = /^\s*(?:(\d{1,2}):)?(?:(\d{1,3}):)?(\d{1,4})(?:[.,](\d{1,3}))?\s*$/.exec(text);
    if (!found) return NaN;
    const [, first, second, seconds, rest] = found;
    const hours = second === undefined ? 0 : Number(first || 0);
    const minutes = second === undefined ? Number(first || 0) : Number(second);
    return ((hours * 60 + minutes) * 60 + Number(seconds)) * 1000 + Number((rest || "").padEnd(3, "0"));
  };
  const plain = (text) => text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
  const parse = (text) => {
    const found = [];
    const lines = text.replaceAll("\r\n", "\n").split("\n");
    for (let at = 0; at < lines.length; at += 1) {
      const times = /^\s*([\d:.,]+)\s*-->\s*([\d:.,]+)/.exec(lines[at]);
      if (!times) continue;
      const cue = { start: moment(times[1]), end: moment(times[2]), words: [], first: at + 1 };
      while (at + 1 < lines.length && lines[at + 1].trim()) { at += 1; cue.words.push(lines[at]); }
      cue.last = at + 1;
      found.push({ ...cue, words: plain(cue.words.join("\n")) });
    }
    return found;
  };
  const clean = (words) => words.replaceAll("-->", "→").split("\n").map((line) => line.trim()).filter(Boolean).join("\n");
  const written = () => `WEBVTT\n\n${cues.map((cue) => `${stamp(cue.start)} --> ${stamp(cue.end)}\n${clean(cue.words)}\n`).join("\n")}`;

  // --- What is wrong with a subtitle, and what could be better

  const faults = (cue, at) => {
    if (Number.isNaN(cue.start) || Number.isNaN(cue.end)) return [says.noTime, true];
    if (!clean(cue.words)) return [says.noWords, true];
    if (cue.end <= cue.start) return [says.ends, true];
    if (at && cue.start < cues[at - 1].end) return [says.overlaps, true];
    const length = clean(cue.words).replace(/<\/?[ibu]>/g, "").length;
    if (length / ((cue.end - cue.start) / 1000) > FAST) return [says.fast, false];
    if (clean(cue.words).split("\n").some((line) => line.length > WIDE)) return [says.wide, false];
    return ["", false];
  };
  const mark = () => {
    let wrong = 0;
    cues.forEach((cue, at) => {
      const [text, stops] = cue.told && cue.told.words === cue.words ? [cue.told.says, true] : faults(cue, at);
      const note = cue.node.querySelector("[data-fault]");
      if (note.textContent !== text) note.textContent = text;
      cue.node.classList.toggle("is-wrong", stops);
      wrong += stops ? 1 : 0;
    });
    return wrong;
  };

  // --- The video

  const now = () => (video ? Math.round(video.currentTime * 1000) : 0);
  const go = (ms, play) => {
    if (!video) return;
    video.currentTime = ms / 1000 + 0.001;
    if (play) video.play();
  };
  let track = null;
  const caption = () => {
    if (!video || !window.VTTCue) return;
    track = track || video.addTextTrack("captions", says.track, says.language);
    track.mode = "showing";
    for (const one of [...(track.cues || [])]) track.removeCue(one);
    for (const cue of cues) {
      if (cue.end > cue.start) track.addCue(new VTTCue(cue.start / 1000, cue.end / 1000, clean(cue.words)));
    }
  };
  const follow = () => {
    const ms = now();
    for (const cue of cues) {
      const is = ms >= cue.start && ms < cue.end;
      if (is && !cue.node.classList.contains("is-now") && !video.paused && !list.contains(document.activeElement)) {
        list.scrollTo({ top: cue.node.offsetTop - list.offsetTop - 80 });
      }
      cue.node.classList.toggle("is-now", is);
    }
  };

  // --- Rows

  const build = (cue) => {
    const node = row.content.firstElementChild.cloneNode(true);
    cue.node = node;
    const [from, to, words] = ["start", "end", "words"].map((name) => node.querySelector(`[data-${name}]`));
    from.value = short(cue.start);
    to.value = short(cue.end);
    words.value = cue.words;
    words.lang = says.language;
    from.addEventListener("change", () => { keep(); cue.start = moment(from.value); if (!Number.isNaN(cue.start)) from.value = short(cue.start); changed(); });
    to.addEventListener("change", () => { keep(); cue.end = moment(to.value); if (!Number.isNaN(cue.end)) to.value = short(cue.end); changed(); });
    words.addEventListener("focus", () => { cue.before = cue.words; });
    words.addEventListener("input", () => { cue.words = words.value; changed(); });
    words.addEventListener("change", () => { past.push({ text: null, cue, words: cue.before }); });
    node.addEventListener("click", (event) => {
      const name = event.target.closest("button[data-do]")?.dataset.do;
      if (name) act[name](cue);
    });
    return node;
  };
  const draw = (focus) => {
    list.replaceChildren(...cues.map(build));
    cues.forEach((cue, at) => cue.node.setAttribute("aria-label", says.row.replace("#", at + 1)));
    changed(false);
    if (focus) { focus.node.querySelector("[data-words]").focus(); focus.node.scrollIntoView({ block: "nearest" }); }
  };
  let waiting = 0;
  const changed = (typed = true) => {
    box.value = written();
    mark();
    form.querySelector("[data-count]").textContent = says.count.replace("#", cues.length);
    clearTimeout(waiting);
    waiting = setTimeout(caption, 300);
    if (typed) form.dispatchEvent(new Event("input"));
  };
  const keep = () => { past.push({ text: written() }); };
  const tidy = () => cues.sort((one, other) => one.start - other.start);

  const act = {
    play: (cue) => go(cue.start, true),
    start: (cue) => {
      keep();
      const at = cues.indexOf(cue);
      cue.start = now();
      if (cue.end <= cue.start) cue.end = cue.start + 2000;
      if (at && cues[at - 1].end > cue.start) cues[at - 1].end = cue.start;
      draw(cue);
    },
    end: (cue) => {
      keep();
      const after = cues[cues.indexOf(cue) + 1];
      cue.end = now();
      if (after && after.start < cue.end && after.end > cue.end) after.start = cue.end;
      draw(cue);
    },
    split: (cue) => {
      keep();
      const words = cue.node.querySelector("[data-words]");
      let cut = words.selectionStart;
      if (!cut || cut >= words.value.length) cut = words.value.indexOf(" ", Math.floor(words.value.length / 2));
      if (cut < 1) cut = Math.ceil(words.value.length / 2);
      const inside = now() > cue.start + 100 && now() < cue.end - 100;
      const middle = inside ? now() : Math.round(cue.start + (cue.end - cue.start) * (cut / Math.max(1, words.value.length)));
      const second = { start: middle, end: cue.end, words: words.value.slice(cut).trim() };
      cue.words = words.value.slice(0, cut).trim();
      cue.end = middle;
      cues.splice(cues.indexOf(cue) + 1, 0, second);
      draw(second);
    },
    join: (cue) => {
      const at = cues.indexOf(cue);
      if (at + 1 >= cues.length) return;
      keep();
      cue.end = cues[at + 1].end;
      cue.words = `${clean(cue.words)}\n${clean(cues[at + 1].words)}`;
      cues.splice(at + 1, 1);
      draw(cue);
    },
    remove: (cue) => {
      keep();
      const at = cues.indexOf(cue);
      cues.splice(at, 1);
      draw(cues[Math.min(at, cues.length - 1)]);
    },
    add: (cue) => {
      keep();
      const at = cue ? cues.indexOf(cue) : cues.findLastIndex((one) => one.start <= now());
      const free = at < 0 ? 0 : cues[at].end;
      const start = Math.max(now(), free);
      const next = cues[at + 1];
      const fresh = { start: next && start >= next.start ? free : start, words: "" };
      fresh.end = next ? Math.min(fresh.start + 2500, next.start) : fresh.start + 2500;
      cues.splice(at + 1, 0, fresh);
      tidy();
      draw(fresh);
    },
    undo: () => {
      const last = past.pop();
      if (!last) return;
      if (last.text === null) { last.cue.words = last.words; cues = parse(written()); } else { cues = parse(last.text); }
      draw();
      form.dispatchEvent(new Event("input"));
    },
    toggle: () => { if (video) { if (video.paused) video.play(); else video.pause(); } },
    back: () => go(Math.max(0, now() - 3000)),
  };

  form.querySelectorAll("button[data-all]").forEach((button) => button.addEventListener("click", () => act[button.dataset.all]()));
  form.addEventListener("keydown", (event) => {
    const node = event.target.closest("[data-cue]");
    const cue = cues.find((one) => one.node === node);
    const at = cues.indexOf(cue);
    const keys = {
      F2: () => act.toggle(),
      F4: () => act.back(),
      F8: () => cue && act.start(cue),
      F9: () => cue && act.end(cue),
      "Control+Enter": () => act.add(cue),
      "Alt+ArrowUp": () => at > 0 && cues[at - 1].node.querySelector("[data-words]").focus(),
      "Alt+ArrowDown": () => at >= 0 && at + 1 < cues.length && cues[at + 1].node.querySelector("[data-words]").focus(),
    };
    const name = `${event.ctrlKey || event.metaKey ? "Control+" : ""}${event.altKey ? "Alt+" : ""}${event.key}`;
    if (!(name in keys)) return;
    event.preventDefault();
    keys[name]();
  });
  form.addEventListener("submit", (event) => {
    if (event.submitter && event.submitter.name === "remove") return;
    tidy();
    box.value = written();
    if (!mark()) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    draw();
    const first = cues.find((cue) => cue.node.classList.contains("is-wrong"));
    first.node.scrollIntoView({ block: "center" });
    first.node.querySelector("[data-words]").focus();
    form.querySelector("[data-status]").textContent = says.stopped;
  }, true);
  if (video) video.addEventListener("timeupdate", follow);

  cues = parse(box.value);
  const line = Number(says.line || 0);
  const told = cues.find((cue) => line >= cue.first && line <= cue.last);
  if (told) told.told = { words: told.words, says: says.refusal };
  form.classList.add("has-rows");
  draw();
})();
