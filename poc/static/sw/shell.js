// The files every page needs, kept by version: a page and its styles are always of one piece.

const SET = /^poc-[0-9a-f]{12}$/;

export class Shell {
  #version;

  constructor(version) {
    this.#version = version;
  }

  get #name() {
    return `poc-${this.#version}`;
  }

  // Take in all files of this version, each as the office wrote it, or none.
  async install() {
    await this.#take(() => true);
  }

  // Browsers lose single files: what is missing is fetched before somebody without signal misses it.
  async mend() {
    const there = new Set();
    for (const { url } of await (await caches.open(this.#name)).keys()) there.add(new URL(url).pathname);
    await this.#take((file) => !there.has(file));
  }

  async #take(isWanted) {
    const response = await fetch(`/static/${this.#version}/shell.json`);
    const { files } = await response.json();
    const those = Object.entries(files).filter(([file]) => isWanted(file));
    const wanted = (cache) => those.map(([file, integrity]) => new Request(file, { cache, integrity }));
    const cache = await caches.open(this.#name);
    // The page's own download will do, unless the browser kept it broken.
    await cache.addAll(wanted("default")).catch(() => cache.addAll(wanted("reload")));
  }

  // The set before this one stays, for pages that were opened with it and are being typed into.
  async activate() {
    const others = (await caches.keys()).filter((name) => SET.test(name) && name !== this.#name);
    await Promise.all(others.slice(0, -1).map((name) => caches.delete(name)));
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
      return (await caches.match(request.url)) ?? Response.error();
    }
  }

  // Give a file from the cache; heal a hole from the network.
  async file(request) {
    const cache = await caches.open(this.#name);
    const kept = (await cache.match(request.url)) ?? (await caches.match(request.url));
    if (kept) return kept;
    const fresh = await fetch(request);
    if (this.#ours(fresh)) await cache.put(request.url, fresh.clone());
    return fresh;
  }

  // The door of a hotel's Wi-Fi answers for everything, with a page of its own.
  #ours(response) {
    const page = response.headers.get("Content-Type")?.startsWith("text/html");
    return response.ok && !page && response.url.includes(`/static/${this.#version}/`);
  }
}
