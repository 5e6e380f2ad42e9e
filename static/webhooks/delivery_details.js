// @ts-check
// The body of a message and every try to deliver it.

import { useEffect, useState } from "preact/hooks";
import { html } from "../components/html.js";
import { locale, t } from "../components/words.js";
import { formatDay } from "../lib/money.js";
import { webhooks } from "../lib/webhooks.js";

/** @import { DeliveryDetailsView, DeliveryView } from "../../schemas/generated/messages" */

/** @param {{ delivery: DeliveryView, onReplay: () => void }} props */
export function DeliveryDetails({ delivery, onReplay }) {
  const [view, setView] = useState(/** @type {DeliveryDetailsView | null} */ (null));
  useEffect(() => {
    webhooks.delivery(delivery.delivery_id).then(setView, () => setView(null));
  }, [delivery.delivery_id, delivery.attempts, delivery.state]);
  return html`
    <div class="delivery-details stack" data-testid="delivery-details">
      ${view?.attempts.map((attempt) => html`
        <div class="attempt" key=${attempt.number} data-testid="attempt">
          <strong>${attempt.number}. ${attempt.status ?? t("webhooks-no-answer")}</strong>
          <span class="soft small">${formatDay(attempt.at_ms, locale())} · ${t("webhooks-took", { ms: attempt.took_ms })}</span>
          ${(attempt.error || attempt.answer) && html`<code class="attempt-answer">${attempt.error || attempt.answer}</code>`}
        </div>`)}
      ${delivery.state === "waiting" && delivery.next_at_ms !== null && delivery.attempts > 0 && html`<p class="soft small">${t("webhooks-next", { when: formatDay(delivery.next_at_ms, locale()) })}</p>`}
      ${view && html`<pre class="payload" tabindex="0" aria-label=${t("webhooks-payload")}>${JSON.stringify(JSON.parse(view.payload), null, 2)}</pre>`}
      <div class="row"><button class="button button-small" type="button" data-testid="delivery-replay" onClick=${onReplay}>${t("webhooks-replay")}</button></div>
    </div>
  `;
}
