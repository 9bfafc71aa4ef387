// The filters and tests both sides know; poc/dialect/filters.py is the twin, word for word.

import { film } from "./film.js";
import {
  Missing, Safe, compare, countable, each, equal, escape, item, length as lengthOf, string,
  text, truth, whole, within,
} from "./values.js";

const PYTHON_SPACE = "\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000";
const AROUND = new RegExp(`^[${PYTHON_SPACE}]+|[${PYTHON_SPACE}]+$`, "gu");

function upper(value) {
  return alike(value, text(value).toUpperCase());
}

function lower(value) {
  return alike(value, text(value).toLowerCase());
}

function trim(value, chars = null) {
  const plain = text(value);
  if (chars === null) return alike(value, plain.replace(AROUND, ""));
  const [signs, edges] = [[...plain], new Set(each(string(chars)))];
  const start = signs.findIndex((sign) => !edges.has(sign));
  const end = signs.findLastIndex((sign) => !edges.has(sign));
  return alike(value, start < 0 ? "" : signs.slice(start, end + 1).join(""));
}

function replace(value, old, by, count = null) {
  const safe = value instanceof Safe || old instanceof Safe || by instanceof Safe;
  const from = old instanceof Safe || (by instanceof Safe && !(value instanceof Safe)) ? escape(value) : value;
  const to = safe ? escape(by).text : text(by);
  const changed = substituted(text(from), text(old), to, count === null ? -1 : whole(count));
  return safe ? new Safe(changed) : changed;
}

function substituted(plain, old, by, count) {
  const parts = old === "" ? ["", ...plain, ""] : plain.split(old);
  if (count < 0 || count >= parts.length - 1) return parts.join(by);
  if (count === 0) return plain;
  return parts.slice(0, count).join(by) + by + parts.slice(count).join(old);
}

// Text made of safe text is safe.
function alike(value, made) {
  return value instanceof Safe ? new Safe(made) : made;
}

const WHOLE = /^[+-]?\d+(_\d+)*$/;
const DECIMAL = /^[+-]?(\d+(_\d+)*\.?(\d+(_\d+)*)?|\.\d+(_\d+)*)(e[+-]?\d+(_\d+)*)?$/i;

function int(value, otherwise = 0) {
  if (value instanceof Missing) return whole(value);
  if (typeof value === "boolean" || typeof value === "number") return countable(Number(value));
  const plain = value instanceof Safe ? value.text : value;
  if (typeof plain !== "string" || /[^\x00-\x7f]/.test(plain)) return otherwise;
  const digits = plain.replace(AROUND, "");
  if (!WHOLE.test(digits) && !DECIMAL.test(digits)) return otherwise;
  const read = Math.trunc(Number(digits.replaceAll("_", "")));
  return read === Infinity || read === -Infinity ? otherwise : countable(read) + 0;
}

function urlencode(value) {
  const byte = (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`;
  return encodeURIComponent(text(value)).replace(/[!'()*]/g, byte).replaceAll("%2F", "/");
}

function fallback(value, otherwise = "", boolean = false) {
  if (value instanceof Missing) return otherwise;
  return truth(boolean) && !truth(value) ? otherwise : value;
}

function first(value) {
  const [one = new Missing("an empty list has no first")] = each(value);
  return one;
}

function last(value) {
  const [one = new Missing("an empty list has no last")] = each(value).slice(-1);
  return one;
}

function list(value) {
  return [...each(value)];
}

function sum(value, attribute = null, start = 0) {
  return countable(fields(value, attribute).reduce((total, one) => total + whole(one), whole(start)));
}

function join(value, between = "", attribute = null) {
  const parts = fields(value, attribute).map(string);
  if (![between, ...parts].some((one) => one instanceof Safe)) return parts.join(text(between));
  return new Safe(parts.map((part) => escape(part).text).join(escape(between).text));
}

function fields(value, attribute = null) {
  return attribute === null ? list(value) : list(value).map(getter(attribute));
}

function selectattr(value, attribute, test = undefined, ...than) {
  const get = getter(attribute);
  return list(value).filter((row) => passes(get(row), test, than));
}

function rejectattr(value, attribute, test = undefined, ...than) {
  const get = getter(attribute);
  return list(value).filter((row) => !passes(get(row), test, than));
}

function groupby(value, attribute, caseSensitive = false) {
  const get = getter(attribute);
  const key = truth(caseSensitive) ? get : (row) => folded(get(row));
  const groups = [];
  for (const row of sorted(list(value), key, 1)) {
    const group = groups.at(-1);
    if (group && equal(group.key, key(row))) group.list.push(row);
    else groups.push({ key: key(row), grouper: get(row), list: [row] });
  }
  return groups.map(({ grouper, list: rows }) => ({ grouper, list: rows }));
}

function sort(value, reverse = false, caseSensitive = false, attribute = null) {
  const fold = truth(caseSensitive) ? (one) => one : folded;
  const gets = attribute === null ? [(row) => row] : String(attribute).split(",").map(getter);
  return sorted(list(value), (row) => gets.map((get) => fold(get(row))), truth(reverse) ? -1 : 1);
}

function sorted(rows, key, direction) {
  const keyed = rows.map((row) => [key(row), row]);
  return keyed.sort(([one], [other]) => direction * compare(one, other)).map(([, row]) => row);
}

function folded(value) {
  return typeof value === "string" || value instanceof Safe ? text(lower(value)) : value;
}

// An attribute may be a path: "scene.set" is the set of the scene of the row.
function getter(attribute) {
  const steps = String(text(attribute)).split(".").map((step) => (/^\d+$/.test(step) ? Number(step) : step));
  return (row) => steps.reduce(item, row);
}

function passes(value, test, than) {
  return test === undefined ? truth(value) : tests[test](value, ...than);
}

export const tests = {
  none: (value) => value === null,
  defined: (value) => !(value instanceof Missing),
  odd: (value) => Math.abs(whole(value) % 2) === 1,
  even: (value) => whole(value) % 2 === 0,
  in: within,
  eq: equal,
  equalto: equal,
};

export const filters = {
  upper, lower, trim, replace, string, int, urlencode, default: fallback, d: fallback,
  length: lengthOf, first, last, list, sum, join, map: fields, selectattr, rejectattr, groupby, sort,
  ...film,
};
