// Turns forms into changes and fits values as the worker does: one JSON job a line in, one answer a line out.

import { createInterface } from "node:readline";

import { changes } from "../../poc/static/sw/edits.js";
import { fit } from "../../poc/static/sw/fit.js";
import { today } from "../../poc/static/sw/former.js";

for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(`${JSON.stringify(answer(JSON.parse(line)))}\n`);
}

function answer({ form, kind, record, kinds, rows, me, now, type, field, value, edit, former }) {
  if (edit) return today(edit, former);
  if (form) return changes(form, kind, record, kinds, (k, r) => rows[`${k} ${r}`] ?? null, me, now);
  try {
    return { value: fit(type, field, value) };
  } catch (error) {
    return { say: error.message };
  }
}
