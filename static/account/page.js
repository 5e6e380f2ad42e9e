// @ts-check
// @css ../components/account.css
// One's own page: what one has bought and bid for, whom one follows, and everything about the account itself.

import { signal } from "@preact/signals";
import { Brand } from "../components/brand.js";
import { html } from "../components/html.js";
import { LanguageSwitch } from "../components/language_switch.js";
import { mount } from "../components/page.js";
import { SignUp } from "../components/sign_up.js";
import { Tabs } from "../components/tabs.js";
import { Waiting } from "../components/waiting.js";
import { t } from "../components/words.js";
import { accountApi } from "../lib/account_api.js";
import { Loaded } from "../lib/loaded.js";
import { Live } from "../lib/store.js";
import { Bids } from "./bids.js";
import { Following } from "./following.js";
import { Head } from "./head.js";
import { Orders } from "./orders.js";
import { Settings } from "./settings.js";

/** @import { ProfileView } from "../../schemas/generated/messages" */

const live = new Live(location.origin);
/** Sections and their words. @type {Record<string, string>} */
const SECTIONS = { orders: "account-orders", bids: "account-bids", following: "account-following", settings: "account-settings" };
const named = () => (location.hash.slice(1) in SECTIONS ? location.hash.slice(1) : "orders");
const chosen = signal(named());
window.addEventListener("hashchange", () => (chosen.value = named()));

/** The person; `none` for whoever has no session. */
const me = new Loaded(async () => {
  const found = await live.whoAmI();
  return found ? { person: await accountApi.profile() } : { person: null };
});

/** @param {string} section */
function choose(section) {
  chosen.value = section;
  history.replaceState(null, "", `#${section}`);
}

const AccountPage = () => html`
  <header class="top-bar">
    <${Brand} />
    <div class="top-bar-end"><${LanguageSwitch} /></div>
  </header>
  <main class="account">
    <${Waiting} of=${me}>${(/** @type {{ person: ProfileView | null }} */ { person }) => (person ? html`<${Own} person=${person} />` : html`<${Stranger} />`)}<//>
  </main>
`;

const Stranger = () => html`
  <section class="panel stack account-stranger">
    <h1>${t("account-title")}</h1>
    <p class="soft">${t("account-stranger")}</p>
    <${SignUp} name="" onDone=${() => me.load()} />
  </section>
`;

/** @param {{ person: ProfileView }} props */
function Own({ person }) {
  const tabs = Object.entries(SECTIONS).map(([id, word]) => ({ id, label: t(word) }));
  return html`
    <${Head} person=${person} onDone=${() => me.load()} />
    <div class="account-tabs"><${Tabs} label=${t("account-title")} tabs=${tabs} chosen=${chosen.value} onChoose=${choose} /></div>
    <section class="stack" role="tabpanel" aria-label=${t(SECTIONS[chosen.value])} data-testid=${`section-${chosen.value}`}>
      ${chosen.value === "orders" && html`<${Orders} />`}
      ${chosen.value === "bids" && html`<${Bids} />`}
      ${chosen.value === "following" && html`<${Following} />`}
      ${chosen.value === "settings" && html`<${Settings} person=${person} onChange=${(/** @type {ProfileView} */ changed) => (me.value.value = { person: changed })} />`}
    </section>
  `;
}

await mount(AccountPage, () => t("account-title"));
await me.load();
