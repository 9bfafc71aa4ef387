// What the device and the office say to each other about notices: the key, the subscription, receipts.

import { all, put, remove } from "./drawer.js";

const PATIENCE = 15_000;

export class Refused extends Error {}

// Fetch the office's key; its refusal is a sentence for the person.
export async function officeKey(base) {
  const signal = AbortSignal.timeout(PATIENCE);
  const response = await fetch(`${base}/bell/key`, { cache: "no-store", signal });
  const told = await response.json();
  if (!response.ok) throw new Refused(told.say);
  return told.key;
}

export async function subscribe(registration, key) {
  const applicationServerKey = bytes(key);
  return registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey });
}

// Tell the office that a notice was shown or seen; without signal it is told at the next chance.
export async function report(base, id, ev) {
  await put("receipts", `${id} ${ev}`, { base, id, ev, at: now() });
  await flushReceipts();
}

// Send what the office was not told yet.
export async function flushReceipts() {
  for (const receipt of await all("receipts")) {
    const { base, ...told } = receipt;
    const sent = { ...told, sent_at: now() };
    const response = await tell(base, "/receipt", sent).catch(() => null);
    if (response === null || response.status >= 500) return;
    await remove("receipts", `${receipt.id} ${receipt.ev}`);
  }
}

export async function tell(base, path, body) {
  return fetch(`${base}/bell${path}`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
    credentials: "same-origin",
    signal: AbortSignal.timeout(PATIENCE),
  });
}

export function bytes(key) {
  const plain = atob(key.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
}

function now() {
  return new Date().toISOString();
}
