// Photos and PDFs on this device: those the office has not got yet, and copies of some that it has.

import { patient } from "./patience.js";

const PROTOCOL = 1;
const LEAST = 65_536; // bytes at a time: so much comes through on a bad line before patience ends
const MOST = 1_048_576;
const FETCHING = 120_000;
const ROOM = 50 * MOST; // for copies; what waits takes what it takes
const UNREADABLE = "This device cannot read the file any more. Remove it and add it again.";
// How files begin: their names say nothing that counts. The twin is in poc/attaching.py.
const OPENINGS = [
  ["image/jpeg", 0, "\xff\xd8\xff"],
  ["image/png", 0, "\x89PNG\r\n\x1a\n"],
  ["image/gif", 0, "GIF8"],
  ["image/webp", 8, "WEBP"],
  ["application/pdf", 0, "%PDF-"],
];
export const HEAD = 16;

// Say what a file is by its first bytes.
export function typeOf(head) {
  const text = String.fromCharCode(...head.subarray(0, HEAD));
  return OPENINGS.find(([, at, mark]) => text.startsWith(mark, at))?.[0] ?? "unknown";
}

// Name a file by the digest of what is in it.
export async function nameOf(bytes) {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export function labelOf({ type, name }) {
  return `${type === "application/pdf" ? "PDF" : "Photo"} ${name}`;
}

export class Blobs {
  #base;
  #store;
  #rows = new Map();

  constructor(base, store) {
    this.#base = base;
    this.#store = store;
  }

  async open() {
    this.#rows = new Map((await this.#store.all()).map((row) => [row.sha256, row]));
  }

  // Keep a file until the office has it. When this returns its bytes are on disk, and were read back.
  async keep(about, bytes) {
    const row = { ...about, waits: 1, sent: 0, say: "", kept: Date.now() };
    try {
      await this.#write(row, bytes);
    } catch (error) {
      const copies = this.#copies();
      if (error.name !== "QuotaExceededError" || copies.length === 0) throw error;
      await this.drop(copies); // what the office has makes room for what it has not
      await this.#write(row, bytes);
    }
    if (!(await this.bytes(row.sha256))) throw new Error("The disk did not give the file back.");
  }

  // Give the bytes of a file, if they are here and still what their name says.
  async bytes(name) {
    const bytes = this.#rows.has(name) ? await this.#store.bytes(name) : undefined;
    return bytes && (await nameOf(bytes)) === name ? bytes : null;
  }

  // Fetch a file from the office, and keep a copy while there is room.
  async fetch({ sha256, type, size }) {
    const response = await patient(`${this.#base}/blobs/${sha256}`, {}, FETCHING);
    const kind = response.headers.get("Content-Type") ?? "";
    if (!response.ok || !kind.startsWith(type)) return null;
    const bytes = new Uint8Array(await response.arrayBuffer());
    if ((await nameOf(bytes)) !== sha256) return null;
    await this.#copy({ sha256, type, size, waits: 0, kept: Date.now() }, bytes).catch(() => undefined);
    return bytes;
  }

  // Send what waits of this person and is named by a record of the office; say whether any got there.
  async send(person, owed, tell) {
    let got = false;
    for (const row of this.#waiting(person).filter(({ sha256 }) => owed.has(sha256))) {
      const done = await this.#send(row, tell);
      if (done === null) return got;
      got ||= done;
    }
    return got;
  }

  // List what is being sent, for the page that shows what waits.
  lines(person, owed) {
    const sending = this.#waiting(person).filter(({ sha256 }) => owed.has(sha256));
    return sending.map((row) => ({
      id: row.sha256,
      kind: "attachment",
      label: labelOf(row),
      value: `${Math.floor((row.sent * 100) / row.size)} % sent`,
      state: "sending",
      say: row.say,
    }));
  }

  // Let go of what nothing names: copies, and what this person took back before it was sent.
  async tidy(person, named) {
    const mine = (row) => !row.waits || row.person === person;
    await this.drop([...this.#rows.values()].filter((row) => mine(row) && !named.has(row.sha256)));
  }

  // Let go of all copies. What waits is somebody's own, and stays.
  async forget() {
    await this.open().catch(() => undefined);
    await this.drop(this.#copies());
  }

  async drop(rows) {
    const names = rows.map(({ sha256 }) => sha256);
    if (names.length) await this.#store.drop(names);
    for (const name of names) this.#rows.delete(name);
  }

  // Send one file from where it broke off; null when there is nobody to send it to.
  async #send(row, tell) {
    const bytes = await this.bytes(row.sha256);
    if (!bytes) return this.#note({ ...row, say: UNREADABLE }, tell);
    const address = `${this.#base}/blobs/${row.sha256}`;
    let reply = await ask(`${address}/arrived`, {});
    let before = -1;
    for (let stride = LEAST; isUnderway(reply, before); stride = Math.min(2 * stride, MOST)) {
      before = reply.arrived;
      await this.#note({ ...row, sent: before, say: "" }, tell);
      const body = bytes.subarray(before, before + stride);
      reply = await ask(`${address}?at=${before}`, { method: "PUT", body });
    }
    if (!reply) return null;
    if (reply.gone) return this.drop([row]).then(() => false);
    if (!reply.whole) return this.#note({ ...row, sent: reply.arrived, say: reply.say ?? "" }, tell);
    await this.#note({ ...row, sent: row.size, say: "", waits: 0 }, tell);
    await this.#trim();
    return true;
  }

  async #note(row, tell) {
    await this.#store.note(row);
    this.#rows.set(row.sha256, row);
    tell();
    return false;
  }

  async #write(row, bytes) {
    await this.#store.keep(row, bytes);
    this.#rows.set(row.sha256, row);
  }

  async #copy(row, bytes) {
    if (this.#rows.get(row.sha256)?.waits) return;
    await this.#write(row, bytes);
    await this.#trim();
  }

  // Keep no more copies than there is room for: the oldest go first, and never one that waits.
  async #trim() {
    const copies = this.#copies().sort((one, other) => other.kept - one.kept);
    let room = ROOM;
    await this.drop(copies.filter(({ size }) => (room -= size) < 0));
  }

  #copies() {
    return [...this.#rows.values()].filter(({ waits }) => !waits);
  }

  #waiting(person) {
    return [...this.#rows.values()].filter((row) => row.waits && row.person === person);
  }
}

// As long as each piece gets further there is a next one; an empty one ends what had come whole.
function isUnderway(reply, before) {
  return Boolean(reply) && !reply.whole && !reply.say && !reply.gone && reply.arrived > before;
}

// Anything but an answer of the office itself, however it looks, says nothing.
async function ask(url, options) {
  try {
    const response = await patient(url, options);
    const kind = response.headers.get("Content-Type") ?? "";
    if (!kind.startsWith("application/json")) return null;
    const reply = await response.json();
    return reply.proto === PROTOCOL && Number.isInteger(reply.arrived) ? reply : null;
  } catch {
    return null;
  }
}
