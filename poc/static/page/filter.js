// Finding people and places while typing, in any script, with or without accents.

const PLAIN = { ł: "l", ø: "o", đ: "d", ß: "ss", æ: "ae", œ: "oe", ı: "i", þ: "th", ð: "d" };

export function fold(text) {
  const bare = text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
  return bare.replace(/[łøđßæœıþð]/g, (letter) => PLAIN[letter]);
}

export function filterLists(document) {
  for (const box of document.querySelectorAll("input[data-filter]")) {
    box.oninput = () => filter(document, box);
    if (box.value) filter(document, box);
  }
}

function filter(document, box) {
  const list = document.querySelector(box.dataset.filter);
  if (!list) return;
  const words = fold(box.value).split(/\s+/).filter(Boolean);
  let shown = 0;
  for (const row of list.querySelectorAll("[data-search]")) {
    const text = fold(row.dataset.search);
    row.hidden = !words.every((word) => text.includes(word));
    shown += row.hidden ? 0 : 1;
  }
  for (const group of list.querySelectorAll("[data-group]")) {
    group.hidden = !group.querySelector("[data-search]:not([hidden])");
  }
  for (const note of list.querySelectorAll("[data-nobody]")) note.hidden = shown > 0;
}
