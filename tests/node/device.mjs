// Devices with the app's own modules on them, in bad weather: one JSON order a line in, one answer a line out.

import { AsyncLocalStorage } from "node:async_hooks";
import { readFileSync } from "node:fs";
import { registerHooks } from "node:module";
import { createInterface } from "node:readline";

import initSqlJs from "../../poc/static/vendor/sql-wasm.mjs";
import * as indexed from "./indexed.mjs";
import { Locks } from "./locks.mjs";

const [bookFile, wasmFile] = process.argv.slice(2);
const { book } = await import(bookFile);
const SQL = await initSqlJs({ wasmBinary: readFileSync(wasmFile) });
const network = globalThis.fetch;
const timeout = AbortSignal.timeout.bind(AbortSignal);
const here = new AsyncLocalStorage();
const devices = new Map();
const SLUG = "night-ferry";
const PORTAL = "<!doctype html><title>Guest Wi-Fi</title><h1>Welcome. Please accept our terms.</h1>";
const JSON_TYPE = { "Content-Type": "application/json" };
const HTML_TYPE = { "Content-Type": "text/html; charset=utf-8" };

const { Disk, ...classes } = indexed;
Object.assign(globalThis, classes);
globalThis.indexedDB = {
  open: (name) => here.getStore().disk.open(name, here.getStore()),
  databases: async () => here.getStore().disk.databases(),
  deleteDatabase: (name) => here.getStore().disk.deleteDatabase(name),
};
globalThis.fetch = (url, options) => here.getStore().ask(url, options);
// No locks, unless a test is about them: what is right must be right without them.
const navigator = { get locks() { return here.getStore()?.locks; } };
Object.defineProperty(globalThis, "navigator", { value: navigator });

// A device's clock and its dice, where a test sets them.
const RealDate = Date;
const ahead = () => here.getStore()?.disk.ahead ?? 0;
globalThis.Date = class extends RealDate {
  constructor(...about) {
    super(...(about.length ? about : [Date.now()]));
  }

  static now() {
    return RealDate.now() + ahead();
  }
};
const dice = Math.random;
Math.random = () => here.getStore()?.dice ?? dice();

// Whoever opens the app anew loads its modules anew, and finds only what is on disk.
registerHooks({
  resolve(specifier, context, next) {
    const found = next(specifier, context);
    const life = new URL(context.parentURL ?? "file:///").searchParams.get("life");
    if (!life || !found.url.endsWith("/store.js")) return found;
    return { ...found, url: `${found.url}?life=${life}` };
  },
});

let lives = 0;

class Life {
  isDead = false;
  locks = undefined;
  dice = undefined;
  told = [];
  asked = [];
  patience = [];
  #faults = [];
  #flying = [];
  #engines = [];
  #used = null;
  #dying = Promise.withResolvers();
  #hear = null;

  constructor(disk, address, cookie) {
    Object.assign(this, { disk, address, cookie });
  }

  async begin(be = {}) {
    lives += 1;
    this.book = { ...book, ...be };
    const { Production } = await import(`../../poc/static/sw/production.js?life=${lives}`);
    const engines = this.#engines;
    const use = (engine) => (this.#used = engine);
    class Database extends SQL.Database {
      constructor(image) {
        super(image);
        engines.push(this);
      }

      prepare(...sql) {
        return use(this) && super.prepare(...sql);
      }

      close() {
        super.close();
        engines.splice(engines.indexOf(this), 1);
      }
    }
    this.production = new Production(SLUG, this.book, async () => ({ Database }), (news) => this.told.push(news));
    return this;
  }

  // Do one thing; it may end by itself, with the device, or stay in the air.
  async do(work, faults = []) {
    this.#faults = [...faults];
    return this.#watch(here.run(this, async () => outcome(work)));
  }

  // Let something that was in the air arrive.
  async land(which) {
    const [one] = this.#flying.splice(which % Math.max(this.#flying.length, 1), 1);
    if (!one) return {};
    one.release();
    return this.#watch(one.done);
  }

  async #watch(done) {
    const { promise, resolve } = Promise.withResolvers();
    this.#hear = (flying) => resolve({ held: Object.assign(flying, { done }) && true });
    return Promise.race([done, promise, this.#dying.promise]);
  }

  die() {
    this.isDead = true;
    this.#dying.resolve({ died: true });
    for (const engine of [...this.#engines]) engine.close();
  }

  // What the page reads, with what waits laid over it.
  rows(sql) {
    if (!this.production.state().copy) return [];
    const [found] = this.#used.exec(sql);
    return (found?.values ?? []).map((row) => Object.fromEntries(row.map((v, i) => [found.columns[i], v])));
  }

  // Change the copy behind the app's back.
  stray(sql) {
    this.#used.run(sql);
  }

  async ask(url, options) {
    const fault = this.#faults.shift() ?? "";
    const [what, when] = fault.split(" ");
    const body = typeof options.body === "string" ? JSON.parse(options.body) : (options.body?.length ?? null);
    const asked = { url, body, redirect: options.redirect };
    this.asked.push(asked);
    if (this.isDead || what === "lost") throw new TypeError("fetch failed");
    if (what === "silence") return silence();
    if (what === "wait") return busy(fault.slice(5));
    if (what === "torn") return this.#tear(url, options);
    if (weather(what) && when !== "after") return weather(what);
    const response = await this.#send(url, options);
    if (what === "twice") return this.#send(url, options);
    if (what === "held") await this.#hold();
    if (what === "unheard") throw new TypeError("terminated");
    if (what === "cut") return cut(response, Number(when ?? 50));
    return weather(what) ?? response;
  }

  async #send(url, options) {
    const own = { Cookie: this.cookie, "Sec-Fetch-Site": "same-origin" };
    const sent = { ...options, headers: { ...options.headers, ...own } };
    const response = await network(this.address + url, sent);
    const about = { status: response.status, headers: response.headers };
    return new Response(await response.arrayBuffer(), about);
  }

  // The line breaks in the middle of what is sent: the office has the first half, and we hear nothing.
  async #tear(url, options) {
    await this.#send(url, { ...options, body: options.body?.slice(0, options.body.length / 2) });
    throw new TypeError("terminated");
  }

  async #hold() {
    const { promise, resolve } = Promise.withResolvers();
    this.#flying.push({ release: resolve, done: null });
    this.#hear(this.#flying.at(-1));
    return promise;
  }
}

function weather(what) {
  if (/^[0-9]+$/.test(what)) return new Response(PORTAL, { status: Number(what), headers: HTML_TYPE });
  if (what === "html") return new Response(PORTAL, { headers: HTML_TYPE });
  if (what === "json") return new Response('{"status": "ok"}', { headers: JSON_TYPE });
  if (what === "disguised") return new Response(PORTAL, { headers: JSON_TYPE });
  return null;
}

// An office, or a proxy before it, that has too much to do and says when to come again.
function busy(wish) {
  const headers = { ...HTML_TYPE, "Retry-After": wish, Date: "Mon, 13 Apr 2026 21:14:00 GMT" };
  return new Response(PORTAL, { status: 503, headers });
}

// A network that takes everything and answers nothing; its patience is asked for, not waited for.
function silence() {
  return Promise.reject(new DOMException("No answer in time.", "TimeoutError"));
}

// An edit as an app had written it that called things otherwise.
function renamed({ from, to }) {
  const words = (text) => text.replaceAll(JSON.stringify(from), JSON.stringify(to));
  return (edit) => JSON.parse(words(JSON.stringify(edit)));
}

async function cut(response, percent) {
  const whole = await response.arrayBuffer();
  const about = { status: response.status, headers: response.headers };
  return new Response(whole.slice(0, Math.floor((whole.byteLength * percent) / 100)), about);
}

function photo({ name, head, size, seed }) {
  const bytes = Uint8Array.from({ length: size }, (_, n) => (n * seed + (n >> 8)) & 0xff);
  bytes.set(head.slice(0, size));
  return new File([bytes], name);
}

async function digestOf(bytes) {
  return Buffer.from(await crypto.subtle.digest("SHA-256", bytes)).toString("hex");
}

async function outcome(work) {
  try {
    return { gives: (await work()) ?? null };
  } catch (error) {
    return { failed: error.constructor.name, name: error.name, say: String(error.message) };
  }
}

AbortSignal.timeout = (ms) => {
  here.getStore()?.patience.push(ms);
  return timeout(ms);
};

const ORDERS = {
  ready: ({ production }) => production.ready(),
  copy: ({ production }) => production.fetchCopy(),
  exchange: ({ production }, { about, eager }) => production.exchange(about ?? {}, eager),
  take: ({ production }, { kind, record, form }) => production.take(kind, record ?? "", form),
  reconsider: ({ production }, { edit, form }) => production.reconsider(edit, form),
  answer: ({ production }, { path }) => production.answer(path),
  forget: ({ production }) => production.forget(),
  leave: ({ production }) => production.leave(),
  attach: ({ production }, { form, photos }) => production.attach(form, photos.map(photo)),
  blob: async ({ production }, { sha256 }) => {
    const found = await production.blob(sha256);
    return found && { name: found.name, type: found.type, sha256: await digestOf(found.bytes) };
  },
  both: ({ production }, { kind, record, forms }) =>
    Promise.all(forms.map((form) => production.take(kind, record, form))).then(() => null),
};

async function obey(order) {
  const { device, address, cookie } = order;
  if (order.do === "open") {
    const disk = devices.get(device)?.disk ?? new Disk();
    devices.get(device)?.die();
    devices.set(device, await new Life(disk, address, cookie).begin(order.book));
    return {};
  }
  const life = devices.get(device);
  if (order.do === "stray") return life.stray(order.sql) ?? {};
  if (order.do === "alter") return life.disk.alter("outbox", "edits", renamed(order)) ?? {};
  if (order.do === "shelves") return { gives: life.disk.databases().map(({ name }) => name) };
  if (order.do === "travel") return void (process.env.TZ = order.zone) ?? {};
  if (order.do === "later") return (life.disk.ahead += order.ms) && {};
  if (order.do === "throw") return Object.assign(life, { dice: order.dice }) && {};
  if (order.do === "lock") return (life.locks = new Locks(order.held)) && {};
  if (order.do === "kill") return life.die() ?? {};
  if (order.do === "plan") return life.disk.plan(order.n, order.how) ?? {};
  if (order.do === "lose") return life.disk.lose(order.what) ?? {};
  if (order.do === "land") return life.land(order.which);
  if (order.do === "rows") return { gives: life.rows(order.sql) };
  if (order.do === "outbox") return { gives: life.disk.rows("outbox", "edits") };
  if (order.do === "files") return { gives: life.disk.rows("blobs", "about") };
  if (order.do === "spoil") return { gives: life.disk.rows("blobs", "bytes").forEach((one) => (one[9] ^= 1)) };
  if (order.do === "shelf") return { gives: life.disk.rows("replica", "image").length };
  if (order.do === "state") return { gives: life.production.state() };
  if (order.do === "told") return { gives: { told: life.told, asked: life.asked, patience: life.patience } };
  return life.do(() => ORDERS[order.do](life, order), order.faults);
}

for await (const line of createInterface({ input: process.stdin })) {
  const answer = await obey(JSON.parse(line)).catch((error) => ({ broken: error.stack }));
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
