// @ts-check
// @css auctions.css
// A new lot: what is sold, from which price, for how long. The rest has sensible values and folds away.

import { useState } from "preact/hooks";
import { Field } from "../components/field.js";
import { FieldProblem, useForm } from "../components/form.js";
import { html } from "../components/html.js";
import { locale, t } from "../components/words.js";
import { formatPause, parseAmount } from "../lib/money.js";
import { freshId } from "../lib/store.js";

/**
 * @import { Item } from "../lib/offers.js"
 * @import { AuctionRoom } from "./auctions.js"
 */

/** Seconds that are offered; the server takes ten seconds to a day. */
const SPANS_S = [15, 30, 60, 120, 300, 600, 1_800];
const SPAN_S = 60;
const RESETS_S = [5, 10, 20, 30];
const RESET_S = 10;
const PAY_S = [300, 900, 1_800, 3_600, 21_600, 86_400];
const PAY_S_USUAL = 900;

/** @param {{ auctions: AuctionRoom, items: Item[], onDone: () => void }} props */
export function AuctionForm({ auctions, items, onDone }) {
  // A retry of the same intent is the same lot.
  const [lotId] = useState(() => freshId("lot"));
  const [sku, setSku] = useState(items[0]?.offer.sku ?? "");
  const currency = items.find(({ offer }) => offer.sku === sku)?.offer.price.currency ?? items[0]?.offer.price.currency ?? "EUR";
  const amountOf = (/** @type {Record<string, string>} */ values, /** @type {string} */ name, /** @type {boolean} */ required) => {
    if (!required && !(values[name] ?? "").trim()) return 0;
    const amount = parseAmount(values[name], currency);
    if (amount === null || amount < 1) throw new FieldProblem(name, "lot-amount-wrong");
    return amount;
  };
  const form = useForm(async (values) => {
    const reset = Number(values.soft_close) * 1000;
    await auctions.prepare({
      lot_id: lotId,
      show_id: auctions.showId,
      sku: values.sku,
      currency,
      quantity: Number(values.quantity) || 1,
      start_minor: amountOf(values, "start", true),
      reserve_minor: amountOf(values, "reserve", false),
      ceiling_minor: amountOf(values, "ceiling", false),
      duration_ms: Number(values.duration) * 1000,
      payment_ms: Number(values.payment) * 1000,
      ...(reset ? { window_ms: reset, reset_ms: reset } : { sudden_death: true }),
      auto_offer: values.auto_offer === "on",
    });
    onDone();
  });
  if (items.length === 0) return html`<p class="empty">${t("auction-no-goods")}</p>`;
  const options = (/** @type {number[]} */ spans, /** @type {number} */ usual, /** @type {string} */ id = "") =>
    spans.map((seconds) => {
      const time = formatPause(seconds, locale());
      return html`<option value=${seconds} selected=${seconds === usual}>${id ? t(id, { time }) : time}</option>`;
    });
  return html`
    <form class="stack" onSubmit=${form.onSubmit} noValidate data-testid="auction-form">
      <${Field} as="select" label=${t("auction-sku")} name="sku" data-testid="auction-sku" value=${sku} error=${form.errorOf("sku")}
        onChange=${(/** @type {Event} */ event) => setSku(/** @type {HTMLSelectElement} */ (event.target).value)}>
        ${items.map(({ offer }) => html`<option value=${offer.sku} selected=${offer.sku === sku}>${offer.title}${offer.label ? ` · ${offer.label}` : ""}</option>`)}
      <//>
      <div class="auction-pair">
        <${Field} label=${t("auction-start-price", { currency })} name="start" inputmode="decimal" required autocomplete="off" data-testid="auction-start-price" error=${form.errorOf("start")} />
        <${Field} as="select" label=${t("auction-duration")} name="duration" data-testid="auction-duration">${options(SPANS_S, SPAN_S)}<//>
      </div>
      <details class="auction-more">
        <summary>${t("auction-more")}</summary>
        <div class="stack">
          <${Field} label=${t("auction-reserve", { currency })} name="reserve" inputmode="decimal" autocomplete="off" hint=${t("auction-reserve-hint")} data-testid="auction-reserve" error=${form.errorOf("reserve")} />
          <div class="auction-pair">
            <${Field} label=${t("auction-quantity")} name="quantity" type="number" min="1" defaultValue="1" data-testid="auction-quantity" error=${form.errorOf("quantity")} />
            <${Field} as="select" label=${t("auction-pay-within")} name="payment" data-testid="auction-payment">${options(PAY_S, PAY_S_USUAL)}<//>
          </div>
          <${Field} as="select" label=${t("auction-soft-close")} name="soft_close" data-testid="auction-soft-close">
            ${options(RESETS_S, RESET_S, "auction-soft-close-reset")}<option value="0">${t("auction-soft-close-none")}</option>
          <//>
          <${Field} label=${t("auction-ceiling", { currency })} name="ceiling" inputmode="decimal" autocomplete="off" hint=${t("auction-ceiling-hint")} data-testid="auction-ceiling" error=${form.errorOf("ceiling")} />
          <label class="check"><input type="checkbox" name="auto_offer" data-testid="auction-auto-offer" />${t("auction-auto-offer")}</label>
        </div>
      </details>
      ${form.rest(["sku", "start", "reserve", "ceiling", "quantity"])}
      <div class="row">
        <button class="button button-primary" type="submit" data-testid="auction-prepare" disabled=${form.busy}>${t("auction-prepare")}</button>
        <button class="button" type="button" onClick=${onDone}>${t("auction-cancel")}</button>
      </div>
    </form>
  `;
}
