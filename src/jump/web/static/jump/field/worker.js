/* The service worker: keeps the app's own files under their version and hands them out. VERSION and FILES stand above.
   What is personal never lies here: it lies in the worker's own database, which the page reads. */

const CACHE = `jump-field-${VERSION}`;
const PAGE = FILES[0];

self.addEventListener("install", (event) => {
  // "no-cache" asks whether a file changed: what the page has just loaded does not cross the line a second time.
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(FILES.map((one) => new Request(one, { cache: "no-cache" })))));
});

self.addEventListener("activate", (event) => {
  event.waitUntil((async () => {
    for (const name of await caches.keys()) { if (name.startsWith("jump-field-") && name !== CACHE) { await caches.delete(name); } }
    await self.clients.claim();
  })());
});

self.addEventListener("message", (event) => { if (event.data === "now") { self.skipWaiting(); } });

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin) { return; }
  const name = request.mode === "navigate" && url.pathname === PAGE ? PAGE : url.pathname;
  if (!FILES.includes(name)) { return; }
  event.respondWith(caches.open(CACHE).then((cache) => cache.match(name)).then((kept) => kept || fetch(request)));
});
