// @ts-check
// The way back from a payment that waits at the bank or on the provider's page: give it up and pay differently.

import { html } from "./html.js";
import { t } from "./words.js";

/** @import { Checkout } from "../lib/checkout.js" */

/** @param {{ checkout: Checkout }} props */
export const OtherWay = ({ checkout }) => html`
  <button class="button button-wide" type="button" data-testid="other-way" disabled=${checkout.busy.value} onClick=${() => checkout.abandon()}>${t("pay-another-way")}</button>
`;
