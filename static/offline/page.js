// @ts-check
// @css page.css
// What the service worker shows in the place of a page that cannot be fetched: it says so, and goes back by itself.

import { html } from "../components/html.js";
import { Icon } from "../components/icon.js";
import { mount } from "../components/page.js";
import { t } from "../components/words.js";

/** The page that was wanted is still in the address. */
const again = () => location.reload();

const OfflinePage = () => html`
  <main class="offline" data-testid="offline">
    <span class="offline-sign"><${Icon} name="wifi-off" /></span>
    <h1>${t("offline-title")}</h1>
    <p class="soft">${t("offline-text")}</p>
    <ul class="offline-hints soft">
      <li>${t("offline-hint-network")}</li>
      <li>${t("offline-hint-orders")}</li>
    </ul>
    <button class="button button-primary button-large" type="button" data-testid="offline-again" onClick=${again}>${t("retry")}</button>
    <p class="soft small" role="status">${t("offline-by-itself")}</p>
  </main>
`;

window.addEventListener("online", again);
await mount(OfflinePage, () => t("offline-title"));
