// Fills templates and applies filters for the tests in Python: one question and one answer a line.

import { createInterface } from "node:readline";

import { fill } from "../../poc/static/sw/dialect.js";
import { filters } from "../../poc/static/sw/filters.js";
import { Missing, Safe } from "../../poc/static/sw/values.js";

// Reads a book as the worker does: as the text of a module.
async function filled({ module }) {
  const { plays } = await import(`data:text/javascript,${encodeURIComponent(module)}`);
  return plays.map(({ templates, name, variables }) => attempt(() => fill(templates, name, variables)));
}

function filtered({ cases }) {
  return cases.map(([name, values]) => attempt(() => marked(filters[name](...values.map(unmarked)))));
}

function attempt(work) {
  try {
    return { found: work() };
  } catch (error) {
    return { error: `${error.name}: ${error.message}` };
  }
}

// Safe text and missing names are no JSON: the cases write them as {"safe": ...} and {"missing": ...}.
function unmarked(value) {
  if (typeof value?.safe === "string") return new Safe(value.safe);
  return value?.missing ? new Missing("it is missing") : value;
}

function marked(value) {
  if (value instanceof Safe) return { safe: value.text };
  return value instanceof Missing ? { missing: true } : value;
}

for await (const line of createInterface({ input: process.stdin })) {
  const question = JSON.parse(line);
  const answer = question.module === undefined ? filtered(question) : await filled(question);
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
