// Python's values as templates meet them: what is true, equal, added, shown, and what is refused.

export class Safe {
  constructor(text) {
    this.text = text;
  }
}

export class Missing {
  constructor(sentence) {
    this.sentence = sentence;
  }
}

export class Tuple extends Array {}

export class Namespace extends Map {
  constructor(attributes) {
    super(Object.entries(attributes));
  }
}

// Where one template takes macros of another.
export class Module extends Map {}

const ESCAPES = { "&": "&amp;", "<": "&lt;", ">": "&gt;", "'": "&#39;", '"': "&#34;" };

export function print(value) {
  return value === null ? "" : escape(value).text;
}

export function escape(value) {
  if (value instanceof Safe) return value;
  return new Safe(text(value).replace(/[&<>'"]/g, (sign) => ESCAPES[sign]));
}

export function text(value) {
  if (typeof value === "string") return value;
  if (value instanceof Safe) return value.text;
  if (value === null) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  if (typeof value === "number") return String(countable(value));
  throw wrong(value, "has no text of its own: show one of its fields");
}

export function countable(value) {
  if (Number.isSafeInteger(value)) return value;
  throw new RangeError(`${value} is not a whole number that a device can hold.`);
}

export function wrong(value, complaint) {
  if (value instanceof Missing) return new TypeError(`${value.sentence}.`);
  const kind = value === null ? "None" : (value?.constructor?.name ?? typeof value);
  return new TypeError(`A value (${kind}) ${complaint}.`);
}

export function named(value, name) {
  return value === undefined ? new Missing(`${name} is undefined`) : value;
}

export function tuple(...many) {
  return Tuple.from(many);
}

export function dictionary(pairs) {
  return new Map(pairs.map(([name, value]) => [key(name), value]));
}

// Python finds True where 1 is, and safe text where plain text is.
function key(name) {
  if (typeof name === "boolean") return Number(name);
  if (name instanceof Safe) return name.text;
  if (!canBeKey(name)) throw wrong(name, "cannot be looked up");
  return name;
}

function canBeKey(name) {
  return !(isDict(name) || Array.isArray(name) || name instanceof Missing);
}

function isDict(value) {
  if (value === null || typeof value !== "object" || value instanceof Namespace) return false;
  return value.constructor === Object || value.constructor === Map;
}

const isText = (value) => typeof value === "string" || value instanceof Safe;
export const isWhole = (value) => typeof value === "number" || typeof value === "boolean";

export function truth(value) {
  if (value instanceof Missing) throw wrong(value);
  if (isText(value) || Array.isArray(value) || isDict(value)) return length(value) > 0;
  return Boolean(value);
}

export function and(left, right) {
  return truth(left) ? right() : left;
}

export function or(left, right) {
  return truth(left) ? left : right();
}

export function each(value) {
  if (isText(value)) return [...text(value)];
  if (Array.isArray(value)) return value;
  if (isDict(value)) return value instanceof Map ? [...value.keys()] : Object.keys(value);
  throw wrong(value, "is not a list");
}

export function length(value) {
  return each(value).length;
}

export function item(value, name) {
  if (value instanceof Missing) throw wrong(value);
  const found = lookUp(value, name);
  const called = isText(name) || isWhole(name) ? text(name) : "such field";
  return found === undefined ? new Missing(`there is no ${called} here`) : found;
}

function lookUp(value, name) {
  if (isText(value) || Array.isArray(value)) return isWhole(name) ? place(value, name) : undefined;
  if (isDict(value) && name instanceof Missing) throw wrong(name);
  if (value instanceof Map) return canBeKey(name) ? value.get(key(name)) : undefined;
  if (isDict(value) && isText(name) && Object.hasOwn(value, text(name))) return value[text(name)];
  return undefined;
}

function place(value, index) {
  const found = each(value).at(Number(index));
  return value instanceof Safe && found !== undefined ? new Safe(found) : found;
}

export function assign(namespace, name, value) {
  if (!(namespace instanceof Namespace)) throw wrong(namespace, "takes no new names: use namespace()");
  namespace.set(name, value);
}

export function equal(left, right) {
  if (left instanceof Missing || right instanceof Missing) {
    throw wrong(left instanceof Missing ? left : right);
  }
  if (isText(left) && isText(right)) return text(left) === text(right);
  if (isWhole(left) && isWhole(right)) return Number(left) === Number(right);
  if (Array.isArray(left) && Array.isArray(right)) return sameList(left, right);
  if (isDict(left) && isDict(right)) return sameDict(left, right);
  return left === right;
}

// Python asks first whether two are one and the same.
function same(left, right) {
  return left === right || equal(left, right);
}

function sameList(left, right) {
  if (left.constructor !== right.constructor || left.length !== right.length) return false;
  return left.every((one, index) => same(one, right[index]));
}

function sameDict(left, right) {
  const names = each(left);
  if (names.length !== length(right)) return false;
  return names.every((name) => {
    const other = lookUp(right, name);
    return other !== undefined && same(lookUp(left, name), other);
  });
}

export function compare(left, right) {
  if (isWhole(left) && isWhole(right)) return Number(left) - Number(right);
  if (isText(left) && isText(right)) return compareText(text(left), text(right));
  if (Array.isArray(left) && left.constructor === right?.constructor) return compareLists(left, right);
  throw wrong(left instanceof Missing ? left : right, "cannot be put in order beside the other");
}

function compareLists(left, right) {
  const index = left.findIndex((one, place) => place >= right.length || !same(one, right[place]));
  if (index < 0 || index >= right.length) return left.length - right.length;
  return compare(left[index], right[index]);
}

// By code point, as Python does: JavaScript's own order puts emoji before some letters.
function compareText(left, right) {
  const [ours, theirs] = [[...left], [...right]];
  const index = ours.findIndex((sign, place) => sign !== theirs[place]);
  if (index < 0 || index >= theirs.length) return ours.length - theirs.length;
  return ours[index].codePointAt(0) - theirs[index].codePointAt(0);
}

export function within(value, container) {
  if (isText(container)) return text(container).includes(word(value));
  if (isDict(container)) return lookUp(container, key(value)) !== undefined;
  return each(container).some((one) => same(one, value));
}

function word(value) {
  if (isText(value)) return text(value);
  throw wrong(value, "is not text");
}

export function whole(value) {
  if (isWhole(value)) return Number(value);
  throw wrong(value, "is not a whole number");
}

export function positive(value) {
  return whole(value);
}

export function negative(value) {
  return 0 - whole(value);
}

export function add(left, right) {
  if (isText(left) && isText(right)) {
    return isPlain([left, right]) ? left + right : joined([left, right]);
  }
  if (Array.isArray(left) && left.constructor === right?.constructor) return left.concat(right);
  return countable(whole(left) + whole(right));
}

export function subtract(left, right) {
  return countable(whole(left) - whole(right));
}

export function multiply(left, right) {
  if (isText(left) || Array.isArray(left)) return repeated(left, Math.max(0, whole(right)));
  if (isText(right) || Array.isArray(right)) return repeated(right, Math.max(0, whole(left)));
  return countable(whole(left) * whole(right));
}

function repeated(value, times) {
  if (typeof value === "string") return value.repeat(times);
  if (value instanceof Safe) return new Safe(value.text.repeat(times));
  return value.constructor.from(Array(times).fill([...value]).flat());
}

// Rounds down, as Python does, without a division that could lose the last digit.
export function divide(left, right) {
  const rest = remainder(left, right);
  const [over, under] = [whole(left), whole(right)];
  const towardsZero = (over - (over % under)) / under;
  return rest !== over % under ? towardsZero - 1 : towardsZero;
}

export function remainder(left, right) {
  const [over, under] = [whole(left), whole(right)];
  if (under === 0) throw new RangeError("Nothing can be divided by 0.");
  const rest = over % under;
  return rest !== 0 && rest < 0 !== under < 0 ? rest + under : rest;
}

export function concat(...parts) {
  return joined(parts.map(string));
}

export function string(value) {
  return value instanceof Safe ? value : text(value);
}

// Plain text stays plain; beside safe text it is escaped.
function joined(parts) {
  if (isPlain(parts)) return parts.join("");
  return new Safe(parts.map((part) => escape(part).text).join(""));
}

function isPlain(parts) {
  return !parts.some((part) => part instanceof Safe);
}
