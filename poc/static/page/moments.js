// Instants as this person's clock shows them; the page itself carries them in UTC, in words.

export function showMoments(document, zone) {
  const clock = { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: zone || undefined };
  for (const time of document.querySelectorAll("time[data-moment]")) {
    const moment = new Date(time.dateTime);
    if (Number.isNaN(moment.getTime())) continue;
    if (time.dataset.moment === "ago") {
      time.textContent = ago(Date.now() - moment.getTime());
      continue;
    }
    const day = time.dataset.moment === "day" ? { weekday: "short", day: "numeric", month: "short" } : {};
    time.textContent = new Intl.DateTimeFormat("en-GB", { ...day, ...clock }).format(moment);
  }
}

export function clockOf(instant, zone) {
  const moment = new Date(instant);
  const clock = { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: zone || undefined };
  const today = new Date().toDateString() === moment.toDateString();
  const day = today ? {} : { weekday: "short" };
  return new Intl.DateTimeFormat("en-GB", { ...day, ...clock }).format(moment);
}

function ago(span) {
  const minutes = Math.max(0, Math.round(span / 60_000));
  if (minutes < 2) return "just now";
  if (minutes < 120) return `${minutes} min ago`;
  return minutes < 48 * 60 ? `${Math.floor(minutes / 60)} h ago` : `${Math.floor(minutes / 1440)} days ago`;
}
