// The page for what cannot be read without a connection: it lists what can. Titles are not kept, so a bulletin has its
// number only.
(async () => {
  const section = document.querySelector("[data-kept]");
  const list = section.querySelector("ul");
  const bulletin = section.querySelector("template").content.firstElementChild;
  const OLDEST = 14 * 24 * 3600 * 1000; // as in offline.js

  const kept = new Set();
  for (const name of await caches.keys()) {
    if (!name.startsWith("portal-pages-")) continue;
    const cache = await caches.open(name);
    for (const request of await cache.keys()) {
      const { headers } = (await cache.match(request, { ignoreVary: true })) || {};
      const { pathname, search } = new URL(request.url);
      if (headers && !search && Date.now() - Date.parse(headers.get("Date")) <= OLDEST) kept.add(pathname);
    }
  }
  for (const row of list.children) row.hidden = !kept.has(row.querySelector("a").pathname);

  const start = `${section.dataset.kept}bulletins/`;
  const numberOf = (path) => (path.startsWith(start) && /^(\d+)\/$/.exec(path.slice(start.length))?.[1]) || "";
  for (const path of [...kept].filter(numberOf).sort((a, b) => numberOf(b) - numberOf(a))) {
    const row = bulletin.cloneNode(true);
    const link = row.querySelector("a");
    link.href = path;
    link.append(numberOf(path));
    list.append(row);
  }
  section.hidden = ![...list.children].some((row) => !row.hidden);
})();
