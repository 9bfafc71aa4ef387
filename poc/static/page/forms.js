// A form sends what a person changed, and only that: two people may fill in one form at a time.

const FREE = new Set(["hidden", "submit", "button"]);

export function onlyWhatChanged(document) {
  document.addEventListener("formdata", (event) => {
    const form = event.target;
    if (!form.action.startsWith(`${location.origin}${document.body.dataset.base ?? " "}/`)) return;
    if (!form.querySelector("[name=seen]")) return;
    for (const control of form.elements) {
      if (control.name && !FREE.has(control.type) && !changed(control)) event.formData.delete(control.name);
    }
  });
}

export function dirty(document) {
  return Array.from(document.querySelectorAll("form[method=post]")).some((form) =>
    Array.from(form.elements).some((control) => control.name && !FREE.has(control.type) && changed(control)),
  );
}

function changed(control) {
  if (control.type === "checkbox" || control.type === "radio") {
    return control.checked !== control.defaultChecked || control.checked;
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
