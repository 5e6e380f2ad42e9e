// @ts-check
// Shows of one state as cards, how many watch, and what is there before they are known.

import { useEffect, useState } from "preact/hooks";
import { html } from "../components/html.js";
import { Icon } from "../components/icon.js";
import { ShowCard } from "../components/show_card.js";
import { t } from "../components/words.js";
import { Goods } from "./goods.js";

/** @import { PresenceState, ShowView } from "../../schemas/generated/messages" */
/** @import { Live } from "../lib/store.js" */

/** Cards that show what they sell; each asks the server once. */
const GOODS_MAX = 8;

/** As many places as most shops fill, so that little moves when they are. */
export const Waiting = () => html`
  <div class="start-waiting" role="status" aria-label=${t("loading")} data-testid="waiting"><span class="start-waiting-hero"></span><span></span><span></span><span></span></div>
`;

/** Who looks without a session is told no number. @param {{ live: Live, showId: string }} props */
export function Watching({ live, showId }) {
  const known = live.me.value !== null;
  const [state, setState] = useState(/** @type {PresenceState | null} */ (null));
  useEffect(() => {
    if (!known) return undefined;
    const channel = live.channel(`presence:${showId}`);
    const stop = channel.state.subscribe(setState);
    return () => (stop(), channel.leave());
  }, [showId, known]);
  return state && html`<span class="start-watching" data-testid=${`watching-${showId}`}><${Icon} name="eye" />${t("viewers-now", { count: state.count })}</span>`;
}

/** @param {{ live: Live, refreshMs: number, title: string, testid: string, shows: ShowView[] }} props */
export const Section = ({ live, refreshMs, title, testid, shows: listed }) =>
  listed.length > 0 &&
  html`
    <section class="start-section" data-testid=${`section-${testid}`}>
      <h2>${title}</h2>
      <ul class=${`start-grid start-grid-${testid}`}>
        ${listed.map((show, index) => html`
          <${ShowCard} key=${show.show_id} show=${show}>
            ${show.state === "live" && html`<${Watching} live=${live} showId=${show.show_id} />`}
            ${index < GOODS_MAX && html`<${Goods} showId=${show.show_id} refreshMs=${show.state === "live" ? refreshMs : 0} />`}
          <//>`)}
      </ul>
    </section>
  `;
