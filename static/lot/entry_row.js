// @ts-check
// One line of a lot's truth: when, who, what, and why not.

import { html } from "../components/html.js";
import { errorText, locale, t } from "../components/words.js";
import { formatMoney } from "../lib/money.js";

/** @import { LotEntry } from "../../schemas/generated/messages" */

/** @param {number} atMs */
const timeOf = (atMs) => new Intl.DateTimeFormat(locale(), { hourCycle: "h23", hour: "2-digit", minute: "2-digit", second: "2-digit", fractionalSecondDigits: 3 }).format(atMs);

/** @param {{ entry: LotEntry, currency: string }} props */
export function EntryRow({ entry, currency }) {
  const money = (/** @type {number} */ amount_minor) => formatMoney({ amount_minor, currency }, locale());
  const bids = entry.kind === "bid" || entry.kind === "maximum";
  return html`
    <tr class=${`truth-row truth-${entry.kind}${entry.mine ? " truth-mine" : ""}`} data-testid="truth-row" data-kind=${entry.kind}>
      <td class="numbers"><time datetime=${new Date(entry.at_ms).toISOString()}>${timeOf(entry.at_ms)}</time></td>
      <td>${entry.who}${entry.mine && html` <span class="soft">(${t("truth-you")})</span>`}</td>
      <td>${textOf(entry, money)}
        ${bids && entry.price_minor > 0 && html`<span class="soft"> · ${t("truth-price", { price: money(entry.price_minor) })}</span>`}
        ${bids && entry.leads && html`<strong> · ${t("truth-leads")}</strong>`}
        ${entry.extended && html`<span class="soft"> · ${t("truth-extended")}</span>`}</td>
    </tr>
  `;
}

/** Messages that need no more than their name. @type {Partial<Record<LotEntry["kind"], string>>} */
const PLAIN = {
  prepared: "truth-prepared",
  started: "truth-started",
  unsold: "truth-unsold",
  settled: "truth-settled",
  unpaid: "truth-unpaid",
  rerun: "truth-rerun",
  given_up: "truth-given-up",
};

/** @param {LotEntry} entry @param {(amountMinor: number) => string} money */
function textOf(entry, money) {
  const { kind, amount_minor, price_minor } = entry;
  const why = kind === "refused" ? errorText({ name: entry.why }) : entry.why;
  const plain = PLAIN[kind];
  if (plain) return t(plain);
  switch (kind) {
    case "announced": return t("truth-announced", { price: money(price_minor) });
    case "bid": return t("truth-bid", { amount: money(amount_minor) });
    case "maximum": return amount_minor ? t("truth-maximum-amount", { amount: money(amount_minor) }) : t("truth-maximum");
    case "refused": return amount_minor ? t("truth-refused-amount", { amount: money(amount_minor), why }) : t("truth-refused", { why });
    case "sold": return t("truth-sold", { price: money(price_minor) });
    case "void": return why ? t("truth-void-why", { why }) : t("truth-void");
    case "disputed": return t("truth-disputed", { why });
    case "offered": return t("truth-offered", { amount: money(amount_minor) });
    default: return t("truth-paid", { amount: money(amount_minor) });
  }
}
