// @ts-check
// @css ../components/poll.css
// The host's giveaways: start one, watch it, see who won. It cannot be taken back.

import { useEffect, useState } from "preact/hooks";
import { useTimeLeft } from "../components/countdown.js";
import { Field } from "../components/field.js";
import { useForm } from "../components/form.js";
import { html } from "../components/html.js";
import { Icon } from "../components/icon.js";
import { locale, t } from "../components/words.js";
import { ROLL_CALL_MS } from "../lib/giveaways.js";
import { formatCount, formatPause, formatSpan } from "../lib/money.js";
import { salesApi } from "../lib/sales_api.js";
import { freshId } from "../lib/store.js";
import { useDraft, withFirst } from "./draft.js";

/**
 * @import { GiveawayLive, GiveawayView } from "../../schemas/generated/messages"
 * @import { Room } from "./room.js"
 */

/** Of what schemas/http/giveaways.py allows. */
const SPANS_S = [15, 30, 60, 120, 300];
const SPAN_S = 60;
const WINNERS_MAX = 100;
const LOOK_MS = 700;

/** @param {{ room: Room }} props */
export function GiveawayDesk({ room }) {
  const [asking, setAsking] = useState(false);
  const { sku, close } = useDraft(room, "giveaways", setAsking);
  const [past, setPast] = useState(/** @type {GiveawayView[]} */ ([]));
  const live = room.giveaways.value?.giveaways ?? [];
  const ended = room.show.value?.state === "ended";
  const opening = past.some(({ state }) => state === "opening");
  const load = () => salesApi.giveaways(room.showId).then(({ giveaways }) => setPast(giveaways), () => undefined);
  const started = () => {
    close();
    load();
  };
  useEffect(() => void load(), [live.length]);
  useEffect(() => {
    // What was drawn a moment ago is in SQL a moment later; and what the ledger has not answered yet may be refused.
    const timer = setTimeout(load, LOOK_MS);
    return () => clearTimeout(timer);
  }, [live.length, opening && past]);
  return html`
    <section class="panel stack poll-desk" data-testid="giveaway-desk">
      <header><h2>${t("giveaways-title")}</h2>
        ${!asking && !ended && live.length === 0 && html`
          <button class="button button-small" type="button" data-testid="giveaway-new" disabled=${room.items.value.length === 0} onClick=${() => setAsking(true)}><${Icon} name="gift" />${t("giveaway-new")}</button>`}
      </header>
      ${asking && html`<${GiveawayForm} key=${sku} room=${room} first=${sku} onDone=${started} onClose=${close} />`}
      ${live.map((giveaway) => html`<${LiveGiveaway} key=${giveaway.giveaway_id} room=${room} giveaway=${giveaway} />`)}
      ${past.filter(({ state }) => state === "drawn" || state === "refused").map((each) => html`<${PastGiveaway} key=${each.giveaway_id} room=${room} giveaway=${each} />`)}
      ${live.length + past.length === 0 && !asking && html`<p class="empty">${t("giveaways-empty")}</p>`}
    </section>
  `;
}

/** @param {{ room: Room, first: string | null, onDone: () => void, onClose: () => void }} props */
function GiveawayForm({ room, first, onDone, onClose }) {
  const [giveawayId] = useState(() => freshId("gvw"));
  const form = useForm(async ({ sku, winners, span }) => {
    await salesApi.startGiveaway({ giveaway_id: giveawayId, show_id: room.showId, sku, winners_max: Math.max(1, Number(winners) || 0), lasts_ms: Number(span) * 1000 });
    onDone();
  });
  return html`
    <form class="stack" onSubmit=${form.onSubmit} noValidate data-testid="giveaway-form">
      <${Field} as="select" label=${t("flash-product-label")} name="sku" data-testid="giveaway-sku">
        ${withFirst(room.items.value, first).map(({ offer, pool }) => html`<option value=${offer.sku}>${offer.title}${offer.label && ` · ${offer.label}`} (${pool?.available ?? 0})</option>`)}
      <//>
      <div class="flash-numbers">
        <${Field} label=${t("giveaway-winners-label")} name="winners" type="number" min="1" max=${WINNERS_MAX} defaultValue="1" data-testid="giveaway-winners" error=${form.errorOf("winners_max")} />
        <${Field} as="select" label=${t("flash-span-label")} name="span" data-testid="giveaway-span">
          ${SPANS_S.map((seconds) => html`<option value=${seconds} selected=${seconds === SPAN_S}>${formatPause(seconds, locale())}</option>`)}
        <//>
      </div>
      <p class="small soft">${t("giveaway-rules")}</p>
      ${form.rest(["winners_max"])}
      <div class="row">
        <button class="button button-primary" type="submit" data-testid="giveaway-start" disabled=${form.busy}>${t("giveaway-start")}</button>
        <button class="button" type="button" onClick=${onClose}>${t("poll-cancel")}</button>
      </div>
    </form>
  `;
}

/** @param {{ room: Room, sku: string }} props */
const Title = ({ room, sku }) => html`<strong>${room.items.value.find(({ offer }) => offer.sku === sku)?.offer.title ?? sku}</strong>`;

/** @param {{ room: Room, giveaway: GiveawayLive }} props */
function LiveGiveaway({ room, giveaway }) {
  const left = useTimeLeft(giveaway.ends_at_ms);
  const untilDraw = useTimeLeft(giveaway.ends_at_ms + ROLL_CALL_MS);
  const time = left === 0 ? t("giveaway-draw-in", { time: formatSpan(untilDraw) }) : formatSpan(left);
  return html`
    <article class="desk-poll" data-testid="desk-giveaway" data-entries=${giveaway.entries}>
      <p class="row desk-poll-head"><${Title} room=${room} sku=${giveaway.sku} /><span class="poll-left numbers" role="timer">${time}</span></p>
      <p class="small soft">${t("giveaway-entries", { count: giveaway.entries, shown: formatCount(giveaway.entries, locale()) })}</p>
    </article>
  `;
}

/** @param {{ room: Room, giveaway: GiveawayView }} props */
function PastGiveaway({ room, giveaway }) {
  const names = new Intl.ListFormat(locale()).format(giveaway.winners.map(({ name }) => name || t("giveaway-nameless")));
  const refused = giveaway.state === "refused";
  return html`
    <article class="desk-poll" data-testid="desk-giveaway-past" data-state=${giveaway.state}>
      <p><${Title} room=${room} sku=${giveaway.sku} /></p>
      <p class="small">${refused ? t("giveaway-refused") : names || t("giveaway-nobody")}
        ${!refused && html` · <a href=${`/draw/${giveaway.giveaway_id}`} target="_blank">${t("giveaway-check")}</a>`}</p>
    </article>
  `;
}
