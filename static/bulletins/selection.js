// What is selected in a text field of the editor, and selecting in it. Whatever draws a field in another way answers here for
// the field that it stands for; nobody else asks the field itself.

/** Where the selection in `field` begins and ends. */
function selectionOf(field) {
  return { from: field.selectionStart, to: field.selectionEnd };
}

/** Select the signs of `field` from `from` to `to`, in sight in a long text, and go there. */
function selectRange(field, from, to) {
  field.focus({ preventScroll: true });
  field.setSelectionRange(from, to);
  field.scrollTop = (field.scrollHeight * from) / Math.max(field.value.length, 1) - field.clientHeight / 2;
}
