// A digest of what a copy holds: of each kind how many records, and what is in them. Its twin is sync/digest.py.

const NOTHING = "\0"; // no text of ours holds one
const BETWEEN = "\x1f";
const BITS = Uint32Array.from({ length: 256 }, (_, byte) => shifted(byte));
const utf8 = new TextEncoder();

// Sum up the rows of one kind; `fields` says what all of it is called.
export function digest(rows, fields) {
  const names = ["id", ...[...fields].sort()];
  let total = 0;
  for (const row of rows) total += crc32(names.map((name) => row[name] ?? NOTHING).join(BETWEEN));
  return [rows.length, total];
}

export function crc32(text) {
  let sum = 0xffffffff;
  for (const byte of utf8.encode(text)) sum = BITS[(sum ^ byte) & 0xff] ^ (sum >>> 8);
  return (sum ^ 0xffffffff) >>> 0;
}

function shifted(byte) {
  let sum = byte;
  for (let bit = 0; bit < 8; bit += 1) sum = sum & 1 ? 0xedb88320 ^ (sum >>> 1) : sum >>> 1;
  return sum >>> 0;
}
