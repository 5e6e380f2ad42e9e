// @ts-check
// @css orders_desk.css
// What is to be sent, one parcel per buyer and address, and the shop's ways of delivery.

import { useEffect, useState } from "preact/hooks";
import { Field } from "../components/field.js";
import { ErrorLine, useForm } from "../components/form.js";
import { html } from "../components/html.js";
import { errorText, locale, t } from "../components/words.js";
import { addressLines } from "../lib/address.js";
import { asApiError } from "../lib/errors.js";
import { ordersApi } from "../lib/orders_api.js";
import { Delivery } from "./delivery.js";

/**
 * @import { ParcelView } from "../../schemas/generated/messages"
 * @import { ApiError } from "../lib/errors.js"
 * @import { Room } from "./room.js"
 */

/** @param {{ room: Room }} props */
export function OrdersDesk({ room }) {
  const [parcels, setParcels] = useState(/** @type {ParcelView[]} */ ([]));
  const [problem, setProblem] = useState(/** @type {ApiError | null} */ (null));
  /** Which orders are paid or sent by now: parcels are asked for anew when that changes. */
  const sales = room.sales.state.value?.sales ?? [];
  const stand = sales.map((/** @type {any} */ sale) => `${sale.order_id}${sale.state}${sale.payment}${sale.fulfilment}`).join();
  const load = () => ordersApi.parcels(room.showId).then((view) => setParcels(view.parcels), (error) => setProblem(asApiError(error)));
  useEffect(() => {
    load();
  }, [stand]);
  return html`
    <section class="panel stack" data-testid="orders-desk">
      <header><h2>${t("desk-title")}</h2><a class="button button-small" href=${`/orders/?show=${room.showId}`} data-testid="desk-all">${t("desk-all")}</a></header>
      ${problem && html`<${ErrorLine} text=${errorText(problem)} />`}
      ${parcels.length === 0 && html`<p class="empty">${t("desk-empty")}</p>`}
      <ul class="stack">${parcels.map((parcel) => html`<${Parcel} key=${parcel.orders[0].order_id} parcel=${parcel} onSent=${load} />`)}</ul>
      <${Delivery} />
    </section>
  `;
}

/** @param {{ parcel: ParcelView, onSent: () => Promise<void> }} props */
function Parcel({ parcel, onSent }) {
  const ids = parcel.orders.map((order) => order.order_id);
  const form = useForm(async ({ carrier, tracking }) => {
    await ordersApi.ship({ order_ids: ids, carrier: carrier.trim(), tracking: tracking.trim() });
    await onSent();
  });
  const { address } = parcel;
  return html`
    <li class="desk-parcel" data-testid="parcel">
      <p><strong>${parcel.buyer_name}</strong> <span class="soft">${t("desk-parcel", { count: ids.length })}</span><br />
        <span class="soft small">${address ? addressLines(address, locale()).join(", ") : t("order-page-no-address")}</span></p>
      <ul class="small">${parcel.orders.map((order) => html`<li key=${order.order_id}><a href=${`/order/${order.order_id}`}>
        ${order.lines.map((line) => `${line.quantity} × ${line.title}`).join(", ")}</a></li>`)}</ul>
      <form class="desk-form" onSubmit=${form.onSubmit}>
        <${Field} label=${t("order-page-carrier")} name="carrier" required maxlength="80" error=${form.errorOf("carrier")} />
        <${Field} label=${t("order-page-tracking-number")} name="tracking" maxlength="80" error=${form.errorOf("tracking")} />
        <button class="button button-primary" type="submit" data-testid="ship" disabled=${form.busy}>${t("order-page-ship")}</button>
        ${form.rest(["carrier", "tracking"])}
      </form>
    </li>
  `;
}
