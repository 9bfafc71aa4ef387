// The device's copy of a production: a SQLite image in memory, what the office said plus what waits.

import { digest } from "./digest.js";

const WAITING = ["id", "n", "kind", "record", "field", "value", "was", "at", "state", "say", "label"];
// All of it is in memory, and IndexedDB is what lasts: nothing here is gained by writing twice.
const MEMORY = "pragma journal_mode = memory; pragma synchronous = off; pragma temp_store = memory";

export class Replica {
  #database;
  #kinds;
  #indexes;
  #below = new Map(); // rows as the office has them, of every record that a waiting edit covers
  #edits = [];

  constructor(SQL, book, image) {
    this.#kinds = book.kinds;
    this.#indexes = book.indexes;
    this.#database = new SQL.Database(image);
    this.#database.run(MEMORY);
  }

  // Make the indexes: a copy travels without them, and is kept with them.
  index() {
    this.#whole(() => this.#indexes.forEach((sql) => this.#database.run(sql)));
  }

  // Run one statement and give its rows as plain objects.
  rows(sql, parameters = {}) {
    const statement = this.#database.prepare(sql);
    try {
      statement.bind(
        Object.fromEntries(Object.entries(parameters).map(([k, v]) => [`:${k}`, v ?? null])),
      );
      const names = statement.getColumnNames();
      const rows = [];
      while (statement.step()) {
        const values = statement.get();
        const row = {};
        for (let i = 0; i < names.length; i += 1) row[names[i]] = values[i];
        rows.push(row);
      }
      return rows;
    } finally {
      statement.free();
    }
  }

  row(kind, record) {
    if (!Object.hasOwn(this.#kinds, kind)) return null;
    return this.rows(`select * from "${kind}" where id = :record and gone = 0`, { record })[0] ?? null;
  }

  // Say which tables the copy was made for.
  get schema() {
    return this.rows("pragma user_version")[0].user_version;
  }

  about(key) {
    return this.rows("select value from replica where key = :key", { key })[0]?.value ?? null;
  }

  // Take what the office sent: lift the waiting edits, write, lay them again.
  receive(records, about) {
    this.#whole(() => {
      this.#lift();
      for (const record of records) this.#put(...record);
      for (const [key, value] of Object.entries(about)) this.#note(key, value);
    });
    this.lay(this.#edits);
  }

  // Show these waiting edits over what the office said, and nothing else.
  lay(edits) {
    this.#whole(() => {
      this.#lift();
      for (const edit of edits) this.#cover(edit);
      this.#list(edits);
    });
    this.#edits = edits;
  }

  // Try an edit as the tables' own checks see it; throw what they say if it does not fit.
  check(edit) {
    this.#database.run("savepoint attempt");
    try {
      for (const one of membersOf(edit)) this.#change(one);
    } finally {
      this.#database.run("rollback to attempt");
      this.#database.run("release attempt");
    }
  }

  // Sum up what the office has here, kind by kind, without what waits.
  digest() {
    const found = {};
    this.#whole(() => {
      this.#lift();
      for (const [kind, fields] of Object.entries(this.#kinds)) {
        found[kind] = digest(this.rows(`select * from "${kind}" where gone = 0`), Object.keys(fields));
      }
    });
    this.lay(this.#edits);
    return found;
  }

  note(about) {
    this.#whole(() => Object.entries(about).forEach(([key, value]) => this.#note(key, value)));
  }

  // Give the image as the office has it, without what waits.
  image() {
    this.#whole(() => this.#lift());
    const image = this.#database.export();
    this.lay(this.#edits);
    return image;
  }

  close() {
    this.#database.close();
  }

  #whole(work) {
    this.#database.run("begin");
    try {
      work();
      this.#database.run("commit");
    } catch (error) {
      this.#database.run("rollback");
      throw error;
    }
  }

  #lift() {
    for (const { kind, id, row } of this.#below.values()) {
      this.#database.run(`delete from "${kind}" where id = ?`, [id]);
      if (row) this.#insert(kind, row);
    }
    this.#below.clear();
  }

  #cover(edit) {
    if (edit.state === "returned") return;
    for (const one of membersOf(edit)) {
      const key = `${one.kind} ${one.record}`;
      if (!Object.hasOwn(this.#kinds, one.kind)) continue;
      if (!this.#below.has(key)) {
        const sql = `select * from "${one.kind}" where id = :record`;
        const row = this.rows(sql, { record: one.record })[0] ?? null;
        this.#below.set(key, { kind: one.kind, id: one.record, row });
      }
      this.#attempt(one);
    }
  }

  #attempt(change) {
    try {
      this.#change(change);
    } catch {
      // The office's news made this edit impossible to show; it still waits, and the office answers.
    }
  }

  #change({ do: verb, kind, record, field, value }) {
    const known = this.row(kind, record);
    if (verb === "delete") {
      this.#database.run(`update "${kind}" set gone = 1 where id = ?`, [record]);
    } else if (verb === "create") {
      this.#insert(kind, { ...(known ?? {}), id: record, gone: 0, ...value });
    } else if (known) {
      this.#database.run(`update "${kind}" set "${field}" = ? where id = ?`, [value ?? null, record]);
    }
  }

  // Of a record this copy has, the office may send only the part that changed.
  #put(kind, id, seq, fields, part) {
    if (!Object.hasOwn(this.#kinds, kind)) return;
    const held = part ? this.row(kind, id) : null;
    this.#database.run(`delete from "${kind}" where id = ?`, [id]);
    if (fields) this.#insert(kind, { ...held, ...fields, id, seq, gone: 0 });
  }

  #insert(kind, row) {
    const own = ["id", "seq", "gone"];
    const names = Object.keys(row).filter((n) => own.includes(n) || Object.hasOwn(this.#kinds[kind], n));
    const list = names.map((name) => `"${name}"`).join(",");
    const marks = names.map(() => "?").join(",");
    const values = names.map((name) => row[name] ?? null);
    this.#database.run(`insert or replace into "${kind}" (${list}) values (${marks})`, values);
  }

  #note(key, value) {
    this.#database.run("insert or replace into replica (key, value) values (?, ?)", [key, String(value)]);
  }

  // Show how far the photos and PDFs are that wait to be sent.
  list(files) {
    this.#whole(() => {
      this.#database.run("delete from waiting where state = 'sending'");
      this.#write(files);
    });
  }

  #list(edits) {
    this.#database.run("delete from waiting where state <> 'sending'");
    this.#write(edits);
  }

  #write(edits) {
    const marks = WAITING.map(() => "?").join(",");
    for (const edit of edits) {
      // What several edits say together stands in their label; the first of them alone says nothing.
      const { kind, record } = membersOf(edit)[0];
      const one = { ...edit, kind, record };
      const value = one.value !== null && typeof one.value === "object" ? null : one.value;
      const row = { ...one, value: value === undefined || value === null ? null : String(value) };
      this.#database.run(`insert into waiting values (${marks})`, WAITING.map((n) => row[n] ?? null));
    }
  }
}

export function membersOf(edit) {
  return edit.do === "group" ? edit.changes : [edit];
}
