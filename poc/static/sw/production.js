// One production on this device: its replica, its outbox, and the exchange with the office.

import { alone, inLine } from "./alone.js";
import { Blobs, HEAD, labelOf, nameOf, typeOf } from "./blobs.js";
import { unfolded } from "./columns.js";
import { changes } from "./edits.js";
import { Unfit, fit } from "./fit.js";
import { today } from "./former.js";
import { Outgoing, before, inOrder } from "./outgoing.js";
import { NotFound, Pages } from "./pages.js";
import { patient } from "./patience.js";
import { Replica, membersOf } from "./replica.js";
import { Rest } from "./rest.js";
import { Chest, Outbox, Shelf } from "./store.js";

const PROTOCOL = 1;
const LONGEST_NEWS = 40;
const DAY = 24 * 3600_000;
const KEPT = 7 * DAY;

export class Refused extends Error {}
export class Gone extends Error {}

export class Production {
  #slug;
  #book;
  #sql;
  #pages;
  #outbox;
  #shelf;
  #blobs;
  #opening = null;
  #replica = null;
  #news = 0;
  #edits = [];
  #doubted = null;
  #strayed = [];
  #outgoing = new Outgoing();
  #rest;
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
    this.#rest = new Rest(this.#outbox);
    this.#blobs = new Blobs(this.base, new Chest(slug));
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
    const edits = this.#checked(kind, record, form);
    if (edits.length === 0) return;
    const kept = await this.#outbox.keep(edits);
    this.#show([...this.#edits, ...kept]);
    this.#tell({ changed: this.base });
  }

  // Keep photos and PDFs, and that they hang on a record. When this returns all of it is on disk.
  async attach(form, files) {
    for (const file of files) await this.#inTurn(() => this.#attach(form, file));
  }

  // Give a photo or a PDF that a record names, from this device or else from the office.
  async blob(name) {
    const sql = "select name, type, size, sha256 from attachment where sha256 = :name and gone = 0 order by id";
    const [row] = this.#replica.rows(sql, { name });
    if (!row) throw new NotFound(name);
    const bytes = (await this.#blobs.bytes(name)) ?? (await this.#blobs.fetch(row).catch(() => null));
    return bytes && { ...row, bytes };
  }

  // Take a waiting edit back, or send a returned one again.
  async reconsider(id, form) {
    const edit = this.#edits.find((one) => one.id === id);
    if (!edit) return;
    if (form.again) {
      const fresh = membersOf(edit).map((one) => ({ ...one, base: this.#seen() }));
      const { id: _id, n: _n, say: _say, why: _why, ...old } = edit;
      const rest = { ...old, generation: this.#replica.about("generation") };
      const again = edit.do === "group" ? { ...rest, changes: fresh } : { ...rest, base: this.#seen() };
      await this.#outbox.keep([again]);
    }
    // Only now: whoever dies in between has it twice, and never not at all.
    await this.#outbox.settle([[edit.n, null]]);
    this.#show(await this.#mine());
    await this.#tidy();
    this.#tell({ changed: this.base });
  }

  // Say how things stand, for the line every page shows.
  state() {
    const count = (state) => this.#edits.filter((edit) => edit.state === state).length;
    return {
      copy: this.#replica !== null,
      waiting: count("waiting"),
      returned: count("returned"),
      files: this.#replica ? this.#lines().length : 0,
      saved_at: this.#replica?.about("saved_at") ?? null,
      cursor: this.#replica ? this.#seen() : 0,
      version: this.#book.version,
      ...this.#state,
    };
  }

  // Send what waits and fetch what is new. One at a time; safe to call as often as one likes.
  // Who asks by the clock and not with a finger is not eager, and rests after failures.
  async exchange(about = {}, eager = true) {
    const told = await alone(`poc-exchange-${this.#slug}`, () => this.#exchange(about, eager));
    // A photo takes its time; edits that come meanwhile do not wait for it.
    if (told && this.#replica) await alone(`poc-blobs-${this.#slug}`, () => this.#sendFiles());
    return told;
  }

  // Take what the office says by itself. Whatever does not follow on what is here is asked for.
  async learn(news) {
    if (!(await this.ready()) || (await this.#inTurn(() => this.#follow(news)))) return;
    const behind = () => !this.#stands(news) && this.#exchange({}, false);
    await inLine(`poc-exchange-${this.#slug}`, behind);
  }

  // Fetch a fresh copy from the office, which builds it ready to use, and hears why.
  async fetchCopy() {
    if (await this.#rest.holds(true)) return false;
    const why = this.#strayed.length ? `?strayed=${this.#strayed}` : "";
    const response = await patient(`${this.base}/sync/snapshot${why}`, {});
    if (!response.ok) await this.#rest.after(response);
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
    replica.note({ compared_at: stamp() });
    await this.#shelf.replace(replica.image());
    // Before the first copy pages come from the office: only edits that wait are news to them.
    const first = this.#replica === null;
    this.#swap(replica, 0);
    this.#strayed = [];
    if (first) await this.#openFiles();
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

  // Remove the copy. What the person typed or added, and the office never answered, stays.
  async forget() {
    await this.#shelf.clear();
    await this.#blobs.forget();
    this.#replica?.close();
    this.#replica = null;
    this.#opening = null;
  }

  // Remove what the office has anyway, for whoever is not to find it here any more.
  async leave() {
    await this.forget();
    await this.#outbox.clean();
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
    await this.#openFiles();
    this.#show(await this.#mine());
    return true;
  }

  // A disk that gives no photos must not keep the pages from opening.
  async #openFiles() {
    await this.#blobs.open().catch(() => undefined);
  }

  #swap(replica, news) {
    this.#replica?.close();
    this.#replica = replica;
    this.#news = news;
    this.#doubted = null;
    this.#opening = Promise.resolve(true);
  }

  #show(edits) {
    this.#edits = edits;
    this.#replica.lay(edits);
    this.#replica.list(this.#lines());
  }

  async #attach(form, file) {
    const about = { name: file.name.trim(), type: typeOf(new Uint8Array(await file.slice(0, HEAD).arrayBuffer())) };
    const said = { ...form, ...about, size: String(file.size), label: labelOf(about) };
    this.#checked("attachment", "", said); // whatever is too large or foreign is not even read
    const bytes = new Uint8Array(await file.arrayBuffer());
    const sha256 = await nameOf(bytes);
    const person = this.#replica.about("person");
    await this.#blobs.keep({ ...about, size: file.size, sha256, person }, bytes);
    await this.take("attachment", "", { ...said, sha256 });
  }

  async #sendFiles() {
    await this.#tidy();
    const tell = () => {
      this.#replica?.list(this.#lines());
      this.#tell({ changed: this.base });
    };
    const got = await this.#blobs.send(this.#replica?.about("person"), this.#owed(), tell);
    if (got) await alone(`poc-exchange-${this.#slug}`, () => this.#replica && this.#exchange({}, true));
  }

  #lines() {
    return this.#blobs.lines(this.#replica.about("person"), this.#owed());
  }

  // Name the files whose records the office has: it takes no bytes that no record speaks of.
  #owed() {
    const asked = this.#unanswered();
    return new Set([...this.#hanging()].filter((name) => !asked.has(name)));
  }

  #unanswered() {
    return new Set(this.#edits.flatMap(membersOf).map(({ value }) => value?.sha256));
  }

  // A record that was removed here, and not in the office yet, still names its file: it may come back.
  #hanging() {
    const rows = this.#replica?.rows("select distinct sha256 from attachment where sha256 is not null") ?? [];
    return new Set(rows.map(({ sha256 }) => sha256));
  }

  // A file that is being added just now is named by nothing yet: both take turns.
  #tidy() {
    return this.#inTurn(async () => {
      if (!this.#replica) return;
      const named = new Set([...this.#hanging(), ...this.#unanswered()]);
      await this.#blobs.tidy(this.#replica.about("person"), named);
    });
  }

  // Somebody else's edits on a shared tablet are neither shown nor sent under this name, nor lost.
  async #mine() {
    const me = this.#replica.about("person");
    const mine = (await this.#outbox.all()).filter((edit) => edit.person === me);
    return mine.map((edit) => today(edit, this.#book.former));
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

  #checked(kind, record, form) {
    const me = this.#replica.about("person");
    const rowOf = (name, one) => this.#replica.row(name, one);
    const wires = changes(form, kind, record, this.#book.kinds, rowOf, me, stamp());
    const edits = wires.map((wire) => this.#prepared(wire, form.label, me));
    for (const edit of edits) this.#check(edit);
    return edits;
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
    return before(this.#edits.filter((edit) => edit.state !== "returned"), one);
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

  async #exchange(about, eager) {
    if (await this.#rest.holds(eager)) return false;
    const sending = this.#outgoing.batch(await this.#unsent(), this.#replica?.about("generation"));
    if (!this.#replica) return false;
    const cursor = this.#seen();
    const asked = { digest: this.#isUnsure() ? this.#book.schema : undefined, ...about, ...this.#stand() };
    const reply = await this.#ask({ ...asked, changes: sending });
    if (!reply) return this.#told(false, this.#state.told);
    // The office took what waits, and tells the rest to a newer app; until then it stays on the page.
    if (reply.oldest > this.#book.client) return this.#told(true, "update");
    // Without the news an answered edit would vanish from the page; it is asked about again instead.
    if (!(await this.#receive(reply, cursor))) return this.#told(false, this.#state.told);
    await this.#settle(reply);
    if (reply.revoked) return this.#leave();
    this.#told(true, "");
    if (reply.records.length || reply.results.length) this.#tell({ changed: this.base });
    if (this.#strayed.length) await this.fetchCopy().catch(() => false);
    if (!reply.reset && !reply.results.length) return true;
    const sent = new Set(sending.map(({ id }) => id));
    const more = (await this.#unsent()).some(({ id }) => !sent.has(id));
    return more ? this.#exchange({}, eager) : true;
  }

  // What waits; and before it what the office answered in another life, and may have lost since.
  async #unsent() {
    if (!this.#replica) return [];
    const [me, life] = ["person", "generation"].map((key) => this.#replica.about(key));
    const isDoubted = (edit) => edit.person === me && edit.answered !== life;
    this.#doubted ??= (await this.#outbox.answered()).filter(isDoubted);
    return inOrder([...this.#doubted, ...this.#edits.filter((edit) => edit.state === "waiting")], life);
  }

  // Once a day the office is asked what this copy should hold, if both know the same tables.
  #isUnsure() {
    const last = Date.parse(this.#replica.about("compared_at") ?? "");
    return !(Math.abs(Date.now() - last) < DAY);
  }

  // The office put this device out: the copy goes, and every page is asked for again.
  async #leave() {
    await this.leave();
    this.#tell({ changed: this.base });
    return this.#told(true, "revoked");
  }

  #stand() {
    const number = (key) => Number(this.#replica.about(key));
    return {
      proto: PROTOCOL,
      client: this.#book.client,
      columns: true,
      generation: this.#replica.about("generation"),
      epoch: number("epoch"),
      cursor: number("cursor"),
      sent_at: stamp(),
    };
  }

  // Anything but an answer of the office itself, however it looks, leaves everything as it was.
  async #ask(body) {
    const headers = { "Content-Type": "application/json" };
    const sent = { method: "POST", headers, body: JSON.stringify(body) };
    const response = await patient(`${this.base}/sync`, sent).catch(() => null);
    if (response?.status === 401) this.#state.told = "sign in";
    const reply = response && (await replyIn(response).catch(() => null));
    this.#outgoing.went(reply !== null);
    if (reply) this.#rest.over();
    else await this.#rest.after(response);
    return reply;
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
    if (reply.digest) await this.#compare(reply.digest, news);
    if (this.#news > LONGEST_NEWS) await this.#compact();
    return true;
  }

  // A copy that does not hold what it should is replaced; one that does is noted.
  async #compare(told, news) {
    const held = this.#replica.digest();
    this.#strayed = Object.keys(held).filter((kind) => `${held[kind]}` !== `${told[kind] ?? [0, 0]}`);
    if (this.#strayed.length) return;
    const about = { compared_at: stamp() };
    await this.#shelf.add({ cursor: news.cursor, records: "[]", about });
    this.#replica.note(about);
    await this.#outbox.clean(stamp(Date.parse(news.about.saved_at) - KEPT));
  }

  async #compact() {
    await this.#shelf.replace(this.#replica.image());
    this.#news = 0;
  }

  // The office answered: what it took goes, what it refused or kept beside comes back with the reason.
  async #settle({ results, generation, now, revoked }) {
    // Of another life than this copy's it says nothing: it is asked again.
    if (!revoked && this.#replica?.about("generation") !== generation) return;
    const news = [];
    const known = new Map([...this.#edits, ...(this.#doubted ?? [])].map((edit) => [edit.id, edit]));
    for (const [id, result] of results) {
      const edit = known.get(id);
      if (!edit) continue;
      const n = Math.abs(edit.n);
      // A clash keeps both values where everybody concerned sees them; nothing comes back beside it.
      const kept = result.st === "conflict" && result.clash && edit.do !== "group";
      const done = result.st === "applied" || result.st === "same" || kept;
      const say = result.say ?? "Somebody else changed it too. Both are kept until one is chosen.";
      const answered = { ...edit, n: -n, state: "answered", answered: generation, answered_at: now };
      news.push([edit.n, done ? answered : { ...edit, n, state: "returned", say, why: result.st }]);
    }
    if (news.length) await this.#outbox.settle(news);
    const settled = new Set(news.map(([n]) => n));
    this.#doubted = this.#doubted?.filter((edit) => !settled.has(edit.n)) ?? null;
    if (this.#replica) this.#show(await this.#mine());
  }

  #told(signal, told) {
    const news = this.#state.signal !== signal || this.#state.told !== told;
    this.#state = { signal, told };
    this.#tell({ state: this.base, changed: news && told ? this.base : undefined });
    return signal;
  }
}

// An office that takes edits and wants a newer app says so with a status of its own.
async function replyIn(response) {
  const kind = response.headers.get("Content-Type") ?? "";
  if (!(response.ok || response.status === 426) || !kind.startsWith("application/json")) return null;
  const reply = await response.json();
  return reply.proto === PROTOCOL && Array.isArray(reply.results) ? unfolded(reply) : null;
}

// A database says in its first bytes how long it is: what was cut on the way is no copy.
function isWhole(image) {
  if (image.length < 100) return false;
  const header = new DataView(image.buffer);
  const page = header.getUint16(16);
  return image.length === (page === 1 ? 65_536 : page) * header.getUint32(28);
}

function stamp(moment = Date.now()) {
  return new Date(moment).toISOString().replace(/\.\d+Z$/, "Z");
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
