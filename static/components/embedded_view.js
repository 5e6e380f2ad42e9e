// @ts-check
// @css embedded.css
// The page within a frame on another site: its theme, a small picture of the show, links that lead outside, Escape, a way back.

import { render } from "preact";
import { sheets } from "../lib/sheets.js";
import { html } from "./html.js";
import { Icon } from "./icon.js";
import { t } from "./words.js";

/** @import { Embedded } from "../lib/embedded.js" */

/** @param {Embedded} embedded */
export function dress(embedded) {
  const { dataset, style } = document.documentElement;
  if (embedded.asked.theme) style.colorScheme = embedded.asked.theme;
  if (embedded.bubble) dataset.view = "preview";
  embedded.onView((view) => (dataset.view = view));
  document.addEventListener("click", (event) => follow(embedded, event), { capture: true });
  document.addEventListener("keydown", (event) => {
    // The sheets above the player have the first word.
    if (event.key === "Escape" && !sheets.peek().length && !event.defaultPrevented) embedded.tell("close");
  });
  if (!location.pathname.startsWith("/watch/")) offerWayBack();
}

/** A provider's page, another site, a page of ours that must not lie in frames: each in a window of its own. @param {Embedded} embedded @param {MouseEvent} event */
function follow(embedded, event) {
  const link = event.target instanceof Element ? event.target.closest("a") : null;
  if (!link?.href || link.hasAttribute("download")) return;
  const within = embedded.within(link.href, location.href);
  if (within && link.target !== "_blank") {
    link.href = within;
    return;
  }
  link.target = "_blank";
  link.rel = "noopener";
}

/** Browsers show no buttons of their own in frames. */
function offerWayBack() {
  const place = document.createElement("div");
  document.body.prepend(place);
  render(html`<${WayBack} />`, place);
}

const WayBack = () => html`
  <p class="embedded-back"><button class="button" type="button" data-testid="embed-back" onClick=${() => history.back()}><${Icon} name="arrow-left" />${t("embed-back")}</button></p>
`;
