// Fills pages as the worker does, from images that the office made: one JSON job a line in, one answer a line out.

import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";

import { NotFound, NotYours, Pages } from "../../poc/static/sw/pages.js";
import { Replica } from "../../poc/static/sw/replica.js";
import initSqlJs from "../../poc/static/vendor/sql-wasm.mjs";

const [bookFile, wasmFile] = process.argv.slice(2);
const { book } = await import(bookFile);
const SQL = await initSqlJs({ wasmBinary: readFileSync(wasmFile) });
const pages = new Pages(book);
const replicas = new Map();

for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(`${JSON.stringify(answer(JSON.parse(line)))}\n`);
}

function answer({ image, base, today, tomorrow, now, path, sql, parameters }) {
  if (!replicas.has(image)) replicas.set(image, new Replica(SQL, book, readFileSync(image)));
  const replica = replicas.get(image);
  if (sql) return { rows: replica.rows(sql, parameters) };
  const sight = {
    ask: (text, given) => replica.rows(text, given),
    seen: Number(replica.about("cursor")),
    base,
    kinds: new Set(JSON.parse(replica.about("kinds"))),
    parameters: { me: replica.about("person"), today, tomorrow, now },
  };
  try {
    return { body: pages.answer(sight, path) };
  } catch (error) {
    if (error instanceof NotFound) return { refused: "NotFound" };
    if (error instanceof NotYours) return { refused: "NotYours" };
    return { broken: String(error.stack) };
  }
}
