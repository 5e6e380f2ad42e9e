// @ts-check
// @css ../components/account.css
// What is to be packed and sent: who, where to, what. No amounts.

import { signal } from "@preact/signals";
import { Brand } from "../components/brand.js";
import { ErrorLine } from "../components/form.js";
import { html } from "../components/html.js";
import { Icon } from "../components/icon.js";
import { LanguageSwitch } from "../components/language_switch.js";
import { mount, onWake } from "../components/page.js";
import { Waiting } from "../components/waiting.js";
import { errorText, t } from "../components/words.js";
import { staffApi } from "../lib/account_api.js";
import { asApiError } from "../lib/errors.js";
import { Loaded } from "../lib/loaded.js";
import { Parcel } from "./parcel.js";

/** @import { PackingView } from "../../schemas/generated/messages" */
/** @import { ApiError } from "../lib/errors.js" */

/** A parcel that is paid meanwhile appears within this time. */
const REFRESH_MS = 15_000;

const packing = new Loaded(() => staffApi.packing());
const problem = signal(/** @type {ApiError | null} */ (null));

/** @param {() => Promise<unknown>} action */
async function change(action) {
  try {
    problem.value = null;
    await action();
    await packing.load();
  } catch (error) {
    problem.value = asApiError(error);
  }
}

const PackingPage = () => html`
  <header class="top-bar">
    <${Brand} />
    <div class="top-bar-end"><${LanguageSwitch} /></div>
  </header>
  <main class="account">
    <h1>${t("packing-title")}</h1>
    ${problem.value && html`<${ErrorLine} text=${errorText(problem.value)} />`}
    <${Waiting} of=${packing}>${(/** @type {PackingView} */ { parcels }) => html`
      ${parcels.length === 0 && html`
        <div class="account-nothing" data-testid="nothing"><${Icon} name="package" /><h2>${t("packing-nothing")}</h2><p class="soft">${t("packing-nothing-text")}</p></div>`}
      <ul class="account-list">${parcels.map((parcel) => html`
        <${Parcel} key=${parcel.orders[0].order_id} parcel=${parcel}
          onPack=${(/** @type {string[]} */ ids) => change(() => staffApi.pack(ids))}
          onSent=${() => packing.load()} />`)}</ul>
    `}<//>
  </main>
`;

await mount(PackingPage, () => t("packing-title"));
onWake(() => packing.load());
setInterval(() => document.visibilityState === "visible" && packing.load(), REFRESH_MS);
await packing.load();
