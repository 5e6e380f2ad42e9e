// @ts-check
// @css card_list.css
// One's saved cards: which one pays by itself, confirm with the bank, remove, and save another one.

import { useEffect, useState } from "preact/hooks";
import { Wallet } from "../lib/wallet.js";
import { CardPicker } from "./card_picker.js";
import { ErrorLine } from "./form.js";
import { html } from "./html.js";
import { Icon } from "./icon.js";
import { goTo } from "./outside.js";
import { errorText, t } from "./words.js";

/**
 * @import { CardView } from "../../schemas/generated/messages"
 * @import { Cards } from "../lib/cards.js"
 */

/** @param {{ cards: Cards, onReady?: () => void }} props `onReady` is called when there is a card that can pay by itself, now or already */
export function CardList({ cards, onReady }) {
  const [wallet] = useState(() => new Wallet({ cards, toKeep: true }));
  useEffect(() => void cards.load().then(() => cards.usual && onReady?.()), [cards]);
  const list = cards.list.value;
  const onPage = wallet.option.value?.kind === "page";
  const save = async () => {
    const { way } = wallet;
    if (!way || "card_id" in way) return;
    const saved = await cards.save(way, location.pathname);
    if (saved?.state === "ready") onReady?.();
    // Whoever gives a card on the provider's page expects to get there by this very press.
    if (saved?.action_url && onPage) goTo(saved.action_url);
  };
  return html`
    <section class="stack" data-testid="cards">
      ${!list && !cards.error.value && html`<p class="row" role="status"><${Icon} name="loader-circle" turning />${t("loading")}</p>`}
      ${list?.length === 0 && html`<p class="empty">${t("cards-empty")}</p>`}
      <ul class="card-list">
        ${list?.map((card) => html`<${CardRow} key=${card.card_id} card=${card} cards=${cards} />`)}
      </ul>
      ${cards.error.value && html`<${ErrorLine} text=${errorText(cards.error.value)} />`}
      <${CardPicker} wallet=${wallet} disabled=${cards.busy.value} link=${false} />
      <button class="button button-primary button-large button-wide" type="button" data-testid="save-card" disabled=${cards.busy.value || !wallet.way} onClick=${save}>${t(onPage ? "cards-save-on-page" : "cards-save")}</button>
      <p class="soft small">${t("cards-why")}</p>
    </section>
  `;
}

/** @param {{ card: CardView, cards: Cards }} props */
function CardRow({ card, cards }) {
  const label = card.label || t("cards-unconfirmed");
  return html`
    <li class=${`card-row ${card.is_default ? "card-row-usual" : ""}`} data-testid="card-row" data-state=${card.state}>
      <span class="card-row-label">${label}${card.is_default && html`<small>${t("cards-usual")}</small>`}</span>
      <button class="button button-small button-danger" type="button" aria-label=${t("cards-remove", { card: label })} data-testid="remove-card"
        disabled=${cards.busy.value} onClick=${() => cards.remove(card.card_id)}><${Icon} name="trash-2" /></button>
      ${card.action_url && html`<a class="button button-small button-primary" href=${card.action_url} data-testid="confirm-card">${t("cards-confirm")}</a>`}
      ${card.state === "ready" && !card.is_default && html`
        <button class="button button-small" type="button" data-testid="usual-card" disabled=${cards.busy.value}
          onClick=${() => cards.makeDefault(card.card_id)}>${t("cards-make-usual")}</button>`}
    </li>
  `;
}
