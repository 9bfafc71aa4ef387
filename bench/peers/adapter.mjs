// POC as one more peer: its office started as a user starts it, its devices as our worker speaks.

import { execFileSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import zlib from "node:zlib";
import { freePort, Http, waitHttp } from "../../core/http.mjs";
import { HttpSyncPeer } from "../../core/httpsync.mjs";

const { POC, POC_PYTHON } = process.env;
const { unfolded } = await import(path.join(POC, "poc/static/sw/columns.js"));
const KIND = "person";
const STOOD = /"cursor":(\d+)/;
const TEXTS = ["name", "position", "department", "category", "phone", "other_phone"];
TEXTS.push("email", "company", "credit", "language", "notes");
// The workload calls its devices by number, and a few by name: those sit on seats of their own.
const NAMED = ["tip", "past", "back", "all"];

export default class extends HttpSyncPeer {
  about() {
    return { version: "poc", settings: "./go run; each acknowledgement synced to disk first" };
  }

  async seed(records) {
    this.fields = new Map(records.map((one) => [one.id, Object.keys(one).slice(2)]));
    const file = path.join(this.ctx.WORK, "data", `records-${process.pid}.json`);
    fs.writeFileSync(file, JSON.stringify(records));
    const number = String(this.ctx.opt.devices + NAMED.length);
    await this.ctx.box.stop();
    const words = ["-m", "bench.crowd", this.home, file, number];
    const told = execFileSync(POC_PYTHON, words, { cwd: POC, maxBuffer: 2 ** 26 });
    fs.rmSync(file);
    Object.assign(this, JSON.parse(told));
    this.head = this.stands[0].cursor;
    await this.start();
  }

  async start() {
    this.home = path.join(this.ctx.data, "office");
    this.port ??= await freePort();
    const words = ["-m", "poc", "run", "--data", this.home, "--port", String(this.port)];
    this.ctx.box.spawn(POC_PYTHON, words, { log: this.ctx.log, cwd: POC });
    await waitHttp(this.port, "/sw.js");
  }

  http(settings) {
    const headers = { "Sec-Fetch-Site": "same-origin", "Accept-Encoding": "br" };
    return new Http(this.port, { headers, ...settings, gzip: false });
  }

  request(device, edits) {
    const seat = this.#seat(device);
    const stand = { ...this.stands[seat], cursor: device.cursor, columns: true };
    const changes = edits.map((edit) => this.#change(device, edit));
    device.http.headers.Cookie = `poc=${this.devices[seat].key}`;
    const body = { ...stand, sent_at: new Date().toISOString(), changes };
    return ["POST", `/p/${this.slug}/sync`, body];
  }

  answer(reply) {
    const told = JSON.parse(body(reply));
    if (told.reset || told.revoked) throw new Error("the office answered with a reset");
    const changes = unfolded(told).records.filter(([kind]) => kind === KIND);
    return { cursor: told.cursor, changes: changes.flatMap((one) => this.#fields(one)) };
  }

  cursorOf(reply) {
    // The devices of this workload decode after the clock stops; this one number is needed before.
    // A device's own half of a long answer is sent as it is, and a short answer is soon unpacked.
    const found = STOOD.exec(reply.buf.toString("latin1"));
    return Number((found ?? STOOD.exec(body(reply).toString("latin1")))?.[1]);
  }

  async bootstrap() {
    const http = this.http();
    http.headers.Cookie = `poc=${this.devices[0].key}`;
    const image = body(await http.ok("GET", `/p/${this.slug}/sync/snapshot`));
    http.close();
    this.#count ??= records(image);
    return image.subarray(0, 15).toString() === "SQLite format 3" ? this.#count : 0;
  }

  #count;
  #made = 0;

  #seat(device) {
    const named = NAMED.indexOf(device.i);
    return named < 0 ? device.i : this.ctx.opt.devices + named;
  }

  #change(device, edit) {
    this.#made += 1;
    const field = TEXTS[this.fields.get(edit.id).indexOf(edit.field)];
    const about = { do: "set", kind: KIND, record: edit.id, field, value: edit.value };
    const id = `${this.devices[this.#seat(device)].name}.${this.#made}`;
    return { id, ...about, base: device.cursor, at: new Date().toISOString() };
  }

  #fields([, id, , fields]) {
    const own = this.fields.get(id);
    if (!own || !fields) return [];
    return Object.entries(fields).map(([name, value]) => [id, own[TEXTS.indexOf(name)], value]);
  }
}

function body(reply) {
  const packed = reply.headers["content-encoding"] === "br";
  return packed ? zlib.brotliDecompressSync(reply.buf) : reply.buf;
}

function records(image) {
  const count = "import sys,sqlite3; c=sqlite3.connect(':memory:'); c.deserialize(sys.stdin.buffer.read());"
    + "print(c.execute(\"select count(*) from person where id like 'r______'\").fetchone()[0])";
  return Number(execFileSync(POC_PYTHON, ["-c", count], { input: image }));
}
