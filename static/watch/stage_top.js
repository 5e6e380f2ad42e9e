// @ts-check
// What lies over the top of the video: whose show it is, whether it is live, orders, share.

import { useState } from "preact/hooks";
import { AccountLink } from "../components/account_link.js";
import { Bell } from "../components/bell.js";
import { FollowButton } from "../components/follow_button.js";
import { html } from "../components/html.js";
import { Icon } from "../components/icon.js";
import { Lazy } from "../components/lazy.js";
import { LiveBadge } from "../components/live_badge.js";
import { Viewers } from "../components/viewers.js";
import { t } from "../components/words.js";
import { api } from "../lib/api.js";
import { embedded } from "../lib/embedded.js";
import { launch } from "../lib/launch.js";

/** @import { Inbox } from "../lib/inbox.js" */
/** @import { ShowPage } from "./show_page.js" */
/** @import { ShowView } from "../../schemas/generated/messages" */

/** How long "copied" stays. */
const NOTE_MS = 2_000;

const signInButton = () => import("./in_frame.js").then((module) => module.SignInButton);

/** @param {{ page: ShowPage, show: ShowView | null, inbox: Inbox, onOrders: () => void }} props */
export function StageTop({ page, show, inbox, onOrders }) {
  const [copied, setCopied] = useState(false);
  const share = async () => {
    const url = location.origin + location.pathname;
    if (launch && show && (await shareInTelegram(show))) return;
    if (navigator.share) {
      // A person who closes the share sheet rejects this promise; that is not an error.
      await navigator.share({ title: show?.title, url }).catch(() => undefined);
    } else {
      // Sites around a frame may keep the clipboard from it: then there is nothing to say.
      setCopied(await navigator.clipboard.writeText(url).then(() => true, () => false));
      setTimeout(() => setCopied(false), NOTE_MS);
    }
  };
  return html`
    <header class="stage-top">
      ${embedded ? embedded.bubble && html`<${Smaller} />` : html`<a class="button button-glass button-round" href="/" aria-label=${t("player-to-start")}><${Icon} name="arrow-left" /></a>`}
      <div class="stage-words">
        <p class="stage-title">${show?.title ?? t("loading")}</p>
        <p class="stage-host">
          ${show?.state === "live" && html`<${LiveBadge} />`}
          ${show?.state !== "ended" && html`<${Viewers} state=${page.presence.state.value} />`}
          ${show && html`<span class="stage-by">${t("show-by", { name: show.host_name })}</span>`}
          ${show && inbox.mayFollow(show.host_id) && html`<${FollowButton} inbox=${inbox} hostId=${show.host_id} name=${show.host_name} />`}
        </p>
      </div>
      ${embedded ? html`<${Lazy} load=${signInButton} page=${page} />` : html`<${AccountLink} glass />`}
      <${Bell} inbox=${inbox} glass />
      <button class="button button-glass button-round" type="button" data-testid="orders" aria-label=${t("orders-title")} onClick=${onOrders}>
        <${Icon} name="shopping-bag" />
      </button>
      <button class="button button-glass button-round" type="button" data-testid="share" aria-label=${copied ? t("share-copied") : t("share")} onClick=${share}>
        <${Icon} name=${copied ? "check" : "share-2"} />
      </button>
      <span class="visually-hidden" role="status">${copied ? t("share-copied") : ""}</span>
    </header>
  `;
}

const Smaller = () => html`
  <button class="button button-glass button-round" type="button" data-testid="embed-close" aria-label=${t("embed-smaller")}
    onClick=${() => embedded?.tell("close")}><${Icon} name="minus" /></button>
`;

/** By Telegram's own list of chats, with a link into the Mini App; false where the shop has named none. @param {ShowView} show */
async function shareInTelegram(show) {
  const { app_url } = await api.telegramApp();
  const [{ shareAddress }, { telegram }] = await Promise.all([import("../lib/telegram_entry.js"), import("../lib/telegram.js")]);
  if (app_url) telegram?.open(shareAddress(app_url, show.show_id, show.title));
  return app_url !== "";
}
