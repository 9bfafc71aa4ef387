// What goes out with one exchange: few enough edits, and small enough, for a thin line.

import { membersOf } from "./replica.js";

const MOST = 200;
const LARGEST = 256_000; // bytes
const SMALLEST = 8_000;
const bytes = new TextEncoder();

export class Outgoing {
  #room = LARGEST;

  // Take as much from the front as may go at once; the first one goes however large it is.
  batch(edits, generation) {
    const wires = [];
    let room = this.#room;
    for (const edit of edits.slice(0, MOST)) {
      const wire = wireOf(edit, generation);
      room -= bytes.encode(JSON.stringify(wire)).length;
      if (room < 0 && wires.length) break;
      wires.push(wire);
    }
    return wires;
  }

  // A line that carried this may carry more; after one that broke, less is tried.
  went(well) {
    const next = well ? this.#room * 2 : this.#room / 2;
    this.#room = Math.min(LARGEST, Math.max(SMALLEST, next));
  }
}

// Name the last of these edits, by one author, that is of the same thing.
export function before(edits, one) {
  const others = edits.flatMap(membersOf).filter(({ kind, record }) => kind === one.kind && record === one.record);
  return others.filter(({ field, do: verb }) => one.do === "delete" || field === one.field || verb === "create").at(-1)?.id;
}

// In another life an author's own answered edit had a number; in this one the next edit must name it.
export function inOrder(edits, life) {
  return edits.map((edit, n) => {
    if (edit.generation === life) return edit;
    const named = (one) => ({ ...one, after: one.after ?? before(edits.slice(0, n), one) });
    return edit.changes ? { ...edit, changes: edit.changes.map(named) } : named(edit);
  });
}

// What its author had seen counts in the life of the office in which it was seen.
function wireOf({ id, do: verb, kind, record, field, value, base, after, at, changes, generation }, now) {
  const life = generation === now ? undefined : generation;
  const wire = { v: 1, id, do: verb, kind, record, field, value, base, after, at, generation: life };
  return changes ? { ...wire, changes: changes.map((one) => wireOf({ ...one, generation: now }, now)) } : wire;
}
