// The bars follow the numbers that someone writes, and what the numbers come to together.
document.addEventListener("input", (event) => {
  const chart = event.target.closest("[data-dist]");
  if (!chart) return;
  const whole = Number(chart.dataset.dist);
  let sum = 0, isAny = false;
  for (const box of chart.querySelectorAll("input")) {
    const number = Math.max(0, Number(box.value) || 0);
    box.closest(".dist__row").querySelector("rect").setAttribute("width", `${Math.min(100, (100 * number) / whole)}%`);
    sum += number;
    isAny ||= box.value !== "";
  }
  const said = chart.querySelector("[data-sum]");
  if (!said) return;
  said.textContent = sum;
  const line = said.closest(".dist__sum");
  line.hidden = !isAny;
  line.classList.toggle("is-off", isAny && sum !== whole);
});
