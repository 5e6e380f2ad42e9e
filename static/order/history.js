// @ts-check
// Who did what, when, and why not: the order's own changes and the ledger's record of its units, in one line of time.

import { html } from "../components/html.js";
import { locale, t } from "../components/words.js";
import { entryDetails } from "../lib/order_history.js";

/** @import { HistoryEntry, HistoryView } from "../../schemas/generated/messages" */

/** What happened, in words. A refused command has the name of the ledger. @type {Record<string, string>} */
const WORDS = {
  placed: "history-placed",
  won: "history-won",
  payment_requested: "history-payment-requested",
  action_required: "history-action-required",
  payment_failed: "history-payment-failed",
  confirmed: "history-confirmed",
  paid: "history-paid",
  paid_too_late: "history-paid-too-late",
  voided: "history-voided",
  cancelled: "history-cancelled",
  withdrawn: "history-withdrawn",
  hold_ended: "history-hold-ended",
  packed: "history-packed",
  shipped: "history-shipped",
  tracking_changed: "history-tracking-changed",
  delivered: "history-delivered",
  moved: "history-moved",
  refund_requested: "history-refund-requested",
  refunded: "history-refunded",
  refund_failed: "history-refund-failed",
  return_requested: "history-return-requested",
  return_accepted: "history-return-accepted",
  return_refused: "history-return-refused",
  return_received: "history-return-received",
  dispute_open: "history-dispute-open",
  dispute_won: "history-dispute-won",
  dispute_lost: "history-dispute-lost",
  held: "history-held",
  hold_extended: "history-hold-extended",
  hold_committed: "history-hold-committed",
  hold_released: "history-hold-released",
  hold_expired: "history-hold-expired",
  hold_restocked: "history-hold-restocked",
  lot_ended: "history-lot-ended",
  lot_awarded: "history-lot-awarded",
};

/** @param {{ history: HistoryView }} props */
export const History = ({ history }) => html`
  <section class="panel order-page-history no-print" data-testid="history">
    <header><h2>${t("order-page-history")}</h2></header>
    <ol>${history.entries.map((entry, place) => html`<${Entry} key=${place} entry=${entry} />`)}</ol>
  </section>
`;

/** @param {{ entry: HistoryEntry }} props */
function Entry({ entry }) {
  const time = new Intl.DateTimeFormat(locale(), { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", second: "2-digit", fractionalSecondDigits: 3 });
  const word = WORDS[entry.what] ? t(WORDS[entry.what]) : entry.what;
  const details = entryDetails(entry.params, locale());
  return html`
    <li class=${`history-entry history-${entry.source}${entry.refused ? " history-refused" : ""}`} data-testid="history-entry" data-what=${entry.what}>
      <time class="soft small numbers">${time.format(entry.at_ms)}</time>
      <span><strong>${word}</strong>${entry.actor_name && html`<span class="soft"> ${t("history-by", { name: entry.actor_name })}</span>`}
        ${entry.why && html`<span class="history-why"> · ${entry.refused ? t("history-refused", { why: entry.why }) : entry.why}</span>`}
        ${details.length > 0 && html`<br /><span class="soft small numbers">${details.join(" · ")}</span>`}</span>
    </li>
  `;
}
