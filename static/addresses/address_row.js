// @ts-check
// @css ../components/address.css
// One address: change it, make it the usual one, and forget it, which is asked about.

import { useState } from "preact/hooks";
import { html } from "../components/html.js";
import { Icon } from "../components/icon.js";
import { locale, t } from "../components/words.js";
import { addressLines, addressText } from "../lib/address.js";

/**
 * @import { AddressView } from "../../schemas/generated/messages"
 * @import { Addresses } from "../lib/addresses.js"
 */

/** @param {{ address: AddressView, addresses: Addresses, onEdit: () => void }} props */
export function AddressRow({ address, addresses, onEdit }) {
  const [sure, setSure] = useState(false);
  const usual = addresses.usualId.value === address.address_id;
  const busy = addresses.busy.value;
  const text = addressText(address);
  return html`
    <li class=${`address-row ${usual ? "address-row-usual" : ""}`} data-testid="address-row" data-usual=${String(usual)}>
      <address>
        ${usual && html`<span class="address-row-mark">${t("addresses-usual")}</span><br />`}
        ${addressLines(address, locale()).map((line, place) => (place === 0 ? html`<strong>${line}</strong>` : html`<br />${line}`))}
      </address>
      ${sure
        ? html`<div class="row" role="group" aria-label=${t("addresses-remove-sure")}>
            <span class="address-row-sure">${t("addresses-remove-sure")}</span>
            <button class="button button-small button-danger" type="button" data-testid="address-remove-yes" disabled=${busy} onClick=${() => addresses.remove(address.address_id).then(() => setSure(false))}>${t("addresses-remove-yes")}</button>
            <button class="button button-small" type="button" data-testid="address-remove-no" onClick=${() => setSure(false)}>${t("addresses-remove-no")}</button>
          </div>`
        : html`<div class="row">
            <button class="button button-small" type="button" aria-label=${t("addresses-edit-this", { address: text })} data-testid="address-edit" disabled=${busy} onClick=${onEdit}>${t("addresses-edit")}</button>
            ${!usual && html`<button class="button button-small" type="button" data-testid="address-usual" disabled=${busy} onClick=${() => addresses.makeUsual(address.address_id)}>${t("addresses-make-usual")}</button>`}
            <button class="button button-small button-danger" type="button" aria-label=${t("addresses-remove", { address: text })} data-testid="address-remove" disabled=${busy} onClick=${() => setSure(true)}><${Icon} name="trash-2" /></button>
          </div>`}
    </li>
  `;
}
