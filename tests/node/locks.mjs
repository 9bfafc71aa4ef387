// The browser's locks, as much of them as the worker asks for; one of them may be held for ever.

export class Locks {
  #held;

  constructor(held) {
    this.#held = new Set(held);
  }

  async request(name, { ifAvailable, signal }, work) {
    if (!this.#held.has(name)) return this.#alone(name, work);
    if (ifAvailable) return work(null);
    return new Promise((resolve, reject) => {
      signal.addEventListener("abort", () => reject(signal.reason));
    });
  }

  async #alone(name, work) {
    this.#held.add(name);
    try {
      return await work({ name });
    } finally {
      this.#held.delete(name);
    }
  }
}
