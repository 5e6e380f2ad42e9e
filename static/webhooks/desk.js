// @ts-check
// The seller's endpoints without drawing.

import { signal } from "@preact/signals";
import { asApiError } from "../lib/errors.js";
import { webhooks } from "../lib/webhooks.js";

/**
 * @import { Signal } from "@preact/signals"
 * @import { ApiError } from "../lib/errors.js"
 * @import { ChangeHook, HookSecretView, HookView, RegisterHook } from "../../schemas/generated/messages"
 */

export class HookDesk {
  /** @type {Signal<HookView[] | null>} */ hooks = signal(null);
  /** Everything that can be chosen. @type {Signal<string[]>} */ events = signal([]);
  /** A new secret, until it is put away. @type {Signal<HookSecretView | null>} */ secret = signal(null);
  /** @type {Signal<ApiError | null>} */ problem = signal(null);

  async load() {
    await this.attempt(async () => {
      const view = await webhooks.list();
      this.hooks.value = view.hooks;
      this.events.value = view.events;
    });
  }

  /** Throws what the server refuses. @param {RegisterHook} body */
  async register(body) {
    this.secret.value = await webhooks.register(body);
    await this.load();
  }

  /** Throws what the server refuses. @param {string} id @param {ChangeHook} body */
  async change(id, body) {
    await webhooks.change(id, body);
    await this.load();
  }

  /** @param {HookView} hook */
  async rotate(hook) {
    await this.attempt(async () => {
      this.secret.value = await webhooks.rotate(hook);
    });
    await this.load();
  }

  /** @param {HookView} hook */
  async remove(hook) {
    await this.attempt(() => webhooks.remove(hook.hook_id));
    await this.load();
  }

  /** @param {() => Promise<unknown>} step */
  async attempt(step) {
    this.problem.value = null;
    try {
      await step();
    } catch (error) {
      this.problem.value = asApiError(error);
    }
  }
}
