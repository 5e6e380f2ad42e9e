// @ts-check
// The mark and the name, leading home.

import { html } from "./html.js";
import { t } from "./words.js";

export const Brand = () => html`
  <a class="brand" href="/">
    <img class="brand-mark" src="/static/brand/mark.svg" alt="" width="32" height="32" />
    <span class="brand-name">${t("brand")}</span>
  </a>
`;
