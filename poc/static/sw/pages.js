// GET on the device: run a page's queries, fill its template. Its twin in the office is answer.py.

import { fill } from "./dialect.js";

const MARK = "/* and the edits */"; // of supposing.py

export class NotFound extends Error {}
export class NotYours extends Error {}

export class Pages {
  #book;
  #patterns;

  constructor(book) {
    this.#book = book;
    this.#patterns = book.pages.map((page) => [page, pattern(page.path)]);
  }

  // Find the page an address belongs to, and the parts of the address.
  find(address) {
    const [path, words] = parted(address);
    for (const [page, { shape, names }] of this.#patterns) {
      const match = shape.exec(path);
      if (match) {
        const args = names.map((name, i) => [name, decodeURIComponent(match[i + 1])]);
        return { page, args: { ...Object.fromEntries(args), ...askedFor(page, words) } };
      }
    }
    return null;
  }

  answer(sight, address) {
    const { page, args } = this.#page(sight, address);
    const [path] = parted(address);
    const parameters = { ...sight.parameters, ...args };
    let found = this.#ask(sight, page.queries, parameters);
    if (page.edits) found = { ...found, ...this.#suppose(sight, page, parameters, found[page.edits]) };
    if (page.thaws) found = { ...this.#thaw(page, found, Object.keys(args).length > 0), ...found };
    return this.fill(sight, page.template, path, found);
  }

  fill(sight, template, path, found) {
    const shell = {
      ...this.#ask(sight, this.#book.shell, sight.parameters),
      base: sight.base,
      nav: this.#nav(sight, path),
      path,
      seen: sight.seen,
      today: sight.parameters.today,
      tomorrow: sight.parameters.tomorrow,
      version: this.#book.version,
    };
    return fill(this.#book.templates, template, { ...shell, ...found });
  }

  #page(sight, path) {
    const match = this.find(path);
    if (!match) throw new NotFound(path);
    if (!match.page.tables.every((kind) => sight.kinds.has(kind))) throw new NotYours(path);
    return match;
  }

  #ask(sight, queries, parameters) {
    return Object.fromEntries(queries.map((query) => [query.name, find(sight, query, parameters)]));
  }

  // Ask what would be found if these edits had been written.
  #suppose(sight, page, parameters, edits) {
    const names = ["kind", "record", "field", "value"];
    const places = edits.map((_, n) => `, (${names.map((name) => `:${name}_${n}`).join(", ")})`).join("");
    const written = edits.flatMap((one, n) => names.map((name) => [`${name}_${n}`, one[name]]));
    const ask = (sql, given) =>
      sight.ask(sql.replace(MARK, places), { ...given, ...Object.fromEntries(written) });
    return this.#ask({ ...sight, ask }, page.supposed, parameters);
  }

  #thaw(page, found, needed) {
    const publication = found[page.queries[0].name];
    if (publication === null && needed) throw new NotFound(page.path);
    const other = this.#book.pages.find((one) => one.path === page.thaws);
    const empty = Object.fromEntries(other.queries.map((query) => [query.name, nothing(query)]));
    return { ...empty, ...(publication ? JSON.parse(publication.rows || "{}") : {}) };
  }

  #nav(sight, path) {
    const held = (page) => page.label && page.tables.every((kind) => sight.kinds.has(kind));
    const entries = this.#book.pages.filter(held);
    const here = entries
      .map((page) => page.path)
      .filter((one) => path === one || path.startsWith(`${one}/`))
      .reduce((longest, one) => (one.length > longest.length ? one : longest), "");
    return entries.map(({ label, path: to, icon, group, tab }) => ({
      label,
      path: sight.base + to,
      icon,
      group,
      tab,
      here: to === here ? 1 : 0,
    }));
  }
}

// Ask one query and give its rows the shape it promises.
function find(sight, query, parameters) {
  const given = query.parameters.map((name) => [name, parameters[name] ?? null]);
  const rows = sight.ask(query.sql, Object.fromEntries(given));
  if (query.shape === "*") return rows;
  if (query.shape.startsWith("/")) return grouped(rows, query.shape.slice(1));
  if (!rows.length && query.shape === "") throw new NotFound(query.name);
  return rows[0] ?? null;
}

function grouped(rows, column) {
  const groups = {};
  for (const row of rows) (groups[row[column]] ??= []).push(row);
  return groups;
}

function parted(address) {
  const end = address.indexOf("?");
  return end < 0 ? [address, ""] : [address.slice(0, end), address.slice(end + 1)];
}

// Read what follows the `?` of an address; what is not as it should be was not given.
function askedFor(page, words) {
  const said = new URLSearchParams(words);
  const given = Object.keys(page.given).filter((name) => said.has(name));
  const read = given.map((name) => [name, said.getAll(name).join(" ")]);
  return Object.fromEntries(read.filter(([name, value]) => new RegExp(`^(?:${page.given[name]})$`).test(value)));
}

function nothing({ shape }) {
  if (shape === "*") return [];
  return shape.startsWith("/") ? {} : null;
}

function pattern(path) {
  const names = [...path.matchAll(/<(\w+)>/g)].map((match) => match[1]);
  const literal = path.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  return { names, shape: new RegExp(`^${literal.replace(/<\w+>/g, "([^/]+)")}$`) };
}
