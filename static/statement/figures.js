// @ts-check
// From what was sold to what is the seller's, step by step.

import { html } from "../components/html.js";
import { locale, t } from "../components/words.js";
import { COLUMNS } from "../lib/books.js";
import { formatMoney } from "../lib/money.js";
import { FIGURES } from "./words.js";

/** @import { FiguresView } from "../../schemas/generated/messages" */

const TAKEN = new Set(["discount_minor", "refunded_minor", "tax_minor", "platform_fee_minor", "provider_fee_minor", "disputed_minor", "lost_minor"]);
const SUMS = new Set(["total_minor", "net_minor"]);
/** Shown only when there is something. */
const RARE = new Set(["disputed_minor", "lost_minor", "platform_fee_minor", "discount_minor"]);

/** @param {{ figures: FiguresView }} props */
export function Figures({ figures }) {
  const shown = COLUMNS.filter((column) => figures[column] !== 0 || !RARE.has(column));
  return html`
    <dl class="sum" data-testid=${`figures-${figures.currency}`}>
      ${shown.map((column) => html`
        <div key=${column} class=${SUMS.has(column) ? "sum-row sum-row-total" : "sum-row"}>
          <dt>${t(FIGURES[column])}</dt>
          <dd class="numbers" data-testid=${column}>${amount(TAKEN.has(column) ? -figures[column] : figures[column], figures.currency)}</dd>
        </div>
      `)}
    </dl>
  `;
}

/** With a real minus; no zero is negative. @param {number} minor @param {string} currency */
export const amount = (minor, currency) => formatMoney({ amount_minor: minor || 0, currency }, locale()).replace("-", "\u2212");
