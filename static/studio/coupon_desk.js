// @ts-check
// @css ../components/poll.css
// The host's coupons: give one out, see how often it was used, withdraw it.

import { useEffect, useState } from "preact/hooks";
import { ErrorLine } from "../components/form.js";
import { html } from "../components/html.js";
import { Icon } from "../components/icon.js";
import { errorText, locale, t } from "../components/words.js";
import { asApiError } from "../lib/errors.js";
import { formatMoney } from "../lib/money.js";
import { salesApi } from "../lib/sales_api.js";
import { CouponForm } from "./coupon_form.js";

/**
 * @import { CouponView } from "../../schemas/generated/messages"
 * @import { Room } from "./room.js"
 */

/** @param {{ room: Room }} props */
export function CouponDesk({ room }) {
  const [coupons, setCoupons] = useState(/** @type {CouponView[]} */ ([]));
  const [asking, setAsking] = useState(false);
  const [problem, setProblem] = useState(/** @type {string | null} */ (null));
  const ended = room.show.value?.state === "ended";
  const orders = room.sales.state.value?.sales?.length ?? 0;
  const attempt = async (/** @type {() => Promise<unknown>} */ step) => {
    setProblem(null);
    try {
      await step();
      setCoupons((await salesApi.coupons(room.showId)).coupons);
    } catch (error) {
      setProblem(errorText(asApiError(error)));
    }
  };
  // An order may have used one.
  useEffect(() => void attempt(async () => undefined), [orders]);
  return html`
    <section class="panel stack poll-desk" data-testid="coupon-desk">
      <header><h2>${t("coupons-title")}</h2>
        ${!asking && !ended && html`
          <button class="button button-small" type="button" data-testid="coupon-new" onClick=${() => setAsking(true)}><${Icon} name="ticket-percent" />${t("coupon-new")}</button>`}
      </header>
      ${asking && html`<${CouponForm} room=${room} onDone=${() => attempt(async () => setAsking(false))} onClose=${() => setAsking(false)} />`}
      ${problem && html`<${ErrorLine} text=${problem} />`}
      ${coupons.length === 0 && !asking && html`<p class="empty">${t("coupons-empty")}</p>`}
      ${coupons.map((coupon) => html`<${CouponRow} key=${coupon.coupon_id} coupon=${coupon} onWithdraw=${() => attempt(() => salesApi.withdrawCoupon(coupon.coupon_id))} />`)}
    </section>
  `;
}

/** @param {{ coupon: CouponView, onWithdraw: () => Promise<void> }} props */
function CouponRow({ coupon, onWithdraw }) {
  const [busy, setBusy] = useState(false);
  const worth = coupon.amount ? formatMoney(coupon.amount, locale()) : t("coupon-percent", { percent: coupon.percent ?? 0 });
  const active = coupon.state === "active";
  const withdraw = async () => {
    setBusy(true);
    await onWithdraw();
    setBusy(false);
  };
  return html`
    <article class="desk-poll" data-testid="coupon" data-code=${coupon.code} data-state=${coupon.state} data-used=${coupon.used ?? 0}>
      <p class="row desk-poll-head"><strong class="coupon-code">${coupon.code}</strong><span>${worth}</span></p>
      <p class="row small soft">
        <span class="numbers">${active ? t("coupon-used", { used: coupon.used ?? 0, most: coupon.uses_max }) : t("coupon-withdrawn")}</span>
        ${coupon.cap && html`<span>· ${t("coupon-cap", { amount: formatMoney(coupon.cap, locale()) })}</span>`}
        ${coupon.minimum && html`<span>· ${t("coupon-minimum", { amount: formatMoney(coupon.minimum, locale()) })}</span>`}
        ${coupon.new_buyers_only && html`<span>· ${t("coupon-new-buyers")}</span>`}
      </p>
      ${active && html`<button class="button button-small" type="button" data-testid="coupon-withdraw" disabled=${busy} onClick=${withdraw}>${t("coupon-withdraw")}</button>`}
    </article>
  `;
}
