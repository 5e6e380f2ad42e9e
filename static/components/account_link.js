// @ts-check
// To one's own page: orders, bids, settings.

import { html } from "./html.js";
import { Icon } from "./icon.js";
import { t } from "./words.js";

/** @param {{ glass?: boolean }} props */
export const AccountLink = ({ glass = false }) => html`
  <a class=${`button button-round${glass ? " button-glass" : ""}`} href="/account/" data-testid="to-account" aria-label=${t("account-open")}><${Icon} name="user" /></a>
`;
