// A form sends what a person changed, and only that: two people may fill in one form at a time.

const FREE = new Set(["hidden", "submit", "button"]);

export function onlyWhatChanged(document) {
  document.addEventListener("formdata", (event) => {
    const form = event.target;
    if (!editsARecord(form)) return;
    const touched = new Set(boxes(form).filter(changed).map((box) => box.name));
    for (const box of boxes(form)) if (!touched.has(box.name)) event.formData.delete(box.name);
  });
}

// A form that makes a new record sends all of it; its address ends with the kind, not with an id.
function editsARecord(form) {
  const base = `${location.origin}${document.body.dataset.base ?? " "}/`;
  const address = form.getAttribute("action") ?? "";
  const record = new URL(address, location.href).href.startsWith(base) && /\/p\/[^/]+\/\w+\/./.test(address);
  return record && form.querySelector("[name=seen]") !== null;
}

function boxes(form) {
  return Array.from(form.elements).filter((box) => box.name && !FREE.has(box.type));
}

export function dirty(document) {
  return Array.from(document.querySelectorAll("form[method=post]")).some((form) => boxes(form).some(changed));
}

function changed(control) {
  if (control.type === "checkbox" || control.type === "radio") {
    return control.checked !== control.defaultChecked;
  }
  if (control.options) {
    return !Array.from(control.options).every((one) => one.selected === one.defaultSelected) && !untouched(control);
  }
  return control.value !== control.defaultValue;
}

// A select without a chosen option shows its first one; that is nobody's choice.
function untouched(select) {
  const none = Array.from(select.options).every((one) => !one.defaultSelected);
  return none && select.selectedIndex === 0;
}
