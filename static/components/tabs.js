// @ts-check
// @css chat.css
// One of several panels at a time; arrow keys walk along the tabs.

import { html } from "./html.js";

/** @typedef {{ id: string, label: string, count?: number }} Tab `count` beside the label, when there is something to see */

/** @param {{ label: string, tabs: Tab[], chosen: string, onChoose: (id: string) => void }} props */
export function Tabs({ label, tabs, chosen, onChoose }) {
  const onKeyDown = (/** @type {KeyboardEvent} */ event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const at = (tabs.findIndex(({ id }) => id === chosen) + step + tabs.length) % tabs.length;
    onChoose(tabs[at].id);
    /** @type {HTMLElement} */ (/** @type {HTMLElement} */ (event.currentTarget).children[at]).focus();
  };
  return html`
    <div class="tabs" role="tablist" aria-label=${label} onKeyDown=${onKeyDown}>
      ${tabs.map(({ id, label: text, count = 0 }) => html`
        <button class="tab" key=${id} type="button" role="tab" data-testid=${`tab-${id}`} aria-selected=${String(id === chosen)} tabindex=${id === chosen ? 0 : -1}
          onClick=${() => onChoose(id)}>${text}${count > 0 && html`<span class="tab-count numbers">${count}</span>`}</button>
      `)}
    </div>
  `;
}
