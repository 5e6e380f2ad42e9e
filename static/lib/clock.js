// @ts-check
// The server's clock, seen from here: every countdown and every id counts on it. The only file that reads the device's clocks.
//
// A sample is NTP's four time stamps over the websocket; the sample with the shortest round trip is the best one, because its
// error is at most half of that (RFC 5905 §8, §10).

/** Samples older than these eight are forgotten, so that a route that became worse is believed in the end. */
const WINDOW = 8;

/** A slower answer says nothing about the clock. */
const ROUND_TRIP_MAX_MS = 10_000;

/** @typedef {{ offset: number, roundTrip: number }} Sample both in milliseconds */

export class ServerClock {
  /** @type {Sample[]} */ #samples = [];
  #latest = -Infinity;
  #monotonicMs;
  #fallback;

  /**
   * @param {() => number} monotonicMs never jumps; survives a change of the device's wall clock
   * @param {() => number} wallMs used only until the first sample
   */
  constructor(monotonicMs = () => performance.now(), wallMs = () => Date.now()) {
    this.#monotonicMs = monotonicMs;
    this.#fallback = wallMs() - monotonicMs();
  }

  /** Milliseconds of the monotonic clock: `t0_ms` of a ping, and what deadlines are measured with. */
  monotonicMs() {
    return this.#monotonicMs();
  }

  /**
   * Takes the answer to a ping in. @param {number} t0 sent @param {number} t1 received by the server
   * @param {number} t2 answered by the server @param {number} t3 answer received
   */
  sample(t0, t1, t2, t3) {
    const roundTrip = t3 - t0 - (t2 - t1);
    if (roundTrip < 0 || roundTrip > ROUND_TRIP_MAX_MS) return;
    this.#samples.push({ offset: (t1 - t0 + (t2 - t3)) / 2, roundTrip });
    if (this.#samples.length > WINDOW) this.#samples.shift();
  }

  /** Forgets every sample: after a sleep the monotonic clock may have stood still. */
  reset() {
    this.#samples = [];
  }

  /** Round trip of the best sample in milliseconds, or null before the first. */
  roundTripMs() {
    return this.#best()?.roundTrip ?? null;
  }

  /** Unix milliseconds of the server. Never runs backwards: after a correction it stands still until time has caught up. */
  serverNowMs() {
    const offset = this.#best()?.offset ?? this.#fallback;
    this.#latest = Math.max(this.#latest, this.#monotonicMs() + offset);
    return Math.round(this.#latest);
  }

  #best() {
    return this.#samples.reduce((/** @type {Sample | null} */ best, each) => (best && best.roundTrip <= each.roundTrip ? best : each), null);
  }
}
