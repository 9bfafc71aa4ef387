// Opens an app with notices again and again, in a browser that forgets its subscription in between.

import { Bell } from "../../poc/static/page/bell.js";
import { keep } from "../../poc/static/page/drawer.js";
import { Disk } from "./indexed.mjs";

const KEY = "AQID";
const disk = new Disk();
const asked = [];
let held = null;
let made = 0;

class Subscription {
  endpoint = `https://push.example/${(made += 1)}`;
  options = { applicationServerKey: Uint8Array.from([1, 2, 3]).buffer };

  toJSON() {
    return { endpoint: this.endpoint };
  }
}

const pushManager = {
  getSubscription: async () => held,
  subscribe: async () => (held = new Subscription()),
};
globalThis.indexedDB = { open: (name) => disk.open(name, { isDead: false }) };
globalThis.window = { PushManager: true, Notification: true };
globalThis.Notification = { permission: "granted" };
globalThis.document = { querySelector: () => null };
globalThis.fetch = async (url, { body } = {}) => {
  if (body) asked.push(JSON.parse(body).endpoint);
  return Response.json({ key: KEY });
};
const navigator = { serviceWorker: { ready: Promise.resolve({ pushManager }) } };
Object.defineProperty(globalThis, "navigator", { value: navigator });

await keep("wanted", true);
for (const forgets of [true, false, true]) {
  if (forgets) held = null;
  await new Bell("/p/night-ferry").check();
}
process.stdout.write(JSON.stringify({ asked, made }));
process.exit(0);
