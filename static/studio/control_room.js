// @ts-check
// @css control_room.css
// One show in one screen: the stage, the desk in front, and the chat. On a phone the desks take turns below the stage.

import { Connection } from "../components/connection.js";
import { html } from "../components/html.js";
import { Icon } from "../components/icon.js";
import { LanguageSwitch } from "../components/language_switch.js";
import { LiveBadge } from "../components/live_badge.js";
import { ModerationPanel } from "../components/moderation_panel.js";
import { TalkPanel } from "../components/talk_panel.js";
import { useWide } from "../components/wide.js";
import { t } from "../components/words.js";
import { AuctionDesk } from "./auction_desk.js";
import { CouponDesk } from "./coupon_desk.js";
import { DESKS, DeskBar, DeskRail, DeskStrip } from "./desks.js";
import { FlashDesk } from "./flash_desk.js";
import { GiveawayDesk } from "./giveaway_desk.js";
import { Guests } from "./guests.js";
import { LinksDesk } from "./links_desk.js";
import { Numbers } from "./numbers.js";
import { OrdersDesk } from "./orders_desk.js";
import { PollDesk } from "./poll_desk.js";
import { RehearsalBar } from "./rehearsal.js";
import { RunDesk } from "./run_desk.js";
import { Sales } from "./sales.js";
import { Shortcuts } from "./shortcuts.js";
import { Stage } from "./stage.js";
import { Warehouse } from "./warehouse.js";

/**
 * @import { AuctionRoom } from "./auctions.js"
 * @import { DeskId, Room } from "./room.js"
 * @typedef {{ room: Room, auctions: AuctionRoom, owner: boolean }} Props
 */

/** What each desk shows; the chat has a place of its own. @type {Record<Exclude<DeskId, "chat">, (props: Props & { ended: boolean, wide: boolean }) => unknown>} */
const CONTENTS = {
  run: ({ room }) => html`<${RunDesk} room=${room} />`,
  flash: ({ room }) => html`<${FlashDesk} room=${room} />`,
  auctions: ({ room, auctions, owner, ended }) => html`<${AuctionDesk} room=${room} auctions=${auctions} items=${room.items.value} owner=${owner} ended=${ended} />`,
  giveaways: ({ room }) => html`<${GiveawayDesk} room=${room} />`,
  polls: ({ room }) => html`<${PollDesk} room=${room} />`,
  coupons: ({ room }) => html`<${CouponDesk} room=${room} />`,
  guests: ({ room, ended }) => html`<${Guests} desk=${room.guests} hostName=${room.show.value?.host_name ?? ""} ended=${ended} />`,
  orders: ({ room, wide }) => html`${!wide && html`<${Sales} state=${room.sales.state.value} />`}<${OrdersDesk} room=${room} />`,
  stock: ({ room }) => html`<${Warehouse} room=${room} />`,
  moderation: ({ room }) => html`<${ModerationPanel} desk=${room.moderation} mayAppoint />`,
  links: ({ room }) => html`<${LinksDesk} room=${room} />`,
};

/** @param {Props} props */
export function ControlRoom({ room, auctions, owner }) {
  const show = room.show.value;
  const wide = useWide();
  const ended = show?.state === "ended";
  const front = wide && room.desk.value === "chat" ? "run" : room.desk.value;
  // Desks stay while others are in front: what was typed there is still there.
  const desks = DESKS.filter(({ id }) => id !== "chat").map(({ id, label }) => html`
    <div class="desk-page stack" key=${id} id=${`desk-${id}`} role="tabpanel" aria-label=${t(label)} hidden=${id !== front} data-testid=${`desk-page-${id}`}>
      ${CONTENTS[/** @type {Exclude<DeskId, "chat">} */ (id)]({ room, auctions, owner, ended, wide })}</div>`);
  return html`
    <main class="room" data-desk=${front}>
      <header class="room-head">
        <a class="button button-round" href="/studio/" aria-label=${t("studio-shows")}><${Icon} name="arrow-left" /></a>
        <div class="room-name"><h1 data-testid="room-title">${show?.title ?? t("loading")}</h1>${show?.state === "live" && html`<${LiveBadge} />`}</div>
        <${Numbers} room=${room} />
        <div class="room-tools"><${Shortcuts} room=${room} /><${LanguageSwitch} /></div>
      </header>
      <${Connection} live=${room.live} />
      ${wide && html`<${RehearsalBar} room=${room} />`}
      <div class="room-stage">${!wide && html`<${RehearsalBar} room=${room} />`}<${Stage} room=${room} />${wide && html`<${Sales} state=${room.sales.state.value} />`}</div>
      <div class="room-desks" hidden=${front === "chat"}>
        ${wide ? html`<${DeskRail} room=${room} />` : html`<${DeskStrip} room=${room} />`}
        <div class="room-desk">${desks}</div>
      </div>
      <div class="room-talk" hidden=${!wide && front !== "chat"}>
        <${TalkPanel} talk=${room.talk} questions=${room.questions} desk=${room.moderation} ended=${ended} />
      </div>
      ${!wide && html`<${DeskBar} room=${room} />`}
    </main>
  `;
}
