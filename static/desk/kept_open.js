// A part of a page that is loaded again by itself: what somebody folded open or shut there stays so. A fold is known by its id.

const folds = (part) => part?.querySelectorAll?.("details[id]") ?? [];
let kept = new Map();

document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  kept = new Map([...folds(detail.target)].map((fold) => [fold.id, fold.open]));
});

document.addEventListener("htmx:afterSwap", ({ detail }) => {
  for (const fold of folds(detail.target)) if (kept.has(fold.id)) fold.open = kept.get(fold.id);
});
