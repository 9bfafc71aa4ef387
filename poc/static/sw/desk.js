// The worker's desk: every request of a page comes here and is answered from the device first.

import { forget as forgetNotices } from "../page/drawer.js";
import { NotFound, NotYours } from "./pages.js";
import { Gone, Production, Refused, Unfit } from "./production.js";
import { copies, drop } from "./store.js";

const ADDRESS = /^\/p\/([a-z0-9-]+)(\/.*)$/;
const FORM = /^\/([a-z_]+)(?:\/([^/]+))?$/;
const BLOB = /^\/blobs\/([0-9a-f]{64})$/;
const CARD = "text/vcard; charset=utf-8";
const MANIFEST = "/manifest.webmanifest";
const HTML = "text/html; charset=utf-8";
const OPENING = 4_000;
const NETWORK = 20_000;

export class Desk {
  #book;
  #shell;
  #init;
  #sql = null;
  #mended = null;
  #productions = new Map();
  #channel = new BroadcastChannel("poc");

  constructor(book, shell, init) {
    this.#book = book;
    this.#shell = shell;
    this.#init = init;
  }

  // Take in all this version needs, or do not become one that may take over.
  async install() {
    await this.#shell.install();
    const kept = await copies();
    const slugs = new Set(kept.map(({ production }) => production));
    for (const { production, schema } of kept) if (schema === this.#book.schema) slugs.delete(production);
    // A copy made for other tables is of no use: while there is signal, it gets one of its own.
    for (const slug of slugs) await this.production(slug).fetchCopy();
  }

  async activate() {
    // While this version waited, the one before it went on writing.
    this.#productions.clear();
    await this.#shell.activate();
    await drop((await copies()).filter(({ schema }) => schema !== this.#book.schema));
  }

  // Answer what this device can answer; leave the rest to the network.
  handle(event) {
    const url = new URL(event.request.url);
    if (url.origin !== self.location.origin) return;
    if (url.pathname.startsWith("/static/")) {
      event.respondWith(this.#shell.file(event.request));
      return;
    }
    const leaving = url.pathname === "/sign-out" && event.request.method === "POST";
    if (leaving) event.waitUntil(this.#forgetAll());
    const match = ADDRESS.exec(url.pathname);
    if (!match) return;
    const production = this.production(match[1]);
    const path = match[2];
    if (path === MANIFEST) {
      event.respondWith(this.#shell.newest(event.request));
    } else if (event.request.method === "GET" && path === "/state") {
      event.respondWith(this.#state(production));
    } else if (event.request.method === "GET" && production.has(path)) {
      event.respondWith(this.#page(event, production, path + url.search));
    } else if (event.request.method === "GET" && BLOB.test(path)) {
      event.respondWith(this.#blob(event, production, path));
    } else if (event.request.method === "GET" && path.startsWith("/history/")) {
      event.respondWith(this.#history(event, production));
    } else if (event.request.method === "POST" && this.#takes(path)) {
      event.respondWith(this.#form(event, production, path));
    }
  }

  // A page tells us it is there, or that a newer version may take over.
  async hear(message) {
    if (message?.type === "take over") await self.skipWaiting();
    if (message?.type === "exchange") await this.exchange(message.production, message.about, message.eager);
    if (message?.type === "news") await this.production(message.production).learn(message.news);
  }

  async exchange(slug, about, eager) {
    const production = this.production(slug);
    if (!(await production.ready())) {
      const fetched = await this.#fetchCopy(production);
      // What was typed before the copy was lost has waited long enough.
      return fetched && production.state().waiting ? production.exchange(about, eager) : fetched;
    }
    const signal = await production.exchange(about, eager);
    // An office that has moved on has no files for this version any more.
    if (signal) await (this.#mended ??= this.#shell.mend().catch(() => undefined));
    return signal;
  }

  async exchangeAll() {
    await Promise.all([...this.#productions.keys()].map((slug) => this.exchange(slug)));
  }

  production(slug) {
    if (!this.#productions.has(slug)) {
      const tell = (news) => this.#channel.postMessage(news);
      const one = new Production(slug, this.#book, () => this.#engine(), tell);
      this.#productions.set(slug, one);
    }
    return this.#productions.get(slug);
  }

  async #engine() {
    this.#sql ??= this.#start().catch((error) => {
      this.#sql = null;
      throw error;
    });
    return this.#sql;
  }

  async #start() {
    const request = new Request(`/static/${this.#book.version}/vendor/sql-wasm.wasm`);
    const response = await this.#shell.file(request);
    return this.#init({ wasmBinary: await response.arrayBuffer() });
  }

  // With the copy comes what a browser reads when it opens an installed app.
  async #fetchCopy(production) {
    const fetched = await production.fetchCopy().catch(() => false);
    if (fetched) await this.#shell.newest(new Request(production.base + MANIFEST));
    return fetched;
  }

  async #forgetAll() {
    const kept = await copies();
    const slugs = new Set([...this.#productions.keys(), ...kept.map(({ production }) => production)]);
    await Promise.all([...slugs].map((slug) => this.production(slug).leave()));
    await drop(await copies());
    await forgetNotices();
  }

  #takes(path) {
    const match = FORM.exec(path);
    if (!match) return false;
    return Object.hasOwn(this.#book.kinds, match[1]) || (match[1] === "waiting" && match[2]);
  }

  async #state(production) {
    await ready(production);
    return Response.json(production.state(), { headers: { "Cache-Control": "no-store" } });
  }

  async #page(event, production, path) {
    if (!(await ready(production))) return this.#network(event, production);
    try {
      const body = await production.answer(path);
      if (path.endsWith(".vcf")) return this.#response(body.replaceAll("\n", "\r\n"), 200, CARD);
      return this.#response(body, 200, HTML);
    } catch (error) {
      if (error instanceof NotYours) return this.#sorry(production, "This page is for the production office.", 403);
      if (!(error instanceof NotFound)) return this.#instead(event, production);
      return this.#sorry(production, "There is no such page, or what it was about is gone.", 404);
    }
  }

  // What a record names is shown, from this device where it is here. It is never run.
  async #blob(event, production, path) {
    if (!(await ready(production))) return fetch(event.request);
    const [, name] = BLOB.exec(path);
    try {
      const found = await production.blob(name);
      if (found) return picture(found);
    } catch (error) {
      if (!(error instanceof NotFound)) throw error;
      return this.#sorry(production, "There is no such photo or PDF, or it was removed.", 404);
    }
    return this.#sorry(production, "This is not on this device yet. It opens where there is signal.", 503);
  }

  // The journal stays in the office: without signal there is only a sentence to show.
  async #history(event, production) {
    if (!(await ready(production))) return this.#network(event, production);
    const say = "History is kept in the office. It opens when there is signal.";
    return fetch(event.request).catch(() => this.#sorry(production, say, 503));
  }

  async #form(event, production, path) {
    if (!(await ready(production))) return fetch(event.request);
    const posted = [...(await event.request.formData())];
    const form = Object.fromEntries(posted.filter(([, value]) => typeof value === "string"));
    const files = posted.map(([, value]) => value).filter((value) => value instanceof File);
    const [, kind, record] = FORM.exec(path);
    try {
      if (kind === "waiting") await production.reconsider(decodeURIComponent(record), form);
      else if (files.length) await production.attach(form, files);
      else await production.take(kind, decodeURIComponent(record ?? ""), form);
    } catch (error) {
      return this.#refusal(production, error, form);
    }
    event.waitUntil(this.#later(production));
    const back = form.back?.startsWith(`${production.base}/`) ? form.back : `${production.base}/today`;
    return Response.redirect(new URL(back, self.location.origin), 303);
  }

  async #later(production) {
    await production.exchange().catch(() => false);
    // Where the browser can, it wakes us when the signal is back; elsewhere the app does on opening.
    await self.registration.sync?.register("exchange").catch(() => undefined);
  }

  #refusal(production, error, form) {
    if (error instanceof Gone) {
      return this.#sorry(production, "There is nothing of that name to change here.", 404);
    }
    const known = error instanceof Refused || error instanceof Unfit;
    const full = "Not saved: this device could not write it down. Free some space and try again.";
    const found = { say: known ? error.message : full, typed: typed(form) };
    const body = production.apologise("refused.html", found);
    return this.#response(body, known ? 422 : 507, HTML);
  }

  #sorry(production, say, status) {
    return this.#response(production.apologise("missing.html", { say }), status, HTML);
  }

  #response(body, status, type) {
    const headers = { ...this.#book.headers, "Content-Type": type, "Cache-Control": "no-store" };
    return new Response(body, { status, headers });
  }

  #network(event, production) {
    return this.#office(event, NOTHING, () => this.#fetchCopy(production));
  }

  // The copy opened and does not answer: the office does, and then the copy is made anew.
  #instead(event, production) {
    return this.#office(event, BROKEN, () => production.forget().then(() => this.#fetchCopy(production)));
  }

  async #office(event, otherwise, afterwards) {
    try {
      const response = await within(NETWORK, fetch(event.request));
      if (response.ok) event.waitUntil(afterwards());
      return response;
    } catch {
      return this.#response(otherwise, 503, HTML);
    }
  }
}

// A copy that cannot be opened is only a copy: the network answers, and a fresh one is fetched.
async function ready(production) {
  try {
    return await within(OPENING, production.ready());
  } catch {
    return false;
  }
}

// Nothing a page waits for is waited for without end: a phone's disk may simply not answer.
function within(patience, work) {
  const late = new Promise((_, reject) => setTimeout(() => reject(new Error("too late")), patience));
  return Promise.race([work, late]);
}

function typed(form) {
  const hidden = ["seen", "back", "label", "together"];
  return Object.entries(form)
    .filter(([name, value]) => !hidden.includes(name) && value && !value.startsWith("@"))
    .map(([name, value]) => ({ label: name.split(".").at(-1).replaceAll("_", " "), value }));
}

function picture({ name, type, bytes }) {
  const aside = type === "application/pdf" ? "attachment" : "inline";
  const headers = {
    "Content-Type": type,
    "Content-Disposition": `${aside}; filename*=UTF-8''${encodeURIComponent(name ?? "")}`,
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
  };
  return new Response(bytes, { headers });
}

function bare(title, words) {
  return (
    "<!doctype html><html lang=en><head><meta charset=utf-8><meta name=viewport content='width=device-width'>" +
    `<link rel=icon href='data:,'><title>${title}</title></head><body><h1>${title}</h1><p>${words}</p></body></html>`
  );
}

const NOTHING = bare(
  "No signal",
  "This device has no copy of the production yet. " +
    "Open POC once where there is signal; after that it works everywhere.",
);
const BROKEN = bare(
  "The copy cannot be read",
  "What you typed is kept. Open POC where there is signal: it fetches a fresh copy by itself. " +
    "<script type=module src=/static/page/repair.js></script>",
);
