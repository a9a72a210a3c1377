// In the text of a draft, each sentence can be tapped to say that it was unclear. The boxes of the form are the same sentences, and stay
// for whoever uses a keyboard or a screen reader.
(() => {
  const text = document.querySelector(".draft .words");
  const boxes = [...document.querySelectorAll(".draft__ticks input")];
  if (!text || !boxes.length || !window.Highlight || !CSS.highlights) return;

  // What a sentence is called does not depend on how its spaces are written.
  const plain = (words) => words.replace(/\s/g, "");
  const nodes = [];
  let all = "";
  const walker = document.createTreeWalker(text, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    nodes.push({ node: walker.currentNode, from: all.length });
    all += plain(walker.currentNode.data);
  }

  const spot = (place, isEnd) => {
    const held = nodes.findLast(({ from }) => (isEnd ? from < place : from <= place));
    let left = place - held.from;
    let at = 0;
    for (const letter of held.node.data) {
      if (/\s/.test(letter)) {
        at += letter.length;
        continue;
      }
      if (left <= 0) break;
      left -= letter.length;
      at += letter.length;
    }
    return [held.node, at];
  };

  let reached = 0;
  const sentences = boxes.map((box) => {
    const words = plain(box.closest("label").querySelector("span").textContent);
    const from = words ? all.indexOf(words, reached) : -1;
    if (from < 0) return null;
    reached = from + words.length;
    const range = document.createRange();
    range.setStart(...spot(from, false));
    range.setEnd(...spot(reached, true));
    return { box, range };
  }).filter(Boolean);

  const mark = () => {
    const chosen = sentences.filter(({ box }) => box.checked).map(({ range }) => range);
    CSS.highlights.set("unclear", new Highlight(...chosen));
  };

  text.addEventListener("click", (event) => {
    if (event.target.closest("a") || String(getSelection())) return;
    const inside = ({ range }) => [...range.getClientRects()].some((one) =>
      one.left <= event.clientX && event.clientX <= one.right && one.top <= event.clientY && event.clientY <= one.bottom);
    const found = sentences.find(inside);
    if (!found) return;
    found.box.checked = !found.box.checked;
    mark();
  });
  for (const box of boxes) box.addEventListener("change", mark);
  text.classList.add("words--tapped");
  document.querySelector(".draft__tap").hidden = false;
  mark();
})();
