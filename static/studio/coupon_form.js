// @ts-check
// A new coupon: its code, what it is worth, and for whom.

import { useState } from "preact/hooks";
import { Field } from "../components/field.js";
import { FieldProblem, useForm } from "../components/form.js";
import { html } from "../components/html.js";
import { t } from "../components/words.js";
import { parseAmount } from "../lib/money.js";
import { salesApi } from "../lib/sales_api.js";
import { freshId } from "../lib/store.js";

/** @import { Room } from "./room.js" */

/** As schemas/ids.py and schemas/http/coupons.py. */
const CODE = /^[A-Z0-9]{4,15}$/;
const PERCENT_MAX = 90;

/** @param {{ room: Room, onDone: () => Promise<void>, onClose: () => void }} props */
export function CouponForm({ room, onDone, onClose }) {
  const [couponId] = useState(() => freshId("cpn"));
  const [kind, setKind] = useState("percent");
  const currency = room.items.value[0]?.offer.price.currency ?? "EUR";
  /** @param {string} typed @param {string} field */
  const money = (typed, field) => {
    if (!typed.trim()) return null;
    const minor = parseAmount(typed, currency);
    if (!minor) throw new FieldProblem(field, "coupon-amount-wrong");
    return { amount_minor: minor, currency };
  };
  const form = useForm(async (values) => {
    const code = values.code.trim().toUpperCase();
    if (!CODE.test(code)) throw new FieldProblem("code", "coupon-code-wrong");
    const percent = kind === "percent" ? Number(values.percent) : null;
    if (percent !== null && !(Number.isInteger(percent) && percent >= 1 && percent <= PERCENT_MAX)) throw new FieldProblem("percent", "coupon-percent-wrong");
    const amount = kind === "amount" ? money(values.amount, "amount") : null;
    if (kind === "amount" && !amount) throw new FieldProblem("amount", "coupon-amount-wrong");
    await salesApi.issueCoupon({
      coupon_id: couponId,
      show_id: room.showId,
      code,
      percent,
      amount,
      cap: kind === "percent" ? money(values.cap, "cap") : null,
      minimum: money(values.minimum, "minimum"),
      uses_max: Math.max(1, Number(values.uses) || 0),
      new_buyers_only: values.fresh === "on",
    });
    await onDone();
  });
  return html`
    <form class="stack" onSubmit=${form.onSubmit} noValidate data-testid="coupon-form">
      <${Field} label=${t("coupon-code-label")} name="code" required maxlength="15" autocapitalize="characters" hint=${t("coupon-code-hint")} data-testid="coupon-code" error=${form.errorOf("code")} />
      <${Field} as="select" label=${t("coupon-kind-label")} name="kind" data-testid="coupon-kind" onChange=${(/** @type {Event} */ event) => setKind(/** @type {HTMLSelectElement} */ (event.target).value)}>
        <option value="percent" selected=${kind === "percent"}>${t("coupon-kind-percent")}</option>
        <option value="amount" selected=${kind === "amount"}>${t("coupon-kind-amount", { currency })}</option>
      <//>
      <div class="flash-numbers">
        ${kind === "percent"
          ? html`<${Field} label=${t("coupon-percent-label")} name="percent" inputmode="numeric" required data-testid="coupon-percent" error=${form.errorOf("percent")} />
              <${Field} label=${t("coupon-cap-label")} name="cap" inputmode="decimal" data-testid="coupon-cap" error=${form.errorOf("cap")} />`
          : html`<${Field} label=${t("coupon-amount-label")} name="amount" inputmode="decimal" required data-testid="coupon-amount" error=${form.errorOf("amount")} />`}
        <${Field} label=${t("coupon-minimum-label")} name="minimum" inputmode="decimal" data-testid="coupon-minimum" error=${form.errorOf("minimum")} />
        <${Field} label=${t("coupon-uses-label")} name="uses" type="number" min="1" defaultValue="100" required data-testid="coupon-uses" />
      </div>
      <label class="check"><input type="checkbox" name="fresh" data-testid="coupon-fresh" />${t("coupon-new-buyers")}</label>
      ${form.rest(["code", "percent", "amount", "cap", "minimum"])}
      <div class="row">
        <button class="button button-primary" type="submit" data-testid="coupon-issue" disabled=${form.busy}>${t("coupon-issue")}</button>
        <button class="button" type="button" onClick=${onClose}>${t("poll-cancel")}</button>
      </div>
    </form>
  `;
}
