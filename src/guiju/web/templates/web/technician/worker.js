// Keeps the technician's pages and what they need on the phone; the server's answer always comes first.
const SHELF = "technician";
const ASSETS = {{ assets|safe }};

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(SHELF).then((shelf) => Promise.all(ASSETS.map((name) => shelf.add(name).catch(() => {})))).then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

// The pages of today's visits are fetched ahead, so that each opens where there is no network.
self.addEventListener("message", (event) => {
  if (!event.data || !Array.isArray(event.data.keep)) return;
  event.waitUntil(caches.open(SHELF).then((shelf) => Promise.all(event.data.keep.map((name) => keep(shelf, name)))));
});

async function keep(shelf, name) {
  try {
    const answer = await fetch(name, { credentials: "same-origin" });
    if (answer.ok && !answer.redirected) await shelf.put(name, answer);
  } catch {
    // No network now: what was kept before stays.
  }
}

async function page(request) {
  const shelf = await caches.open(SHELF);
  try {
    const answer = await fetch(request);
    if (answer.ok && !answer.redirected) await shelf.put(request, answer.clone());
    return answer;
  } catch (error) {
    const kept = (await shelf.match(request)) || (await shelf.match(request, { ignoreSearch: true }));
    if (kept) return kept;
    throw error;
  }
}

async function asset(request) {
  const kept = await caches.match(request);
  return kept || fetch(request);
}

self.addEventListener("fetch", (event) => {
  if (event.request.method !== "GET") return;
  const url = new URL(event.request.url);
  if (url.origin !== self.location.origin || url.pathname.endsWith("/alive/")) return;
  if (event.request.mode === "navigate") event.respondWith(page(event.request));
  else if (url.pathname.startsWith("/static/")) event.respondWith(asset(event.request));
});
