// @ts-check
// @css pin_card.css
// How many units are left, said the moment it changes.

import { availability } from "../lib/offers.js";
import { html } from "./html.js";
import { t } from "./words.js";

/** @import { Item } from "../lib/offers.js" */

/** From here on the number itself is an argument. */
const FEW = 5;

/** @param {{ item: Item }} props */
export function Stock({ item }) {
  const state = availability(item);
  const available = item.pool?.available ?? 0;
  const few = state === "available" && available <= FEW;
  return html`
    <span class=${`stock${few ? " stock-few" : ""}${state === "sold_out" ? " stock-out" : ""}`}
      data-testid=${`stock-${item.offer.sku}`} data-available=${item.pool ? available : undefined}>${textOf(state, available)}</span>
  `;
}

/** @param {ReturnType<typeof availability>} state @param {number} available */
function textOf(state, available) {
  if (state === "available") return t("stock-left", { count: available });
  if (state === "sold_out") return t("stock-sold-out");
  return state === "held" ? t("stock-held") : "";
}
