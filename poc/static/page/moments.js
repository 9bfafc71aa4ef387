// Instants as this person's clock shows them; the page itself carries them in UTC, in words.

export function showMoments(document, zone) {
  const clock = { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: zone || undefined };
  for (const time of document.querySelectorAll("time[data-moment]")) {
    const moment = new Date(time.dateTime);
    if (Number.isNaN(moment.getTime())) continue;
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
