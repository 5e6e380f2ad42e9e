// @ts-check
// @css auctions.css
// One lot on the host's desk: how it stands, and what the host may do about it now.

import { useState } from "preact/hooks";
import { useTimeLeft } from "../components/countdown.js";
import { ErrorLine } from "../components/form.js";
import { html } from "../components/html.js";
import { errorText, locale, t } from "../components/words.js";
import { numberOf } from "../lib/auctions.js";
import { formatMoney, formatPause, formatSpan, formatTime } from "../lib/money.js";
import { AuctionActions } from "./auction_actions.js";

/**
 * @import { LotNow, LotView } from "../../schemas/generated/messages"
 * @import { AuctionRoom } from "./auctions.js"
 */

/** @type {Record<LotView["state"], string>} */
const STATES = {
  prepared: "auction-state-prepared",
  opening: "auction-state-opening",
  open: "auction-state-open",
  ended: "auction-state-ended",
  disputed: "auction-state-disputed",
  sold: "auction-state-sold",
  offered: "auction-state-offered",
  unpaid: "auction-state-unpaid",
  paid: "auction-state-paid",
  unsold: "auction-state-unsold",
  void: "auction-state-void",
  withdrawn: "auction-withdraw",
};

/** Why a lot is where it is, when the server says it by a name. @type {Record<string, string>} */
const REASONS = { no_bids: "auction-reason-no-bids", reserve: "auction-reason-reserve", no_stock: "auction-reason-no-stock", unpaid: "auction-reason-unpaid" };

/** @param {{ auctions: AuctionRoom, lot: LotView, owner: boolean, ended: boolean }} props */
export function AuctionLot({ auctions, lot, owner, ended }) {
  const now = auctions.now.value?.lots.find(({ lot_id }) => lot_id === lot.lot_id) ?? null;
  const [asking, setAsking] = useState(false);
  const problem = auctions.problem.value;
  const money = (/** @type {number} */ amount_minor) => formatMoney({ amount_minor, currency: lot.currency }, locale());
  const runs = now?.state === "open" || now?.state === "announced";
  const known = lot.state === "sold" || lot.state === "paid" || lot.state === "unpaid" || lot.state === "offered";
  return html`
    <article class=${`auction-lot auction-lot-${lot.state}`} data-testid="auction-lot" data-lot=${lot.lot_id} data-state=${lot.state} aria-label=${lot.title}>
      <p class="row auction-lot-head">
        <strong>${lot.title}${lot.label && html`<span class="soft"> · ${lot.label}</span>`}</strong>
        <span class="auction-state small">${t(STATES[lot.state])}</span>
      </p>
      ${(lot.state === "prepared" || runs) && html`
        <p class="small soft">${t("auction-line", { start: money(lot.start_minor), time: formatPause(lot.duration_ms / 1000, locale()) })}
          ${lot.reserve_minor > 0 && html`<span> · ${t("auction-with-reserve", { amount: money(lot.reserve_minor) })}</span>`}
          ${lot.sudden_death && html`<span> · ${t("lot-sudden-death")}</span>`}</p>`}
      ${runs && now && html`<${Standing} auctions=${auctions} now=${now} />`}
      ${known && html`<p class="small" data-testid="auction-winner">${t("auction-sold-line", { name: lot.winner_name, price: money(lot.price_minor) })}</p>`}
      ${(lot.state === "sold" || lot.state === "offered") && html`
        <p class="small soft">${t("auction-due-line", { name: lot.buyer_name, price: money(lot.due_minor), time: formatTime(lot.pays_until_ms, locale()) })}</p>`}
      ${lot.reason && html`<p class="small soft">${lot.reason in REASONS ? t(REASONS[lot.reason]) : lot.state === "unpaid" ? null : lot.reason}</p>`}
      ${problem?.lotId === lot.lot_id && html`<${ErrorLine} text=${errorText(problem.error)} />`}
      <${AuctionActions} auctions=${auctions} lot=${lot} bids=${now?.bids ?? lot.bids} owner=${owner} ended=${ended} asking=${asking} onAsk=${setAsking} />
    </article>
  `;
}

/** @param {{ auctions: AuctionRoom, now: LotNow }} props */
function Standing({ auctions, now }) {
  const left = useTimeLeft(now.state === "announced" ? now.starts_at_ms : now.ends_at_ms);
  const time = formatSpan(left);
  const name = now.leader_id && (auctions.names.value.get(now.leader_id) ?? t("lot-bidder", { number: String(numberOf(now.leader_id)) }));
  const price = formatMoney({ amount_minor: now.price_minor || now.start_minor, currency: now.currency }, locale());
  return html`
    <p class="auction-standing" role="status">
      <span class="auction-price" data-testid="auction-price">${price}</span>
      <span class="auction-left numbers">${now.state === "announced" ? t("lot-starts-in", { time }) : left > 0 ? time : t("lot-hammer")}</span>
      <span class="small soft">${t(now.state === "announced" ? "lot-maxima" : "lot-bids", { count: now.bids })}
        ${name && html`<span data-testid="auction-leader"> · ${t("lot-leader", { name })}</span>`}
        ${now.has_reserve && now.state === "open" && html`<span> · ${t(now.reserve_met ? "lot-reserve-met" : "lot-reserve-not-met")}</span>`}</span>
    </p>
  `;
}
