// Newer versions of POC: one waits beside the one that runs until it is let in, and no page mixes two.

import { dirty } from "./forms.js";

const VERSION = /\/static\/([0-9a-f]{12})\//;
const MINE = VERSION.exec(import.meta.url)?.[1];
const SINCE = "poc-update-since";
const LONGEST = 24 * 3600_000;
const LOOK = 3600_000;
const LOOKS = [0, 1_000, 2_000, 4_000];
const OPENING = 5_000;
const HUSH = 20_000;

let registration = null;
let opened = 0;
let controlled = Boolean(globalThis.navigator?.serviceWorker?.controller);
let asked = false;
let overtaken = false;
let hushed = 0;
const channel = new BroadcastChannel("poc");
channel.addEventListener("message", ({ data }) => data.update && hush());

// Wait for a newer version; let it in when somebody says so, or when it has waited for a day.
export function watchUpdates(registered) {
  registration = registered;
  opened = Date.now();
  navigator.serviceWorker.addEventListener("controllerchange", follow);
  registration.addEventListener("updatefound", () => {
    registration.installing?.addEventListener("statechange", offer);
  });
  document.addEventListener("htmx:after:swap", offer);
  document.addEventListener("htmx:after:request", stayWhole);
  setInterval(look, LOOK);
  // Just after a page was opened, browsers do not always know yet what waits.
  for (const after of LOOKS) setTimeout(offer, after);
}

// Ask whether there is a newer version; where there is one, it begins to install.
export function look() {
  if (document.visibilityState === "visible") registration?.update().catch(() => undefined);
}

// How long a version has waited is counted for the version that it waits beside.
function waitedLong() {
  const [beside, since] = (localStorage.getItem(SINCE) ?? "").split(" ");
  if (beside === MINE) return Date.now() - Number(since) > LONGEST;
  localStorage.setItem(SINCE, `${MINE} ${Date.now()}`);
  return false;
}

// A page that was just opened has nothing typed into it.
function justOpened() {
  return Date.now() - opened < OPENING && !dirty(document);
}

function takeOver() {
  asked = true;
  channel.postMessage({ update: true });
  hush();
  registration.waiting?.postMessage({ type: "take over" });
}

function hush() {
  hushed = Date.now() + HUSH;
}

// A worker that is spoken to while it makes room for the next one wakes up again, and stays for minutes.
export function makingRoom() {
  return Date.now() < hushed;
}

// Another worker answers from now on: this page is of the version before, and makes room for it.
function follow() {
  const first = !controlled;
  controlled = true;
  if (first || overtaken) return;
  overtaken = true;
  hushed = 0;
  if (asked || !dirty(document)) location.reload();
  else offer();
}

function offer() {
  if (!controlled || !(registration.waiting || overtaken)) return;
  if (waitedLong() && justOpened() && registration.waiting) return takeOver();
  const line = document.querySelector("#state");
  if (line && !line.querySelector("button")) line.replaceChildren(button());
}

function button() {
  const made = document.createElement("button");
  made.type = "button";
  made.className = "button button--small";
  made.textContent = "Update ready";
  made.onclick = () => {
    if (dirty(document)) made.textContent = "Save first, then update";
    else if (registration.waiting) takeOver();
    else location.reload();
  };
  return made;
}

// The next page came from another version: then it is opened whole, with scripts of its own.
function stayWhole(event) {
  const { text, response } = event.detail.ctx;
  // What was refused holds what somebody typed, and is shown wherever they are.
  if (response.status >= 400 || ofThisVersion(text)) return;
  event.preventDefault();
  location.assign(response.raw.url);
}

export function ofThisVersion(text) {
  const theirs = VERSION.exec(text ?? "")?.[1];
  return !theirs || theirs === MINE;
}
