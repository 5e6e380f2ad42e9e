// @ts-check
// Signing in within Telegram, without a word: what Telegram says about the person goes to the server as it is.

import { api } from "./api.js";
import { ApiError } from "./errors.js";

/**
 * @import { Live } from "./store.js"
 * @import { Telegram } from "./telegram.js"
 * @typedef {"telegram_data_expired" | "telegram_data_invalid" | "no_cookies"} Problem `no_cookies`: the browser keeps none within Telegram's frame
 * @typedef {Pick<typeof api, "enterByTelegram">} EntryApi
 */

/**
 * Why the person is not known now; null when they are, or when nothing can be done about it.
 * @param {Pick<Telegram, "launch" | "framed">} telegram @param {Pick<Live, "whoAmI">} live @param {"en" | "ru"} locale @param {EntryApi} [server]
 * @returns {Promise<Problem | null>}
 */
export async function enterByTelegram(telegram, live, locale, server = api) {
  const { initData } = telegram.launch;
  if (!initData) return null; // opened by a button that tells nobody's name
  try {
    await server.enterByTelegram({ init_data: initData, locale, framed: telegram.framed });
  } catch (error) {
    const name = error instanceof ApiError ? error.name : "";
    if (name === "telegram_data_invalid") return name;
    // A page that was open for long, or loaded again, goes on with the session that it has.
    if (name === "telegram_data_expired") return (await live.whoAmI()) ? null : name;
    if (name === "not_found") return null; // this shop has no bot
    throw error;
  }
  return (await live.whoAmI()) ? null : "no_cookies";
}

/**
 * Where people share a show from within Telegram: a link into the Mini App, handed to Telegram's own list of chats.
 * @param {string} appUrl `https://t.me/<bot>/<app>` @param {string} showId @param {string} title
 */
export function shareAddress(appUrl, showId, title) {
  const link = `${appUrl}?startapp=${showId}`;
  return `https://t.me/share/url?${new URLSearchParams({ url: link, text: title })}`;
}
