// @ts-check
// @css finder.css
// Search and tags.

import { html } from "../components/html.js";
import { Icon } from "../components/icon.js";
import { t } from "../components/words.js";

/** @import { Signal } from "@preact/signals" */

/** @param {{ query: Signal<string>, tag: Signal<string>, tags: string[] }} props */
export const Finder = ({ query, tag, tags }) => html`
  <search class="finder">
    <label class="finder-box"><${Icon} name="search" /><span class="visually-hidden">${t("start-search")}</span>
      <input class="finder-input" type="search" data-testid="search" placeholder=${t("start-search")} maxlength="80" value=${query.value}
        onInput=${(/** @type {Event} */ event) => (query.value = /** @type {HTMLInputElement} */ (event.target).value)} /></label>
    ${tags.length > 0 && html`
      <div class="finder-tags" role="group" aria-label=${t("start-tags")}>
        ${tags.map((each) => html`<button class="button button-small finder-tag" type="button" key=${each} data-testid=${`tag-${each}`} aria-pressed=${String(tag.value === each)}
          onClick=${() => (tag.value = tag.value === each ? "" : each)}>#${each}</button>`)}
      </div>`}
  </search>
`;
