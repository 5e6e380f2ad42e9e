// @ts-check
// @css install_card.css
// Keep the shop on the home screen, where the browser can do that; said once, at the end of the page.

import { useState } from "preact/hooks";
import { byHand, hear, install, offer, PUT_OFF } from "../lib/installing.js";
import { forBrowser } from "../lib/kept.js";
import { html } from "./html.js";
import { Icon } from "./icon.js";
import { t } from "./words.js";

// Comes early in the life of a page, maybe before anything is drawn.
window.addEventListener("beforeinstallprompt", hear);

const device = {
  userAgent: navigator.userAgent,
  maxTouchPoints: navigator.maxTouchPoints,
  standalone: matchMedia("(display-mode: standalone)").matches,
  framed: window.parent !== window,
};

export function InstallCard() {
  const [away, setAway] = useState(() => forBrowser.getItem(PUT_OFF) !== null);
  const manual = byHand(device);
  if (away || !(offer.value || manual)) return null;
  const later = () => {
    forBrowser.setItem(PUT_OFF, "1");
    setAway(true);
  };
  return html`
    <aside class="install-card" data-testid="install-card" aria-label=${t("install-title")}>
      <img class="install-mark" src="/static/brand/mark.svg" alt="" width="48" height="48" />
      <div class="install-words">
        <p class="install-title">${t("install-title")}</p>
        <p class="soft small">${manual ? html`<${Icon} name="share" /> ${t("install-ios")}` : t("install-text")}</p>
      </div>
      <div class="install-acts">
        ${!manual && html`<button class="button button-primary" type="button" data-testid="install" onClick=${install}>${t("install")}</button>`}
        <button class="button" type="button" data-testid="install-later" onClick=${later}>${t("install-later")}</button>
      </div>
    </aside>
  `;
}
