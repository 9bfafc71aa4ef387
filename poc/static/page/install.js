// Steps to put the app on the home screen, shown where they help and nowhere else.

let offer = null;

globalThis.addEventListener?.("beforeinstallprompt", (event) => {
  event.preventDefault();
  offer = event;
  showInstall(document);
});

export function showInstall(document) {
  const installed = matchMedia("(display-mode: standalone)").matches || navigator.standalone === true;
  const apple = /iPhone|iPad|iPod/.test(navigator.userAgent) || isPad();
  const android = /Android/.test(navigator.userAgent);
  for (const part of document.querySelectorAll("[data-install]")) {
    const kind = part.dataset.install;
    const helps = { ios: apple, android, button: offer !== null }[kind];
    part.hidden = installed || !(helps || (!apple && !android && kind !== "button"));
    if (kind !== "button" && (apple || android)) part.open = true;
    if (kind === "button") part.onclick = () => offer?.prompt();
  }
}

// An iPad says it is a Mac; no Mac has a touch screen.
function isPad() {
  return navigator.platform === "MacIntel" && navigator.maxTouchPoints > 1;
}
