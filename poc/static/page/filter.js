// Finding people and places while typing, in any script, with or without accents.

const PLAIN = { ł: "l", ø: "o", đ: "d", ß: "ss", æ: "ae", œ: "oe", ı: "i", þ: "th", ð: "d" };

export function fold(text) {
  const bare = text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
  return bare.replace(/[łøđßæœıþð]/g, (letter) => PLAIN[letter]);
}

export function filterLists(document) {
  for (const box of document.querySelectorAll("input[data-filter],select[data-filter]")) {
    box.oninput = () => filter(document, box.dataset.filter);
    if (box.value) filter(document, box.dataset.filter);
  }
}

// A row is shown when it fits everything that is asked of its list.
function filter(document, name) {
  const list = document.querySelector(name);
  if (!list) return;
  const boxes = [...document.querySelectorAll(`[data-filter="${name}"]`)].filter((box) => box.value);
  let shown = 0;
  for (const row of list.querySelectorAll("[data-search]")) {
    row.hidden = !boxes.every((box) => fits(row.dataset, box));
    shown += row.hidden ? 0 : 1;
  }
  for (const group of list.querySelectorAll("[data-group]")) {
    group.hidden = !group.querySelector("[data-search]:not([hidden])");
  }
  for (const note of list.querySelectorAll("[data-nobody]")) note.hidden = shown > 0;
}

function fits({ search, is }, box) {
  if (box.matches("select")) return is.split("|").includes(box.value);
  const text = fold(search);
  const words = fold(box.value).split(/\s+/).filter(Boolean);
  return words.every((word) => text.includes(word));
}
