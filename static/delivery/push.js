// Notifications on this device: what the browser says of them, asking for them, and giving them up.
(() => {
  const box = document.querySelector("[data-push-key]");
  if (!box) return;
  const show = (state) => {
    for (const one of box.querySelectorAll("[data-push]")) one.hidden = one.dataset.push !== state;
  };

  const isOnApplePhone = /iPhone|iPad/.test(navigator.userAgent) || (/Mac/.test(navigator.userAgent) && navigator.maxTouchPoints > 1);
  if (!("serviceWorker" in navigator && "PushManager" in window && "Notification" in window)) {
    show(isOnApplePhone && !matchMedia("(display-mode: standalone)").matches ? "install" : "unsupported");
    return;
  }

  const key = Uint8Array.from(atob(box.dataset.pushKey.replace(/-/g, "+").replace(/_/g, "/")), (sign) => sign.charCodeAt(0));
  const worker = async () => {
    await navigator.serviceWorker.register(box.dataset.worker);
    return navigator.serviceWorker.ready;
  };
  // The portal has a worker in each language, and the device may be allowed by any of them. Those of other parts of the site are let alone.
  const isOurs = (one) => new URL(one.scope).pathname.includes(box.dataset.scope);
  const subscriptions = async () => {
    const ours = (await navigator.serviceWorker.getRegistrations()).filter(isOurs);
    const found = await Promise.all(ours.map((one) => one.pushManager.getSubscription()));
    return found.filter(Boolean);
  };
  const markOf = async (endpoint) => {
    const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(endpoint));
    return [...new Uint8Array(digest)].map((octet) => octet.toString(16).padStart(2, "0")).join("");
  };
  const rowOf = async (one) => box.querySelector(`[data-device="${await markOf(one.endpoint)}"]`);

  const look = async () => {
    for (const one of await subscriptions()) {
      const row = await rowOf(one);
      if (!row) continue;
      row.querySelector("[data-this]").hidden = false;
      const form = row.querySelector("form");
      form.addEventListener("submit", async (event) => {
        event.preventDefault();
        await one.unsubscribe().catch(() => {});
        form.submit();
      });
      return show(Notification.permission === "granted" ? "here" : "blocked");
    }
    show(Notification.permission === "denied" ? "blocked" : "ask");
  };

  const form = box.querySelector('[data-push="ask"] form');
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const answer = await Notification.requestPermission();
    if (answer !== "granted") return show(answer === "denied" ? "blocked" : "ask"); // or it was closed
    try {
      const { pushManager } = await worker();
      // One that nobody has here was another person's, or for another key.
      for (const one of await subscriptions()) if (!(await rowOf(one))) await one.unsubscribe();
      const made = await pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
      form.elements.subscription.value = JSON.stringify(made);
      form.submit();
    } catch {
      box.querySelector('[data-push="failed"]').hidden = false;
    }
  });

  look().catch(() => show("ask"));
})();
