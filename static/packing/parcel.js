// @ts-check
// @css ../components/account.css
// One parcel: whom it is for, what goes into it, and the two steps until it is on its way.

import { useState } from "preact/hooks";
import { Field } from "../components/field.js";
import { useForm } from "../components/form.js";
import { html } from "../components/html.js";
import { Icon } from "../components/icon.js";
import { Picture } from "../components/picture.js";
import { locale, t } from "../components/words.js";
import { staffApi } from "../lib/account_api.js";
import { addressLines } from "../lib/address.js";

/** @import { PackingParcel } from "../../schemas/generated/messages" */

/** @param {{ parcel: PackingParcel, onPack: (ids: string[]) => Promise<void>, onSent: () => Promise<void> }} props */
export function Parcel({ parcel, onPack, onSent }) {
  const [sending, setSending] = useState(false);
  const ids = parcel.orders.map((order) => order.order_id);
  const packed = parcel.orders.every((order) => order.fulfilment === "packed");
  return html`
    <li class="panel stack" data-testid="parcel" data-packed=${String(packed)}>
      <div class="parcel-head">
        <address class="parcel-address">
          <strong>${parcel.buyer_name}</strong>
          ${parcel.address ? addressLines(parcel.address, locale()).map((line) => html`<span key=${line}>${line}</span>`) : html`<span class="soft">${t("packing-no-address")}</span>`}
        </address>
        ${parcel.way && html`<span class="account-mark">${locale() === "ru" ? parcel.way.name_ru : parcel.way.name_en}</span>`}
      </div>
      <ul class="parcel-lines">${parcel.orders.flatMap((order) => order.lines.map((line) => html`
        <li key=${order.order_id + line.sku}>
          <span class="parcel-picture"><${Picture} url=${line.image_url} title=${line.title} /></span>
          <span><strong>${line.title}</strong> ${line.label}<br /><span class="soft small numbers">${line.sku}</span></span>
          <strong class="numbers">× ${line.quantity}</strong>
        </li>`))}</ul>
      ${sending
        ? html`<${Send} ids=${ids} onSent=${onSent} />`
        : html`
          <div class="row">
            ${packed
              ? html`<span class="row soft"><${Icon} name="circle-check" />${t("packing-packed")}</span>`
              : html`<button class="button" type="button" data-testid="pack" onClick=${() => onPack(ids)}><${Icon} name="package" />${t("packing-pack")}</button>`}
            <button class="button button-primary" type="button" data-testid="send" onClick=${() => setSending(true)}><${Icon} name="truck" />${t("packing-send")}</button>
          </div>`}
    </li>
  `;
}

/** @param {{ ids: string[], onSent: () => Promise<void> }} props */
function Send({ ids, onSent }) {
  const form = useForm(async ({ carrier, tracking }) => {
    await staffApi.ship({ order_ids: ids, carrier: carrier.trim(), tracking: tracking.trim() });
    await onSent();
  });
  return html`
    <form class="stack" onSubmit=${form.onSubmit} data-testid="send-form">
      <div class="field-grid">
        <${Field} label=${t("packing-carrier")} name="carrier" required maxlength="80" data-testid="carrier" error=${form.errorOf("carrier")} />
        <${Field} label=${t("packing-tracking")} name="tracking" maxlength="80" data-testid="tracking" error=${form.errorOf("tracking")} />
      </div>
      ${form.rest(["carrier", "tracking"])}
      <button class="button button-primary" type="submit" data-testid="sent" disabled=${form.busy}>${t("packing-sent")}</button>
    </form>
  `;
}
