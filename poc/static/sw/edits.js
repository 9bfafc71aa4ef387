// POST on the device: a form becomes changes. Its twin in the office is edit.py.

import { newId } from "./ids.js";

// Turn a posted form into changes, without ids; `rowOf` gives a record as it is shown now. A new
// record comes last: it may build on the others.
export function changes(form, kind, record, kinds, rowOf, me, now) {
  const seen = /^[0-9]{1,15}$/.test(form.seen ?? "") ? Number(form.seen) : 0;
  let wires = [];
  for (const [about, fields] of targets(form, kind, record, kinds)) {
    const filled = Object.fromEntries(Object.entries(fields).map(([f, v]) => [f, fill(v, me, now)]));
    wires.push(...differences(about, rowOf(about.kind, about.record), filled));
  }
  if (form.away) {
    const others = wires.filter((wire) => wire.record !== record);
    wires = [{ do: "delete", kind, record }, ...others];
  }
  wires = wires.map((wire) => ({ ...wire, base: seen, at: now }));
  if (form.together && wires.length > 1) return [{ do: "group", changes: wires, at: now }];
  return wires;
}

function targets(form, kind, record, kinds) {
  const own = { kind, record: record || newId() };
  const found = new Map([[`${own.kind} ${own.record}`, [own, {}]]]);
  for (const [name, value] of Object.entries(form)) {
    const parts = name.split(".");
    const other = { kind: parts[0], record: parts.slice(1, -1).join(".") };
    const about = parts.length > 2 ? other : own;
    const field = parts.at(-1);
    if (!Object.hasOwn(kinds, about.kind) || !Object.hasOwn(kinds[about.kind], field)) continue;
    const key = `${about.kind} ${about.record}`;
    if (!found.has(key)) found.set(key, [about, {}]);
    found.get(key)[1][field] = value;
  }
  const [mine, ...others] = found.values();
  return record ? [mine, ...others] : [...others, mine];
}

function differences(about, row, fields) {
  if (row === null) {
    const value = Object.fromEntries(Object.entries(fields).filter(([, v]) => v !== ""));
    return Object.keys(value).length ? [{ do: "create", ...about, value }] : [];
  }
  return Object.entries(fields)
    .filter(([field, value]) => value !== String(row[field] ?? ""))
    .map(([field, value]) => ({ do: "set", ...about, field, value: value === "" ? null : value }));
}

function fill(value, me, now) {
  if (value === "@now") return now;
  return value === "@me" ? me : value.trim().replaceAll("\r\n", "\n");
}
