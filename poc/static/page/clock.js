// A time as people type it, written as the sheet prints it: 730, 7.30 and 7:30 are 07:30.

const TYPED = /^([0-9]{1,2})[:.h ]?([0-9]{2})$/;

export function readClocks(document) {
  document.addEventListener("change", ({ target }) => {
    if (!target.matches?.("[data-clock]")) return;
    const match = TYPED.exec(target.value.trim());
    if (match) target.value = `${match[1].padStart(2, "0")}:${match[2]}`;
  });
}
