// Showing what can be taken back only while it can be, with the seconds that are left.

let beat = null;

export function showUndo(document) {
  const cards = [...document.querySelectorAll("[data-until]")];
  const left = cards.map(count).some(Boolean);
  clearTimeout(beat);
  if (left) beat = setTimeout(() => showUndo(document), 1000);
}

// Counts what is left on a card; nothing is on one whose time is over.
function count(card) {
  const seconds = Math.ceil((Date.parse(card.dataset.until) - Date.now()) / 1000);
  card.hidden = seconds <= 0;
  if (seconds > 0) card.querySelector("[data-until-left]").textContent = `${seconds} s`;
  return seconds > 0;
}
