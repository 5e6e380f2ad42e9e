// @ts-check
// @css page.css
// The studio: the door, the host's shows, and one show's room.

import { signal } from "@preact/signals";
import { Brand } from "../components/brand.js";
import { html } from "../components/html.js";
import { Icon } from "../components/icon.js";
import { LanguageSwitch } from "../components/language_switch.js";
import { mount, onNetworkChange, onWake } from "../components/page.js";
import { t } from "../components/words.js";
import { api } from "../lib/api.js";
import { Live } from "../lib/store.js";
import { AuctionRoom } from "./auctions.js";
import { ControlRoom } from "./control_room.js";
import { Room } from "./room.js";
import { Shows } from "./shows.js";
import { ClaimForm, LogInForm } from "./sign_in.js";

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
  auctions.value = new AuctionRoom(showId, live);
  room.value = new Room(showId, live);
  room.value.checking.value = query.has("check");
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
  if (room.value && auctions.value) {
    return html`<${ControlRoom} room=${room.value} auctions=${auctions.value} owner=${me?.roles.includes("owner") ?? false} />`;
  }
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
  `;
}

await mount(StudioPage, () => t("studio-title"));
onWake(() => live.wake());
onNetworkChange(() => room.value?.networkChanged());
window.addEventListener("pagehide", () => room.value?.leave());
await enter();
