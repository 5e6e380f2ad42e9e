// @ts-check
// One word for where an order stands, out of its own state, its payment's and its goods'.

/**
 * `held`: units are kept, nobody has paid yet. `pending`: the provider has been asked. `action`: the buyer's bank wants to hear from
 * them. `declined`: it said no, another card may pay. `confirmed`: the money is reserved and the units are the buyer's. `paid`:
 * captured, or there was nothing to pay. Then the goods travel: `shipped`, `delivered`. The rest: how it ended otherwise.
 * @typedef {"held" | "pending" | "action" | "declined" | "confirmed" | "paid" | "shipped" | "delivered" | "expired" | "gone" | "cancelled" | "withdrawn" | "returned" | "refunded"} OrderStatus
 */

/**
 * @param {{ state: string, payment: string, reason?: string | null, fulfilment?: string, action_url?: string | null, total?: { amount_minor: number } }} order
 * @returns {OrderStatus}
 */
export function orderStatus(order) {
  if (order.state === "cancelled") return CANCELLED[order.reason ?? ""] ?? "cancelled";
  if (order.state === "returned") return "returned";
  if (order.payment === "refunded") return "refunded";
  if (order.fulfilment === "shipped" || order.fulfilment === "delivered") return order.fulfilment;
  if (order.payment === "captured" || (order.state === "confirmed" && order.total?.amount_minor === 0)) return "paid";
  if (order.state === "confirmed") return "confirmed";
  if (order.payment === "in_progress" && order.action_url) return "action";
  // A payment that its buyer gave up was declined by nobody.
  if (order.payment === "failed" && order.reason === "cancelled") return "held";
  return PLACED[order.payment] ?? "held";
}

/** @type {Record<string, OrderStatus>} */
const CANCELLED = { hold_expired: "expired", sold_out: "gone", shop: "withdrawn" };

/** @type {Record<string, OrderStatus>} */
const PLACED = { in_progress: "pending", authorised: "pending", failed: "declined" };

/** Whether a card may still pay it. @param {OrderStatus} status */
export const payable = (status) => status === "held" || status === "declined";

/** Whether the buyer has nothing more to do or to wait for at the till. @param {OrderStatus} status */
export const settled = (status) => !["held", "pending", "action", "declined", "confirmed"].includes(status);

/** Whether the goods may still go somewhere else: nobody has packed them. @param {{ state: string, fulfilment: string }} order */
export const mayMove = ({ state, fulfilment }) => fulfilment === "none" && (state === "placed" || state === "confirmed");
