// @ts-check
// The show in a handful of numbers, each beside the one of the host's last show.

import { html } from "../components/html.js";
import { Icon } from "../components/icon.js";
import { locale, t } from "../components/words.js";
import { formatCount, formatDay, formatMoney } from "../lib/money.js";
import { compared, comparedMoney, formatLength } from "../lib/recap.js";

/**
 * @import { Money, PreviousRecap, RecapFigures } from "../../schemas/generated/messages"
 * @import { Comparison } from "../lib/recap.js"
 * @typedef {{ name: string, icon: string, value: string, note?: string, than: Comparison | null }} Tile
 */

const money = (/** @type {Money[]} */ amounts) => amounts.map((each) => formatMoney(each, locale())).join(" + ") || "—";
const count = (/** @type {number} */ number) => formatCount(number, locale());

const percent = (/** @type {number} */ part) => new Intl.NumberFormat(locale(), { style: "percent", maximumFractionDigits: 1 }).format(part);
/** Orders beside the people who were there; nobody was there, or nobody counted: null. @param {RecapFigures} figures */
const shareOf = ({ orders_paid, viewers_unique }) => (viewers_unique > 0 ? orders_paid / viewers_unique : null);

/** @param {RecapFigures} now @param {RecapFigures | undefined} before @returns {Tile[]} */
function tiles(now, before) {
  const share = shareOf(now);
  return [
    { name: "orders", icon: "shopping-bag", value: count(now.orders_paid), note: ordersNote(now), than: compared(now.orders_paid, before?.orders_paid) },
    { name: "viewers", icon: "users", value: count(now.viewers_unique), note: t("report-peak", { peak: count(now.viewers_peak) }), than: compared(now.viewers_unique, before?.viewers_unique) },
    { name: "watched", icon: "clock", value: formatLength(now.watch_ms, locale()), note: t("report-average", { average: new Intl.NumberFormat(locale()).format(now.viewers_average) }), than: compared(Math.round(now.watch_ms / 60_000), before && Math.round(before.watch_ms / 60_000)) },
    { name: "messages", icon: "message-circle", value: count(now.messages), note: t("report-questions-votes", { questions: now.questions, votes: now.votes }), than: compared(now.messages, before?.messages) },
    { name: "share", icon: "chart-bar", value: share === null ? "—" : percent(share), note: t("report-share-note"), than: compared(Math.round((share ?? 0) * 100), before && Math.round((shareOf(before) ?? 0) * 100)) },
    { name: "hearts", icon: "heart", value: count(now.reactions), note: "", than: compared(now.reactions, before?.reactions) },
  ];
}

/** @param {RecapFigures} now */
function ordersNote(now) {
  const open = now.orders_placed - now.orders_paid;
  return [t("report-units", { count: now.units }), open > 0 && t("report-unpaid", { count: open })].filter(Boolean).join(" · ");
}

/** @param {{ figures: RecapFigures, previous: PreviousRecap | null }} props */
export function Headline({ figures, previous }) {
  const refunded = figures.refunded.length > 0;
  return html`
    <section class="report-head" aria-label=${t("report-figures")}>
      <div class="report-revenue">
        <p class="report-label"><${Icon} name="wallet" />${t("report-revenue")}</p>
        <p class="report-big numbers" data-testid="report-revenue">${money(figures.revenue)}</p>
        <${Than} than=${comparedMoney(figures.revenue, previous?.figures.revenue)} />
        ${refunded && html`<p class="small soft" data-testid="report-refunded">${t("report-refunded", { amount: money(figures.refunded) })}</p>`}
      </div>
      <dl class="report-tiles">${tiles(figures, previous?.figures).map(({ name, icon, value, note, than }) => html`
        <div class="report-tile" key=${name}>
          <dt class="report-label"><${Icon} name=${icon} />${t(NAMES[name])}</dt>
          <dd><span class="report-value numbers" data-testid=${`report-${name}`}>${value}</span>
            ${note && html`<span class="small soft">${note}</span>`}<${Than} than=${than} /></dd>
        </div>`)}</dl>
      ${previous && html`<p class="small soft report-previous">${t("report-previous", { title: previous.title, when: formatDay(previous.started_at_ms, locale()) })}</p>`}
    </section>
  `;
}

const UP = new Set(["report-more", "report-more-count", "report-times", "report-first"]);

/** @param {{ than: Comparison | null }} props */
function Than({ than }) {
  if (!than) return null;
  const up = UP.has(than.id);
  const same = than.id === "report-same";
  return html`<span class=${`report-than${up ? " report-than-up" : ""}`}>${!same && html`<${Icon} name=${up ? "arrow-up" : "arrow-down"} />`}${t(than.id, than.args)}</span>`;
}

/** @type {Record<string, string>} */
const NAMES = {
  orders: "report-orders",
  viewers: "report-viewers",
  watched: "report-watched",
  messages: "report-messages",
  share: "report-share",
  hearts: "report-hearts",
};
