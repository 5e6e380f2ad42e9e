// @ts-check
// The player as a Mini App of Telegram: who opened it is signed in, and what is being paid for is not put away by a careless pull.

import { effect, signal } from "@preact/signals";
import { html } from "../components/html.js";
import { TelegramSheet } from "../components/telegram_sheet.js";
import { telegram } from "../lib/telegram.js";
import { enterByTelegram } from "../lib/telegram_entry.js";

/**
 * @import { Problem } from "../lib/telegram_entry.js"
 * @import { ShowPage } from "./show_page.js"
 */

/** Why the person is not known. */
const stranger = signal(/** @type {Problem | null} */ (null));

/** @param {ShowPage} page @param {"en" | "ru"} locale */
export async function signIn(page, locale) {
  const client = telegram;
  if (!client) return;
  effect(() => {
    const waits = page.market.value?.open.value;
    client.post("web_app_setup_closing_behavior", { need_confirmation: Boolean(waits) });
  });
  stranger.value = await enterByTelegram(client, page.live, locale);
}

/** Said once, over the player. */
export const Stranger = () => html`<${TelegramSheet} stranger=${stranger} />`;
