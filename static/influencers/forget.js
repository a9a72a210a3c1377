// Wipes what the portal keeps on this device: on pages where somebody logs in, logs out or has left. What somebody has
// typed stays for when they have logged in again; where they log out or have left (data-drafts), it goes too.
(() => {
  const hasEnded = "drafts" in document.currentScript.dataset;
  const wipe = async () => {
    try {
      localStorage.removeItem("portal-uses");
      const drafts = Object.keys(sessionStorage).filter((key) => key.startsWith("portal-draft:"));
      if (hasEnded) drafts.forEach((key) => sessionStorage.removeItem(key));
      const words = Object.keys(localStorage).filter((key) => /^words \S+ portal /.test(key)); // js/kept_words.js
      const courses = Object.keys(localStorage).filter((key) => key.startsWith("portal-course:")); // stories/courses/courses.js
      if (hasEnded) [...words, ...courses].forEach((key) => localStorage.removeItem(key));
      for (const name of await caches.keys()) if (name.startsWith("portal-")) await caches.delete(name);
      for (const worker of (await navigator.serviceWorker?.getRegistrations()) || []) {
        if (!worker.scope.endsWith("/portal/")) continue;
        // Notifications go on while nobody is logged in; who logs out ends them on this device.
        if (hasEnded || !(await worker.pushManager?.getSubscription())) await worker.unregister();
      }
      document.documentElement.dataset.forgotten = "";
    } catch {
      // Nothing can be kept where there is nothing to keep it in.
    }
  };
  wipe();
})();
