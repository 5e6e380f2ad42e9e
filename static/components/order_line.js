// @ts-check
// @css product_sheet.css
// Where an order stands, in one line that changes by itself.

import { orderStatus, payable } from "../lib/order_status.js";
import { isRehearsal } from "../lib/rehearsal.js";
import { Countdown } from "./countdown.js";
import { html } from "./html.js";
import { Icon } from "./icon.js";
import { RehearsalNote } from "./rehearsal_note.js";
import { t } from "./words.js";

/**
 * @import { OrderView } from "../../schemas/generated/messages"
 * @import { OrderStatus } from "../lib/order_status.js"
 */

/** @type {Record<OrderStatus, [string, string]>} message and icon */
const LOOK = {
  held: ["order-held", "clock"],
  pending: ["order-pending", "loader-circle"],
  declined: ["order-declined", "circle-x"],
  confirmed: ["order-confirmed", "loader-circle"],
  paid: ["order-paid", "circle-check"],
  expired: ["order-expired", "clock"],
  gone: ["order-gone", "circle-x"],
  cancelled: ["order-cancelled", "circle-x"],
  action: ["order-action", "clock"],
  shipped: ["order-shipped", "circle-check"],
  delivered: ["order-delivered", "circle-check"],
  withdrawn: ["order-withdrawn", "circle-x"],
  returned: ["order-returned", "circle-check"],
  refunded: ["order-refunded", "circle-check"],
};

/** @param {{ order: OrderView }} props */
export function OrderLine({ order }) {
  const status = orderStatus(order);
  const [messageId, icon] = LOOK[status];
  return html`
    <div class=${`order-line order-line-${status}`}>
      <p class="order-line-text" role="status" data-testid="order-status" data-state=${status} data-order=${order.order_id}>
        <${Icon} name=${icon} turning=${icon === "loader-circle"} />${t(messageId)}
      </p>
      ${isRehearsal(order.show_id) && html`<${RehearsalNote} />`}
      ${payable(status) && html`
        <p class="small numbers" data-testid="hold-time">
          <${Countdown} untilMs=${order.hold_expires_at_ms} render=${(/** @type {string} */ time) => t("order-hold", { time })} />
        </p>
      `}
      ${status === "action" && html`<a class="button button-primary button-wide" data-testid="order-action" href=${order.action_url}>${t("order-action-go")}</a>`}
    </div>
  `;
}
