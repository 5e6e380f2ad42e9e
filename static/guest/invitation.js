// @ts-check
// Who invites to what, and the name under which the guest is seen.

import { Field } from "../components/field.js";
import { useForm } from "../components/form.js";
import { html } from "../components/html.js";
import { Icon } from "../components/icon.js";
import { t } from "../components/words.js";

/** @import { InvitePage } from "../../schemas/generated/messages" */

/** @param {{ invite: InvitePage, onAccept: (name: string) => Promise<void> }} props */
export function Invitation({ invite, onAccept }) {
  const form = useForm(async ({ name }) => onAccept(name.trim()));
  return html`
    <p class="soft" data-testid="invite-host">${t("guest-invited-by", { name: invite.host_name })}</p>
    <h1 data-testid="invite-show">${invite.show_title}</h1>
    <ul class="guest-steps soft">
      <li><${Icon} name="camera" />${t("guest-step-camera")}</li>
      <li><${Icon} name="clock" />${t("guest-step-waiting")}</li>
      <li><${Icon} name="radio" />${t("guest-step-live")}</li>
    </ul>
    <form class="stack" onSubmit=${form.onSubmit}>
      <${Field} label=${t("guest-name-label")} name="name" required maxlength="40" autocomplete="name" defaultValue=${invite.label} hint=${t("guest-name-hint")}
        data-testid="guest-name" error=${form.errorOf("name")} />
      ${form.rest(["name"])}
      <button class="button button-primary button-large button-wide" type="submit" data-testid="guest-accept" disabled=${form.busy}>${t("guest-accept")}</button>
    </form>
  `;
}
