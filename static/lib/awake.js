// @ts-check
// The screen stays on while the picture plays (Screen Wake Lock API). The browser takes the lock away whenever the page is hidden, so it is
// asked for again when the page is back.

/**
 * @typedef {{ release: () => Promise<void>, released: boolean }} Lock
 * @typedef {{ request: (kind: "screen") => Promise<Lock> }} WakeLock
 */

export class Awake {
  #wanted = false;
  #visible = true;
  /** @type {Lock | null} */ #lock = null;
  #asking = false;
  #wakeLock;

  /** @param {WakeLock | undefined} wakeLock of the navigator; not in every browser */
  constructor(wakeLock) {
    this.#wakeLock = wakeLock;
  }

  /** @param {boolean} playing */
  set playing(playing) {
    this.#wanted = playing;
    this.#settle();
  }

  /** @param {boolean} visible */
  set visible(visible) {
    this.#visible = visible;
    this.#settle();
  }

  async #settle() {
    if (this.#asking) return;
    this.#asking = true;
    // What is wanted may change while the browser decides.
    while (this.#held !== (this.#wanted && this.#visible)) {
      if (this.#held) {
        const lock = this.#lock;
        this.#lock = null;
        await lock?.release();
      } else {
        this.#lock = (await this.#wakeLock?.request("screen").catch(() => null)) ?? null;
        if (!this.#lock) break; // saving power, or hidden at this very moment: the next change asks again
      }
    }
    this.#asking = false;
  }

  get #held() {
    return this.#lock !== null && !this.#lock.released;
  }
}
