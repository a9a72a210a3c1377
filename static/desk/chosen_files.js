// The frame writes the name of a chosen file into the text field that it takes to belong to it. On these pages that is
// another field, or none, so it never hears of the choice.
document.addEventListener(
  "change",
  (event) => {
    if (event.target.matches(".cb input[type=file]")) event.stopPropagation();
  },
  true,
);
