// The live line: one stream a browser, over which the office says what changed the moment it does.

const SILENCE = 50_000; // the office gives a sign of life every 20 s
const AGAIN = 3_000;
const REFUSED = 60_000;

export class Live {
  #base;
  #tell;
  #wanted = null;
  #close = () => undefined;
  #greeting = null;
  #heard = 0;
  #rest = 0;

  constructor(base, tell) {
    this.#base = base;
    this.#tell = tell;
    addEventListener("pagehide", () => this.close());
    document.addEventListener("visibilitychange", () => document.hidden && this.close());
  }

  // Say whether the office was heard lately; a line that went dead looks like a silent one.
  alive() {
    if (this.#greeting && Date.now() - this.#heard > SILENCE) this.#lost();
    return this.#greeting !== null;
  }

  // Hold the line, or stand by until the tab that holds it lets go. Safe to call at any time.
  open() {
    if (this.#wanted || document.hidden || Date.now() < this.#rest || !navigator.locks) return;
    this.#wanted = new AbortController();
    const { signal } = this.#wanted;
    const hold = () => (signal.aborted ? undefined : this.#hold());
    navigator.locks.request(`poc-live-${this.#base}`, { signal }, hold).catch(() => undefined);
  }

  close() {
    this.#wanted?.abort();
    this.#wanted = null;
    this.#greeting = null;
    this.#close();
  }

  #hold() {
    return new Promise((release) => {
      const source = new EventSource(`${this.#base}/sync/live`);
      source.onmessage = ({ data }) => this.#hear(JSON.parse(data));
      source.onerror = () => this.#lost();
      this.#close = () => {
        source.close();
        release();
      };
    });
  }

  #hear(news) {
    this.#heard = Date.now();
    if (news.generation) this.#greeting = { generation: news.generation, epoch: news.epoch };
    if (!news.cursor) return;
    this.#say({ type: "news", news: { ...this.#greeting, ...news } });
  }

  // A browser would dial for ever. We ask instead, now and a little later, and dial when answered.
  #lost() {
    const greeted = this.#greeting !== null;
    this.close();
    this.#rest = Date.now() + (greeted ? AGAIN / 2 : REFUSED);
    if (!greeted) return;
    const ask = () => document.hidden || this.#say({ type: "exchange", about: {}, eager: false });
    ask();
    setTimeout(ask, AGAIN + Math.random() * AGAIN);
  }

  #say(message) {
    this.#tell({ production: this.#base.split("/")[2], ...message });
  }
}
