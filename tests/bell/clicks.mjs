// Runs the worker's answer to a tap on a notice, with windows that only write down what is asked of them.

import { onClick } from "../../poc/static/sw/bell.js";

const TO = "https://poc.film/p/night-ferry/today?n=1";
const asked = [];

class Window {
  constructor(url, refuses = false) {
    this.url = url;
    this.refuses = refuses;
  }

  async focus() {
    if (this.refuses) throw new Error("No tap, no focus.");
    asked.push(`focus ${this.url}`);
    return this;
  }

  async navigate(url) {
    asked.push(`navigate ${url}`);
  }
}

async function tap(open, navigate = TO) {
  asked.length = 0;
  globalThis.self = {
    location: { origin: "https://poc.film" },
    clients: {
      matchAll: async () => open,
      openWindow: async (url) => asked.push(`open ${url}`),
    },
  };
  await onClick({ notification: { close: () => asked.push("close"), data: { navigate } } });
  return [...asked];
}

const told = {
  closed: await tap([]),
  elsewhere: await tap([new Window("https://poc.film/p/night-ferry/board")]),
  there: await tap([new Window("https://poc.film/p/night-ferry/board"), new Window(TO)]),
  refused: await tap([new Window("https://poc.film/p/night-ferry/board", true)]),
  nowhere: await tap([], null),
};
console.log(JSON.stringify(told));
