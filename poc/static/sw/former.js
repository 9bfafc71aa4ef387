// An edit that waited long is read under today's names. Its twin is sync/former.py.

// Give an edit as it would be made now, its members too.
export function today(edit, former) {
  if (edit.changes) return { ...edit, changes: edit.changes.map((one) => today(one, former)) };
  const kind = own(former.kinds, edit.kind) ?? edit.kind;
  const names = own(former.fields, kind) ?? {};
  const name = (field) => own(names, field) ?? field;
  const now = { ...edit, kind, ...(edit.field && { field: name(edit.field) }) };
  if (edit.do !== "create") return now;
  // Where a record says both, what it says under today's name counts.
  const renamed = Object.entries(edit.value).map(([field, value]) => [name(field), value]);
  const said = Object.entries(edit.value).filter(([field]) => name(field) === field);
  return { ...now, value: { ...Object.fromEntries(renamed), ...Object.fromEntries(said) } };
}

function own(names, name) {
  return Object.hasOwn(names, name) ? names[name] : undefined;
}
