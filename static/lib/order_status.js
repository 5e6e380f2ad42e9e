// @ts-check
// One word for where an order stands, out of its own state and its payment's.

/**
 * `held`: units are kept, nobody has paid yet. `pending`: the provider has been asked. `declined`: it said no, another card may pay.
 * `confirmed`: the money is reserved and the units are the buyer's. `paid`: captured. The rest: why it was cancelled.
 * @typedef {"held" | "pending" | "declined" | "confirmed" | "paid" | "expired" | "gone" | "cancelled"} OrderStatus
 */

/** @param {{ state: string, payment: string, reason?: string | null }} order @returns {OrderStatus} */
export function orderStatus(order) {
  if (order.state === "cancelled") return CANCELLED[order.reason ?? ""] ?? "cancelled";
  if (order.payment === "captured") return "paid";
  if (order.state === "confirmed") return "confirmed";
  return PLACED[order.payment] ?? "held";
}

/** @type {Record<string, OrderStatus>} */
const CANCELLED = { hold_expired: "expired", sold_out: "gone" };

/** @type {Record<string, OrderStatus>} */
const PLACED = { in_progress: "pending", authorised: "pending", failed: "declined" };

/** Whether a card may still pay it. @param {OrderStatus} status */
export const payable = (status) => status === "held" || status === "declined";

/** Whether nothing changes any more. @param {OrderStatus} status */
export const settled = (status) => status === "paid" || status === "expired" || status === "gone" || status === "cancelled";
