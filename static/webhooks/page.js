// @ts-check
// @css page.css
// Webhooks: which other systems hear what happens in the seller's shows.

import { signal } from "@preact/signals";
import { CopyLine } from "../components/copy_line.js";
import { Dialog } from "../components/dialog.js";
import { ErrorLine } from "../components/form.js";
import { html } from "../components/html.js";
import { mount } from "../components/page.js";
import { errorText, t } from "../components/words.js";
import { Live } from "../lib/store.js";
import { HostPage } from "../studio/host_page.js";
import { HookDesk } from "./desk.js";
import { HookCard } from "./hook_card.js";
import { HookForm } from "./hook_form.js";

/** @import { HookSecretView } from "../../schemas/generated/messages" */

const live = new Live(location.origin);
const desk = new HookDesk();
const ready = signal(false);
const adding = signal(false);

async function enter() {
  await live.whoAmI();
  ready.value = true;
  if (live.me.value?.roles.includes("host")) await desk.load();
}

function Page() {
  return html`<${HostPage} title=${t("webhooks-title")} me=${live.me.value} ready=${ready.value} onEnter=${enter}><${Hooks} /><//>`;
}

function Hooks() {
  const hooks = desk.hooks.value;
  return html`
    <p class="soft hooks-lead">${t("webhooks-lead")}</p>
    ${desk.problem.value && html`<${ErrorLine} text=${errorText(desk.problem.value)} />`}
    ${hooks?.length === 0 && html`<p class="empty">${t("webhooks-empty")}</p>`}
    ${hooks?.map((hook) => html`<${HookCard} key=${hook.hook_id} desk=${desk} hook=${hook} />`)}
    ${hooks && html`<div><button class="button button-primary" type="button" data-testid="hook-new" onClick=${() => (adding.value = true)}>${t("webhooks-new")}</button></div>`}
    ${adding.value && html`<${Dialog} title=${t("webhooks-new")} onClose=${() => (adding.value = false)} testid="hook-sheet"><${HookForm} desk=${desk} onDone=${() => (adding.value = false)} /><//>`}
    ${desk.secret.value && html`<${Secret} made=${desk.secret.value} />`}
  `;
}

/** Shown once: closing it is the end of it. @param {{ made: HookSecretView }} props */
const Secret = ({ made }) => html`
  <${Dialog} title=${t("webhooks-secret-title")} onClose=${() => (desk.secret.value = null)} testid="hook-secret-sheet">
    <p>${t("webhooks-secret-text")}</p>
    <${CopyLine} label=${t("webhooks-secret")} value=${made.secret} testid="hook-secret" />
  <//>
`;

await mount(Page, () => `${t("webhooks-title")} — Efir`);
await enter();
