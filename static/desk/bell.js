// The browser tells of what the bell rings for, once somebody has asked for it. The bell itself comes with the page, and with
// each refresh of Today: nothing is asked for here.
(() => {
  const says = document.currentScript.dataset;
  const WANTED = "desk-notifications";
  const TOLD = "desk-notified";
  const kept = {
    get: (key) => {
      try {
        return localStorage.getItem(key);
      } catch {
        return null; // storage is closed; then nothing is notified
      }
    },
    set: (key, value) => {
      try {
        localStorage.setItem(key, value);
      } catch {
        /* as above */
      }
    },
  };
  const possible = "Notification" in window && window.isSecureContext;
  const wanted = () => possible && kept.get(WANTED) === "yes" && Notification.permission === "granted";

  // What is new says itself on the page of the bell, which is asked for then only.
  const headline = async (newest) => {
    const answer = await fetch(says.page, { cache: "no-store" });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    return page.querySelector(`[data-told="${newest}"]`)?.textContent;
  };
  const ring = async () => {
    const newest = Number(document.getElementById("bell")?.dataset.newest);
    if (!newest || !wanted() || newest <= Number(kept.get(TOLD))) return;
    kept.set(TOLD, String(newest)); // by the first of several tabs
    const body = await headline(newest).catch(() => ""); // the connection is gone: the bell alone says it
    if (!body) return;
    const note = new Notification(says.title, { body, tag: `desk-${newest}`, lang: document.documentElement.lang });
    note.addEventListener("click", () => {
      window.focus();
      location.assign(says.page);
      note.close();
    });
  };

  const button = document.querySelector("[data-notify]");
  const line = document.querySelector("[data-notify-says]");
  const name = () => {
    if (!button) return;
    button.hidden = !possible;
    button.textContent = wanted() ? says.off : says.on;
    button.setAttribute("aria-pressed", String(wanted()));
    const refused = possible && Notification.permission === "denied";
    line.hidden = !refused;
    line.textContent = refused ? says.refused : "";
  };
  button?.addEventListener("click", async () => {
    if (wanted()) kept.set(WANTED, "no");
    else if ((await Notification.requestPermission()) === "granted") {
      kept.set(WANTED, "yes");
      kept.set(TOLD, document.getElementById("bell").dataset.newest); // what stands here already is no news
    }
    name();
  });
  name();
  ring();
  document.body.addEventListener("htmx:oobAfterSwap", ring);
})();
