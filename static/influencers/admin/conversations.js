// What was written and not sent is not lost by leaving the page without a question.
for (const form of document.querySelectorAll("form[data-warn]")) {
  const field = form.querySelector("textarea");
  let leaves = false;
  form.addEventListener("submit", () => { leaves = true; });
  addEventListener("beforeunload", (event) => {
    if (!leaves && field.value.trim()) event.preventDefault();
  });
}
