// @ts-check
// A new endpoint, or another address and other events for one.

import { useState } from "preact/hooks";
import { Field } from "../components/field.js";
import { FieldProblem, useForm } from "../components/form.js";
import { html } from "../components/html.js";
import { t } from "../components/words.js";
import { freshId } from "../lib/store.js";
import { groupsOf } from "../lib/webhooks.js";

/**
 * @import { HookView, RegisterHook } from "../../schemas/generated/messages"
 * @import { HookDesk } from "./desk.js"
 */

/** What most shops connect: a warehouse, an accountant. */
const USUAL = ["order.paid", "order.cancelled", "order.returned", "payment.refunded"];

/** @type {Record<string, string>} */
const GROUPS = { order: "webhooks-orders", payment: "webhooks-payments", lot: "webhooks-lots", flash_sale: "webhooks-sales", show: "webhooks-shows" };

/** @param {{ desk: HookDesk, hook?: HookView, onDone: () => void }} props */
export function HookForm({ desk, hook, onDone }) {
  const [hookId] = useState(() => hook?.hook_id ?? freshId("whk"));
  const [chosen, setChosen] = useState(hook?.events ?? USUAL);
  const form = useForm(async ({ url, description }) => {
    if (chosen.length === 0) throw new FieldProblem("events", "webhooks-no-events");
    const body = { url: url.trim(), description: description.trim(), events: /** @type {RegisterHook["events"]} */ (chosen) };
    await (hook ? desk.change(hookId, body) : desk.register({ hook_id: hookId, ...body }));
    onDone();
  });
  const toggle = (/** @type {string} */ event) => setChosen(chosen.includes(event) ? chosen.filter((each) => each !== event) : [...chosen, event]);
  return html`
    <form class="stack" onSubmit=${form.onSubmit} data-testid="hook-form">
      <${Field} label=${t("webhooks-url")} name="url" type="url" required maxlength="500" placeholder="https://shop.example/hooks" defaultValue=${hook?.url ?? ""}
        inputmode="url" autocomplete="off" hint=${t("webhooks-url-hint")} data-testid="hook-url" error=${form.errorOf("url")} />
      <${Field} label=${t("webhooks-description")} name="description" maxlength="120" defaultValue=${hook?.description ?? ""} autocomplete="off" data-testid="hook-description"
        error=${form.errorOf("description")} />
      <fieldset class="hook-events">
        <legend class="field-label">${t("webhooks-events")}</legend>
        ${groupsOf(desk.events.value).map(([group, events]) => html`
          <div class="hook-group" key=${group} role="group" aria-label=${t(GROUPS[group] ?? group)}>
            <h3>${t(GROUPS[group] ?? group)}</h3>
            ${events.map((event) => html`
              <label class="check hook-event" key=${event}><input type="checkbox" checked=${chosen.includes(event)} data-testid=${`event-${event}`} onChange=${() => toggle(event)} /><code><span class="visually-hidden">${group}.</span>${event.slice(group.length + 1)}</code></label>`)}
          </div>`)}
      </fieldset>
      ${form.rest(["url", "description"])}
      <button class="button button-primary button-large" type="submit" data-testid="hook-save" disabled=${form.busy}>${t(hook ? "webhooks-save" : "webhooks-add")}</button>
    </form>
  `;
}
