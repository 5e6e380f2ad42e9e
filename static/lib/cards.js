// @ts-check
// One's saved cards: which there are, which one pays by itself, and those whose bank still wants to ask.

import { signal } from "@preact/signals-core";
import { cardsApi } from "./cards_api.js";
import { ApiError, asApiError } from "./errors.js";

/**
 * @import { Signal } from "@preact/signals-core"
 * @import { CardView } from "../../schemas/generated/messages"
 * @typedef {{ freshId: (prefix: string) => string, api?: Pick<typeof cardsApi, "cards" | "saveCard" | "checkCard" | "makeDefault" | "removeCard"> }} Config
 */

export class Cards {
  /** @type {Signal<CardView[] | null>} null: not known yet */ list = signal(null);
  /** @type {Signal<boolean>} */ busy = signal(false);
  /** @type {Signal<ApiError | null>} */ error = signal(null);
  /** The card that is being saved: a second press after a lost answer repeats the first one. @type {{ of: string, id: string } | null} */
  #intent = null;
  #freshId;
  #api;

  /** @param {Config} config */
  constructor({ freshId, api = cardsApi }) {
    this.#freshId = freshId;
    this.#api = api;
  }

  /** The card that pays when its owner is not asked. */
  get usual() {
    return this.list.value?.find((card) => card.is_default) ?? null;
  }

  /** Reads the list and asks nobody else; a visitor whom the server does not know yet has none. */
  async refresh() {
    try {
      this.list.value = (await this.#api.cards()).cards;
    } catch {
      // Without the list one still pays with a new card; the page of one's own cards says what is wrong.
      this.list.value ??= [];
    }
  }

  /** Reads the list; a card that waited for its bank may have been confirmed meanwhile. */
  load() {
    return this.#once(async () => {
      const { cards } = await this.#api.cards();
      this.list.value = cards;
      const waiting = cards.filter((card) => card.state === "requires_action");
      for (const card of waiting) await this.#api.checkCard(card.card_id);
      if (waiting.length) this.list.value = (await this.#api.cards()).cards;
    });
  }

  /**
   * Keeps a card; null when nothing came of it. Its bank may want to ask: then the card has an `action_url`, and saving the same
   * card again after that says how it stands. Without a method the provider asks for the card on its own page.
   * @param {{ provider: string, method?: string }} card @param {string} returnPath
   */
  async save({ provider, method }, returnPath) {
    /** @type {{ card: CardView | null }} */
    const saved = { card: null };
    await this.#once(async () => {
      const of = `${provider} ${method ?? ""}`;
      if (this.#intent?.of !== of) this.#intent = { of, id: this.#freshId("crd") };
      saved.card = await this.#api.saveCard({ card_id: this.#intent.id, provider, ...(method && { method }), return_path: returnPath });
      if (saved.card.state !== "requires_action") this.#intent = null;
      if (saved.card.state === "failed") this.error.value = new ApiError("payment_declined");
      this.list.value = (await this.#api.cards()).cards;
    });
    return saved.card;
  }

  /** @param {string} cardId */
  makeDefault(cardId) {
    return this.#once(async () => void (this.list.value = (await this.#api.makeDefault(cardId)).cards));
  }

  /** @param {string} cardId */
  remove(cardId) {
    return this.#once(async () => void (this.list.value = (await this.#api.removeCard(cardId)).cards));
  }

  /** @param {() => Promise<void>} step */
  async #once(step) {
    if (this.busy.value) return;
    this.busy.value = true;
    this.error.value = null;
    try {
      await step();
    } catch (error) {
      const refusal = asApiError(error);
      this.error.value = refusal;
      if (!refusal.temporary) this.#intent = null;
    } finally {
      this.busy.value = false;
    }
  }
}
