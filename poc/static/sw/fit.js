// Fitting a value into a field: whole numbers, clean text, or nothing. Its twin is sync/fit.py.

export class Unfit extends Error {}

const LONGEST = 500_000;

export function fit(type, field, value) {
  const label = field.replaceAll("_", " ");
  if (value === null || value === undefined || value === "") return null;
  if (type === "number") return number(label, value);
  if (typeof value !== "string") throw new Unfit(`The ${label} must be text.`);
  if ([...value].length > LONGEST) throw new Unfit(`The ${label} is too long.`);
  if (!value.isWellFormed()) throw new Unfit(`The ${label} holds a broken character.`);
  return value.replaceAll("\0", "").replaceAll("\r\n", "\n") || null;
}

function number(label, value) {
  const digits = typeof value === "string" ? value.trim() : Number.isInteger(value) ? `${value}` : "";
  const whole = /^-?[0-9]{1,19}$/.test(digits) ? Number(digits) : NaN;
  if (!Number.isSafeInteger(whole)) throw new Unfit(`The ${label} must be a whole number.`);
  return whole;
}
