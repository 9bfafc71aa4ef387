// The bell on the page: it asks to show notices after a tap, and sees at every start that they arrive.

import { keep, kept } from "./drawer.js";
import { Refused, bytes, flushReceipts, officeKey, report, subscribe, tell } from "./ringing.js";

const PATIENCE = 20_000;
const SAY = {
  asks: "You get a notice only when something changes for you: your call, your pick-up, your place.",
  on: "Notices are on: this phone rings only when something changes for you.",
  waits: "One moment: asking the browser’s push service.",
  later: "The push service did not answer. Notices will be turned on when there is a better signal.",
  blocked: "Notices are blocked on this phone. Allow them for this app in the phone’s settings.",
  home: "Notices arrive once the app is on the home screen: add it below, and open it from there.",
  missing: "This browser cannot show notices. Look into the app for changes.",
};

export class Bell {
  #base;
  #state = "asks";
  #words = "";

  constructor(base) {
    this.#base = base;
  }

  // Find out how things stand, and put right what has come apart since the last start.
  async check() {
    await flushReceipts().catch(() => undefined);
    if (!able()) return this.#show(onApple() ? "home" : "missing");
    if (Notification.permission === "denied") return this.#blocked();
    const wanted = Notification.permission === "granted" && (await kept("wanted"));
    return wanted ? this.#join() : this.#show("asks");
  }

  // Called by a tap, because browsers ask only then.
  async turnOn() {
    const answer = await Notification.requestPermission();
    if (answer === "denied") return this.#blocked();
    if (answer !== "granted") return this.#show("asks");
    await keep("wanted", true);
    this.#show("waits");
    return this.#join();
  }

  // Write into the page how things stand; pages come and go, this stays.
  draw() {
    const section = document.querySelector("[data-bell]");
    if (!section) return;
    section.dataset.bell = this.#state;
    section.querySelector("[data-bell-state]").textContent = this.#words || SAY[this.#state];
    section.querySelector("[data-bell-on]").hidden = !["asks", "later"].includes(this.#state);
  }

  async #join() {
    try {
      await keep("base", this.#base);
      await this.#subscribed();
      await keep("told", "on");
      this.#show("on");
    } catch (error) {
      this.#show("later", error instanceof Refused ? error.message : "");
    }
  }

  async #subscribed() {
    const registration = await patient(navigator.serviceWorker.ready);
    const key = await officeKey(this.#base);
    const old = await registration.pushManager.getSubscription();
    const ours = old && same(old.options.applicationServerKey, bytes(key));
    if (old && !ours) await old.unsubscribe();
    const subscription = ours ? old : await patient(subscribe(registration, key));
    if (!(await this.#brought(subscription, key))) {
      await subscription.unsubscribe();
      await this.#brought(await patient(subscribe(registration, key)), key);
    }
  }

  // Bring a subscription to the office; false when its push service had ended it meanwhile.
  async #brought(subscription, key) {
    const response = await tell(this.#base, "", { ...subscription.toJSON(), key });
    const told = await response.json();
    if (!response.ok) throw new Refused(told.say);
    return !told.again;
  }

  async #blocked() {
    this.#show("blocked");
    if ((await kept("told")) === "blocked") return;
    const response = await tell(this.#base, "/off", { state: "blocked" }).catch(() => null);
    if (response?.ok) await keep("told", "blocked");
  }

  #show(state, words = "") {
    this.#state = state;
    this.#words = words;
    this.draw();
  }
}

let hung = null;

// Hang the bell when the app starts; on every page that comes after, say how things stand.
export async function ring({ base }) {
  showBadge();
  if (hung) return hung.draw();
  hung = new Bell(base);
  document.addEventListener("click", (event) => {
    if (event.target.closest?.("[data-bell-on]")) hung.turnOn();
  });
  const opened = new URL(location.href).searchParams.get("n");
  if (opened) report(base, opened, "seen").catch(() => undefined);
  return hung.check();
}

// The number on the app's icon is that of the notices nobody has looked at yet.
function showBadge() {
  const count = Number(document.querySelector("#page")?.dataset.unseen ?? 0);
  const done = count ? navigator.setAppBadge?.(count) : navigator.clearAppBadge?.();
  done?.catch(() => undefined);
}

// Say whether this browser can show notices at all, if only it is asked to.
export function able() {
  return "serviceWorker" in navigator && "PushManager" in window && "Notification" in window;
}

// An iPad says it is a Mac; no Mac has a touch screen.
function onApple() {
  const pad = navigator.platform === "MacIntel" && navigator.maxTouchPoints > 1;
  return pad || /iPhone|iPad|iPod/.test(navigator.userAgent);
}

function same(one, other) {
  const left = new Uint8Array(one ?? []);
  return left.length === other.length && left.every((byte, n) => byte === other[n]);
}

// Where no push service can be reached, some browsers never answer.
function patient(promise) {
  return Promise.race([
    promise,
    new Promise((_, reject) => setTimeout(() => reject(new Error("No answer.")), PATIENCE)),
  ]);
}
