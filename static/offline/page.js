// @ts-check
// @css ../components/notice.css
// What the service worker shows in the place of a page that cannot be fetched: it says so, and goes back by itself.

import { html } from "../components/html.js";
import { Notice } from "../components/notice.js";
import { mount } from "../components/page.js";
import { t } from "../components/words.js";

/** The page that was wanted is still in the address. */
const again = () => location.reload();

const OfflinePage = () => html`
  <${Notice} icon="wifi-off" title=${t("offline-title")} text=${t("offline-text")} testid="offline">
    <ul class="notice-hints soft">
      <li>${t("offline-hint-network")}</li>
      <li>${t("offline-hint-orders")}</li>
    </ul>
    <button class="button button-primary button-large" type="button" data-testid="offline-again" onClick=${again}>${t("retry")}</button>
    <p class="soft small" role="status">${t("offline-by-itself")}</p>
  <//>
`;

window.addEventListener("online", again);
await mount(OfflinePage, () => t("offline-title"));
