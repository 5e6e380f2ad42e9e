// @ts-check
// @css numbers.css
// The live numbers that a host glances at.

import { useEffect, useState } from "preact/hooks";
import { html } from "../components/html.js";
import { Icon } from "../components/icon.js";
import { Viewers } from "../components/viewers.js";
import { locale, t } from "../components/words.js";
import { chatRate, soldOf, unitsLeft } from "../lib/live_numbers.js";
import { formatCount, formatMoney } from "../lib/money.js";
import { clock } from "../lib/store.js";

/** @import { Room } from "./room.js" */

/** The rate falls by itself when nobody writes. */
const LOOK_MS = 5_000;

/** @param {{ room: Room }} props */
export function Numbers({ room }) {
  const [, drawAgain] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => drawAgain((count) => count + 1), LOOK_MS);
    return () => clearInterval(timer);
  }, []);
  const sold = soldOf(room.sales.state.value?.sales ?? []);
  const revenue = sold.revenue.map((money) => formatMoney(money, locale())).join(" + ") || "—";
  const count = (/** @type {number} */ number) => formatCount(number, locale());
  /** @type {[string, string, unknown][]} name, icon, value */
  const numbers = [
    ["viewers", "eye", room.presence.state.value ? html`<${Viewers} state=${room.presence.state.value} />` : "—"],
    ["orders", "shopping-bag", count(sold.orders)],
    ["revenue", "wallet", revenue],
    ["left", "package", count(unitsLeft(room.items.value))],
    ["rate", "message-circle", count(chatRate(room.talk.lines.value.messages, clock.serverNowMs()))],
    ["questions", "circle-question-mark", count(room.questions.waiting.value)],
  ];
  return html`
    <dl class="live-numbers" tabindex="0" aria-label=${t("numbers-title")}>
      ${numbers.map(([name, icon, value]) => html`
        <div class="live-number" key=${name}><dt><${Icon} name=${icon} /><span>${t(NAMES[name])}</span></dt><dd class="numbers" data-testid=${`number-${name}`}>${value}</dd></div>`)}
    </dl>
  `;
}

/** @type {Record<string, string>} */
const NAMES = {
  viewers: "number-viewers",
  orders: "number-orders",
  revenue: "number-revenue",
  left: "number-left",
  rate: "number-rate",
  questions: "number-questions",
};
