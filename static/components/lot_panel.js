// @ts-check
// @css chat.css
// @css lot_panel.css
// The running lot in the player: what it is, what it stands at and who leads, how long it lasts, and the way to bid. Where one stands
// oneself is said aloud (screen readers) and felt (vibration) as soon as it changes.

import { useEffect, useRef } from "preact/hooks";
import { isRunning, numberOf, RESULT_MS } from "../lib/auctions.js";
import { announce, markPassed } from "../lib/announcer.js";
import { feel } from "../lib/haptics.js";
import { formatMoney, formatSpan } from "../lib/money.js";
import { useTimeLeft } from "./countdown.js";
import { useAnnounced } from "./announcer.js";
import { html } from "./html.js";
import { Icon } from "./icon.js";
import { LotBid } from "./lot_bid.js";
import { LotStanding } from "./lot_standing.js";
import { Picture } from "./picture.js";
import { locale, t } from "./words.js";

/**
 * @import { LotNow, OfferView } from "../../schemas/generated/messages"
 * @import { Auctions } from "../lib/auctions.js"
 */

/** @param {{ auctions: Auctions, lot: LotNow, offer: OfferView | null, onPay: () => void }} props */
export function LotPanel({ auctions, lot, offer, onPay }) {
  const running = isRunning(lot);
  const untilMs = lot.state === "announced" ? lot.starts_at_ms : lot.ends_at_ms;
  const left = useTimeLeft(untilMs);
  const resultLeft = useTimeLeft(lot.ends_at_ms + RESULT_MS);
  const place = auctions.placeOf(lot);
  const me = auctions.live.me.value?.actor_id ?? "";
  usePulse(place);
  useMarks(lot, left);
  const price = money(lot, lot.price_minor);
  useAnnounced(place === "outbid", () => t("lot-you-are-outbid", { price }), true);
  useAnnounced(place === "leading", () => t("lot-you-lead", { price }));
  useAnnounced(place === "won", () => t("lot-you-won", { price }));
  useAnnounced(lot.state === "sold" && place !== "won", () => t("said-sold", { amount: price }));
  useEffect(() => {
    // Without it the first bid tells what is missing.
    if (running && me) auctions.learnMine(lot.lot_id).catch(() => undefined);
  }, [lot.lot_id, running, me]);
  if (!running && resultLeft === 0 && place !== "won") return null;
  const card = auctions.cardOf(lot.lot_id);
  const title = card?.title ?? offer?.title ?? lot.sku;
  const label = card?.label ?? offer?.label ?? "";
  return html`
    <section class=${`lot lot-${place}`} aria-label=${t("lot-title")} data-testid="lot" data-lot=${lot.lot_id} data-state=${lot.state} data-place=${place}>
      <header class="lot-head">
        <span class="lot-kind"><${Icon} name="gavel" />${t(KINDS[lot.state])}</span>
        ${running && html`<${Clock} lot=${lot} left=${left} />`}
        ${!running && html`
          <button class="chat-action" type="button" data-testid="lot-away" aria-label=${t("close")} onClick=${() => auctions.putAway(lot.lot_id)}><${Icon} name="x" /></button>`}
      </header>
      <div class="lot-goods">
        <span class="lot-picture"><${Picture} url=${card?.image_url ?? offer?.image_url ?? null} title=${title} /></span>
        <div class="lot-words">
          <p class="lot-name">${title}${label && html`<span class="soft"> · ${label}</span>`}${lot.quantity > 1 && html`<span class="soft"> × ${lot.quantity}</span>`}</p>
          <p class="lot-price"><span class="lot-amount" data-testid="lot-price">${money(lot, lot.price_minor || lot.start_minor)}</span>
            <span class="small soft">${t(priceWords(lot))}</span></p>
          <p class="small soft lot-facts">
            ${leaderText(auctions, lot, me)}
            <span data-testid="lot-bids">${t(lot.state === "announced" ? "lot-maxima" : "lot-bids", { count: lot.bids })}</span>
            ${running && lot.has_reserve && lot.state === "open" && html`<span data-testid="lot-reserve">${t(lot.reserve_met ? "lot-reserve-met" : "lot-reserve-not-met")}</span>`}
            ${running && lot.sudden_death && html`<span>${t("lot-sudden-death")}</span>`}
          </p>
        </div>
      </div>
      <${LotStanding} auctions=${auctions} lot=${lot} place=${place} onPay=${onPay} />
      ${running && left > 0 && html`<${LotBid} key=${lot.lot_id} auctions=${auctions} lot=${lot} place=${place} />`}
      ${!running && html`<a class="small lot-truth" href=${`/lot/${lot.lot_id}`} target="_blank" rel="noopener" data-testid="lot-truth">${t("lot-truth-link")}</a>`}
    </section>
  `;
}

/** @type {Record<LotNow["state"], string>} */
const KINDS = { announced: "lot-announced", open: "lot-open", sold: "lot-sold", unsold: "lot-unsold", void: "lot-void" };

/** The seconds that matter are large; when none is left the hammer is falling. @param {{ lot: LotNow, left: number }} props */
function Clock({ lot, left }) {
  const urgent = lot.state === "open" && left <= Math.max(lot.window_ms, 5_000);
  const text = left > 0 ? formatSpan(left) : t(lot.state === "open" ? "lot-hammer" : "lot-starting");
  return html`<span class=${`lot-left numbers${urgent ? " lot-left-urgent" : ""}`} role="timer" data-testid="lot-left">
    ${lot.state === "announced" && left > 0 ? t("lot-starts-in", { time: text }) : text}</span>`;
}

/** @param {LotNow} lot @param {number} amount_minor */
const money = (lot, amount_minor) => formatMoney({ amount_minor, currency: lot.currency }, locale());

/** @param {LotNow} lot */
function priceWords(lot) {
  if (lot.state === "sold") return "lot-price-sold";
  return lot.price_minor > 0 ? "lot-price-now" : "lot-price-start";
}

/** @param {Auctions} auctions @param {LotNow} lot @param {string} me */
function leaderText(auctions, lot, me) {
  if (!lot.leader_id || lot.leader_id === me) return null;
  const name = auctions.nameOf(lot.leader_id) ?? t("lot-bidder", { number: String(numberOf(lot.leader_id)) });
  return html`<span data-testid="lot-leader">${t(lot.state === "sold" ? "lot-sold-to" : "lot-leader", { name })}</span>`;
}

/** Ten and five seconds before the hammer are said. @param {LotNow} lot @param {number} left */
function useMarks(lot, left) {
  const before = useRef(left);
  useEffect(() => {
    const mark = lot.state === "open" ? markPassed(before.current, left) : null;
    if (mark) announce(t("said-seconds", { seconds: mark / 1_000 }));
    before.current = left;
  }, [left]);
}

/** Felt as well as seen. @param {import("../lib/auctions.js").Place} place */
function usePulse(place) {
  const before = useRef(place);
  useEffect(() => {
    if (before.current === "leading" && place === "outbid") feel("warning");
    if (place === "won" && before.current !== "won") feel("success");
    before.current = place;
  }, [place]);
}
