// The watchdog of a page: it stands alone, and offers Repair when the worker or the scripts do not answer.

const LOOK = 30_000;
const AGAIN = 3_000;
const PATIENCE = 5_000;
const TIMES = 3;
const SHELL = /^poc-[0-9a-f]{12}$/;
const COPY = /^poc-replica-/;
const RELOADED = "poc-reloaded";

const base = document.body.dataset.base;
const worker = navigator.serviceWorker;

if (document.readyState === "complete") begin();
else addEventListener("load", begin, { once: true });

function begin() {
  if (!document.documentElement.dataset.scripts) return withoutScripts();
  sessionStorage.removeItem(RELOADED);
  if (worker && base) watch(0);
}

// The office may have moved on between this page and its scripts: the page is asked for once more.
function withoutScripts() {
  if (worker?.controller || sessionStorage.getItem(RELOADED)) return offer();
  sessionStorage.setItem(RELOADED, "yes");
  location.reload();
}

// Ask the worker now and then how it is; when it stays silent several times, say so.
async function watch(silences) {
  const silent = document.visibilityState === "visible" && worker.controller && !(await answers());
  const next = silent ? silences + 1 : 0;
  if (next >= TIMES) offer();
  setTimeout(watch, next ? AGAIN : LOOK, next);
}

async function answers() {
  try {
    const asked = fetch(`${base}/state`, { signal: AbortSignal.timeout(PATIENCE) });
    return (await asked).ok;
  } catch {
    return false;
  }
}

function offer() {
  if (document.querySelector("[data-repair]")) return;
  const button = document.createElement("button");
  button.type = "button";
  button.className = "button button--small";
  button.dataset.repair = "";
  button.textContent = "Repair";
  button.onclick = () => repair(button);
  const line = document.querySelector("#state");
  if (line) line.replaceChildren(button);
  else document.body.append(button);
}

// Put away what can be fetched again. What was typed and not sent is in the outbox, and stays.
async function repair(button) {
  if (!(await officeAnswers())) {
    button.textContent = "Repair needs a signal";
    return;
  }
  const workers = (await worker?.getRegistrations()) ?? [];
  await Promise.all(workers.map((one) => one.unregister()));
  const shells = (await caches.keys()).filter((name) => SHELL.test(name));
  await Promise.all(shells.map((name) => caches.delete(name)));
  const kept = (await indexedDB.databases?.()) ?? [];
  for (const { name } of kept) if (COPY.test(name)) await drop(name);
  sessionStorage.removeItem(RELOADED);
  location.reload();
}

async function officeAnswers() {
  const asked = { cache: "no-store", signal: AbortSignal.timeout(2 * PATIENCE) };
  const response = await fetch("/sw.js", asked).catch(() => null);
  return response?.ok && response.headers.get("Content-Type")?.startsWith("text/javascript");
}

// A copy that the silent worker still holds goes when this page, its last one, is gone.
function drop(name) {
  return new Promise((resolve) => {
    const asked = indexedDB.deleteDatabase(name);
    asked.onsuccess = asked.onerror = asked.onblocked = resolve;
  });
}
