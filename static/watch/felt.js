// @ts-check
// A purchase that has gone through is felt, once.

import { feel } from "../lib/haptics.js";
import { orderStatus } from "../lib/order_status.js";

/** @import { Checkout } from "../lib/checkout.js" */

/** @param {Checkout} checkout */
export function feelPurchases(checkout) {
  let before = "";
  checkout.order.subscribe((order) => {
    const status = order ? `${order.order_id} ${orderStatus(order)}` : "";
    // An order that was paid before this page was loaded has been felt.
    if (order && status !== before && before.startsWith(order.order_id) && orderStatus(order) === "paid") feel("success");
    before = status;
  });
}
