// What the device keeps on disk: the outbox, which is the person's own work, and the replica, a copy.

import { openDB } from "../vendor/idb.mjs";

const STRICT = { durability: "strict" };
const ANSWERED = () => IDBKeyRange.upperBound(0);
const COPY = /^poc-replica-([a-z0-9-]+?)(?:\.(\d+))?$/;

// The outbox keeps its form for ever: what an edit holds may grow, the stores may not.
export class Outbox {
  #name;

  constructor(production) {
    this.#name = `poc-outbox-${production}`;
  }

  // Give an edit its name and keep it. When this returns, it is on disk.
  async keep(edits) {
    return this.#use(async (database) => {
      const work = database.transaction(["edits", "about"], "readwrite", STRICT);
      const about = work.objectStore("about");
      const name = (await about.get("name")) ?? crypto.randomUUID();
      let n = (await about.get("n")) ?? 0;
      const kept = edits.map((edit) => {
        const members = edit.changes?.map((one) => ({ ...one, id: `${name}.${(n += 1)}` }));
        n += 1;
        return { ...edit, id: `${name}.${n}`, n, state: "waiting", ...(members && { changes: members }) };
      });
      about.put(name, "name");
      about.put(n, "n");
      for (const edit of kept) work.objectStore("edits").put(edit);
      await work.done;
      return kept;
    });
  }

  async all() {
    return this.#use((database) => database.getAll("edits", IDBKeyRange.lowerBound(1)));
  }

  // What the office answered lies below zero, out of the way: only a restored office is told it again.
  async answered() {
    const found = await this.#use((database) => database.getAll("edits", ANSWERED()));
    return found.reverse();
  }

  // Let go of what was answered, all of it or what was answered before a time.
  async clean(before = "~") {
    const old = (await this.answered()).filter((edit) => edit.answered_at < before);
    if (old.length) await this.settle(old.map((edit) => [edit.n, null]));
  }

  async noted(key) {
    return this.#use((database) => database.get("about", key));
  }

  async note(key, value) {
    return this.#use((database) => database.put("about", value, key));
  }

  // Write what became of edits: `null` takes one away, an edit takes the place of its older self.
  async settle(news) {
    return this.#use(async (database) => {
      const work = database.transaction("edits", "readwrite", STRICT);
      for (const [n, edit] of news) {
        if (n !== edit?.n) work.store.delete(n);
        if (edit) work.store.put(edit);
      }
      await work.done;
    });
  }

  async #use(work) {
    return use(this.#name, work, (database) => {
      database.createObjectStore("edits", { keyPath: "n" });
      database.createObjectStore("about");
    });
  }
}

// The bytes of photos and PDFs, apart from what is known of them. A store of the outbox's own database
// would have needed a new version of it, which the app before this one could not open any more.
export class Chest {
  #name;

  constructor(production) {
    this.#name = `poc-blobs-${production}`;
  }

  async all() {
    return this.#use((database) => database.getAll("about"));
  }

  async bytes(name) {
    return this.#use((database) => database.get("bytes", name));
  }

  // When this returns, both are on disk.
  async keep(row, bytes) {
    return this.#use(async (database) => {
      const work = database.transaction(["about", "bytes"], "readwrite", STRICT);
      work.objectStore("bytes").put(bytes, row.sha256);
      work.objectStore("about").put(row);
      await work.done;
    });
  }

  async note(row) {
    return this.#use((database) => database.put("about", row));
  }

  async drop(names) {
    return this.#use(async (database) => {
      const work = database.transaction(["about", "bytes"], "readwrite", STRICT);
      for (const name of names) {
        work.objectStore("about").delete(name);
        work.objectStore("bytes").delete(name);
      }
      await work.done;
    });
  }

  async #use(work) {
    return use(this.#name, work, (database) => {
      database.createObjectStore("about", { keyPath: "sha256" });
      database.createObjectStore("bytes");
    });
  }
}

// The replica's disk: an image, and what the office said since, each with the cursor it leads to.
// Versions with other tables have shelves of their own: the next one may fill its while this one runs.
export class Shelf {
  #production;
  #name;

  constructor(production, schema) {
    this.#production = production;
    this.#name = `poc-replica-${production}.${schema}`;
  }

  async load() {
    return this.#use(async (database) => {
      const work = database.transaction(["image", "news"]);
      const image = await work.objectStore("image").get("image");
      return image ? { image, news: await work.objectStore("news").getAll() } : null;
    });
  }

  async replace(image) {
    return this.#use(async (database) => {
      const work = database.transaction(["image", "news"], "readwrite", STRICT);
      work.objectStore("news").clear();
      work.objectStore("image").put(image, "image");
      await work.done;
    });
  }

  // An answer without news leads to where the one before it led, and must not take its place.
  async add(news) {
    return this.#use(async (database) => {
      const work = database.transaction("news", "readwrite");
      const before = await work.store.get(news.cursor);
      const records = [before, news].flatMap((one) => (one ? JSON.parse(one.records) : []));
      const about = { ...before?.about, ...news.about };
      work.store.put({ ...news, records: JSON.stringify(records), about });
      await work.done;
    });
  }

  async clear() {
    return this.#use(async (database) => {
      const work = database.transaction(["image", "news"], "readwrite", STRICT);
      work.objectStore("news").clear();
      work.objectStore("image").clear();
      await work.done;
      const shelves = await copies();
      await drop(shelves.filter((one) => one.production === this.#production && one.name !== this.#name));
    });
  }

  async #use(work) {
    return use(this.#name, work, (database) => {
      database.createObjectStore("image");
      database.createObjectStore("news", { keyPath: "cursor" });
    });
  }
}

// List the copies on this device, of every version that left one here.
export async function copies() {
  const databases = (await indexedDB.databases?.()) ?? [];
  const found = databases.map(({ name }) => COPY.exec(name)).filter((match) => match !== null);
  return found.map(([name, production, schema]) => ({ name, production, schema: Number(schema) }));
}

// Remove copies. One that a page or another version has open goes when that one lets go of it.
export async function drop(shelves) {
  await Promise.all(
    shelves.map(({ name }) => new Promise((resolve) => {
      const asked = indexedDB.deleteDatabase(name);
      asked.onsuccess = asked.onerror = asked.onblocked = resolve;
    })),
  );
}

const open = new Map();

// Phones lose the connection to their database when they sleep; then it is opened once more.
async function use(name, work, upgrade) {
  try {
    return await work(await opened(name, upgrade));
  } catch (error) {
    if (!["InvalidStateError", "UnknownError"].includes(error.name)) throw error;
    open.delete(name);
    return work(await opened(name, upgrade));
  }
}

function opened(name, upgrade) {
  if (!open.has(name)) {
    const blocking = (_version, _next, event) => {
      event.target.close();
      open.delete(name);
    };
    const database = openDB(name, 1, { upgrade, blocking, terminated: () => open.delete(name) });
    open.set(name, database);
    database.catch(() => open.delete(name));
  }
  return open.get(name);
}
