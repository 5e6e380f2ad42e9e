// @ts-check
// @css moderation.css
// Who is restrained, until when, by whom; and who moderates.

import { formatDay } from "../lib/money.js";
import { html } from "./html.js";
import { Icon } from "./icon.js";
import { locale, t } from "./words.js";

/**
 * @import { SanctionView } from "../../schemas/generated/messages"
 * @import { ModerationDesk } from "../lib/moderation_desk.js"
 */

/** @type {Record<SanctionView["kind"], [string, string]>} */
const KINDS = { mute: ["mic-off", "sanction-mute"], block: ["ban", "sanction-block"], shadow: ["ghost", "sanction-shadow"] };

/** @param {{ desk: ModerationDesk, mayAppoint: boolean }} props */
export const SanctionsList = ({ desk, mayAppoint }) => html`
  <div class="stack">
    <ul class="desk-list" aria-label=${t("sanctions-title")} data-testid="sanctions">
      ${desk.sanctions.value.map((sanction) => html`<${SanctionRow} key=${sanction.actor_id} sanction=${sanction} desk=${desk} />`)}
      ${desk.sanctions.value.length === 0 && html`<li class="empty">${t("sanctions-empty")}</li>`}
    </ul>
    <h3 class="desk-head">${t("moderators-title")}</h3>
    <ul class="desk-list" aria-label=${t("moderators-title")} data-testid="moderators">
      ${desk.moderators.value.map(({ actor_id, name }) => html`
        <li class="desk-row desk-row-one" key=${actor_id} data-testid="moderator-row"><b>${name}</b>
          ${mayAppoint && html`<button class="button button-small" type="button" disabled=${desk.busy.value} onClick=${() => desk.appoint(actor_id, false)}>${t("moderator-dismiss")}</button>`}
        </li>`)}
      ${desk.moderators.value.length === 0 && html`<li class="empty">${t("moderators-empty")}</li>`}
    </ul>
  </div>
`;

/** @param {{ sanction: SanctionView, desk: ModerationDesk }} props */
function SanctionRow({ sanction, desk }) {
  const [icon, name] = KINDS[sanction.kind];
  return html`
    <li class="desk-row desk-row-one" data-testid="sanction-row" data-actor=${sanction.actor_id} data-kind=${sanction.kind}>
      <span class="desk-words"><b>${sanction.name}</b>
        <span class="sanction-kind small"><${Icon} name=${icon} />${t(name)}${sanction.until_ms !== null && ` · ${t("sanction-until", { when: formatDay(sanction.until_ms, locale()) })}`}</span>
        <span class="small soft">${t("sanction-by", { name: sanction.by_name })}${sanction.reason && ` · ${sanction.reason}`}</span>
      </span>
      <button class="button button-small" type="button" data-testid="sanction-lift" disabled=${desk.busy.value} onClick=${() => desk.lift(sanction.actor_id)}>${t("sanction-lift")}</button>
    </li>
  `;
}
