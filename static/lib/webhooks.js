// @ts-check
// The seller's webhooks: the server's operations, and event names in groups.

import { call } from "./api.js";

/**
 * @import { ChangeHook, DeliveryDetailsView, DeliveryListView, DeliveryView, HookListView, HookSecretView, HookView, RegisterHook, ReplayView } from "../../schemas/generated/messages"
 */

export const webhooks = {
  /** @returns {Promise<HookListView>} */ list: () => call("GET", "/api/webhooks/hooks"),
  /** @param {RegisterHook} body @returns {Promise<HookSecretView>} */ register: (body) => call("POST", "/api/webhooks/hooks", body),
  /** @param {string} id @param {ChangeHook} body @returns {Promise<HookView>} */ change: (id, body) => call("PATCH", `/api/webhooks/hooks/${id}`, body),
  /** @param {string} id */ remove: (id) => call("DELETE", `/api/webhooks/hooks/${id}`),
  /** @param {HookView} hook @returns {Promise<HookSecretView>} */
  rotate: (hook) => call("POST", `/api/webhooks/hooks/${hook.hook_id}/rotate`, { version: hook.version }),
  /** @param {string} id @returns {Promise<DeliveryView>} */ ping: (id) => call("POST", `/api/webhooks/hooks/${id}/ping`),
  /** @param {string} id @param {number} sinceMs @returns {Promise<ReplayView>} */
  replayFailed: (id, sinceMs) => call("POST", `/api/webhooks/hooks/${id}/replay`, { since_ms: sinceMs }),
  /** @param {string} id @param {string} state or empty @param {string | null} after @returns {Promise<DeliveryListView>} */
  deliveries: (id, state, after) => call("GET", `/api/webhooks/hooks/${id}/deliveries?state=${state}&after=${encodeURIComponent(after ?? "")}`),
  /** @param {string} id @returns {Promise<DeliveryDetailsView>} */ delivery: (id) => call("GET", `/api/webhooks/deliveries/${id}`),
  /** @param {string} id @returns {Promise<DeliveryView>} */ replay: (id) => call("POST", `/api/webhooks/deliveries/${id}/replay`),
};

/** "order.paid" and its like together, in the order in which they come. @param {string[]} events @returns {[string, string[]][]} */
export function groupsOf(events) {
  /** @type {Map<string, string[]>} */
  const groups = new Map();
  for (const event of events) {
    const group = event.split(".")[0];
    groups.set(group, [...(groups.get(group) ?? []), event]);
  }
  return [...groups];
}
