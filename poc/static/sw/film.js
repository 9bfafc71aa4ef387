// How a film writes its numbers, times and names; poc/dialect/film.py is the twin, word for word.

import { Safe, text, whole, wrong } from "./values.js";

const DAYS = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
const MONTHS = [
  "January", "February", "March", "April", "May", "June",
  "July", "August", "September", "October", "November", "December",
];
const SHORT = [...DAYS.slice(1), DAYS[0], ...MONTHS].map((name) => name.slice(0, 3)).join("|");
const WALL_CLOCK = /^([0-9]{1,2}):([0-5][0-9])$/;
const ISO_DATE = /^[0-9]{4}-[0-9]{2}-[0-9]{2}$/;
const LINE_END = /\r\n?|\n/g;
const DIALLED = /\+?[0-9(][^A-Za-z]*/;
const BETWEEN_WORDS = /[\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+/u;

// Pages in eighths, which are never reduced: 14 is 1 6/8.
function eighths(value) {
  if (value === null) return "";
  const count = Math.abs(whole(value));
  const [pages, rest] = [Math.floor(count / 8), count % 8];
  const parts = [...(pages || !rest ? [pages] : []), ...(rest ? [`${rest}/8`] : [])];
  return (whole(value) < 0 ? "-" : "") + parts.join(" ");
}

function minutes(value) {
  if (value === null) return "";
  return (whole(value) < 0 ? "-" : "") + hoursAndMinutes(Math.abs(whole(value)));
}

function hoursAndMinutes(count) {
  const [hours, rest] = [Math.floor(count / 60), count % 60];
  if (!hours) return `${rest} min`;
  return rest ? `${hours} h ${two(rest)}` : `${hours} h`;
}

function two(number) {
  return String(number).padStart(2, "0");
}

// A time of day; 25:30 is half past one in the night after.
function clock(value) {
  if (value === null) return "";
  const passed = sinceMidnight(value);
  if (passed === null) return written(value);
  const [days, rest] = [Math.floor(passed / 1440), passed % 1440];
  return `${two(Math.floor(rest / 60))}:${two(rest % 60)}${days ? ` +${days}` : ""}`;
}

// How much later or earlier than before a time of day has become, in two words given.
function moved(value, before, words = "later|earlier") {
  if (value === null || before === null) return "";
  const [now, then] = [sinceMidnight(value), sinceMidnight(before)];
  if (now === null || then === null || now === then) return "";
  const [later, earlier] = written(words).split("|");
  return `${hoursAndMinutes(Math.abs(now - then))} ${now > then ? later : earlier}`;
}

function sinceMidnight(value) {
  const found = WALL_CLOCK.exec(written(value));
  return found && Number(found[1]) * 60 + Number(found[2]);
}

// A day of the calendar: in the names given, Monday first, then January, then what follows the number of the day.
function date(value, words = SHORT) {
  const day = onCalendar(value);
  if (!day) return written(value);
  const names = [...written(words).split("|"), ""];
  return `${names[(day.getUTCDay() + 6) % 7]} ${day.getUTCDate()}${names[19]} ${names[day.getUTCMonth() + 7]}`;
}

function long_date(value) {
  const day = onCalendar(value);
  if (!day) return written(value);
  const [weekday, month] = [DAYS[day.getUTCDay()], MONTHS[day.getUTCMonth()]];
  return `${weekday} ${day.getUTCDate()} ${month} ${day.getUTCFullYear()}`;
}

function onCalendar(value) {
  const plain = written(value);
  if (!ISO_DATE.test(plain) || plain.startsWith("0000")) return null;
  const day = new Date(`${plain}T00:00:00Z`);
  // JavaScript takes 31 April for 1 May.
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(plain) ? day : null;
}

// The first letters of a name's first and last word.
function initials(value) {
  const words = written(value).split(BETWEEN_WORDS).filter(Boolean);
  return [...words.slice(0, 1), ...words.slice(1).slice(-1)].map(initial).join("");
}

function initial(word) {
  return (/\p{L}/u.exec(word)?.[0] ?? [...word][0]).toUpperCase();
}

// A number as a telephone dials it, without the (0) that only domestic callers dial.
function phone_link(value) {
  const dialled = DIALLED.exec(written(value))?.[0] ?? "";
  const plus = dialled.startsWith("+") ? "+" : "";
  const digits = (plus ? dialled.replace("(0)", "") : dialled).replace(/[^0-9]/g, "");
  return digits ? `tel:${plus}${digits}` : "";
}

// Words of any script, in lower case, with hyphens between them.
function slug(value) {
  return written(value).toLowerCase().split(/[^\p{L}\p{M}\p{N}]+/u).filter(Boolean).join("-");
}

// Text as a vCard spells it, where no browser reads it as HTML.
function vcard(value) {
  return new Safe(written(value).replace(/[\\,;]/g, "\\$&").replace(LINE_END, "\\n"));
}

function written(value) {
  if (value === null) return "";
  if (typeof value === "string" || value instanceof Safe) return text(value);
  throw wrong(value, "is not text");
}

export const film = { eighths, minutes, clock, moved, date, long_date, initials, phone_link, slug, vcard };
