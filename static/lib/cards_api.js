// @ts-check
// The server's HTTP interface of saved cards and of the sandbox's bank.

import { call } from "./api.js";

/**
 * @import { CardListView, CardView, ConfirmSandbox, PaymentView, ProvidersView, SandboxView, SaveCard } from "../../schemas/generated/messages"
 */

export const cardsApi = {
  /** @param {string} rehearsal its id, or nothing @returns {Promise<ProvidersView>} */
  providers: (rehearsal) => call("GET", `/api/payments/providers${rehearsal && `?show_id=${rehearsal}`}`),
  /** @returns {Promise<CardListView>} */ cards: () => call("GET", "/api/payments/cards"),
  /** @param {SaveCard} body @returns {Promise<CardView>} */
  saveCard: (body) => call("POST", "/api/payments/cards", body, { idempotencyKey: body.card_id }),
  /** @param {string} id @returns {Promise<CardListView>} */ makeDefault: (id) => call("POST", `/api/payments/cards/${id}/default`),
  /** @param {string} id @returns {Promise<CardListView>} */ removeCard: (id) => call("DELETE", `/api/payments/cards/${id}`),
  /** @param {string} id @returns {Promise<CardView>} */ checkCard: (id) => call("POST", `/api/payments/cards/${id}/check`),
  /** @param {string} id @returns {Promise<PaymentView>} */ payment: (id) => call("GET", `/api/payments/${id}`),
  /** @param {string} key @returns {Promise<SandboxView>} */ seeSandbox: (key) => call("GET", `/api/payments/sandbox/${key}`),
  /** @param {string} key @param {ConfirmSandbox} body @returns {Promise<SandboxView>} */
  confirmSandbox: (key, body) => call("POST", `/api/payments/sandbox/${key}`, body),
};
