// @ts-check
// The server's clock, seen from here: every countdown and every id counts on it. The only file that reads the device's clocks.
//
// A sample is NTP's four time stamps over the websocket; the sample with the shortest round trip is the best one, because its
// error is at most half of that (RFC 5905 §8, §10).

/** Samples older than these eight are forgotten, so that a route that became worse is believed in the end. */
const WINDOW = 8;

/** A correction beyond this is made at once. Standing still until time has caught up is for the small ones. */
const STEP_MS = 1_000;

/** A slower answer says nothing about the clock. */
const ROUND_TRIP_MAX_MS = 10_000;

/** @typedef {{ offset: number, roundTrip: number }} Sample both in milliseconds */

export class ServerClock {
  /** @type {Sample[]} */ #samples = [];
  #latest = -Infinity;
  #monotonicMs;
  #wallMs;
  /** Server's clock minus the monotonic one as far as it is known without a sample. */ #fallback;
  /** What the wall clock was ahead of the monotonic one when the last sample came. */ #ahead;

  /**
   * @param {() => number} monotonicMs never jumps; survives a change of the device's wall clock
   * @param {() => number} wallMs used only until the first sample
   */
  constructor(monotonicMs = () => performance.now(), wallMs = () => Date.now()) {
    this.#monotonicMs = monotonicMs;
    this.#wallMs = wallMs;
    this.#fallback = this.#ahead = wallMs() - monotonicMs();
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
    this.#ahead = this.#wallMs() - this.#monotonicMs();
  }

  /** Forgets every sample: after a sleep the monotonic clock may have stood still. Until the next one, what the device's wall clock
   * says of the sleep is added to what was known; the wall clock itself may be minutes off. */
  reset() {
    const best = this.#best();
    const ahead = this.#wallMs() - this.#monotonicMs();
    if (best) this.#fallback = best.offset + ahead - this.#ahead;
    this.#ahead = ahead;
    this.#samples = [];
  }

  /** Round trip of the best sample in milliseconds, or null before the first. */
  roundTripMs() {
    return this.#best()?.roundTrip ?? null;
  }

  /** Unix milliseconds of the server. After a small correction it stands still until time has caught up, and never runs backwards. */
  serverNowMs() {
    const now = this.#monotonicMs() + (this.#best()?.offset ?? this.#fallback);
    if (now > this.#latest || this.#latest - now > STEP_MS) this.#latest = now;
    return Math.round(this.#latest);
  }

  #best() {
    return this.#samples.reduce((/** @type {Sample | null} */ best, each) => (best && best.roundTrip <= each.roundTrip ? best : each), null);
  }
}
