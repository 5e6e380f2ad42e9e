// @ts-check
// What was sent to an endpoint, what came of it, and sending it again.

import { useEffect, useRef, useState } from "preact/hooks";
import { Dialog } from "../components/dialog.js";
import { ErrorLine } from "../components/form.js";
import { html } from "../components/html.js";
import { errorText, locale, t } from "../components/words.js";
import { asApiError } from "../lib/errors.js";
import { formatDay } from "../lib/money.js";
import { webhooks } from "../lib/webhooks.js";
import { DeliveryDetails } from "./delivery_details.js";

/** @import { DeliveryView, HookView } from "../../schemas/generated/messages" */

/** How often the newest page is read again. */
const AGAIN_MS = 3_000;
/** Deliveries of a page. */
const PAGE = 50;

/** @type {[string, string][]} */
const FILTERS = [["", "webhooks-all"], ["dead", "webhooks-dead"], ["waiting", "webhooks-waiting"], ["delivered", "webhooks-delivered"]];
/** @type {Record<DeliveryView["state"], string>} */
const STATES = { waiting: "webhooks-waiting", delivered: "webhooks-delivered", dead: "webhooks-dead" };

/** @param {{ hook: HookView, onClose: () => void }} props */
export function Deliveries({ hook, onClose }) {
  const [state, setState] = useState("");
  const [list, setList] = useState(/** @type {DeliveryView[] | null} */ (null));
  const [after, setAfter] = useState(/** @type {string | null} */ (null));
  const [problem, setProblem] = useState(/** @type {string | null} */ (null));
  const [opened, setOpened] = useState("");
  const asked = useRef(0);

  const attempt = async (/** @type {() => Promise<unknown>} */ step) => {
    setProblem(null);
    await step().catch((error) => setProblem(errorText(asApiError(error))));
  };
  const load = (/** @type {string | null} */ position) => attempt(async () => {
    const mine = ++asked.current;
    const page = await webhooks.deliveries(hook.hook_id, state, position);
    if (mine !== asked.current) return;
    setList(position ? [...(list ?? []), ...page.deliveries] : page.deliveries);
    setAfter(page.after);
  });
  const act = (/** @type {() => Promise<unknown>} */ step) => attempt(async () => {
    await step();
    await load(null);
  });
  useEffect(() => {
    load(null);
  }, [state]);
  // Whoever reads further back is not thrown to the beginning.
  const paged = (list?.length ?? 0) > PAGE;
  useEffect(() => {
    const timer = paged ? 0 : setInterval(() => load(null), AGAIN_MS);
    return () => clearInterval(timer);
  }, [paged, state]);

  return html`
    <${Dialog} title=${t("webhooks-deliveries")} onClose=${onClose} testid="deliveries">
      <div class="row">
        <button class="button button-small" type="button" data-testid="hook-ping" disabled=${hook.state !== "on"} onClick=${() => act(() => webhooks.ping(hook.hook_id))}>${t("webhooks-test")}</button>
        <button class="button button-small" type="button" data-testid="replay-failed" onClick=${() => act(() => webhooks.replayFailed(hook.hook_id, 0))}>${t("webhooks-replay-failed")}</button>
      </div>
      <div class="row" role="group" aria-label=${t("webhooks-show")}>${FILTERS.map(([name, word]) => html`
        <button class="button button-small filter" type="button" key=${name} aria-pressed=${String(name === state)} data-testid=${`filter-${name || "all"}`} onClick=${() => setState(name)}>${t(word)}</button>`)}</div>
      ${problem && html`<${ErrorLine} text=${problem} />`}
      ${list?.length === 0 && html`<p class="empty">${t("webhooks-none")}</p>`}
      <ul class="delivery-list">${(list ?? []).map((each) => html`
        <li key=${each.delivery_id} data-testid="delivery" data-state=${each.state}>
          <button class="delivery" type="button" aria-expanded=${String(opened === each.delivery_id)} onClick=${() => setOpened(opened === each.delivery_id ? "" : each.delivery_id)}>
            <code>${each.event}</code>
            <span class=${`delivery-state delivery-state-${each.state}`}>${t(STATES[each.state])}${each.status !== null && ` · ${each.status}`}</span>
            <span class="soft small">${formatDay(each.created_at_ms, locale())}</span>
            <span class="soft small delivery-tries">${t("webhooks-tries", { count: each.attempts })}</span>
          </button>
          ${opened === each.delivery_id && html`<${DeliveryDetails} delivery=${each} onReplay=${() => act(() => webhooks.replay(each.delivery_id))} />`}
        </li>`)}</ul>
      ${after && html`<button class="button button-wide" type="button" data-testid="deliveries-more" onClick=${() => load(after)}>${t("statement-more")}</button>`}
    <//>
  `;
}
