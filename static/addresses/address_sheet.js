// @ts-check
// The sheet in which an address is added or changed.

import { AddressForm } from "../components/address_form.js";
import { Dialog } from "../components/dialog.js";
import { html } from "../components/html.js";
import { t } from "../components/words.js";

/**
 * @import { AddressView, SaveAddress } from "../../schemas/generated/messages"
 * @import { Addresses } from "../lib/addresses.js"
 */

/** @param {{ addresses: Addresses, address?: AddressView, name: string, onClose: () => void }} props */
export function AddressSheet({ addresses, address, name, onClose }) {
  const save = async (/** @type {SaveAddress} */ { address_id, default: _, ...fields }) => {
    if (address) await addresses.change(address_id, fields);
    // The first one is the usual one; further ones are not asked for by an order, so they leave it as it is.
    else await addresses.save({ address_id, ...fields, default: addresses.list.value?.length === 0 });
    onClose();
  };
  return html`
    <${Dialog} title=${t(address ? "addresses-edit" : "addresses-add")} onClose=${onClose} testid="address-sheet">
      ${address && html`<p class="soft small">${t("addresses-edit-why")}</p>`}
      <${AddressForm} address=${address} name=${name} onSave=${save} />
    <//>
  `;
}
