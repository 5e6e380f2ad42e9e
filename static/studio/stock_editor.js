// @ts-check
// @css stock_editor.css
// What can be changed of a variant after it was published: the count of the warehouse, the price, and what is still in the show.

import { useEffect, useState } from "preact/hooks";
import { Field } from "../components/field.js";
import { FieldProblem, useForm } from "../components/form.js";
import { html } from "../components/html.js";
import { locale, t } from "../components/words.js";
import { api } from "../lib/api.js";
import { amountText, formatDay, formatMoney, parseAmount } from "../lib/money.js";
import { freshId } from "../lib/store.js";

/**
 * @import { StockEntryView, VariantView } from "../../schemas/generated/messages"
 * @import { Room } from "./room.js"
 */

/** How often a return is looked at until the ledger has answered. */
const LOOK_MS = 400;
const LOOKS_MAX = 25;

/** @param {{ variant: VariantView, onChanged: () => Promise<void>, room?: Room | null }} props `room`: of a show that sells it */
export function StockEditor({ variant, onChanged, room = null }) {
  const free = room?.items.value.find((item) => item.offer.sku === variant.sku)?.pool?.available ?? 0;
  return html`
    <div class="stock-editor stack" data-testid=${`stock-editor-${variant.sku}`}>
      <${CountForm} variant=${variant} onChanged=${onChanged} />
      <${PriceForm} variant=${variant} onChanged=${onChanged} />
      ${room && free > 0 && html`<${ReturnForm} variant=${variant} room=${room} free=${free} />`}
      <${History} variant=${variant} />
    </div>
  `;
}

/** @param {{ variant: VariantView, onChanged: () => Promise<void> }} props */
function CountForm({ variant, onChanged }) {
  const [editId, setEditId] = useState(() => freshId("cnt"));
  const form = useForm(async ({ counted, reason }, element) => {
    // The difference to what this page shows is applied: units that move meanwhile stay moved.
    await api.countStock({ edit_id: editId, sku: variant.sku, counted: Number(counted), shown: variant.on_hand, reason: reason.trim() });
    setEditId(freshId("cnt"));
    element.reset();
    await onChanged();
  });
  return html`
    <form class="stock-form" onSubmit=${form.onSubmit}>
      <${Field} key=${variant.on_hand} label=${t("stock-counted")} name="counted" type="number" min="0" max="1000000" required inputmode="numeric"
        defaultValue=${variant.on_hand} data-testid=${`count-${variant.sku}`} error=${form.errorOf("counted")} />
      <${Field} label=${t("stock-reason")} name="reason" required maxlength="200" placeholder=${t("stock-reason-placeholder")}
        data-testid=${`count-reason-${variant.sku}`} error=${form.errorOf("reason")} />
      <button class="button" type="submit" data-testid=${`count-save-${variant.sku}`} disabled=${form.busy}>${t("stock-save")}</button>
      ${form.rest(["counted", "reason"])}
    </form>
  `;
}

/** @param {{ variant: VariantView, onChanged: () => Promise<void> }} props */
function PriceForm({ variant, onChanged }) {
  const [changeId, setChangeId] = useState(() => freshId("prc"));
  const { price, lowest_30d } = variant;
  const form = useForm(async ({ amount, tax }) => {
    const amount_minor = parseAmount(amount, price.currency);
    if (amount_minor === null) throw new FieldProblem("amount", "price-invalid");
    const tax_rate_bp = parseAmount(tax, "EUR");
    if (tax_rate_bp === null || tax_rate_bp > 10_000) throw new FieldProblem("tax", "stock-tax-invalid");
    await api.changePrice({ change_id: changeId, sku: variant.sku, price: { amount_minor, currency: price.currency }, tax_rate_bp });
    setChangeId(freshId("prc"));
    await onChanged();
  });
  const hint = lowest_30d && lowest_30d.amount_minor !== price.amount_minor ? t("stock-price-lowest", { price: formatMoney(lowest_30d, locale()) }) : "";
  return html`
    <form class="stock-form" onSubmit=${form.onSubmit}>
      <${Field} label=${t("stock-price-new", { currency: price.currency })} name="amount" required inputmode="decimal" hint=${hint}
        defaultValue=${amountText(price)} data-testid=${`price-${variant.sku}`} error=${form.errorOf("amount")} />
      <${Field} label=${t("stock-price-tax")} name="tax" required inputmode="decimal" defaultValue=${String(variant.tax_rate_bp / 100)}
        data-testid=${`tax-${variant.sku}`} error=${form.errorOf("tax")} />
      <button class="button" type="submit" data-testid=${`price-save-${variant.sku}`} disabled=${form.busy}>${t("stock-price-save")}</button>
      ${form.rest(["amount", "tax"])}
    </form>
  `;
}

/** @param {{ variant: VariantView, room: Room, free: number }} props */
function ReturnForm({ variant, room, free }) {
  const [moveId, setMoveId] = useState(() => freshId("mov"));
  const form = useForm(async ({ quantity }) => {
    const body = { move_id: moveId, show_id: room.showId, sku: variant.sku, quantity: Number(quantity) };
    let found = await api.returnUnits(body);
    for (let look = 0; found.state === "asked" && look < LOOKS_MAX; look += 1) {
      await new Promise((done) => setTimeout(done, LOOK_MS));
      found = await api.returnUnits(body); // the same move again tells how it stands
    }
    setMoveId(freshId("mov"));
    await room.loadProducts();
    if (found.state === "refused") throw new FieldProblem("quantity", "stock-return-refused");
  });
  return html`
    <form class="stock-form" onSubmit=${form.onSubmit}>
      <${Field} key=${free} label=${t("stock-return-quantity", { free })} name="quantity" type="number" min="1" max=${free} required inputmode="numeric"
        defaultValue=${free} data-testid=${`return-${variant.sku}`} error=${form.errorOf("quantity")} />
      <button class="button" type="submit" data-testid=${`return-save-${variant.sku}`} disabled=${form.busy}>${t("stock-return-save")}</button>
      ${form.rest(["quantity"])}
    </form>
  `;
}

/** @param {{ variant: VariantView }} props */
function History({ variant }) {
  const [entries, setEntries] = useState(/** @type {StockEntryView[]} */ ([]));
  useEffect(() => {
    let here = true;
    void api.stockHistory(variant.sku).then((found) => here && setEntries(found.entries), () => {});
    return () => { here = false; };
  }, [variant.sku, variant.on_hand]);
  if (entries.length === 0) return null;
  return html`
    <ul class="stock-history small" aria-label=${t("stock-history")} data-testid=${`stock-history-${variant.sku}`}>
      ${entries.slice(0, 10).map((entry) => html`
        <li>
          <span class="numbers">${entry.change > 0 ? "+" : "−"}${Math.abs(entry.change)}</span>
          <span>${entry.kind === "counted" ? entry.reason : t(entry.kind === "pool" ? "stock-kind-pool" : "stock-kind-goods")}</span>
          <time class="soft">${formatDay(entry.at_ms, locale())}</time>
        </li>`)}
    </ul>
  `;
}
