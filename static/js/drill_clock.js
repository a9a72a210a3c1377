// The clock of a drill: what time it is in the scenario, counted from when it began. The page may have been kept for a while, so the
// time of day comes from here; without a script the bar says when the scenario began and how fast it goes.
(() => {
  const bar = document.querySelector("[data-drill]");
  if (!bar) return;
  const now = bar.querySelector("[data-drill-now]");
  const { began, still, paused, speed, begins, seconds } = JSON.parse(bar.dataset.drill);
  const two = (number) => String(number).padStart(2, "0");

  const show = () => {
    const gone = ((paused || Date.now()) - began - still) / 1000;
    const elapsed = Math.min(Math.max(gone * speed, 0), seconds);
    const minutes = Math.floor(begins + elapsed / 60) % 1440;
    now.textContent = `${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
  };

  show();
  now.hidden = false;
  if (!paused) setInterval(show, 1000);
})();
