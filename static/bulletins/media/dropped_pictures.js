// A picture that is dropped on the page or pasted into it: shown, described once, and uploaded to Pictures by the rules that hold for
// every file (bulletins/media/uploads.py). What is refused is said here, and nothing that was typed is gone.
(() => {
  const root = document.getElementById("compose");
  const dialog = document.getElementById("dropped");
  if (!root || !dialog) return;
  const form = dialog.querySelector("form");
  const bar = form.querySelector("progress");
  const fault = form.querySelector("[role=alert]");
  const name = form.querySelector("[data-name]");
  const thumb = form.querySelector("canvas");
  const buttons = [...form.querySelectorAll("button")];
  const [send] = buttons;
  const waiting = [];
  let file = null;
  let sending = null;

  const draw = async (picture) => {
    thumb.hidden = true;
    const image = await createImageBitmap(picture).catch(() => null); // a video, or no picture at all
    if (!image || picture !== file) return;
    const scale = Math.min(1, 320 / image.width, 200 / image.height);
    [thumb.width, thumb.height] = [image.width * scale, image.height * scale];
    thumb.getContext("2d").drawImage(image, 0, 0, thumb.width, thumb.height);
    thumb.hidden = false;
  };
  const say = (words) => {
    fault.textContent = words;
    fault.hidden = !words;
  };
  const next = () => {
    file = waiting.shift() || null;
    if (!file) return dialog.open && dialog.close();
    name.textContent = `${file.name}, ${Math.max(1, Math.round(file.size / 1024)).toLocaleString(document.documentElement.lang)} kB`;
    for (const field of form.querySelectorAll("textarea")) field.value = "";
    say("");
    bar.hidden = true;
    draw(file);
    if (!dialog.open) dialog.showModal();
    form.querySelector("textarea").focus();
  };
  const take = (files) => {
    waiting.push(...files);
    if (!file) next();
  };
  const tell = (words) => document.getElementById("pane-assets").dispatchEvent(new CustomEvent("save-state", { bubbles: true, detail: { text: words, kind: "status--good" } }));
  const ended = (request) => {
    sending = null;
    send.disabled = false;
    bar.hidden = true;
    if (request.status === 403 || request.responseURL !== form.action) {
      document.dispatchEvent(new Event("session:ask"));
      return say(dialog.dataset.out);
    }
    const answer = new DOMParser().parseFromString(request.responseText, "text/html").querySelector("[data-assets-says]");
    if (request.status !== 200) return say(answer?.textContent.trim() || dialog.dataset.failed);
    document.body.dispatchEvent(new Event("made", { bubbles: true })); // the pane of files is drawn anew
    document.body.dispatchEvent(new CustomEvent("saved", { bubbles: true, detail: { from: "dropped" } }));
    tell(dialog.dataset.added);
    next();
  };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (sending) return;
    const body = new FormData(form);
    body.append("files", file, file.name);
    sending = new XMLHttpRequest();
    const request = sending;
    request.upload.addEventListener("progress", ({ loaded, total }) => { bar.value = (100 * loaded) / total; });
    request.addEventListener("load", () => ended(request));
    request.addEventListener("error", () => {
      sending = null;
      send.disabled = false;
      bar.hidden = true;
      say(dialog.dataset.failed);
    });
    request.open("POST", form.action);
    request.setRequestHeader("HX-Request", "true");
    request.setRequestHeader("X-CSRFToken", JSON.parse(root.getAttribute("hx-headers"))["X-CSRFToken"]);
    say("");
    bar.value = 0;
    bar.hidden = false;
    send.disabled = true;
    request.send(body);
  });
  form.querySelector("[data-cancel]").addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => {
    sending?.abort();
    sending = null;
    send.disabled = false;
    file = null;
    waiting.length = 0;
  });

  // Where a file is dropped beside the page's own fields for files, the browser would open it in the place of the page.
  const hasFiles = (event) => [...(event.dataTransfer?.types || [])].includes("Files") && !event.target.closest?.("input[type=file]");
  document.addEventListener("dragover", (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    root.classList.add("is-dropping");
  }, true);
  document.addEventListener("dragleave", (event) => event.relatedTarget || root.classList.remove("is-dropping"));
  document.addEventListener("drop", (event) => {
    root.classList.remove("is-dropping");
    if (!hasFiles(event)) return;
    event.preventDefault();
    event.stopPropagation();
    take(event.dataTransfer.files);
  }, true);
  // Word and web pages bring their text and, beside it, a picture of it.
  document.addEventListener("paste", (event) => {
    const { files, types } = event.clipboardData || { files: [] };
    if (!files.length || types.includes("text/plain") || types.includes("text/html") || dialog.open) return;
    if (!root.contains(event.target) && event.target !== document.body) return;
    event.preventDefault();
    event.stopPropagation();
    take(files);
  }, true);
})();
