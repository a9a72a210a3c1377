// Audiences and times: shows the field for a chosen time, counts down, and lets a refusal be read where it happened.

const OURS = "#schedule, #cadence-ahead";

document.addEventListener("change", (event) => {
  const line = event.target.closest(".schedule__line");
  if (!line) return;
  const when = line.querySelector(".schedule__when");
  when.hidden = !line.querySelector("[type=checkbox]").checked;
  line.querySelector(".schedule__at").hidden = line.querySelector("[data-when]").value !== "at_time";
});

// A time that is to be chosen and is still empty is not sent: the server would only say that it is missing.
document.addEventListener("htmx:beforeRequest", (event) => {
  const form = event.target.closest?.("#schedule form");
  if (!form || event.detail.requestConfig?.triggeringEvent?.type === "submit") return;
  const open = [...form.querySelectorAll(".schedule__at:not([hidden]) input")].find(
    (input) => !input.value && input.closest(".schedule__when:not([hidden])"),
  );
  if (open) event.preventDefault();
});

document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.target?.matches(OURS) && [409, 422].includes(event.detail.xhr.status)) {
    event.detail.shouldSwap = true;
    event.detail.isError = false;
  }
});

// What was being used is used on after the swap.
let used = "";
document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.target?.matches(OURS)) used = document.activeElement?.id ?? "";
});
document.addEventListener("htmx:afterSwap", () => {
  if (used && document.activeElement?.id !== used) document.getElementById(used)?.focus({ preventScroll: true });
  used = "";
});

const words = new Intl.RelativeTimeFormat(document.documentElement.lang || "en", { numeric: "always" });
const until = (moment) => {
  const minutes = Math.round((moment - Date.now()) / 60000);
  if (Math.abs(minutes) < 120) return words.format(minutes, "minute");
  return Math.abs(minutes) < 2880 ? words.format(Math.round(minutes / 60), "hour") : words.format(Math.round(minutes / 1440), "day");
};
setInterval(() => {
  for (const time of document.querySelectorAll("[data-until]")) {
    const count = time.parentElement.querySelector("[data-count]");
    if (count) count.textContent = `(${until(new Date(time.dateTime))})`;
  }
}, 60000);

// A cadence: only the fields that its rhythm has are shown, and its button saves the page instead of looking ahead.
const fieldsOf = { immediate: ["not_before", "not_after"], day: ["local_time"], week: ["weekday", "local_time"], month: ["day_of_month", "local_time"] };
const showRhythm = () => {
  const every = document.querySelector(".cadence [name=every]");
  if (!every) return;
  const all = new Set(Object.values(fieldsOf).flat());
  for (const part of document.querySelectorAll(".cadence [data-for]")) {
    if (all.has(part.dataset.for)) part.hidden = !(fieldsOf[every.value] ?? []).includes(part.dataset.for);
  }
};
document.addEventListener("change", (event) => event.target.matches(".cadence [name=every]") && showRhythm());
document.addEventListener("DOMContentLoaded", showRhythm);
showRhythm();
