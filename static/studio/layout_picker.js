// @ts-check
// @css ../components/guests.css
// How the stage is arranged: sketches of every layout, and what would change before it does.

import { useState } from "preact/hooks";
import { html } from "../components/html.js";
import { Icon } from "../components/icon.js";
import { StageLayout } from "../components/stage_layout.js";
import { t } from "../components/words.js";
import { HOST, LAYOUTS } from "../lib/stage.js";

/**
 * @import { GuestDesk } from "./guest_desk.js"
 * @import { Layout } from "../lib/stage.js"
 */

/** @type {Record<Layout, string>} */
const NAMES = { side_by_side: "layout-side-by-side", picture_in_picture: "layout-picture-in-picture", solo: "layout-solo" };

/** @param {{ desk: GuestDesk, hostName: string }} props */
export function LayoutPicker({ desk, hostName }) {
  const state = desk.state.value;
  const [choice, setChoice] = useState(/** @type {{ layout: Layout, featured: string } | null} */ (null));
  if (!state) return null;
  const people = desk.people(hostName);
  const now = { layout: state.layout, featured: state.featured };
  const wished = choice ?? now;
  const shown = { ...wished, featured: people.some((person) => person.id === wished.featured) ? wished.featured : HOST };
  const changed = shown.layout !== now.layout || shown.featured !== now.featured;
  const apply = async () => {
    await desk.arrange(shown.layout, shown.featured);
    setChoice(null);
  };
  return html`
    <div class="layout-picker" data-testid="layout-picker" data-changed=${String(changed)}>
      <div class="layout-preview">
        <${StageLayout} layout=${shown.layout} featured=${shown.featured} people=${people} quiet testid="layout-preview" />
      </div>
      <div class="stack layout-choices">
        <p class="small soft" role="status">${t(changed ? "layout-preview" : "layout-now")}</p>
        <div class="stack layout-names" role="radiogroup" aria-label=${t("layout-title")}>
          ${LAYOUTS.map((layout) => html`
            <button class=${`button button-small${layout === shown.layout ? " button-primary" : ""}`} type="button" role="radio" aria-checked=${String(layout === shown.layout)}
              data-testid=${`layout-${layout}`} onClick=${() => setChoice({ ...shown, layout })}>${t(NAMES[layout])}</button>
          `)}
        </div>
        ${shown.layout !== "side_by_side" && html`
          <label class="field"><span class="field-label">${t("layout-featured")}</span>
            <select class="field-input" data-testid="layout-featured"
              onChange=${(/** @type {Event} */ event) => setChoice({ ...shown, featured: /** @type {HTMLSelectElement} */ (event.target).value })}>
              ${people.map((person) => html`<option value=${person.id} selected=${person.id === shown.featured}>${person.name}</option>`)}
            </select>
          </label>
        `}
        ${changed && html`
          <div class="row">
            <button class="button button-small button-live" type="button" data-testid="layout-apply" disabled=${desk.busy.value} onClick=${apply}><${Icon} name="check" />${t("layout-apply")}</button>
            <button class="button button-small" type="button" data-testid="layout-keep" onClick=${() => setChoice(null)}>${t("layout-keep")}</button>
          </div>
        `}
      </div>
    </div>
  `;
}
