// @ts-check
// @css goods.css
// What a show sells, small: pinned products first, three at most. Its place is kept before they are known, so nothing jumps.

import { useEffect, useState } from "preact/hooks";
import { html } from "../components/html.js";
import { Picture } from "../components/picture.js";
import { locale } from "../components/words.js";
import { api } from "../lib/api.js";
import { formatMoney } from "../lib/money.js";

/** @import { OfferView } from "../../schemas/generated/messages" */

const SHOWN_MAX = 3;

/** @param {{ showId: string, refreshMs?: number }} props `refreshMs`: pins of a live show change */
export function Goods({ showId, refreshMs = 0 }) {
  const [offers, setOffers] = useState(/** @type {OfferView[] | null} */ (null));
  useEffect(() => {
    const load = () =>
      api.show(showId).then(
        ({ pinned, offers: all }) => setOffers(all.toSorted((one, other) => pinned.indexOf(other.sku) - pinned.indexOf(one.sku)).slice(0, SHOWN_MAX)),
        () => undefined, // the card says enough without them
      );
    load();
    const timer = refreshMs ? setInterval(() => document.visibilityState === "visible" && load(), refreshMs) : undefined;
    return () => clearInterval(timer);
  }, [showId]);
  return html`
    <ul class="goods" data-testid=${`goods-${showId}`}>
      ${offers?.map((offer) => html`
        <li class="goods-item" key=${offer.sku}><span class="goods-picture"><${Picture} url=${offer.image_url} title=${offer.title} /></span>
          <span class="goods-words"><span class="goods-title">${offer.title}</span><strong class="numbers">${formatMoney(offer.price, locale())}</strong></span></li>`)}
    </ul>
  `;
}
