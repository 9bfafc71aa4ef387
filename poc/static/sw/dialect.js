// Fills the templates that poc/dialect/compiler.py wrote as JavaScript, in the bytes Jinja2 gives.

import { filters, tests } from "./filters.js";
import * as values from "./values.js";

export function fill(templates, name, variables) {
  return new Filling(templates).page(name, variables);
}

class Filling {
  #templates;
  #opened = new Map();
  #modules = new Map();

  constructor(templates) {
    this.#templates = templates;
  }

  page(name, variables) {
    return this.#whole(name, new Map(Object.entries(variables)));
  }

  include(name, context, local) {
    const given = Object.entries(local).filter(([, value]) => value !== undefined);
    return this.#whole(name, new Map([...context.all(), ...given]));
  }

  #whole(name, known) {
    return this.body(name, new Context(known, this.#open(name).blocks));
  }

  body(name, context) {
    return this.#open(name).body(context);
  }

  extend(name, context) {
    context.inherit(this.#open(name).blocks);
  }

  module(name) {
    if (!this.#modules.has(name)) {
      const context = new Context(new Map(), this.#open(name).blocks);
      this.body(name, context);
      this.#modules.set(name, context.exports());
    }
    return this.#modules.get(name);
  }

  #open(name) {
    if (!this.#opened.has(name)) {
      if (!Object.hasOwn(this.#templates, name)) throw new Error(`There is no template ${name}.`);
      this.#opened.set(name, this.#templates[name](values, filters, tests, this));
    }
    return this.#opened.get(name);
  }

  loop(rows) {
    return new Loop(rows);
  }

  macro(name, names, body) {
    return new Macro(name, names, body);
  }

  call(macro, positional, named) {
    if (!(macro instanceof Macro)) throw values.wrong(macro, "is not a macro");
    return macro.call(positional, named);
  }
}

// The names a template knows, and the blocks it and its parents have, child first.
class Context {
  #known;
  #set = new Map();
  #exported = new Set();
  #blocks = new Map();

  constructor(known, blocks) {
    this.#known = known;
    this.inherit(blocks);
  }

  resolve(name) {
    return this.#set.has(name) ? this.#set.get(name) : this.#known.get(name);
  }

  all() {
    return new Map([...this.#known, ...this.#set]);
  }

  set(name, value) {
    this.#set.set(name, value);
    if (!name.startsWith("_")) this.#exported.add(name);
  }

  take(name, value) {
    this.#set.set(name, value);
    this.#exported.delete(name);
  }

  exports() {
    return new values.Module([...this.#exported].map((name) => [name, this.#set.get(name)]));
  }

  inherit(blocks) {
    for (const [name, block] of Object.entries(blocks)) {
      this.#blocks.set(name, [...(this.#blocks.get(name) ?? []), block]);
    }
  }

  block(name, depth = 0) {
    const block = this.#blocks.get(name)[depth];
    if (!block) throw new Error(`No parent has a block ${name} that super() could show.`);
    return block(this, depth);
  }

  super(name, depth) {
    return new values.Safe(this.block(name, depth + 1));
  }
}

class Macro {
  #name;
  #names;
  #body;

  constructor(name, names, body) {
    this.#name = name;
    this.#names = names;
    this.#body = body;
  }

  call(positional, named) {
    const rest = this.#names.slice(positional.length);
    const given = new Map(Object.entries(named));
    const surplus = [...given.keys()].find((name) => !rest.includes(name));
    if (surplus !== undefined || positional.length > this.#names.length) {
      throw new TypeError(`The macro ${this.#name} takes no ${surplus ?? "further argument"}.`);
    }
    return new values.Safe(this.#body(...positional, ...rest.map((name) => given.get(name))));
  }
}

class Loop {
  #rows;
  #coming;
  #ahead;
  #length;
  index0 = -1;

  constructor(rows) {
    this.#rows = rows;
    this.#coming = rows[Symbol.iterator]();
  }

  *[Symbol.iterator]() {
    while (!this.last) {
      const { value } = this.#peek();
      this.#ahead = undefined;
      this.index0 += 1;
      yield [value, this];
    }
  }

  #peek() {
    this.#ahead ??= this.#coming.next();
    return this.#ahead;
  }

  get index() {
    return this.index0 + 1;
  }

  get first() {
    return this.index0 === 0;
  }

  get last() {
    return this.#peek().done;
  }

  get length() {
    this.#length ??= Array.isArray(this.#rows) ? this.#rows.length : this.index + this.#drain();
    return this.#length;
  }

  // A filtered loop has no length until its rows have all been looked at.
  #drain() {
    const rest = this.last ? [] : [this.#ahead.value, ...this.#coming];
    this.#coming = rest[Symbol.iterator]();
    this.#ahead = undefined;
    return rest.length;
  }

  get revindex() {
    return this.length - this.index0;
  }

  get revindex0() {
    return this.length - this.index;
  }
}
