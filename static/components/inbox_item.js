// @ts-check
// @css inbox.css
// One notification in the inbox.

import { ago } from "../lib/ago.js";
import { wordsOf } from "../lib/inbox.js";
import { clock } from "../lib/store.js";
import { html } from "./html.js";
import { locale, t } from "./words.js";

/** @import { NotificationView } from "../../schemas/generated/messages" */

/** Title and body by kind. @type {Record<NotificationView["kind"], [string, string]>} */
const WORDS = {
  show_started: ["notification-show-started-title", "notification-show-started-body"],
  show_reminder: ["notification-show-reminder-title", "notification-show-reminder-body"],
  outbid: ["notification-outbid-title", "notification-outbid-body"],
  order_confirmed: ["notification-order-confirmed-title", "notification-order-confirmed-body"],
  order_cancelled: ["notification-order-cancelled-title", "notification-order-cancelled-body"],
  order_shipped: ["notification-order-shipped-title", "notification-order-shipped-body"],
  order_refunded: ["notification-order-refunded-title", "notification-order-refunded-body"],
  question_answered: ["notification-question-answered-title", "notification-question-answered-body"],
  webhook_failed: ["notification-webhook-failed-title", "notification-webhook-failed-body"],
  your_turn: ["notification-your-turn-title", "notification-your-turn-body"],
  giveaway_won: ["notification-giveaway-won-title", "notification-giveaway-won-body"],
  lot_won: ["notification-lot-won-title", "notification-lot-won-body"],
  lot_sold: ["notification-lot-sold-title", "notification-lot-sold-body"],
  lot_offered: ["notification-lot-offered-title", "notification-lot-offered-body"],
};

/** @param {NotificationView} item */
export const titleOf = ({ kind, params }) => t(WORDS[kind][0], wordsOf(params, locale()));

/** @param {{ item: NotificationView, isNew: boolean }} props */
export const InboxItem = ({ item, isNew }) => html`
  <li>
    <a class=${`inbox-item${isNew ? " inbox-item-new" : ""}`} href=${item.link} data-testid="inbox-item" data-kind=${item.kind}>
      <strong class="inbox-item-title">
        ${titleOf(item)}
        ${isNew && html`<span class="visually-hidden">${t("inbox-new")}</span>`}
      </strong>
      <span class="inbox-item-body">${t(WORDS[item.kind][1], wordsOf(item.params, locale()))}</span>
      <time class="soft small" datetime=${new Date(item.created_at_ms).toISOString()}>${ago(item.created_at_ms, clock.serverNowMs(), locale())}</time>
    </a>
  </li>
`;
