// The worker's entry: it only wires events to the objects that do the work.

import { book } from "./static/book.js";
import initSqlJs from "./static/vendor/sql-wasm.mjs";
import { onClick, onPush, onSubscriptionChange } from "./static/sw/bell.js";
import { Desk } from "./static/sw/desk.js";
import { Shell } from "./static/sw/shell.js";

const shell = new Shell(book.version);
const desk = new Desk(book, shell, initSqlJs);

self.addEventListener("install", (event) => event.waitUntil(desk.install()));
self.addEventListener("activate", (event) => event.waitUntil(desk.activate()));
self.addEventListener("fetch", (event) => desk.handle(event));
self.addEventListener("message", (event) => event.waitUntil(desk.hear(event.data)));
self.addEventListener("sync", (event) => event.waitUntil(desk.exchangeAll()));
self.addEventListener("push", (event) => event.waitUntil(onPush(event, desk)));
self.addEventListener("notificationclick", (event) => event.waitUntil(onClick(event)));
self.addEventListener("pushsubscriptionchange", (event) => {
  event.waitUntil(onSubscriptionChange(event));
});
