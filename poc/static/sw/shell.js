// The files every page needs, kept by version: a page and its styles are always of one piece.

export class Shell {
  #version;

  constructor(version) {
    this.#version = version;
  }

  get #name() {
    return `poc-${this.#version}`;
  }

  async install() {
    const response = await fetch("/shell.json", { cache: "no-store" });
    const { files } = await response.json();
    const cache = await caches.open(this.#name);
    // What has its version in its address never changes, so the page's own download will do.
    const fetched = (file) => ({ cache: file.includes("?v=") ? "default" : "no-cache" });
    await cache.addAll(files.map((file) => new Request(file, fetched(file))));
  }

  // Keep one set of files; the older ones go when this version takes over.
  async activate() {
    const names = await caches.keys();
    const old = names.filter((name) => name.startsWith("poc-") && name !== this.#name);
    await Promise.all(old.map((name) => caches.delete(name)));
    await self.clients.claim();
  }

  // Give a file that changes without a new version; without signal, the one that was kept.
  async newest(request) {
    const cache = await caches.open(this.#name);
    try {
      const fresh = await fetch(request);
      if (fresh.ok) await cache.put(request.url, fresh.clone());
      return fresh;
    } catch {
      return (await cache.match(request.url)) ?? Response.error();
    }
  }

  // Give a file from the cache; heal a hole from the network.
  async file(request) {
    const cache = await caches.open(this.#name);
    const kept = await cache.match(request.url);
    if (kept) return kept;
    const fresh = await fetch(request);
    const ours = new URL(request.url).searchParams.get("v") === this.#version;
    if (fresh.ok && ours) await cache.put(request.url, fresh.clone());
    return fresh;
  }
}
