// @ts-check
// The player in a frame on another site: what the site is told, signing in without leaving it, and what to do where no cookie is kept.

import { effect, signal } from "@preact/signals";
import { useState } from "preact/hooks";
import { Dialog } from "../components/dialog.js";
import { html } from "../components/html.js";
import { Icon } from "../components/icon.js";
import { SignUp } from "../components/sign_up.js";
import { t } from "../components/words.js";
import { api } from "../lib/api.js";
import { embedded } from "../lib/embedded.js";

/** @import { ShowPage } from "./show_page.js" */

/** Whether the browser keeps no cookie here. */
const forgotten = signal(false);

/** Tells the site how the show stands and what shape its picture has. @param {ShowPage} page */
export function report(page) {
  effect(() => {
    const state = page.missing.value ? "missing" : page.show.value?.show.state;
    if (state) embedded?.tell("state", { state });
  });
  // Of a video element; it does not bubble.
  const measure = (/** @type {Event} */ { target }) =>
    target instanceof HTMLVideoElement && embedded?.tell("size", { width: target.videoWidth, height: target.videoHeight });
  document.addEventListener("resize", measure, { capture: true });
}

/** @param {ShowPage} page @param {string} guestName @param {string} locale */
export async function enter({ live }, guestName, locale) {
  await live.enter(guestName, locale);
  forgotten.value = !(await live.whoAmI());
}

/** Said once, over the player. */
export const CookieSheet = () =>
  forgotten.value &&
  html`
    <${Dialog} title=${t("embed-forgotten-title")} testid="embed-forgotten" onClose=${() => (forgotten.value = false)}>
      <p>${t("embed-forgotten-text")}</p>
      <a class="button button-primary button-large button-wide" href=${location.pathname} target="_blank" data-testid="embed-outside">${t("embed-outside")}</a>
    <//>
  `;

/** @param {{ page: ShowPage }} props */
export function SignInButton({ page }) {
  const [open, setOpen] = useState(false);
  const me = page.live.me.value;
  if (!me) return null;
  const known = me.kind === "account";
  const done = async () => {
    await page.live.whoAmI();
    page.live.reconnect();
    setOpen(false);
    await (await page.openMarket()).loadOrders();
  };
  const leave = async () => {
    await api.logOut();
    location.reload();
  };
  return html`
    <button class="button button-glass button-round" type="button" data-testid="embed-account" aria-label=${t("embed-account")} onClick=${() => setOpen(true)}>
      <${Icon} name=${known ? "user-check" : "user"} /></button>
    ${open && html`
      <${Dialog} title=${t("embed-account")} testid="embed-account-sheet" onClose=${() => setOpen(false)}>
        ${known
          ? html`<p>${t("embed-signed-in", { name: me.name })}</p>
              <button class="button button-wide" type="button" data-testid="embed-leave" onClick=${leave}><${Icon} name="log-out" />${t("embed-leave")}</button>`
          : html`<p class="soft">${t("embed-account-text")}</p><${SignUp} name=${page.nameless ? "" : me.name} onDone=${done} />`}
      <//>`}
  `;
}
