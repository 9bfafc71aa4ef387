// Small taps: copy a text, hand a link to another app, print, and leave with a warning.

const ONE_TAP = 1000; // milliseconds within which a glove may tap twice

export function listen(document) {
  document.addEventListener("submit", onlyOnce, { capture: true });
  document.addEventListener("click", async (event) => {
    const button = event.target.closest?.("[data-copy],[data-share],[data-print]");
    if (!button) return;
    if ("print" in button.dataset) globalThis.print();
    else if ("share" in button.dataset) await share(button.dataset.share);
    else await copy(button);
  });
  for (const button of document.querySelectorAll("[data-share]")) button.hidden = !navigator.share;
  document.addEventListener("submit", (event) => {
    if (!event.target.matches("[data-sign-out]")) return;
    const waiting = Number(document.documentElement.dataset.waiting ?? 0);
    const question = `${waiting} of your edits were not sent yet. Sign out and leave them on this device?`;
    if (waiting && !confirm(question)) event.preventDefault();
  });
}

let last = -ONE_TAP;

// The second of two taps would confirm what has come up under the finger meanwhile, unread.
function onlyOnce(event) {
  if (!event.target.matches("[data-once]")) return;
  if (event.timeStamp - last < ONE_TAP) {
    event.preventDefault();
    event.stopImmediatePropagation();
  } else {
    last = event.timeStamp;
  }
}

async function share(link) {
  await navigator.share({ url: link }).catch(() => undefined);
}

async function copy(button) {
  await navigator.clipboard.writeText(button.dataset.copy);
  const said = button.textContent;
  button.textContent = "Copied";
  setTimeout(() => (button.textContent = said), 1500);
}
