// @ts-check
// @css ../components/account.css
// A list without entries: what would be here, and how one gets there.

import { html } from "../components/html.js";
import { Icon } from "../components/icon.js";

/** @param {{ icon: string, title: string, text: string, href?: string, go?: string }} props */
export const Nothing = ({ icon, title, text, href, go }) => html`
  <div class="account-nothing" data-testid="nothing">
    <${Icon} name=${icon} />
    <h2>${title}</h2>
    <p class="soft">${text}</p>
    ${href && html`<a class="button button-primary" href=${href}>${go}</a>`}
  </div>
`;
