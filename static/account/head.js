// @ts-check
// @css ../components/account.css
// Who one is, and where everything else about oneself is.

import { useState } from "preact/hooks";
import { Dialog } from "../components/dialog.js";
import { html } from "../components/html.js";
import { Icon } from "../components/icon.js";
import { SignUp } from "../components/sign_up.js";
import { t } from "../components/words.js";

/** @import { ProfileView } from "../../schemas/generated/messages" */

/** Pages of the people who work for the shop: who may see it, where, by which words and picture. @type {[string[], string, string, string][]} */
const WORK = [
  [["host"], "/studio/", "studio", "radio"],
  [["host", "packer"], "/packing/", "account-packing", "package"],
  [["owner"], "/staff/", "account-staff", "users"],
];

/** @param {{ person: ProfileView, onDone: () => Promise<void> }} props */
export function Head({ person, onDone }) {
  const [joining, setJoining] = useState(false);
  const guest = person.kind === "guest";
  const work = WORK.filter(([roles]) => roles.some((role) => person.roles.includes(role)));
  return html`
    <header class="account-head">
      <span class="account-face" aria-hidden="true">${[...person.name][0]}</span>
      <div class="account-who">
        <h1 data-testid="account-name">${person.name}</h1>
        <p class="soft" data-testid="account-email">${person.email ?? t(guest ? "account-guest" : "account-by-telegram")}</p>
      </div>
    </header>
    ${guest && html`
      <section class="account-keep" data-testid="keep">
        <div>
          <h2>${t("account-keep-title")}</h2>
          <p>${t("account-keep-text")}</p>
        </div>
        <button class="button button-primary" type="button" data-testid="register" onClick=${() => setJoining(true)}>${t("account-keep-go")}</button>
      </section>`}
    <nav class="account-ways" aria-label=${t("account-ways")}>
      <${Way} href="/addresses/" icon="map-pin" text=${t("account-addresses")} />
      <${Way} href="/cards/" icon="credit-card" text=${t("account-cards")} />
      ${work.map(([, href, word, icon]) => html`<${Way} key=${href} href=${href} icon=${icon} text=${t(word)} />`)}
    </nav>
    ${joining && html`
      <${Dialog} title=${t("account-keep-title")} testid="sign-up-sheet" onClose=${() => setJoining(false)}>
        <${SignUp} name=${person.name} onDone=${async () => { setJoining(false); await onDone(); }} />
      <//>`}
  `;
}

/** @param {{ href: string, icon: string, text: string }} props */
const Way = ({ href, icon, text }) => html`
  <a class="account-way" href=${href}><${Icon} name=${icon} /><span>${text}</span><${Icon} name="chevron-right" /></a>
`;
