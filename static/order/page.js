// @ts-check
// @css page.css
// The truth about one order: how it stands, what it cost, where it is, and everything that happened to it. For its buyer and its host.

import { effect, signal } from "@preact/signals";
import { Brand } from "../components/brand.js";
import { ErrorLine } from "../components/form.js";
import { html } from "../components/html.js";
import { LanguageSwitch } from "../components/language_switch.js";
import { OrderLine } from "../components/order_line.js";
import { goTo } from "../components/outside.js";
import { mount, onWake } from "../components/page.js";
import { errorText, locale, t } from "../components/words.js";
import { Cards } from "../lib/cards.js";
import { Checkout } from "../lib/checkout.js";
import { wayBack } from "../lib/embedded.js";
import { asApiError } from "../lib/errors.js";
import { formatDay } from "../lib/money.js";
import { ordersApi } from "../lib/orders_api.js";
import { Live, freshId } from "../lib/store.js";
import { Wallet } from "../lib/wallet.js";
import { BuyerTools } from "./buyer_tools.js";
import { History } from "./history.js";
import { HostTools } from "./host_tools.js";
import { Parcel } from "./parcel.js";
import { PayAgain } from "./pay_again.js";
import { Receipt } from "./receipt.js";

/**
 * @import { HistoryView, OrderView, ReceiptView } from "../../schemas/generated/messages"
 * @import { ApiError } from "../lib/errors.js"
 */

const orderId = location.pathname.split("/").at(-1) ?? "";
const live = new Live(location.origin);
const checkout = new Checkout({ channel: (name) => live.channel(name), freshId, returnPath: wayBack(location.pathname), goTo });
const wallet = new Wallet({ cards: new Cards({ freshId }) });
const history = signal(/** @type {HistoryView | null} */ (null));
const receipt = signal(/** @type {ReceiptView | null} */ (null));
const problem = signal(/** @type {ApiError | null} */ (null));

async function load() {
  try {
    [receipt.value, history.value] = await Promise.all([ordersApi.receipt(orderId), ordersApi.history(orderId)]);
    wallet.payFor(receipt.value.order.show_id);
    problem.value = null;
  } catch (error) {
    problem.value = asApiError(error);
  }
}

/** Does something to the order, then shows all of it anew. @param {() => Promise<unknown>} step */
async function act(step) {
  await step();
  await load();
}

function OrderPage() {
  const told = checkout.order.value;
  const read = receipt.value?.order;
  const order = told && read && told.version > read.version ? told : read;
  const me = live.me.value?.actor_id;
  return html`
    <header class="top-bar no-print"><${Brand} /><div class="top-bar-end"><${LanguageSwitch} /></div></header>
    <main class="order-page">
      ${problem.value && html`<${ErrorLine} text=${errorText(problem.value)} />`}
      ${order && receipt.value && html`
        <div class="order-page-head">
          <h1 data-testid="order-title">${t("order-page-title", { number: order.order_id.slice(-8).toUpperCase() })}</h1>
          <p class="soft">${receipt.value.show_title} · ${receipt.value.seller_name} · ${t("order-page-placed", { time: formatDay(order.placed_at_ms, locale()) })}</p>
          ${order.seller_id === me && html`<p class="no-print"><a class="small" href=${`/orders/?show=${order.show_id}`} data-testid="to-orders">${t("desk-all")}</a></p>`}
        </div>
        <div class="order-page-main stack">
          <${OrderLine} order=${order} />
          ${order.buyer_id === me && html`<${PayAgain} order=${order} checkout=${checkout} wallet=${wallet} />`}
          <${Receipt} receipt=${receipt.value} />
          <${Parcel} order=${order} act=${order.buyer_id === me ? act : undefined} />
          ${order.buyer_id === me && html`<${BuyerTools} order=${order} act=${act} />`}
          ${order.seller_id === me && html`<${HostTools} order=${order} act=${act} />`}
        </div>
        ${history.value && html`<${History} history=${history.value} />`}
      `}
    </main>
  `;
}

await mount(OrderPage, () => t("order-page-title", { number: orderId.slice(-8).toUpperCase() }));
await live.whoAmI().catch(() => null);
await load();
const order = receipt.value?.order;
if (order) {
  // The buyer has the order's own channel, the host the show's sales: whatever changes is shown at once.
  const mine = order.buyer_id === live.me.value?.actor_id;
  const own = live.channel(mine ? `order:${orderId}` : `sales:${order.show_id}`);
  if (mine) checkout.follow(order);
  const versionOf = (/** @type {any} */ state) =>
    state?.version ?? state?.sales.find((/** @type {OrderView} */ sale) => sale.order_id === orderId)?.version ?? 0;
  effect(() => {
    if (versionOf(own.state.value) > (receipt.peek()?.order.version ?? 0)) load();
  });
  live.connect();
}
onWake(() => {
  live.wake();
  checkout.recheck();
});
