// A photo or a PDF that could not be kept stays chosen in its form, with the reason beside it.

export function keepChosen(document) {
  document.addEventListener("htmx:after:request", (event) => {
    const { sourceElement: form, response, text } = event.detail.ctx;
    if (!form.matches?.("form[data-files]") || response.status < 400) return;
    event.preventDefault();
    const page = new DOMParser().parseFromString(text, "text/html");
    const line = form.querySelector("[data-refused]");
    line.textContent = page.querySelector("[role=alert] .card__title, .empty__title")?.textContent ?? "";
    line.hidden = false;
  });
}
