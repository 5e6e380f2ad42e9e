// @ts-check
// How the page's connection is opened: a websocket, or polls when no websocket has ever come through.

import { LongPoll, pollUrl } from "./long_poll.js";

/** The first failure may be anything; two in a row, on a page that the same server has just delivered, are a proxy in the way. */
const FAILURES_MAX = 2;

export class Opener {
  #failures = 0;
  #everOpened = false;
  #websocket;
  #polls;

  /** @param {(url: string) => WebSocket} websocket @param {(url: string) => LongPoll} polls */
  constructor(websocket = (url) => new WebSocket(url), polls = (url) => new LongPoll(pollUrl(url))) {
    this.#websocket = websocket;
    this.#polls = polls;
  }

  /** The next connection. After polls the websocket has one chance again: the network may be another one. @param {string} url */
  open(url) {
    if (!this.#everOpened && this.#failures >= FAILURES_MAX) {
      this.#failures = FAILURES_MAX - 1;
      return this.#polls(url);
    }
    const socket = this.#websocket(url);
    let opened = false;
    socket.addEventListener("open", () => {
      opened = this.#everOpened = true;
    });
    socket.addEventListener("close", () => {
      if (!opened) this.#failures += 1;
    });
    return socket;
  }
}
