// @ts-check
// Something that is read from the server, and what to say while it is not there.

import { signal } from "@preact/signals-core";
import { asApiError } from "./errors.js";

/** @import { Signal } from "@preact/signals-core" */
/** @import { ApiError } from "./errors.js" */

/** @template T */
export class Loaded {
  /** @type {Signal<T | null>} */ value = signal(/** @type {T | null} */ (null));
  /** @type {Signal<ApiError | null>} */ problem = signal(/** @type {ApiError | null} */ (null));
  #read;

  /** @param {() => Promise<T>} read */
  constructor(read) {
    this.#read = read;
  }

  /** Reads it, again too; what was there stays until the new is. */
  async load() {
    try {
      this.problem.value = null;
      this.value.value = await this.#read();
    } catch (error) {
      this.problem.value = asApiError(error);
    }
  }
}
