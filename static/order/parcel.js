// @ts-check
// Where the goods go, and how far they are; the buyer may send them elsewhere before they are packed.

import { html } from "../components/html.js";
import { locale, t } from "../components/words.js";
import { addressLines } from "../lib/address.js";
import { Move } from "./move.js";

/** @import { OrderView } from "../../schemas/generated/messages" */

/** @type {Record<string, string>} */
const DISPUTES = { open: "order-page-dispute-open", won: "order-page-dispute-won", lost: "order-page-dispute-lost" };

/** @type {Record<string, string>} */
const RETURNS = { requested: "return-requested", accepted: "return-accepted", refused: "return-refused", received: "return-received" };

/** @param {{ order: OrderView, act?: (step: () => Promise<unknown>) => Promise<void> }} props with `act` the reader is the buyer */
export function Parcel({ order, act }) {
  const { address } = order;
  return html`
    <section class="panel stack" data-testid="parcel">
      <h2>${t("order-page-parcel")}</h2>
      ${address
        ? html`<address class="order-page-address" data-testid="order-address">${addressLines(address, locale()).map((line, place) => (place === 0 ? line : html`<br />${line}`))}</address>`
        : html`<p class="soft">${t("order-page-no-address")}</p>`}
      ${act && html`<${Move} order=${order} act=${act} />`}
      ${order.carrier && html`<p data-testid="tracking"><strong>${t("order-page-tracking", { carrier: order.carrier, tracking: order.tracking })}</strong></p>`}
      ${order.dispute && html`<p class="order-page-dispute" role="status">${t(DISPUTES[order.dispute])}</p>`}
      ${order.returns.length > 0 && html`
        <h3>${t("order-page-returns")}</h3>
        <ul>${order.returns.map((each) => html`<li key=${each.return_id} data-testid="return-row" data-state=${each.state}>
          ${each.lines.map((line) => `${line.quantity} × ${order.lines[line.position].title}`).join(", ")} · ${each.reason} ·
          <span class="soft"> ${t(RETURNS[each.state])}${each.note && `: ${each.note}`}</span></li>`)}</ul>`}
    </section>
  `;
}
