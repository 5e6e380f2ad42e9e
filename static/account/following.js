// @ts-check
// @css ../components/account.css
// Whom one follows, and what one is told on one's devices.

import { signal } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";
import { ErrorLine } from "../components/form.js";
import { html } from "../components/html.js";
import { InboxPush } from "../components/inbox_push.js";
import { Waiting } from "../components/waiting.js";
import { errorText, t } from "../components/words.js";
import { accountApi } from "../lib/account_api.js";
import { api } from "../lib/api.js";
import { asApiError } from "../lib/errors.js";
import { Loaded } from "../lib/loaded.js";
import { Nothing } from "./nothing.js";

/** @import { FollowedHost, FollowedListView, NotificationView, PushChoicesView } from "../../schemas/generated/messages" */
/** @import { ApiError } from "../lib/errors.js" */

/** What a person may want to hear of, in groups that make sense to them: words, kinds. @type {[string, NotificationView["kind"][]][]} */
export const GROUPS = [
  ["account-told-shows", ["show_started", "show_reminder"]],
  ["account-told-orders", ["order_confirmed", "order_cancelled", "order_shipped", "order_refunded"]],
  ["account-told-auctions", ["outbid", "lot_won", "lot_offered"]],
  ["account-told-luck", ["giveaway_won", "your_turn"]],
  ["account-told-answers", ["question_answered"]],
  ["account-told-shop", ["lot_sold", "webhook_failed"]],
];

const problem = signal(/** @type {ApiError | null} */ (null));

/** @param {() => Promise<unknown>} action */
async function attempt(action) {
  try {
    problem.value = null;
    await action();
  } catch (error) {
    problem.value = asApiError(error);
  }
}

export function Following() {
  const hosts = useMemo(() => new Loaded(() => accountApi.followed()), []);
  const choices = useMemo(() => new Loaded(() => accountApi.choices()), []);
  useEffect(() => void hosts.load(), []);
  useEffect(() => void choices.load(), []);
  const unfollow = (/** @type {FollowedHost} */ host) =>
    attempt(async () => {
      await api.follow({ host_id: host.host_id, following: false });
      await hosts.load();
    });
  return html`
    ${problem.value && html`<${ErrorLine} text=${errorText(problem.value)} />`}
    <${Waiting} of=${hosts}>${(/** @type {FollowedListView} */ { hosts: list }) => html`
      ${list.length === 0 && html`<${Nothing} icon="heart" title=${t("account-no-follows")} text=${t("account-no-follows-text")} />`}
      <ul class="account-list">${list.map((host) => html`
        <li class="account-row account-row-person" key=${host.host_id} data-testid="followed">
          <span class="account-face account-face-small" aria-hidden="true">${[...host.name][0]}</span>
          <strong class="account-words">${host.name}</strong>
          <button class="button button-small" type="button" aria-label=${t("account-unfollow-of", { name: host.name })} data-testid="unfollow" onClick=${() => unfollow(host)}>${t("account-unfollow")}</button>
        </li>`)}</ul>
    `}<//>
    <section class="panel stack" data-testid="choices">
      <h2 class="account-section-title">${t("account-told")}</h2>
      <p class="soft small">${t("account-told-text")}</p>
      <${InboxPush} />
      <${Waiting} of=${choices}>${(/** @type {PushChoicesView} */ view) => html`
        <ul class="account-switches">${GROUPS.map(([group, kinds]) => html`<${Switch} key=${group} group=${group} kinds=${kinds} view=${view} choices=${choices} />`)}</ul>`}<//>
    </section>
  `;
}

/** @param {{ group: string, kinds: NotificationView["kind"][], view: PushChoicesView, choices: Loaded<PushChoicesView> }} props */
function Switch({ group, kinds, view, choices }) {
  const on = kinds.some((kind) => !view.muted.includes(kind));
  const change = () =>
    attempt(async () => {
      const others = view.muted.filter((kind) => !kinds.includes(/** @type {NotificationView["kind"]} */ (kind)));
      const muted = /** @type {NotificationView["kind"][]} */ (on ? [...others, ...kinds] : others);
      choices.value.value = await accountApi.choose({ muted });
    });
  return html`
    <li>
      <label class="account-switch">
        <span>${t(group)}</span>
        <input type="checkbox" role="switch" checked=${on} data-testid=${group} onChange=${change} />
      </label>
    </li>
  `;
}
