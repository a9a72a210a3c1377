// "Use where the video is": the moment of the video goes into the field for where the upright cut begins.
(() => {
  const button = document.querySelector("button[data-cut-now]");
  const field = document.querySelector("#cut-from");
  const video = document.querySelector("video[data-film]");
  if (!button || !field || !video) return;
  button.hidden = false;
  button.addEventListener("click", () => {
    const at = Math.floor(video.currentTime * 10) / 10;
    const rest = at % 60;
    field.value = `${Math.floor(at / 60)}:${rest < 10 ? "0" : ""}${rest.toFixed(1).replace(/\.0$/, "")}`;
  });
})();
