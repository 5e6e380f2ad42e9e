// @ts-check
// Paying an order that waits for its money: after a decline, for a lot whose winner's card did not pay, or from a link in a message.

import { CardPicker } from "../components/card_picker.js";
import { ErrorLine } from "../components/form.js";
import { html } from "../components/html.js";
import { OtherWay } from "../components/other_way.js";
import { errorText, locale, t } from "../components/words.js";
import { formatMoney } from "../lib/money.js";
import { orderStatus, payable } from "../lib/order_status.js";

/**
 * @import { OrderView } from "../../schemas/generated/messages"
 * @import { Checkout } from "../lib/checkout.js"
 * @import { Wallet } from "../lib/wallet.js"
 */

/** @param {{ order: OrderView, checkout: Checkout, wallet: Wallet }} props */
export function PayAgain({ order, checkout, wallet }) {
  const status = orderStatus(order);
  const { error, busy } = checkout;
  if (status === "action") return html`<div class="no-print stack">${error.value && html`<${ErrorLine} text=${errorText(error.value)} />`}<${OtherWay} checkout=${checkout} /></div>`;
  if (!payable(status)) return null;
  const pay = () => wallet.way && checkout.payAgain(wallet.way);
  return html`
    <section class="panel stack no-print" data-testid="pay-again">
      <${CardPicker} wallet=${wallet} disabled=${busy.value} />
      ${error.value && html`<${ErrorLine} text=${errorText(error.value)} />`}
      <button class="button button-primary button-large button-wide" type="button" data-testid="pay" disabled=${busy.value || !wallet.way} onClick=${pay}>
        ${t("pay", { amount: formatMoney(order.total, locale()) })}</button>
    </section>
  `;
}
