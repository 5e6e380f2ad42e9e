// @ts-check
// What one can pay with here: saved cards, the test cards of the sandbox, the page of a provider. And which of them is chosen.

import { computed, signal } from "@preact/signals-core";
import { cardsApi } from "./cards_api.js";
import { asApiError } from "./errors.js";
import { isRehearsal } from "./rehearsal.js";

/**
 * @import { ReadonlySignal, Signal } from "@preact/signals-core"
 * @import { CardView, ProviderView } from "../../schemas/generated/messages"
 * @import { Cards } from "./cards.js"
 * @import { ApiError } from "./errors.js"
 * @typedef {{ card_id: string } | { provider: string, method?: string, save_card?: boolean }} Way how an order is paid, as the server takes
 *   it; without `method` the provider asks for the card on its own page
 * @typedef {{ key: string, kind: "saved", card: CardView } | { key: string, kind: "test" | "page", provider: ProviderView }} Option
 * @typedef {{ cards: Cards, toKeep?: boolean, api?: Pick<typeof cardsApi, "providers"> }} Config `toKeep`: a card is to be saved, not to pay
 */

/** The provider that is built in; it has no page, its cards are known by token. */
const SANDBOX = "sandbox";

/** Tokens of the sandbox's cards, each with the id of its name. @type {readonly [string, string][]} */
export const TEST_CARDS = [
  ["tok_visa", "card-visa"],
  ["tok_declined", "card-declined"],
  ["tok_slow", "card-slow"],
  ["tok_timeout", "card-timeout"],
  ["tok_3ds", "card-3ds"],
  ["tok_chargeback", "card-chargeback"],
];

export class Wallet {
  /** @type {Signal<ProviderView[] | null>} null: not known yet */ providers = signal(null);
  /** @type {Signal<ApiError | null>} */ problem = signal(null);
  /** The key of what was chosen by hand. @type {Signal<string>} */ chosen = signal("");
  testCard = signal(TEST_CARDS[0][0]);
  /** Whether a card that is entered now shall be kept. */ keep = signal(false);
  /** The rehearsal in which it pays, by test card alone. @type {Signal<string>} */ rehearsal = signal("");
  /** The usual card first, then other saved ones, then new ones; test cards last. @type {ReadonlySignal<Option[]>} */ options;
  /** @type {ReadonlySignal<Option | null>} */ option;
  #api;

  /** @param {Config} config */
  constructor({ cards, toKeep = false, api = cardsApi }) {
    this.cards = cards;
    this.toKeep = toKeep;
    this.#api = api;
    this.options = computed(() => [...(toKeep || this.rehearsal.value ? [] : saved(cards.list.value ?? [])), ...fresh(this.providers.value ?? [], toKeep)]);
    this.option = computed(() => this.options.value.find(({ key }) => key === this.chosen.value) ?? this.options.value[0] ?? null);
  }

  /** Says for which show it pays. @param {string} showId */
  payFor(showId) {
    if (isRehearsal(showId)) this.rehearsal.value = showId;
    return this;
  }

  /** The way that is chosen; null while there is none. @returns {Way | null} */
  get way() {
    const option = this.option.value;
    if (!option) return null;
    if (option.kind === "saved") return { card_id: option.card.card_id };
    const { name, keeps_cards } = option.provider;
    return { provider: name, ...(option.kind === "test" && { method: this.testCard.value }), ...(this.keep.value && keeps_cards && !this.toKeep && { save_card: true }) };
  }

  /** Whether a card is about to be entered that can be kept while it pays. */
  get mayKeep() {
    const option = this.option.value;
    return !this.toKeep && !this.rehearsal.value && option !== null && option.kind !== "saved" && option.provider.keeps_cards;
  }

  /** Reads what there is. The first option may change by it, a choice does not. */
  async load() {
    await Promise.all([this.#loadProviders(), this.toKeep ? null : this.cards.refresh()]);
  }

  async #loadProviders() {
    if (this.providers.value) return;
    try {
      this.providers.value = (await this.#api.providers(this.rehearsal.value)).providers;
      this.problem.value = null;
    } catch (error) {
      this.problem.value = asApiError(error);
    }
  }
}

/** @param {CardView[]} cards @returns {Option[]} */
const saved = (cards) =>
  cards
    .filter((card) => card.state === "ready")
    .sort((one, other) => Number(other.is_default) - Number(one.is_default))
    .map((card) => ({ key: card.card_id, kind: "saved", card }));

/** The ways to use a new card: none with a provider that needs a script of its own. @param {ProviderView[]} providers @param {boolean} toKeep @returns {Option[]} */
function fresh(providers, toKeep) {
  const able = providers.filter((each) => each.keeps_cards || !toKeep);
  const pages = able.filter((each) => each.hosted_entry && each.name !== SANDBOX);
  const tests = able.filter((each) => each.name === SANDBOX);
  return [...pages.map((provider) => option("page", provider)), ...tests.map((provider) => option("test", provider))];
}

/** @param {"page" | "test"} kind @param {ProviderView} provider @returns {Option} */
const option = (kind, provider) => ({ key: provider.name, kind, provider });
