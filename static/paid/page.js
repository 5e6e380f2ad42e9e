// @ts-check
// @css ../components/notice.css
// Where the page of a payment provider leads back to, when the show is in a frame on another site: that one knows how the payment ended.

import { html } from "../components/html.js";
import { Icon } from "../components/icon.js";
import { mount } from "../components/page.js";
import { t } from "../components/words.js";

const PaidPage = () => html`
  <main class="notice" data-testid="paid">
    <span class="notice-sign"><${Icon} name="shopping-bag" /></span>
    <h1>${t("paid-title")}</h1>
    <p class="soft">${t("paid-text")}</p>
  </main>
`;

await mount(PaidPage, () => t("paid-title"));
