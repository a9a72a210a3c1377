// Transcript: each <span data-seek="75.00" data-says="Play from 1:15"> becomes a button that plays the page's video from there; the line
// that is being spoken is marked. Without script the times are words.
(() => {
  const video = document.querySelector("video");
  const places = [...document.querySelectorAll("[data-seek]")];
  if (!video || !places.length) return;

  let show = () => {};
  const marks = places.map((place) => {
    const button = document.createElement("button");
    button.type = "button";
    button.className = place.className;
    button.textContent = place.textContent;
    button.setAttribute("aria-label", place.dataset.says);
    const second = Number(place.dataset.seek);
    button.addEventListener("click", () => {
      video.currentTime = second;
      show();
      video.play().catch(() => {}); // whoever forbids it presses play
    });
    place.replaceWith(button);
    return { second, line: button.closest("li") };
  });

  const lists = new Map();
  for (const mark of marks) lists.set(mark.line.parentNode, [...(lists.get(mark.line.parentNode) ?? []), mark]);
  show = () => {
    for (const lines of lists.values()) {
      const at = lines.findLastIndex(({ second }) => second <= video.currentTime + 0.05);
      lines.forEach(({ line }, i) => line.classList.toggle("is-spoken", i === at));
    }
  };
  for (const name of ["timeupdate", "seeking", "seeked"]) video.addEventListener(name, show);
})();
