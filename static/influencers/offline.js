// The portal's service worker. It keeps the pages that a reader opened, and what they look like, so that they can be
// read again without a connection. Only pages whose answer names their reader are kept; another reader, or none any
// more, and everything is wiped. Of pictures only those are kept that the pages keep themselves (portal.js), files are not. What it
// cannot serve gets a page of its own, which says nothing of anybody and is kept from the start.
const HEADER = "Portal-Keep";
const PAGES = "portal-pages-";
const PARTS = "portal-parts";
const PICTURES = "portal-pictures";
const OWN = "portal-own";
const OWN_PAGE = new URL("offline/", self.registration.scope).href;
const OWN_LASTS = 24 * 3600 * 1000; // until it is fetched anew, for the words and the looks of today
const MOST_PAGES = 30;
const MOST_PARTS = 60;
const PATIENCE = 10000; // milliseconds for an answer, where a copy could be shown instead
const OLDEST = 14 * 24 * 3600 * 1000; // as long as a login lasts

const wipe = async (but) => {
  const names = await caches.keys();
  const stays = [but, OWN];
  if (but) stays.push(PARTS);
  if (but && !names.some((name) => name.startsWith(PAGES) && name !== but)) stays.push(PICTURES);
  for (const name of names) if (name.startsWith("portal-") && !stays.includes(name)) await caches.delete(name);
};

const trim = async (cache, most) => {
  const keys = await cache.keys();
  await Promise.all(keys.slice(0, Math.max(0, keys.length - most)).map((key) => cache.delete(key)));
};

const put = async (name, key, answer, most) => {
  const cache = await caches.open(name);
  await cache.delete(key, { ignoreVary: true }); // the newest stand last
  await cache.put(key, answer);
  await trim(cache, most);
};

// How a card is to look is chosen on the page itself, so one copy does for every choice.
const pageKey = (url) => {
  const address = new URL(url);
  address.hash = "";
  for (const name of ["theme", "crop", "tone", "for"]) address.searchParams.delete(name);
  return address.href;
};

const keepPage = async (url, answer) => {
  if (answer.status === 403) return wipe();
  const mark = answer.headers.get(HEADER);
  if (mark) await wipe(PAGES + mark);
  if (mark && answer.status === 200) return put(PAGES + mark, pageKey(url), answer, MOST_PAGES);
  if (answer.status === 404) {
    for (const name of await caches.keys()) {
      if (name.startsWith(PAGES)) await (await caches.open(name)).delete(pageKey(url), { ignoreVary: true });
    }
  }
};

const savedPage = async (url) => {
  const found = await caches.match(pageKey(url), { ignoreVary: true });
  if (!found) return null;
  const headers = new Headers(found.headers);
  if (Date.now() - Date.parse(headers.get("Date")) > OLDEST) return null;
  // The page knows its own time and says it, hidden until now.
  const text = (await found.text()).replace("data-saved hidden", "data-saved");
  headers.delete("Content-Length");
  headers.delete("Content-Encoding");
  return new Response(text, { headers });
};

const keepOwn = async () => {
  const cache = await caches.open(OWN);
  const found = await cache.match(OWN_PAGE, { ignoreVary: true });
  if (found && Date.now() - Date.parse(found.headers.get("Date")) < OWN_LASTS) return;
  const answer = await fetch(OWN_PAGE, { credentials: "omit" });
  if (!answer.ok) return;
  const parts = (await answer.clone().text()).matchAll(/(?:rel="stylesheet" href|<script src)="([^"]+)"/g);
  await cache.addAll([...parts].map(([, address]) => new URL(address, OWN_PAGE).href));
  await cache.put(OWN_PAGE, answer);
};

// The page for what cannot be served: a page that was not kept, or a form that was not sent.
const ownPage = async (isForm, isShared) => {
  const found = await caches.match(OWN_PAGE, { ignoreVary: true });
  if (!found) return Response.error();
  let text = await found.text();
  if (isShared) text = text.replaceAll("data-unshared hidden", "data-unshared").replaceAll("data-unread", "data-unread hidden");
  else if (isForm) text = text.replaceAll("data-unsent hidden", "data-unsent").replaceAll("data-unread", "data-unread hidden");
  const headers = new Headers(found.headers);
  headers.delete("Content-Length");
  headers.delete("Content-Encoding");
  return new Response(text, { status: 503, headers });
};

const form = async (event) => {
  try {
    return await fetch(event.request);
  } catch {
    return ownPage(true, event.request.url.endsWith("/shared/")); // by another app
  }
};

const page = async (event) => {
  const asked = fetch(event.request);
  const kept = asked.then((answer) => keepPage(event.request.url, answer.clone())).then(keepOwn);
  event.waitUntil(kept.catch(() => {}));
  const late = new Promise((resolve) => setTimeout(resolve, PATIENCE)).then(() => savedPage(event.request.url));
  try {
    return (await Promise.race([asked, late])) || (await asked);
  } catch {
    return (await savedPage(event.request.url)) || ownPage(false);
  }
};

const part = async (event) => {
  try {
    const answer = await fetch(event.request);
    if (answer.ok) event.waitUntil(put(PARTS, event.request.url, answer.clone(), MOST_PARTS));
    return answer;
  } catch {
    return (await caches.match(event.request.url, { ignoreVary: true })) || Response.error();
  }
};

const picture = async (event) => {
  try {
    return await fetch(event.request);
  } catch {
    return (await caches.match(event.request.url, { ignoreVary: true })) || Response.error();
  }
};

self.addEventListener("install", (event) => {
  self.skipWaiting();
  event.waitUntil(keepOwn().catch(() => {})); // it is tried again with the next page
});
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("fetch", (event) => {
  const { request } = event;
  if (new URL(request.url).origin !== self.location.origin) return;
  if (request.mode === "navigate" && request.method === "POST") event.respondWith(form(event));
  if (request.method !== "GET") return;
  if (request.mode === "navigate") event.respondWith(page(event));
  else if (["style", "script"].includes(request.destination)) event.respondWith(part(event));
  else if (request.destination === "image") event.respondWith(picture(event));
});

// The first page was there before the worker, so it asks to be kept with its parts.
self.addEventListener("message", (event) => {
  const { page: url, parts } = event.data || {};
  if (!url) return;
  const keepPart = async (address) => put(PARTS, address, await fetch(address), MOST_PARTS);
  const keepFirst = async () => keepPage(url, await fetch(url, { credentials: "same-origin" }));
  event.waitUntil(Promise.allSettled([keepFirst(), ...parts.map(keepPart)]));
});
