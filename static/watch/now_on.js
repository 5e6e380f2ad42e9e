// @ts-check
// What goes on in the show just now beside the talk: the lot, the poll, flash sales, giveaways.

import { html } from "../components/html.js";
import { Lazy } from "../components/lazy.js";

/**
 * @import { Item } from "../lib/offers.js"
 * @import { Market } from "./market.js"
 * @import { ShowPage } from "./show_page.js"
 */

const pollCard = () => import("../components/poll_card.js").then((module) => module.PollCard);
const lotPanel = () => import("../components/lot_panel.js").then((module) => module.LotPanel);
const flashCards = () => import("../components/flash_card.js").then((module) => module.FlashCards);
const giveawayCards = () => import("../components/giveaway_card.js").then((module) => module.GiveawayCards);

/** @param {{ page: ShowPage, market: Market, askName: () => Promise<boolean>, onBuy: (item: Item) => void, onOrders: () => void }} props */
export function NowOn({ page, market, askName, onBuy, onOrders }) {
  const { auctions, polls, flashSales, giveaways } = market;
  const items = page.items.value;
  const poll = polls.current.value;
  const lot = auctions.current.value;
  const known = () => page.live.whoAmI().then(() => page.live.reconnect());
  return html`
    ${lot && html`<${Lazy} load=${lotPanel} auctions=${auctions} lot=${lot} offer=${items.find(({ offer }) => offer.sku === lot.sku)?.offer ?? null} onPay=${onOrders} />`}
    ${poll && html`<${Lazy} load=${pollCard} key=${poll.poll_id} polls=${polls} poll=${poll} />`}
    ${(flashSales.sales.value.length > 0 || flashSales.turns.value.length > 0) && html`
      <${Lazy} load=${flashCards} sales=${flashSales} items=${items} onBuy=${onBuy} beforeJoin=${askName} />`}
    ${(giveaways.current.value || giveaways.result.value) && html`
      <${Lazy} load=${giveawayCards} giveaways=${giveaways} items=${items} me=${page.live.me.value} onAccount=${known} />`}
  `;
}
