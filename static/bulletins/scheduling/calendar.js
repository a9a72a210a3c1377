// The calendar: a bulletin is dragged to a slot or a day, or moved with M from the keyboard. Without it, "Move" is a link.

let dragged = null;

for (const entry of document.querySelectorAll("[data-move]")) entry.draggable = true;

// A slot takes only what goes to its audience; anything else is dropped on the day.
const placeOf = (target) => {
  const slot = target.closest?.("[data-slot]");
  const theirs = dragged.dataset.audiences.split(" ");
  return slot && theirs.includes(slot.dataset.audiences) ? slot : target.closest?.("[data-day]");
};
const unmark = () => document.querySelectorAll(".is-over").forEach((one) => one.classList.remove("is-over"));

document.addEventListener("dragstart", (event) => {
  dragged = event.target.closest?.("[data-move]") ?? null;
  if (!dragged) return;
  event.dataTransfer.effectAllowed = "move";
  event.dataTransfer.setData("text/plain", dragged.dataset.move);
});

document.addEventListener("dragover", (event) => {
  const place = dragged && placeOf(event.target);
  if (!place) return;
  event.preventDefault();
  unmark();
  place.classList.add("is-over");
});

document.addEventListener("dragend", () => {
  dragged = null;
  unmark();
});

// A draft goes to a slot at once. What is in review or approved, and a day without a slot, is asked about on a page of its own.
document.addEventListener("drop", (event) => {
  const place = dragged && placeOf(event.target);
  if (!place) return;
  event.preventDefault();
  const { slot, day } = place.dataset;
  const form = document.getElementById("move");
  if (slot && "draft" in dragged.dataset) {
    form.action = dragged.dataset.move;
    form.elements.when.value = `slot:${slot}`;
    form.submit();
  } else {
    location.assign(`${dragged.dataset.move}&to=${encodeURIComponent(slot ?? day)}`);
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key.toLowerCase() !== "m" || event.ctrlKey || event.metaKey || event.altKey) return;
  const link = document.activeElement?.closest?.("[data-move]")?.querySelector(".calendar__move");
  if (link) link.click();
});
