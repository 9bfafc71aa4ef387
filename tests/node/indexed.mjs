// IndexedDB in memory, as much of it as idb asks for: it outlives whoever opened it, and fails when told to.

export class IDBRequest extends EventTarget {
  result = undefined;
  error = null;
  transaction = null;
  onsuccess = null;

  answer(type, about = {}) {
    Object.assign(this, about);
    this.dispatchEvent(new Event(type));
    this[`on${type}`]?.();
  }
}

export class IDBObjectStore {
  rows = new Map();

  constructor(transaction, keyPath) {
    Object.assign(this, { transaction, keyPath });
  }

  get(key) {
    return this.transaction.ask(() => structuredClone(this.rows.get(key)));
  }

  getAll(range) {
    const within = (key) => !range || (key >= range.lower && key <= range.upper);
    const keys = () => [...this.rows.keys()].filter(within).sort((a, b) => (a < b ? -1 : 1));
    return this.transaction.ask(() => keys().map((key) => structuredClone(this.rows.get(key))));
  }

  put(value, key) {
    const kept = structuredClone(value);
    return this.transaction.ask(() => this.rows.set(key ?? kept[this.keyPath], kept) && undefined);
  }

  delete(key) {
    return this.transaction.ask(() => this.rows.delete(key) && undefined);
  }

  clear() {
    return this.transaction.ask(() => this.rows.clear());
  }
}

// Each runs alone, and ends when nothing was asked of it for one turn of the loop.
export class IDBTransaction extends EventTarget {
  #asked = [];
  #open = true;
  error = null;

  constructor(files, names, mode, fault, isAlive) {
    super();
    Object.assign(this, { files, mode, fault, isAlive, objectStoreNames: [names].flat() });
    this.stores = new Map();
  }

  objectStore(name) {
    if (!this.stores.has(name)) {
      this.stores.set(name, new IDBObjectStore(this, this.files.get(name).keyPath));
    }
    return this.stores.get(name);
  }

  ask(work) {
    if (!this.#open) throw new DOMException("It is over.", "TransactionInactiveError");
    const request = new IDBRequest();
    this.#asked.push([request, work]);
    return request;
  }

  async run() {
    if (this.mode === "readonly" && this.fault.how.startsWith("die")) return this.fault.strike();
    for (const name of this.objectStoreNames) {
      this.objectStore(name).rows = new Map(this.files.get(name).rows);
    }
    await turn();
    while (this.#asked.length && this.isAlive()) {
      const [request, work] = this.#asked.shift();
      request.answer("success", { result: work() });
      await turn();
    }
    this.#open = false;
    this.#end();
  }

  #end() {
    if (!this.isAlive() || this.fault.how === "die before") return this.fault.strike();
    if (this.fault.how === "QuotaExceededError") {
      this.error = new DOMException("The disk is full.", "QuotaExceededError");
      return this.dispatchEvent(new Event("abort"));
    }
    for (const [name, store] of this.stores) this.files.get(name).rows = store.rows;
    if (this.fault.how === "die after") return this.fault.strike();
    return this.dispatchEvent(new Event("complete"));
  }
}

export class IDBDatabase extends EventTarget {
  constructor(file, disk, life) {
    super();
    Object.assign(this, { file, disk, life });
  }

  close() {}

  createObjectStore(name, { keyPath } = {}) {
    this.file.stores.set(name, { rows: new Map(), keyPath });
  }

  transaction(names, mode = "readonly") {
    const fault = this.disk.nextFault(this.life);
    if (mode === "readonly" && fault.how === "QuotaExceededError") fault.how = "";
    const closed = ["InvalidStateError", "UnknownError"].includes(fault.how);
    if (closed) throw new DOMException("The connection to the database is lost.", fault.how);
    const work = new IDBTransaction(this.file.stores, names, mode, fault, () => !this.life.isDead);
    this.file.last = this.file.last.then(() => work.run());
    return work;
  }
}

export const IDBKeyRange = {
  lowerBound: (lower) => ({ lower, upper: Infinity }),
  upperBound: (upper) => ({ lower: -Infinity, upper }),
};

export class IDBIndex {}

export class IDBCursor {}

// What lies on one device. `life` is whoever has the app open: when it dies, nothing more reaches it.
export class Disk {
  #files = new Map();
  #faults = [];
  ahead = 0; // milliseconds by which this device's clock is ahead

  open(name, life) {
    const request = new IDBRequest();
    setImmediate(() => {
      const isNew = !this.#files.has(name);
      if (isNew) this.#files.set(name, { stores: new Map(), last: Promise.resolve() });
      const result = new IDBDatabase(this.#files.get(name), this, life);
      if (isNew) request.answer("upgradeneeded", { result });
      request.answer("success", { result });
    });
    return request;
  }

  databases() {
    return [...this.#files.keys()].map((name) => ({ name, version: 1 }));
  }

  deleteDatabase(name) {
    const request = new IDBRequest();
    setImmediate(() => {
      this.#files.delete(name);
      request.answer("success");
    });
    return request;
  }

  // Let the `n`-th transaction from now go wrong.
  plan(n, how) {
    this.#faults = [...Array(n).fill(""), how];
  }

  nextFault(life) {
    return { how: this.#faults.shift() ?? "", strike: () => life.die() };
  }

  // Lose whatever is called like this: the browser wanted the space.
  lose(what) {
    this.#faults = [];
    for (const name of this.#files.keys()) if (name.startsWith(`poc-${what}-`)) this.#files.delete(name);
  }

  rows(what, store) {
    return this.#those(what).flatMap(({ stores }) => [...stores.get(store).rows.values()]);
  }

  // Change what lies there, as only the browser, or an older app, could have.
  alter(what, store, change) {
    for (const { stores } of this.#those(what)) {
      const { rows } = stores.get(store);
      for (const [key, row] of rows) rows.set(key, change(row));
    }
  }

  #those(what) {
    return [...this.#files].filter(([name]) => name.startsWith(`poc-${what}-`)).map(([, file]) => file);
  }
}

function turn() {
  return new Promise(setImmediate);
}
