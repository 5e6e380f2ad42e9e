// @ts-check
// @css host_page.css
// The frame of the host's pages beside the studio: the way back, the title, and the door for who is not signed in.

import { Brand } from "../components/brand.js";
import { html } from "../components/html.js";
import { Icon } from "../components/icon.js";
import { LanguageSwitch } from "../components/language_switch.js";
import { t } from "../components/words.js";
import { LogInForm } from "./sign_in.js";

/** @import { MeView } from "../../schemas/generated/messages" */

/**
 * @param {{ title: string, me: MeView | null, ready: boolean, onEnter: () => Promise<void>, back?: string, backLabel?: string, children?: unknown }} props
 */
export function HostPage({ title, me, ready, onEnter, back = "/studio/", backLabel = "", children }) {
  const host = me?.roles.includes("host");
  return html`
    <header class="top-bar">
      <${Brand} />
      <div class="top-bar-end"><${LanguageSwitch} /></div>
    </header>
    ${ready && !host && html`<${LogInForm} notHost=${me?.kind === "account"} onDone=${onEnter} />`}
    ${host && html`
      <main class="host-page">
        <div class="host-page-title">
          <a class="button button-round" href=${back} aria-label=${backLabel || t("studio-shows")} data-testid="host-back"><${Icon} name="arrow-left" /></a>
          <h1>${title}</h1>
        </div>
        ${children}
      </main>`}
  `;
}
