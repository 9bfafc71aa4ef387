// One production on this device: its replica, its outbox, and the exchange with the office.

import { unfolded } from "./columns.js";
import { changes } from "./edits.js";
import { Unfit, fit } from "./fit.js";
import { Pages } from "./pages.js";
import { Replica, membersOf } from "./replica.js";
import { Outbox, Shelf } from "./store.js";

const PROTOCOL = 1;
const BATCH = 200;
const PATIENCE = 15_000;
const LONGEST_NEWS = 40;

export class Refused extends Error {}
export class Gone extends Error {}

export class Production {
  #slug;
  #book;
  #sql;
  #pages;
  #outbox;
  #shelf;
  #opening = null;
  #replica = null;
  #news = 0;
  #edits = [];
  #turn = Promise.resolve();
  #state = { signal: true, told: "" };
  #tell;

  constructor(slug, book, sql, tell) {
    this.#slug = slug;
    this.#book = book;
    this.#sql = sql;
    this.#pages = new Pages(book);
    this.#outbox = new Outbox(slug);
    this.#shelf = new Shelf(slug, book.schema);
    this.#tell = tell;
  }

  get base() {
    return `/p/${this.#slug}`;
  }

  // Open the copy on this device; false when there is none, or when its lease ran out.
  async ready() {
    this.#opening ??= this.#open().catch((error) => {
      this.#opening = null;
      throw error;
    });
    return (await this.#opening) && !this.#expired();
  }

  // Answer a page of the book from the copy.
  async answer(path) {
    return this.#pages.answer(this.#sight(), path);
  }

  has(path) {
    return this.#pages.find(path) !== null;
  }

  apologise(template, found) {
    return this.#pages.fill(this.#sight(), template, "", found);
  }

  // Keep what a form says. When this returns it is on disk, and on every page.
  async take(kind, record, form) {
    if (!Object.hasOwn(this.#book.kinds, kind)) throw new Gone(kind);
    const me = this.#replica.about("person");
    const now = stamp();
    const rowOf = (name, one) => this.#replica.row(name, one);
    const wires = changes(form, kind, record, this.#book.kinds, rowOf, me, now);
    const edits = wires.map((wire) => this.#prepared(wire, form.label, me));
    for (const edit of edits) this.#check(edit);
    if (edits.length === 0) return;
    const kept = await this.#outbox.keep(edits);
    this.#show([...this.#edits, ...kept]);
    this.#tell({ changed: this.base });
  }

  // Take a waiting edit back, or send a returned one again.
  async reconsider(id, form) {
    const edit = this.#edits.find((one) => one.id === id);
    if (!edit || edit.state === "sent") return;
    if (form.again) {
      const fresh = membersOf(edit).map((one) => ({ ...one, base: this.#seen() }));
      const { id: _id, n: _n, say: _say, why: _why, ...rest } = edit;
      const again = edit.do === "group" ? { ...rest, changes: fresh } : { ...rest, base: this.#seen() };
      await this.#outbox.keep([again]);
    }
    // Only now: whoever dies in between has it twice, and never not at all.
    await this.#outbox.settle([[edit.n, null]]);
    this.#show(await this.#mine());
    this.#tell({ changed: this.base });
  }

  // Say how things stand, for the line every page shows.
  state() {
    const count = (state) => this.#edits.filter((edit) => edit.state === state).length;
    return {
      copy: this.#replica !== null,
      waiting: count("waiting") + count("sent"),
      returned: count("returned"),
      saved_at: this.#replica?.about("saved_at") ?? null,
      cursor: this.#replica ? this.#seen() : 0,
      version: this.#book.version,
      ...this.#state,
    };
  }

  // Send what waits and fetch what is new. One at a time; safe to call as often as one likes.
  async exchange(about = {}) {
    return locked(`poc-exchange-${this.#slug}`, () => this.#exchange(about));
  }

  // Take what the office says by itself. Whatever does not follow on what is here is asked for.
  async learn(news) {
    if (!(await this.ready()) || (await this.#inTurn(() => this.#follow(news)))) return;
    const behind = () => !this.#stands(news) && this.#exchange({});
    await locked(`poc-exchange-${this.#slug}`, behind, {});
  }

  // Fetch a fresh copy from the office, which builds it ready to use.
  async fetchCopy() {
    const response = await patient(`${this.base}/sync/snapshot`, {});
    if (response.status === 403 && response.headers.get("Poc-Revoked")) await this.#leave();
    const kind = response.headers.get("Content-Type") ?? "";
    if (!response.ok || !kind.startsWith("application/vnd.sqlite3")) return false;
    const image = new Uint8Array(await response.arrayBuffer());
    return isWhole(image) && this.#inTurn(() => this.#unpack(image));
  }

  async #unpack(image) {
    const replica = new Replica(await this.#sql(), this.#book, image);
    // An office of another version makes copies for another book; this one goes on with what it has.
    if (replica.schema !== this.#book.schema || this.#isBehind(replica)) {
      replica.close();
      return false;
    }
    replica.index();
    await this.#rebase(replica.about("generation"));
    await this.#shelf.replace(replica.image());
    // Before the first copy pages come from the office: only edits that wait are news to them.
    const first = this.#replica === null;
    this.#swap(replica, 0);
    this.#show(await this.#mine());
    this.#tell(first && this.#edits.length === 0 ? { state: this.base } : { changed: this.base });
    return true;
  }

  // A copy that was long on its way may be older than what came meanwhile.
  #isBehind(replica) {
    const about = (key) => replica.about(key);
    const alike = this.#replica && this.#alike({ generation: about("generation"), epoch: Number(about("epoch")) });
    return Boolean(alike) && Number(about("cursor")) < this.#seen();
  }

  // A restored office counts anew: what a waiting edit's author had seen says nothing there.
  async #rebase(generation) {
    const blind = (one) => ({ ...one, base: 0, ...(one.changes && { changes: one.changes.map(blind) }) });
    const old = (await this.#outbox.all()).filter((edit) => edit.generation !== generation);
    if (old.length) await this.#outbox.settle(old.map((edit) => [edit.n, { ...blind(edit), generation }]));
  }

  // Remove the copy. What the person typed and the office never answered stays.
  async forget() {
    await this.#shelf.clear();
    this.#replica?.close();
    this.#replica = null;
    this.#opening = null;
  }

  async #open() {
    // A sleeping worker was woken for a page: the engine starts while the disk is read.
    const engine = this.#sql();
    engine.catch(() => undefined);
    const kept = await this.#shelf.load();
    if (!kept) return false;
    const replica = new Replica(await engine, this.#book, kept.image);
    for (const { records, about } of kept.news) replica.receive(JSON.parse(records), about);
    this.#swap(replica, kept.news.length);
    this.#show(await this.#mine());
    return true;
  }

  #swap(replica, news) {
    this.#replica?.close();
    this.#replica = replica;
    this.#news = news;
    this.#opening = Promise.resolve(true);
  }

  #show(edits) {
    this.#edits = edits;
    this.#replica.lay(edits);
  }

  // Somebody else's edits on a shared tablet are neither shown nor sent under this name, nor lost.
  async #mine() {
    const me = this.#replica.about("person");
    return (await this.#outbox.all()).filter((edit) => edit.person === me);
  }

  #sight() {
    const zone = this.#replica.rows("select zone from production")[0]?.zone ?? "UTC";
    const now = Date.now();
    return {
      ask: (sql, parameters) => this.#replica.rows(sql, parameters),
      seen: this.#seen(),
      base: this.base,
      kinds: new Set(JSON.parse(this.#replica.about("kinds"))),
      parameters: {
        me: this.#replica.about("person"),
        today: dateIn(zone, now),
        tomorrow: dayAfter(dateIn(zone, now)),
        now: clockIn(zone, now),
      },
    };
  }

  #seen() {
    return Number(this.#replica.about("cursor"));
  }

  #expired() {
    const until = this.#replica?.about("lease_until");
    return Boolean(until) && Date.parse(until) < Date.now();
  }

  #prepared(wire, label, person) {
    const fitted = (one) => ({ ...one, ...this.#fitted(one), after: this.#before(one) });
    const edit = wire.do === "group" ? { ...wire, changes: wire.changes.map(fitted) } : fitted(wire);
    const generation = this.#replica.about("generation");
    return { ...edit, label: label ?? "", person, generation, was: this.#was(edit) };
  }

  #fitted(one) {
    const types = this.#book.kinds[one.kind];
    if (one.do === "set") return { value: fit(types[one.field], one.field, one.value) };
    if (one.do !== "create") return {};
    const value = Object.entries(one.value).map(([f, v]) => [f, fit(types[f], f, v)]);
    return { value: Object.fromEntries(value) };
  }

  // The author's own earlier edit of the same thing that the office has not answered yet.
  #before(one) {
    const flat = this.#edits
      .filter((edit) => edit.state !== "returned")
      .flatMap((edit) => membersOf(edit))
      .filter((other) => other.kind === one.kind && other.record === one.record);
    const same = flat.filter(
      (other) => one.do === "delete" || other.field === one.field || other.do === "create",
    );
    return same.at(-1)?.id;
  }

  #was(edit) {
    if (edit.do !== "set") return null;
    const value = this.#replica.row(edit.kind, edit.record)?.[edit.field];
    return value === null || value === undefined ? null : String(value);
  }

  #check(edit) {
    try {
      this.#replica.check(edit);
    } catch (error) {
      const sentence = String(error.message).split("constraint failed: ").at(-1);
      throw new Refused(sentence);
    }
  }

  async #exchange(about) {
    const sending = this.#edits.filter((edit) => edit.state !== "returned").slice(0, BATCH);
    const cursor = this.#seen();
    const reply = await this.#ask({ ...about, ...this.#stand(), changes: sending.map(wireOf) });
    if (!reply) return this.#told(false, this.#state.told);
    // Without the news an answered edit would vanish from the page; it is asked about again instead.
    if (!(await this.#receive(reply, cursor))) return this.#told(false, this.#state.told);
    await this.#settle(reply.results);
    if (reply.revoked) return this.#leave();
    this.#told(true, "");
    if (reply.records.length || reply.results.length) this.#tell({ changed: this.base });
    return true;
  }

  // The office put this device out: the copy goes, and every page is asked for again.
  async #leave() {
    await this.forget();
    this.#tell({ changed: this.base });
    return this.#told(true, "revoked");
  }

  #stand() {
    const number = (key) => Number(this.#replica.about(key));
    return {
      proto: PROTOCOL,
      columns: true,
      generation: this.#replica.about("generation"),
      epoch: number("epoch"),
      cursor: number("cursor"),
      sent_at: stamp(),
    };
  }

  // Anything but an answer of the office itself, however it looks, leaves everything as it was.
  async #ask(body) {
    try {
      const headers = { "Content-Type": "application/json" };
      const sent = { method: "POST", headers, body: JSON.stringify(body) };
      const response = await patient(`${this.base}/sync`, sent);
      if (response.status === 401) this.#state.told = "sign in";
      const kind = response.headers.get("Content-Type") ?? "";
      if (!response.ok || !kind.startsWith("application/json")) return null;
      const reply = await response.json();
      return reply.proto === PROTOCOL && Array.isArray(reply.results) ? unfolded(reply) : null;
    } catch {
      return null;
    }
  }

  async #follow(news) {
    if (this.#stands(news)) return true;
    if (!news.records || !this.#alike(news)) return false;
    const about = { lease_until: this.#replica.about("lease_until"), now: news.now ?? stamp() };
    if (!(await this.#adopt({ ...about, ...news }, news.from))) return false;
    if (news.records.length) this.#tell({ changed: this.base });
    return true;
  }

  #stands(news) {
    return this.#alike(news) && news.cursor <= this.#seen();
  }

  #alike({ generation, epoch }) {
    const mine = this.#stand();
    return generation === mine.generation && epoch === mine.epoch;
  }

  // What the office answers and what it says by itself may come at once; each is taken in whole.
  #inTurn(work) {
    const turn = this.#turn.then(work);
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  #receive(reply, cursor) {
    if (reply.reset) return this.fetchCopy().catch(() => false);
    return this.#inTurn(() => this.#adopt(reply, cursor));
  }

  async #adopt(reply, cursor) {
    if (reply.revoked) return true;
    if (!this.#replica) return false;
    const mine = this.#seen();
    const stale = reply.from > mine || reply.cursor < mine || reply.from !== cursor;
    if (stale || !this.#alike(reply)) return false;
    const about = { cursor: reply.cursor, saved_at: reply.now, lease_until: reply.lease_until };
    const news = { cursor: reply.cursor, records: JSON.stringify(reply.records), about };
    await this.#shelf.add(news);
    this.#replica.receive(reply.records, about);
    this.#news += reply.records.length ? 1 : 0;
    if (this.#news > LONGEST_NEWS) await this.#compact();
    return true;
  }

  async #compact() {
    await this.#shelf.replace(this.#replica.image());
    this.#news = 0;
  }

  // The office answered: what it took goes, what it refused or kept beside comes back with the reason.
  async #settle(results) {
    const news = [];
    for (const [id, result] of results) {
      const edit = this.#edits.find((one) => one.id === id);
      if (!edit) continue;
      // A clash keeps both values where everybody concerned sees them; nothing comes back beside it.
      const kept = result.st === "conflict" && result.clash && edit.do !== "group";
      const done = result.st === "applied" || result.st === "same" || kept;
      const say = result.say ?? "Somebody else changed it too. Both are kept until one is chosen.";
      news.push([edit.n, done ? null : { ...edit, state: "returned", say, why: result.st }]);
    }
    if (news.length) await this.#outbox.settle(news);
    if (this.#replica) this.#show(await this.#mine());
  }

  #told(signal, told) {
    const news = this.#state.signal !== signal || this.#state.told !== told;
    this.#state = { signal, told };
    this.#tell({ state: this.base, changed: news && told ? this.base : undefined });
    return signal;
  }
}

function wireOf({ id, do: verb, kind, record, field, value, base, after, at, changes: members }) {
  const wire = { v: 1, id, do: verb, kind, record, field, value, base, after, at };
  return members ? { ...wire, changes: members.map(wireOf) } : wire;
}

// A database says in its first bytes how long it is: what was cut on the way is no copy.
function isWhole(image) {
  if (image.length < 100) return false;
  const header = new DataView(image.buffer);
  const page = header.getUint16(16);
  return image.length === (page === 1 ? 65_536 : page) * header.getUint32(28);
}

async function patient(url, options) {
  const signal = AbortSignal.timeout(PATIENCE);
  return fetch(url, { ...options, signal, redirect: "error", credentials: "same-origin", cache: "no-store" });
}

// Two tabs and the worker may all wake at once; correctness does not depend on this lock.
async function locked(name, work, how = { ifAvailable: true }) {
  if (!globalThis.navigator?.locks) return work();
  return navigator.locks.request(name, how, (lock) => (lock ? work() : true));
}

function stamp() {
  return new Date().toISOString().replace(/\.\d+Z$/, "Z");
}

function dateIn(zone, moment) {
  const parts = new Intl.DateTimeFormat("en-US", {
    timeZone: zone,
    calendar: "gregory",
    numberingSystem: "latn",
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
  }).formatToParts(moment);
  const part = (type) => parts.find((one) => one.type === type).value;
  return `${part("year")}-${part("month")}-${part("day")}`;
}

function clockIn(zone, moment) {
  const clock = { timeZone: zone, hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
  return new Intl.DateTimeFormat("en-GB", { ...clock, numberingSystem: "latn" }).format(moment);
}

function dayAfter(date) {
  return new Date(Date.parse(`${date}T00:00:00Z`) + 86_400_000).toISOString().slice(0, 10);
}

export { Unfit, dateIn, dayAfter };
