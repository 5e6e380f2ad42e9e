// @ts-check
// @css ../components/poll.css
// A new flash sale: which products at which price, how many units, when it starts and how long it lasts.

import { useState } from "preact/hooks";
import { Field } from "../components/field.js";
import { FieldProblem, useForm } from "../components/form.js";
import { html } from "../components/html.js";
import { Icon } from "../components/icon.js";
import { locale, t } from "../components/words.js";
import { amountText, formatMoney, formatPause, parseAmount } from "../lib/money.js";
import { salesApi } from "../lib/sales_api.js";
import { freshId } from "../lib/store.js";
import { withFirst } from "./draft.js";

/**
 * @import { SaleRecord } from "../../schemas/generated/messages"
 * @import { Room } from "./room.js"
 */

/** Of what schemas/http/flash_sales.py allows. */
const COUNTDOWNS_S = [0, 10, 30, 60, 120, 300];
const SPANS_S = [60, 120, 300, 600, 1200];
const SPAN_S = 300;
const ITEMS_MAX = 20;
/** What is offered for a product that was chosen already. */
const REDUCED = 0.8;
const UNITS = 10;

/** `first`: SKU of a product that was chosen already. @param {{ room: Room, first: string | null, onDone: (sale: SaleRecord) => void, onClose: () => void }} props */
export function FlashForm({ room, first, onDone, onClose }) {
  // A retry of the same intent is the same sale.
  const [saleId] = useState(() => freshId("sal"));
  const [count, setCount] = useState(1);
  const items = withFirst(room.items.value, first);
  const chosen = first && items[0]?.offer.sku === first ? items[0] : null;
  const reduced = chosen ? amountText({ ...chosen.offer.price, amount_minor: Math.max(1, Math.round(chosen.offer.price.amount_minor * REDUCED)) }) : "";
  const units = Math.max(1, Math.min(UNITS, chosen?.pool?.available ?? UNITS));
  const offerOf = (/** @type {string} */ sku) => items.find(({ offer }) => offer.sku === sku)?.offer;
  const form = useForm(async (values) => {
    const offered = Array.from({ length: count }, (_, index) => {
      const offer = offerOf(values[`sku-${index}`]);
      const minor = offer ? parseAmount(values[`price-${index}`], offer.price.currency) : null;
      if (!offer || minor === null || minor === 0 || minor >= offer.price.amount_minor) throw new FieldProblem(`price-${index}`, "flash-price-wrong");
      const [units, each] = [Number(values[`units-${index}`]), Number(values[`each-${index}`])];
      if (!(units >= 1)) throw new FieldProblem(`units-${index}`, "flash-units-wrong");
      if (!(each >= 1)) throw new FieldProblem(`each-${index}`, "flash-units-wrong");
      return { sku: offer.sku, price: { amount_minor: minor, currency: offer.price.currency }, quantity_max: units, per_buyer_max: each };
    });
    const times = { starts_in_ms: Number(values.countdown) * 1000, lasts_ms: Number(values.span) * 1000 };
    onDone(await salesApi.startSale({ sale_id: saleId, show_id: room.showId, items: offered, ...times, coupons_allowed: values.coupons === "on" }));
  });
  return html`
    <form class="stack" onSubmit=${form.onSubmit} noValidate data-testid="flash-form">
      ${Array.from({ length: count }, (_, index) => html`
        <fieldset class="stack flash-row" key=${index}>
          <${Field} as="select" label=${t("flash-product-label")} name=${`sku-${index}`} data-testid=${`flash-sku-${index}`}>
            ${items.map(({ offer }, at) => html`<option value=${offer.sku} selected=${at === index}>${offer.title}${offer.label && ` · ${offer.label}`} — ${formatMoney(offer.price, locale())}</option>`)}
          <//>
          <div class="flash-numbers">
            <${Field} label=${t("flash-price-label")} name=${`price-${index}`} inputmode="decimal" required defaultValue=${index === 0 ? reduced : ""} data-testid=${`flash-price-${index}`} error=${form.errorOf(`price-${index}`)} />
            <${Field} label=${t("flash-units-label")} name=${`units-${index}`} type="number" min="1" defaultValue=${index === 0 ? units : UNITS} required data-testid=${`flash-units-${index}`} error=${form.errorOf(`units-${index}`)} />
            <${Field} label=${t("flash-each-label")} name=${`each-${index}`} type="number" min="1" defaultValue="1" required data-testid=${`flash-each-${index}`} error=${form.errorOf(`each-${index}`)} />
          </div>
        </fieldset>`)}
      ${count < Math.min(items.length, ITEMS_MAX) && html`
        <button class="button button-small poll-more" type="button" data-testid="flash-more" onClick=${() => setCount(count + 1)}><${Icon} name="plus" />${t("flash-add")}</button>`}
      <div class="flash-numbers">
        <${Field} as="select" label=${t("flash-countdown-label")} name="countdown" data-testid="flash-countdown">
          ${COUNTDOWNS_S.map((seconds) => html`<option value=${seconds}>${seconds ? formatPause(seconds, locale()) : t("flash-now")}</option>`)}
        <//>
        <${Field} as="select" label=${t("flash-span-label")} name="span" data-testid="flash-span">
          ${SPANS_S.map((seconds) => html`<option value=${seconds} selected=${seconds === SPAN_S}>${formatPause(seconds, locale())}</option>`)}
        <//>
      </div>
      <label class="check"><input type="checkbox" name="coupons" data-testid="flash-coupons" />${t("flash-coupons")}</label>
      ${form.rest(Array.from({ length: count }, (_, index) => [`price-${index}`, `units-${index}`, `each-${index}`]).flat())}
      <div class="row">
        <button class="button button-primary" type="submit" data-testid="flash-start" disabled=${form.busy}>${t("flash-start")}</button>
        <button class="button" type="button" onClick=${onClose}>${t("poll-cancel")}</button>
      </div>
    </form>
  `;
}
