// What is on the screen has been read: say so, without leaving the page.
const form = document.querySelector("[data-seen]");
if (form) {
  fetch(form.action, { method: "POST", body: new FormData(form), headers: { "X-Requested-With": "fetch" } })
    .then((answer) => {
      if (answer.ok) form.hidden = true;
    })
    .catch(() => {});
}
