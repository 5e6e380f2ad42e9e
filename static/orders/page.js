// @ts-check
// @css page.css
// The host's orders: of which show, which of them, and each with its way to the page that says all of it.

import { effect, signal } from "@preact/signals";
import { ErrorLine } from "../components/form.js";
import { html } from "../components/html.js";
import { Icon } from "../components/icon.js";
import { mount } from "../components/page.js";
import { errorText, locale, t } from "../components/words.js";
import { api } from "../lib/api.js";
import { asApiError } from "../lib/errors.js";
import { formatDay } from "../lib/money.js";
import { FILTERS, OrderList } from "../lib/order_list.js";
import { ordersApi } from "../lib/orders_api.js";
import { Live } from "../lib/store.js";
import { HostPage } from "../studio/host_page.js";
import { OrderItem } from "./order_item.js";

/**
 * @import { ShowView } from "../../schemas/generated/messages"
 * @import { ApiError } from "../lib/errors.js"
 */

const live = new Live(location.origin);
const list = new OrderList({ shows: api.shows, ofShow: ordersApi.ofShow });
const ready = signal(false);
const unreachable = signal(/** @type {ApiError | null} */ (null));

/** @type {Record<string, string>} */
const WORDS = {
  all: "orders-all",
  unpaid: "orders-unpaid",
  to_send: "orders-to-send",
  sent: "orders-sent",
  returns: "orders-returns",
  refunded: "orders-refunded",
  disputed: "orders-disputed",
  cancelled: "orders-cancelled",
};

async function enter() {
  try {
    unreachable.value = null;
    const me = await live.whoAmI();
    ready.value = true;
    const query = new URLSearchParams(location.search);
    if (me?.roles.includes("host")) await list.open(me.actor_id, { show: query.get("show"), filter: query.get("filter") });
  } catch (error) {
    unreachable.value = asApiError(error);
  }
}

const OrdersPage = () => html`
  ${unreachable.value && html`<main class="door panel stack"><${Again} problem=${unreachable.value} onAgain=${enter} /></main>`}
  <${HostPage} title=${t("orders-host-title")} me=${live.me.value} ready=${ready.value} onEnter=${enter}><${Orders} /><//>
`;

function Orders() {
  const orders = list.orders.value;
  const problem = list.problem.value;
  if (list.shows.value?.length === 0 && !list.showId.value) {
    return html`<p class="empty" data-testid="orders-no-shows">${t("studio-shows-empty")} <a href="/studio/">${t("start-open-studio")}</a></p>`;
  }
  return html`
    ${list.shows.value && html`<${Choice} shows=${list.shows.value} />`}
    ${orders?.length === 0 && html`<p class="empty" data-testid="orders-none">${t(list.filter.value === "all" ? "sales-empty" : "orders-none")}</p>`}
    ${orders && orders.length > 0 && html`
      <ul class="panel order-items" data-testid="orders">${orders.map((order) => html`<${OrderItem} key=${order.order_id} order=${order} />`)}</ul>`}
    ${problem && html`<${Again} problem=${problem} onAgain=${() => list.retry()} />`}
    ${!orders && !problem && html`<p class="row" role="status"><${Icon} name="loader-circle" turning />${t("loading")}</p>`}
    ${list.next.value && !problem && html`
      <button class="button button-wide" type="button" data-testid="orders-more" disabled=${list.busy.value} onClick=${() => list.more()}>${t("statement-more")}</button>`}
  `;
}

/** @param {{ shows: ShowView[] }} props */
function Choice({ shows }) {
  const showId = list.showId.value;
  const known = shows.some((show) => show.show_id === showId);
  return html`
    <div class="orders-choice stack">
      <label class="field">
        <span class="field-label">${t("orders-show")}</span>
        <select class="field-input" data-testid="orders-show" onChange=${(/** @type {Event} */ event) => list.chooseShow(/** @type {HTMLSelectElement} */ (event.target).value)}>
          ${!known && html`<option value=${showId} selected>${showId.slice(-8).toUpperCase()}</option>`}
          ${shows.map((show) => html`<option key=${show.show_id} value=${show.show_id} selected=${show.show_id === showId}>
            ${show.title} · ${show.state === "live" ? t("live-badge") : formatDay(show.started_at_ms ?? show.scheduled_at_ms, locale())}</option>`)}
        </select>
      </label>
      <div class="row" role="group" aria-label=${t("orders-filter")}>${FILTERS.map((name) => html`
        <button class="button button-small" type="button" key=${name} aria-pressed=${String(name === list.filter.value)} data-testid=${`filter-${name}`}
          onClick=${() => list.chooseFilter(name)}>${t(WORDS[name])}</button>`)}</div>
    </div>
  `;
}

/** @param {{ problem: ApiError, onAgain: () => unknown }} props */
const Again = ({ problem, onAgain }) => html`
  <${ErrorLine} text=${errorText(problem)} />
  <button class="button button-wide" type="button" data-testid="again" onClick=${onAgain}>${t("retry")}</button>
`;

await mount(OrdersPage, () => `${t("orders-host-title")} — Efir`);
// Somebody who comes back from an order, or loads the page again, finds what they had chosen.
effect(() => {
  if (list.showId.value) history.replaceState(null, "", `/orders/?show=${list.showId.value}&filter=${list.filter.value}`);
});
await enter();
