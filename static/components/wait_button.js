// @ts-check
// @css flash.css
// Standing in line for what others hold: join, one's place, leave.

import { useState } from "preact/hooks";
import { asApiError } from "../lib/errors.js";
import { ErrorLine } from "./form.js";
import { html } from "./html.js";
import { errorText, t } from "./words.js";

/** @import { FlashSales } from "../lib/flash_sales.js" */

/** @param {{ sales: FlashSales, sku: string, saleId?: string | null, beforeJoin: () => Promise<boolean> }} props */
export function WaitButton({ sales, sku, saleId = null, beforeJoin }) {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState(/** @type {string | null} */ (null));
  const wait = sales.waitFor(sku, saleId);
  const attempt = async (/** @type {() => Promise<void>} */ step) => {
    setBusy(true);
    setProblem(null);
    try {
      await step();
    } catch (error) {
      setProblem(errorText(asApiError(error)));
    }
    setBusy(false);
  };
  const join = () => attempt(async () => ((await beforeJoin()) ? sales.join(sku, saleId) : undefined));
  return html`
    <span class="wait">
      ${wait
        ? html`<span class="wait-place numbers" role="status" data-testid=${`place-${sku}`} data-place=${wait.place}>${t("wait-place", { place: wait.place })}</span>
            <button class="button button-small" type="button" data-testid=${`leave-${sku}`} disabled=${busy} onClick=${() => attempt(() => sales.leave(wait))}>${t("wait-leave")}</button>`
        : html`<button class="button button-small" type="button" data-testid=${`wait-${sku}`} disabled=${busy} onClick=${join}>${t("wait-join")}</button>`}
      ${problem && html`<${ErrorLine} text=${problem} />`}
    </span>
  `;
}
