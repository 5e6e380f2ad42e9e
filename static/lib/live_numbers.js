// @ts-check
// The numbers that a host glances at, from what the channels say. Pure.

import { sums } from "./money.js";

/**
 * @import { Money, SaleView } from "../../schemas/generated/messages"
 * @import { Item } from "./offers.js"
 */

const MINUTE_MS = 60_000;

/** Orders that count as sold, and what they come to, per currency. @param {readonly SaleView[]} sales @returns {{ orders: number, units: number, revenue: Money[] }} */
export function soldOf(sales) {
  const sold = sales.filter(({ state }) => state === "confirmed" || state === "fulfilled");
  return { orders: sold.length, units: sold.reduce((sum, { units }) => sum + units, 0), revenue: sums(sold.map(({ total }) => total)) };
}

/** Units that can still be bought. @param {readonly Item[]} items */
export const unitsLeft = (items) => items.reduce((sum, { pool }) => sum + (pool?.available ?? 0), 0);

/** Chat lines of the last minute. @param {readonly { posted_at_ms: number }[]} messages oldest first @param {number} nowMs */
export function chatRate(messages, nowMs) {
  let count = 0;
  for (let at = messages.length - 1; at >= 0 && messages[at].posted_at_ms > nowMs - MINUTE_MS; at -= 1) count += 1;
  return count;
}
