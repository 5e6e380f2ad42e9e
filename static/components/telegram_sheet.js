// @ts-check
// Why somebody is not known although they came from Telegram, and what to do.

import { telegram } from "../lib/telegram.js";
import { Dialog } from "./dialog.js";
import { html } from "./html.js";
import { errorText, t } from "./words.js";

/** @import { Problem } from "../lib/telegram_entry.js" */

/** @import { Signal } from "@preact/signals" */

/** @param {{ stranger: Signal<Problem | null> }} props why, until it is closed */
export function TelegramSheet({ stranger }) {
  const problem = stranger.value;
  if (!problem) return null;
  const outside = problem === "no_cookies";
  const act = () => (outside ? telegram?.open(location.href) : telegram?.post("web_app_close"));
  return html`
    <${Dialog} title=${t("telegram-title")} testid="telegram-sheet" onClose=${() => (stranger.value = null)}>
      <p>${outside ? t("telegram-no-cookies") : errorText({ name: problem })}</p>
      <p class="soft">${t("telegram-meanwhile")}</p>
      <button class="button button-primary button-large button-wide" type="button" data-testid="telegram-act" onClick=${act}>
        ${t(outside ? "telegram-open-browser" : "telegram-close")}
      </button>
    <//>
  `;
}
