// The bell on the device: it shows what the office sent, keeps the new call, and says that it was shown.

import { get, keys, kept, put, remove } from "../page/drawer.js";
import { officeKey, report, subscribe, tell } from "../page/ringing.js";

const REMEMBERED = 50;
const SOMETHING = { title: "Something changed for you", body: "Open the app to see what.", data: {} };

// Show a notice whatever happens: browsers take the permission back from apps that stay silent.
export async function onPush(event, desk) {
  const notice = event.notification ?? read(event.data);
  const { id, base, called } = notice.data ?? {};
  const fresh = id ? await isNew(id).catch(() => true) : true;
  if (!event.notification) {
    await show(notice, fresh);
    // Who shows a notice by itself also counts by itself.
    if (notice.count) await navigator.setAppBadge?.(notice.count).catch(() => undefined);
  }
  const after = [];
  if (called) after.push(keepCall(base, { id, ...called }));
  if (id) after.push(report(base, id, "shown"));
  if (base) after.push(desk.exchange(base.split("/").at(-1)));
  await Promise.allSettled(after);
}

// Focus first, then navigate: a browser lets us come forward only at once.
export async function onClick(event) {
  event.notification.close();
  const to = new URL(event.notification.data?.navigate ?? "/", self.location.origin).href;
  const open = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
  const ours = open.find((client) => client.url === to) ?? open[0];
  if (!ours || !(await bring(ours, to))) await self.clients.openWindow(to);
}

// Browsers may exchange a subscription by themselves; the office is told the new one.
export async function onSubscriptionChange(event) {
  const base = await kept("base");
  if (!base) return;
  const registration = self.registration;
  const key = await officeKey(base);
  const fresh = event.newSubscription ?? (await subscribe(registration, key));
  await tell(base, "", { ...fresh.toJSON(), key: event.newSubscription ? undefined : key });
}

// The newest call that a notice told this device, which may be ahead of its copy; null when none did.
export async function newestCall(production) {
  return (await get("calls", `/p/${production}`)) ?? null;
}

function read(sent) {
  try {
    const { notification, app_badge: count } = sent.json();
    return notification?.title ? { ...notification, count } : SOMETHING;
  } catch {
    return SOMETHING;
  }
}

// One that comes twice takes the first one's place without a sound.
async function show(notice, fresh) {
  const { title, body, lang, tag, navigate, data } = notice;
  const looks = { icon: "/static/icons/icon-192.png", badge: "/static/icons/badge-96.png" };
  const options = { body, lang, tag, data: { ...data, navigate }, ...looks };
  await self.registration.showNotification(title, { ...options, renotify: Boolean(tag) && fresh });
  // Where tags do nothing, the older notice of the day is taken away once the new one is up.
  const same = tag ? await self.registration.getNotifications({ tag }) : [];
  for (const other of same) if (other.data?.id !== data?.id) other.close();
}

async function bring(client, to) {
  try {
    const focused = await client.focus();
    if (focused.url !== to) await focused.navigate(to);
    return true;
  } catch {
    return false;
  }
}

async function isNew(id) {
  const known = await keys("shown");
  if (known.includes(id)) return false;
  await put("shown", id, 1);
  for (const old of known.slice(0, 1 - REMEMBERED)) await remove("shown", old);
  return true;
}

// Notices may arrive in any order; their names sort by age.
async function keepCall(base, call) {
  const older = await get("calls", base);
  if (!older || older.id < call.id) await put("calls", base, call);
}
