// @ts-check
// @css page.css
// The studio: the door, the host's shows, and one show's room.

import { signal } from "@preact/signals";
import { Brand } from "../components/brand.js";
import { Connection } from "../components/connection.js";
import { CopyLine } from "../components/copy_line.js";
import { html } from "../components/html.js";
import { Icon } from "../components/icon.js";
import { LanguageSwitch } from "../components/language_switch.js";
import { LiveBadge } from "../components/live_badge.js";
import { ModerationPanel } from "../components/moderation_panel.js";
import { mount, onNetworkChange, onWake } from "../components/page.js";
import { Preview } from "../components/preview.js";
import { TalkPanel } from "../components/talk_panel.js";
import { Viewers } from "../components/viewers.js";
import { t } from "../components/words.js";
import { api } from "../lib/api.js";
import { Live } from "../lib/store.js";
import { AuctionDesk } from "./auction_desk.js";
import { AuctionRoom } from "./auctions.js";
import { CouponDesk } from "./coupon_desk.js";
import { FlashDesk } from "./flash_desk.js";
import { GiveawayDesk } from "./giveaway_desk.js";
import { Guests } from "./guests.js";
import { Obs } from "./obs.js";
import { OnAir } from "./on_air.js";
import { OrdersDesk } from "./orders_desk.js";
import { PollDesk } from "./poll_desk.js";
import { Room } from "./room.js";
import { Sales } from "./sales.js";
import { Shows } from "./shows.js";
import { ClaimForm, LogInForm } from "./sign_in.js";
import { Tray } from "./tray.js";
import { Warehouse } from "./warehouse.js";

const query = new URLSearchParams(location.search);
const live = new Live(location.origin);
const asked = signal(false);
const room = signal(/** @type {Room | null} */ (null));
const auctions = signal(/** @type {AuctionRoom | null} */ (null));

async function enter() {
  const me = await live.whoAmI();
  asked.value = true;
  if (!me?.roles.includes("host")) return;
  // The key is used up now, and an address with a key in it should not stay on screen.
  if (query.has("key")) history.replaceState(null, "", "/studio/");
  const showId = query.get("show");
  if (!showId) return;
  live.connect();
  room.value = new Room(showId, live);
  auctions.value = new AuctionRoom(showId, live);
  await room.value.load();
}

async function leave() {
  await api.logOut();
  location.assign("/studio/");
}

function StudioPage() {
  const me = live.me.value;
  const host = me?.roles.includes("host");
  const key = query.get("key");
  return html`
    <header class="top-bar">
      <${Brand} />
      <div class="top-bar-end">
        <${LanguageSwitch} />
        ${host && html`<button class="button button-round" type="button" data-testid="logout" aria-label=${t("logout")} onClick=${leave}><${Icon} name="log-out" /></button>`}
      </div>
    </header>
    ${asked.value && !host && (key ? html`<${ClaimForm} setupKey=${key} onDone=${enter} />` : html`<${LogInForm} notHost=${me?.kind === "account"} onDone=${enter} />`)}
    ${host && me && !query.get("show") && html`<${Shows} me=${me} />`}
    ${room.value && html`<${ShowRoom} room=${room.value} />`}
  `;
}

/** @param {{ room: Room }} props */
function ShowRoom({ room }) {
  const show = room.show.value;
  return html`
    <${Connection} live=${live} />
    <main class="room">
      <div class="room-title">
        <a class="button button-round" href="/studio/" aria-label=${t("studio-shows")}><${Icon} name="arrow-left" /></a>
        <h1 data-testid="room-title">${show?.title ?? t("loading")}</h1>
        ${show?.state === "live" && html`<${LiveBadge} />`}
        <${Viewers} state=${room.presence.state.value} />
      </div>
      <div class="room-camera stack">
        <section class="panel stack">
          ${show?.state !== "ended" && html`<${Preview} broadcast=${room.broadcast} />`}
          <${OnAir} room=${room} />
        </section>
        <section class="panel stack"><${CopyLine} label=${t("viewer-link")} value=${`${location.origin}/watch/${room.showId}`} testid="viewer-link" />
          <${CopyLine} label=${t("moderator-link")} value=${`${location.origin}/moderate/${room.showId}`} testid="moderator-link" /></section>
        <${Obs} room=${room} />
      </div>
      <div class="room-goods stack">
        <${Tray} room=${room} />
        ${auctions.value && html`<${AuctionDesk} auctions=${auctions.value} items=${room.items.value} owner=${live.me.value?.roles.includes("owner") ?? false} ended=${show?.state === "ended"} />`}
        <${FlashDesk} room=${room} />
        <${GiveawayDesk} room=${room} />
        <${CouponDesk} room=${room} />
        <${PollDesk} room=${room} />
        <${Guests} desk=${room.guests} hostName=${show?.host_name ?? ""} ended=${show?.state === "ended"} />
        <${ModerationPanel} desk=${room.desk} mayAppoint />
        <${Warehouse} room=${room} />
      </div>
      <div class="room-people stack">
        <${OrdersDesk} room=${room} />
        <${Sales} state=${room.sales.state.value} />
        <${TalkPanel} talk=${room.talk} questions=${room.questions} desk=${room.desk} ended=${show?.state === "ended"} />
      </div>
    </main>
  `;
}

await mount(StudioPage, () => t("studio-title"));
onWake(() => live.wake());
onNetworkChange(() => room.value?.networkChanged());
window.addEventListener("pagehide", () => room.value?.leave());
await enter();
