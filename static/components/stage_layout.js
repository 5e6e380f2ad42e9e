// @ts-check
// @css stage_layout.css
// The people on stage, arranged: one alone, side by side, or one large with the others as small pictures over it.

import { html } from "./html.js";
import { Tile } from "./tile.js";

/**
 * @import { Person } from "./tile.js"
 * @import { Layout } from "../lib/stage.js"
 */

/**
 * @param {{ layout: Layout, featured: string, people: Person[], quiet?: boolean, testid?: string }} props `people` with the host first;
 *   `quiet` is for a sketch: no sound, no picture
 */
export function StageLayout({ layout, featured, people, quiet = false, testid = "stage-layout" }) {
  const large = people.find((person) => person.id === featured) ?? people[0];
  const others = people.filter((person) => person !== large);
  const shape = others.length === 0 ? "solo" : layout;
  // Who is not shown alone is still heard, so every tile stays: the style sheet hides it.
  const ordered = shape === "side_by_side" ? people : large ? [large, ...others] : [];
  return html`
    <div class=${`stage-layout stage-layout-${shape} stage-count-${people.length}`} data-testid=${testid} data-layout=${shape} data-featured=${large?.id}>
      ${ordered.map((person) => html`<${Tile} key=${person.id} person=${person} quiet=${quiet} large=${person === large} />`)}
    </div>
  `;
}
