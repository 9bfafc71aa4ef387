// Fields that were set travel in columns, which pack best; here they become parts of records again.

export function unfolded({ records, sets, ...about }) {
  const [names, codes, ids, steps, values] = sets ?? [[], [], [], [], []];
  const parts = new Map();
  let seq = 0;
  codes.forEach((code, n) => {
    const [kind, field] = names[code].split(".");
    const key = `${kind} ${ids[n]}`;
    if (!parts.has(key)) parts.set(key, [kind, ids[n], 0, {}, 1]);
    const part = parts.get(key);
    seq += steps[n];
    part[2] = seq;
    part[3][field] = values[n];
  });
  return { ...about, records: [...records, ...parts.values()] };
}
