// The worker that puts itself away: pages come from the office again, and what waits to be sent stays.

const LOOKS = 5;
const BETWEEN = 500; // milliseconds
const SET = /^poc-[0-9a-f]{12}$/;

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(leave()));

async function leave() {
  const names = (await caches.keys()).filter((name) => SET.test(name));
  await Promise.all(names.map((name) => caches.delete(name)));
  await self.registration.unregister();
  // A page that was on its way here while we left is still ours: it is sent to the office too.
  for (let look = 0; look < LOOKS; look += 1) {
    const pages = await self.clients.matchAll({ type: "window" });
    await Promise.all(pages.map((page) => page.navigate(page.url).catch(() => undefined)));
    await new Promise((resolve) => setTimeout(resolve, BETWEEN));
  }
}
