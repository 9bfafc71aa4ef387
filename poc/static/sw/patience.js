// Asking the office for something, and giving up in time: a network may take everything and answer nothing.

const PATIENCE = 15_000;

export async function patient(url, options, patience = PATIENCE) {
  const signal = AbortSignal.timeout(patience);
  return fetch(url, { ...options, signal, redirect: "error", credentials: "same-origin", cache: "no-store" });
}
