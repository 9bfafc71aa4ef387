// Keeping a page fresh: the worker, the line that says how things stand, and news from the office.

import { able } from "./bell.js";
import { dirty } from "./forms.js";
import { Live } from "./live.js";
import { clockOf } from "./moments.js";
import { showNewer } from "./newer.js";
import { look, makingRoom, ofThisVersion, watchUpdates } from "./update.js";

const EVERY = 30_000;
const SELDOM = 4; // while the office tells us by itself, asking is for what only an exchange brings
const SETTLED = 3_000;
const STALE = 12 * 3600_000;

export async function keepFresh(base, dress) {
  sendSeen();
  if (!("serviceWorker" in navigator)) return say("Online only: this browser keeps no copy");
  const live = new Live(base, tellWorker);
  const channel = new BroadcastChannel("poc");
  channel.onmessage = ({ data }) => {
    if (data.changed === base) refresh(dress);
    if (data.changed === base || data.state === base) show(base, dress, data.state ? live : null);
  };
  await loaded();
  const registration = await register();
  if (!registration) return say("Online only: this browser keeps no copy");
  watchUpdates(registration);
  await navigator.serviceWorker.ready;
  const visible = () => document.visibilityState === "visible";
  // A phone that slept was told nothing meanwhile, though its worker may have fetched the news.
  const wake = () => visible() && (exchange(base), show(base, dress));
  for (const sign of ["visibilitychange", "online", "pageshow", "focus"]) addEventListener(sign, wake);
  document.addEventListener("visibilitychange", wake);
  // The first requests after a signal came back often still fail.
  addEventListener("online", () => setTimeout(wake, SETTLED));
  document.addEventListener("htmx:after:swap", () => show(base, dress));
  let ticks = 0;
  const tick = () => visible() && exchange(base, false);
  setInterval(() => (live.alive() && (ticks += 1) % SELDOM) || tick(), EVERY);
  wake();
}

// On a first visit the page comes before the copy: a thin line carries one thing at a time.
function loaded() {
  if (document.readyState === "complete") return undefined;
  return new Promise((resolve) => addEventListener("load", resolve, { once: true }));
}

async function register() {
  if (!(await navigator.serviceWorker.getRegistration()) && (await putAway())) return null;
  const options = { type: "module", scope: "/", updateViaCache: "none" };
  try {
    return await navigator.serviceWorker.register("/sw.js", options);
  } catch {
    return null;
  }
}

// Where the office has put the worker away, none is asked for: that would call back the one that leaves.
async function putAway() {
  const answer = await fetch("/sw.js", { method: "HEAD", cache: "no-store" }).catch(() => null);
  return answer?.headers.get("Poc-Worker") === "off";
}

// Somebody is looking, or only the clock: after failures the clock waits its turn.
function exchange(base, eager = true) {
  const installed = matchMedia("(display-mode: standalone)").matches || navigator.standalone === true;
  const about = { installed: installed ? 1 : 0, notices: able() ? "off" : "missing" };
  tellWorker({ type: "exchange", production: base.split("/")[2], about, eager });
}

function tellWorker(message) {
  if (makingRoom()) return;
  navigator.serviceWorker.ready.then(({ active }) => active?.postMessage(message));
}

async function show(base, dress, live) {
  const line = document.querySelector("#state");
  if (!line || line.querySelector("button") || makingRoom() || !navigator.serviceWorker.controller) return;
  const response = await fetch(`${base}/state`).catch(() => null);
  if (!response?.ok) return;
  const state = await response.json();
  document.documentElement.dataset.waiting = state.waiting;
  // The worker has just asked the office, so there is somebody to dial.
  if (state.copy && state.signal && !state.told) live?.open();
  if (state.told === "update") look();
  say(sentence(state), kind(state));
  stale(state);
  showNewer(document, base, state.saved_at);
  // News may have come while this page was on its way here, or while somebody was typing.
  if (state.cursor > Number(document.querySelector("#page").dataset.cursor)) refresh(dress);
}

function sentence(state) {
  const zone = document.body.dataset.zone;
  const edits = state.waiting === 1 ? "1 edit waiting" : `${state.waiting} edits waiting`;
  const files = state.files === 1 ? "1 file to send" : `${state.files} files to send`;
  const saved = state.saved_at ? `saved ${clockOf(state.saved_at, zone)}` : "";
  if (state.told === "revoked") return "Locked out: ask the office for a new link";
  if (state.told === "update") return "Update needed: what you typed is kept";
  if (state.told === "sign in") return "Signed out: come in again to send";
  if (state.returned) return state.returned === 1 ? "1 edit came back" : `${state.returned} edits came back`;
  if (!state.copy) return "Fetching a copy for this device";
  const owed = state.waiting ? edits : state.files ? files : "";
  if (!state.signal) return `No signal · ${owed || saved}`;
  return owed || `Up to date ${clockOf(state.saved_at, zone)}`;
}

function kind(state) {
  if (state.returned || state.told) return "pill--bad";
  return state.signal && !state.waiting && !state.files ? "pill--good" : "pill--wait";
}

function stale(state) {
  const old = state.saved_at && Date.now() - Date.parse(state.saved_at) > STALE;
  for (const part of document.querySelectorAll("[data-stale]")) {
    part.hidden = !old;
    const since = part.querySelector("[data-stale-since]");
    if (since && state.saved_at) since.textContent = clockOf(state.saved_at, document.body.dataset.zone);
  }
}

function say(text, kind = "pill--wait") {
  const line = document.querySelector("#state");
  if (!line) return;
  line.classList.remove("pill--wait", "pill--good", "pill--bad");
  line.classList.add(kind);
  if (line.textContent !== text) line.textContent = text;
}

// News arrived: show the page again, but never under somebody's typing.
async function refresh(dress) {
  const page = document.querySelector("#page");
  if (!page || dirty(document) || leaving() || makingRoom() || document.activeElement?.matches("input,textarea,select")) return;
  const response = await fetch(location.href, { headers: { "HX-Request": "true" } }).catch(() => null);
  if (!response || response.status >= 500 || dirty(document)) return;
  const text = await response.text();
  if (leaving() || document.querySelector("#page") !== page) return;
  const fresh = new DOMParser().parseFromString(text, "text/html").querySelector("#page");
  // No page but the door: this device was put out, and nothing it had may stay on its screen.
  if (!fresh || !ofThisVersion(text)) return location.reload();
  // A form that is morphed into another one would still be sent to where it was sent before.
  const swap = aims(page) === aims(fresh) ? "outerMorph" : "outerHTML";
  globalThis.htmx.swap({ target: page, text: fresh.outerHTML, swap });
  dress();
  sendSeen();
}

// A tap is on its way to another page, which looks for this one when it comes; news waits for it.
function leaving() {
  return document.querySelector(".htmx-request") !== null;
}

function aims(page) {
  const parts = [...page.querySelectorAll("form,a")];
  return parts.map((part) => part.getAttribute("action") ?? part.getAttribute("href")).join("\n");
}

// Opening a call is what the office calls "seen"; it is said once, also without signal.
function sendSeen() {
  const form = document.querySelector("form[data-seen]:not([data-sent])");
  if (!form || document.visibilityState !== "visible") return;
  form.dataset.sent = "yes";
  const body = new URLSearchParams(new FormData(form));
  fetch(form.action, { method: "POST", body, redirect: "manual" }).catch(() => undefined);
}
