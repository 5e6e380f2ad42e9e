// @ts-check
// One's saved cards: which one pays by itself, confirm with the bank, remove, and save another one.

import { useEffect, useState } from "preact/hooks";
import { CardPicker, FIRST_CARD } from "./card_picker.js";
import { ErrorLine } from "./form.js";
import { html } from "./html.js";
import { Icon } from "./icon.js";
import { errorText, t } from "./words.js";

/**
 * @import { CardView } from "../../schemas/generated/messages"
 * @import { Cards } from "../lib/cards.js"
 */

/** @param {{ cards: Cards, onReady?: () => void }} props `onReady` is called when a card that was being saved can pay */
export function CardList({ cards, onReady }) {
  const [method, setMethod] = useState(FIRST_CARD);
  useEffect(() => void cards.load(), [cards]);
  const list = cards.list.value;
  const save = async () => {
    const saved = await cards.save(method, "sandbox", location.pathname);
    if (saved?.state === "ready") onReady?.();
  };
  return html`
    <section class="stack" data-testid="cards">
      ${!list && !cards.error.value && html`<p class="row" role="status"><${Icon} name="loader-circle" turning />${t("loading")}</p>`}
      ${list?.length === 0 && html`<p class="empty">${t("cards-empty")}</p>`}
      <ul class="card-list">
        ${list?.map((card) => html`<${CardRow} key=${card.card_id} card=${card} cards=${cards} />`)}
      </ul>
      ${cards.error.value && html`<${ErrorLine} text=${errorText(cards.error.value)} />`}
      <${CardPicker} value=${method} onChange=${setMethod} disabled=${cards.busy.value} />
      <button class="button button-primary button-large button-wide" type="button" data-testid="save-card" disabled=${cards.busy.value} onClick=${save}>${t("cards-save")}</button>
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
