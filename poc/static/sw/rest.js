// When the office may be asked again: not before it said itself, and after failures when the dice say.

const FIRST = 2_000;
const LONGEST = 60_000;
const LONGEST_ASKED = 600_000;
const SPREAD = 20_000; // devices that were all told the same must not all come back at once
const BUSY = [429, 503];

export class Rest {
  #outbox;
  #failures = 0;
  #until = 0;
  #asked = null;

  constructor(outbox) {
    this.#outbox = outbox;
  }

  // Say whether it is too early. Who has the device in the hand waits for the office, not for dice.
  async holds(eager) {
    this.#asked ??= (await this.#outbox.noted("rest")) ?? 0;
    return isAhead(this.#asked) || (!eager && isAhead(this.#until));
  }

  over() {
    this.#failures = 0;
    this.#until = 0;
  }

  // No answer came, or one that says when to come again.
  async after(response) {
    this.#failures += 1;
    this.#until = Date.now() + Math.random() * Math.min(LONGEST, FIRST * 2 ** this.#failures);
    const wish = BUSY.includes(response?.status) ? wanted(response.headers) : 0;
    if (!wish) return;
    this.#asked = Date.now() + wish + Math.random() * Math.min(wish, SPREAD);
    await this.#outbox.note("rest", this.#asked);
  }
}

// A clock that was set back meanwhile must not make a minute a year.
function isAhead(moment) {
  const left = moment - Date.now();
  return left > 0 && left <= LONGEST_ASKED + SPREAD;
}

// Seconds, or a date by the office's own clock.
function wanted(headers) {
  const said = headers.get("Retry-After") ?? "";
  const date = Date.parse(said) - (Date.parse(headers.get("Date")) || Date.now());
  const wish = /^[0-9]+$/.test(said) ? Number(said) * 1000 : date;
  return Math.min(Math.max(wish || 0, 0), LONGEST_ASKED);
}
