// A notice may know of a newer call than this device's copy: the page then says so, in large type.

import { get } from "./drawer.js";

// What the office said after the notice was made is newer than the notice.
export async function showNewer(document, base, savedAt) {
  const card = document.querySelector("[data-newer]");
  if (!card) return;
  const newest = await get("calls", base).catch(() => null);
  const same = newest?.date === card.dataset.newer && (newest?.call ?? "") === card.dataset.call;
  card.hidden = !newest || same || madeAt(newest.id) <= Date.parse(savedAt ?? 0);
  if (!card.hidden) card.querySelector("[data-newer-call]").textContent = words(newest);
}

// The office names notices by UUIDv7: the first twelve digits are milliseconds.
function madeAt(id) {
  return Number.parseInt(id.replaceAll("-", "").slice(0, 12), 16);
}

function words({ date, call }) {
  const day = new Intl.DateTimeFormat("en-GB", { weekday: "short", day: "numeric", month: "short", timeZone: "UTC" });
  return `${call ?? "Not called"}, ${day.format(new Date(`${date}T00:00:00Z`))}`;
}
