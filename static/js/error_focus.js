// A form that came back: the summary of what to correct is where reading goes on.
document.querySelector('[role="alert"][tabindex="-1"]')?.focus();
