// @ts-check
// @css host_links.css
// The host's pages beside the shows.

import { html } from "../components/html.js";
import { Icon } from "../components/icon.js";
import { t } from "../components/words.js";

/** @param {{ here?: string }} props address of the page that they stand on */
export const HostLinks = ({ here = "" }) => html`
  <nav class="row host-links" aria-label=${t("host-pages")}>
    ${here !== "/shop/" && html`<a class="button" href="/shop/" data-testid="open-shop"><${Icon} name="store" />${t("studio-shop")}</a>`}
    <a class="button" href="/orders/" data-testid="open-orders"><${Icon} name="shopping-bag" />${t("studio-orders")}</a>
    <a class="button" href="/statement/" data-testid="open-statement"><${Icon} name="chart-bar" />${t("studio-statement")}</a>
    <a class="button" href="/staff/" data-testid="open-staff"><${Icon} name="users" />${t("studio-staff")}</a>
    <a class="button" href="/webhooks/" data-testid="open-webhooks"><${Icon} name="share-2" />${t("studio-webhooks")}</a>
  </nav>
`;
