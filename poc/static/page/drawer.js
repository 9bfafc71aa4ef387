// The bell's drawer: what notices leave on the device, for its pages and its worker alike.

const NAME = "poc-bell";
const STORES = ["about", "calls", "receipts", "shown"];

export async function keep(key, value) {
  return put("about", key, value);
}

export async function kept(key) {
  return get("about", key);
}

export async function get(store, key) {
  return use(store, "readonly", (kept) => kept.get(key));
}

export async function all(store) {
  return use(store, "readonly", (kept) => kept.getAll());
}

export async function keys(store) {
  return use(store, "readonly", (kept) => kept.getAllKeys());
}

export async function put(store, key, value) {
  return use(store, "readwrite", (kept) => kept.put(value, key));
}

export async function remove(store, key) {
  return use(store, "readwrite", (kept) => kept.delete(key));
}

// Take everything off the device that notices left on it.
export async function forget() {
  await Promise.all(STORES.map((store) => use(store, "readwrite", (kept) => kept.clear())));
}

// Phones lose an open database when they sleep, so it is opened for each use: that takes 1 ms.
async function use(store, mode, work) {
  const opening = indexedDB.open(NAME, 1);
  opening.onupgradeneeded = () => {
    for (const name of STORES) opening.result.createObjectStore(name);
  };
  const database = await answer(opening);
  try {
    return await answer(work(database.transaction(store, mode).objectStore(store)));
  } finally {
    database.close();
  }
}

function answer(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
