// Answers for the offline page of the journal and what it is made of; everything else goes to the registry as always.
const KEPT = "registry-offline-page";

self.addEventListener("install", (event) => event.waitUntil(keepPage().then(() => self.skipWaiting())));
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

async function keepPage() {
  const page = await fetch(self.registration.scope, { credentials: "same-origin" });
  if (!page.ok || page.redirected) throw new Error("not signed in");
  await keep(self.registration.scope, page);
}

// A new copy takes the place of the old one with all it is made of.
async function keep(address, page) {
  const made = [...(await page.clone().text()).matchAll(/"(\/[^"]*assets\/[^"]+)"/g)].map((found) => found[1]);
  const cache = await caches.open(KEPT);
  const wanted = [...new Set(made)].map((path) => new URL(path, address).href);
  await Promise.all(wanted.map(async (one) => (await cache.match(one)) || cache.add(one)));
  await cache.put(address, page);
  for (const old of await cache.keys()) {
    if (old.url !== address && !wanted.includes(old.url) && !old.url.endsWith(".woff2")) await cache.delete(old);
  }
}

self.addEventListener("fetch", (event) => {
  const address = new URL(event.request.url);
  if (event.request.mode === "navigate" && address.href.split("?")[0] === self.registration.scope) event.respondWith(page(event));
  else if (event.request.method === "GET" && address.pathname.includes("/assets/")) event.respondWith(part(event.request));
});

async function page(event) {
  try {
    const fresh = await fetch(event.request);
    if (fresh.ok && !fresh.redirected && fresh.type === "basic") event.waitUntil(keep(self.registration.scope, fresh.clone()));
    return fresh;
  } catch {
    return (await caches.match(self.registration.scope)) || Response.error();
  }
}

async function part(request) {
  const kept = await caches.match(request);
  if (kept) return kept;
  const fresh = await fetch(request);
  if (fresh.ok) await (await caches.open(KEPT)).put(request, fresh.clone());
  return fresh;
}
