// @ts-check
// @css chat.css
// @css flash.css
// A giveaway in the player: what can be won, how long, how many take part; then the roll call, and who won.

import { useState } from "preact/hooks";
import { asApiError } from "../lib/errors.js";
import { RESULT_MS, ROLL_CALL_MS } from "../lib/giveaways.js";
import { formatCount, formatSpan } from "../lib/money.js";
import { useTimeLeft } from "./countdown.js";
import { EntryGate } from "./entry_gate.js";
import { ErrorLine } from "./form.js";
import { html } from "./html.js";
import { Icon } from "./icon.js";
import { Picture } from "./picture.js";
import { errorText, locale, t } from "./words.js";

/**
 * @import { GiveawayLive, GiveawayView, MeView } from "../../schemas/generated/messages"
 * @import { Giveaways } from "../lib/giveaways.js"
 * @import { Item } from "../lib/offers.js"
 * @typedef {{ giveaways: Giveaways, items: Item[], me: MeView | null, onAccount: () => Promise<void> }} Props
 */

/** @param {Props} props */
export function GiveawayCards({ giveaways, items, me, onAccount }) {
  const giveaway = giveaways.current.value;
  const result = giveaways.result.value;
  const itemOf = (/** @type {string} */ sku) => items.find(({ offer }) => offer.sku === sku);
  if (giveaway) return html`<${GiveawayCard} key=${giveaway.giveaway_id} giveaways=${giveaways} giveaway=${giveaway} item=${itemOf(giveaway.sku)} onAccount=${onAccount} />`;
  return result && html`<${ResultCard} key=${result.giveaway_id} giveaways=${giveaways} result=${result} item=${itemOf(result.sku)} me=${me} />`;
}

/** @param {{ giveaways: Giveaways, giveaway: GiveawayLive, item: Item | undefined } & Pick<Props, "onAccount">} props */
function GiveawayCard({ giveaways, giveaway, item, onAccount }) {
  const left = useTimeLeft(giveaway.ends_at_ms);
  const untilDraw = useTimeLeft(giveaway.ends_at_ms + ROLL_CALL_MS);
  const [gate, setGate] = useState(/** @type {"account" | "address" | null} */ (null));
  const [problem, setProblem] = useState(/** @type {string | null} */ (null));
  const entered = giveaways.entered.value.has(giveaway.giveaway_id);
  const over = giveaway.ended || left === 0;
  const enter = async () => {
    setProblem(null);
    if (giveaways.live.me.value?.kind !== "account") return setGate("account");
    try {
      await giveaways.enter(giveaway);
      setGate(null);
    } catch (error) {
      const refused = asApiError(error);
      if (refused.name === "no_address_on_file") setGate("address");
      else setProblem(errorText(refused));
    }
  };
  return html`
    <section class="giveaway" aria-label=${t("giveaway-title")} data-testid="giveaway" data-entered=${String(entered)} data-over=${String(over)}>
      <header class="flash-head">
        <span class="flash-kind"><${Icon} name="gift" />${t("giveaway-title")}</span>
        <span class="flash-left numbers" role="timer">${over ? t("giveaway-draw-in", { time: formatSpan(untilDraw) }) : formatSpan(left)}</span>
      </header>
      <div class="flash-item">
        <span class="flash-picture"><${Picture} url=${item?.offer.image_url ?? null} title=${item?.offer.title ?? giveaway.sku} /></span>
        <span class="flash-words">
          <span class="flash-name">${item?.offer.title ?? giveaway.sku}</span>
          <span class="small soft">${t("giveaway-units", { count: giveaway.winners_max })}</span>
          <span class="small soft" role="status">${t("giveaway-entries", { count: giveaway.entries, shown: formatCount(giveaway.entries, locale()) })}</span>
        </span>
        ${!entered && !over && html`<button class="button button-primary" type="button" data-testid="giveaway-enter" onClick=${enter}>${t("giveaway-enter")}</button>`}
      </div>
      ${entered && html`<p class="small" role="status">${t(over ? "giveaway-stay" : "giveaway-in")}</p>`}
      ${!entered && over && html`<p class="small soft">${t("giveaway-closed")}</p>`}
      ${problem && html`<${ErrorLine} text=${problem} />`}
      ${gate && !over && html`<${EntryGate} needs=${gate} onAccount=${onAccount} onReady=${enter} onClose=${() => setGate(null)} />`}
    </section>
  `;
}

/** @param {{ giveaways: Giveaways, result: GiveawayView, item: Item | undefined, me: MeView | null }} props */
function ResultCard({ giveaways, result, item, me }) {
  const left = useTimeLeft(result.drawn_at_ms + RESULT_MS);
  const won = result.winners.some(({ actor_id }) => actor_id === me?.actor_id);
  if (left === 0) return null;
  const names = new Intl.ListFormat(locale()).format(result.winners.map(({ name }) => name || t("giveaway-nameless")));
  return html`
    <section class="giveaway" aria-label=${t("giveaway-title")} data-testid="giveaway-result" data-won=${String(won)}>
      <header class="flash-head">
        <span class="flash-kind"><${Icon} name="trophy" />${t(won ? "giveaway-you-won" : "giveaway-drawn")}</span>
        <button class="chat-action" type="button" data-testid="giveaway-away" aria-label=${t("close")} onClick=${() => giveaways.putAway()}><${Icon} name="x" /></button>
      </header>
      <p role="status">${result.winners.length === 0
        ? t("giveaway-nobody")
        : t(won ? "giveaway-won-text" : "giveaway-winners", { title: item?.offer.title ?? result.sku, names })}</p>
      <p class="small"><a href=${`/draw/${result.giveaway_id}`} target="_blank" data-testid="giveaway-check">${t("giveaway-check")}</a></p>
    </section>
  `;
}
