// What the device keeps on disk: the outbox, which is the person's own work, and the replica, a copy.

import { openDB } from "../vendor/idb.mjs";

const STRICT = { durability: "strict" };

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
    return this.#use((database) => database.getAll("edits"));
  }

  // Write what became of edits: `null` takes one away, an edit replaces its older self.
  async settle(news) {
    return this.#use(async (database) => {
      const work = database.transaction("edits", "readwrite", STRICT);
      for (const [n, edit] of news) {
        if (edit) work.store.put(edit);
        else work.store.delete(n);
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

// The replica's disk: an image, and what the office said since, each with the cursor it leads to.
export class Shelf {
  #name;

  constructor(production) {
    this.#name = `poc-replica-${production}`;
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

  async add(news) {
    return this.#use(async (database) => {
      const work = database.transaction("news", "readwrite");
      work.store.put(news);
      await work.done;
    });
  }

  async clear() {
    return this.#use(async (database) => {
      const work = database.transaction(["image", "news"], "readwrite", STRICT);
      work.objectStore("news").clear();
      work.objectStore("image").clear();
      await work.done;
    });
  }

  async #use(work) {
    return use(this.#name, work, (database) => {
      database.createObjectStore("image");
      database.createObjectStore("news", { keyPath: "cursor" });
    });
  }
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
    const database = openDB(name, 1, { upgrade, terminated: () => open.delete(name) });
    open.set(name, database);
    database.catch(() => open.delete(name));
  }
  return open.get(name);
}
