// One exchange at a time over all tabs and workers; what is right does not depend on it.

const FROZEN = 60_000;
const taken = new Map(); // since when a lock was never found free

// Do it now, unless somebody else is at it; who holds the lock for a minute is asleep.
export async function alone(name, work) {
  const locks = globalThis.navigator?.locks;
  if (!locks) return work();
  return locks.request(name, { ifAvailable: true }, (lock) => {
    if (lock) taken.delete(name);
    return lock || isAsleep(name) ? work() : true;
  });
}

// Do it when whoever is at it is done, or asleep.
export async function inLine(name, work) {
  const locks = globalThis.navigator?.locks;
  if (!locks) return work();
  const signal = AbortSignal.timeout(FROZEN);
  let begun = false;
  const turn = () => (begun = true) && work();
  return locks.request(name, { signal }, turn).catch((error) => {
    if (begun) throw error;
    return work();
  });
}

function isAsleep(name) {
  if (!taken.has(name)) taken.set(name, Date.now());
  return Date.now() - taken.get(name) > FROZEN;
}
