// The worker that puts itself away: pages come from the office again, and what waits to be sent stays.

const SET = /^poc-[0-9a-f]{12}$/;

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(leave()));

async function leave() {
  const names = (await caches.keys()).filter((name) => SET.test(name));
  await Promise.all(names.map((name) => caches.delete(name)));
  // Those are the pages of the worker before: one that comes to this worker is not reloaded again.
  const pages = await self.clients.matchAll({ type: "window" });
  await self.registration.unregister();
  await Promise.all(pages.map((page) => page.navigate(page.url).catch(() => undefined)));
}
