// Transcript: each <span data-seek="75.00" data-says="Play from 1:15"> becomes a button that plays the page's video from there; the line
// that is being spoken is marked. Without script the times are words.
(() => {
  const video = document.querySelector("video");
  const places = [...document.querySelectorAll("[data-seek]")];
  if (!video || !places.length) return;

  const marks = places.map((place) => {
    const button = document.createElement("button");
    button.type = "button";
    button.className = place.className;
    button.textContent = place.textContent;
    button.setAttribute("aria-label", place.dataset.says);
    const second = Number(place.dataset.seek);
    button.addEventListener("click", () => {
      video.currentTime = second;
      video.play().catch(() => {}); // whoever forbids it presses play
    });
    place.replaceWith(button);
    return { second, line: button.closest("li") };
  });

  const lists = Map.groupBy ? [...Map.groupBy(marks, ({ line }) => line.parentNode).values()] : [];
  video.addEventListener("timeupdate", () => {
    for (const lines of lists) {
      const at = lines.findLastIndex(({ second }) => second <= video.currentTime + 0.05);
      lines.forEach(({ line }, i) => line.classList.toggle("is-spoken", i === at));
    }
  });
})();
