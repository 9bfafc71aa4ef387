// A photo or a PDF that could not be kept stays chosen in its form, with the reason beside it.

export function keepChosen(document) {
  document.addEventListener("htmx:after:request", (event) => {
    const { sourceElement: form, response, text } = event.detail.ctx;
    if (!form.matches?.("form[data-files]")) return;
    // What was kept is on the page now; chosen still, it would be added once more by a second tap.
    if (response.status < 400) return form.reset();
    event.preventDefault();
    say(form.querySelector("[data-refused]"), new DOMParser().parseFromString(text, "text/html"));
  });
}

function say(line, page) {
  line.textContent = page.querySelector("[role=alert] .card__title, .empty__title")?.textContent ?? "";
  line.hidden = false;
}
