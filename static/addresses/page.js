// @ts-check
// @css ../components/address.css
// One's addresses: where orders go when nothing else is said, and the others.

import { signal } from "@preact/signals";
import { Brand } from "../components/brand.js";
import { ErrorLine } from "../components/form.js";
import { html } from "../components/html.js";
import { Icon } from "../components/icon.js";
import { LanguageSwitch } from "../components/language_switch.js";
import { mount } from "../components/page.js";
import { SignUp } from "../components/sign_up.js";
import { errorText, t } from "../components/words.js";
import { ADDRESSES_MAX } from "../lib/address.js";
import { Addresses } from "../lib/addresses.js";
import { asApiError } from "../lib/errors.js";
import { Live } from "../lib/store.js";
import { AddressRow } from "./address_row.js";
import { AddressSheet } from "./address_sheet.js";

/**
 * @import { AddressView } from "../../schemas/generated/messages"
 * @import { ApiError } from "../lib/errors.js"
 */

const live = new Live(location.origin);
const addresses = new Addresses();
const ready = signal(false);
const unreachable = signal(/** @type {ApiError | null} */ (null));
/** The address that is being changed, "new" for another one. */
const open = signal(/** @type {AddressView | "new" | null} */ (null));

async function enter() {
  try {
    unreachable.value = null;
    const me = await live.whoAmI();
    ready.value = true;
    if (me) await addresses.load();
  } catch (error) {
    unreachable.value = asApiError(error);
  }
}

const AddressesPage = () => html`
  <header class="top-bar">
    <${Brand} />
    <div class="top-bar-end"><${LanguageSwitch} /></div>
  </header>
  <main class="door panel stack">
    <h1>${t("addresses-title")}</h1>
    ${unreachable.value && html`<${Again} problem=${unreachable.value} onAgain=${enter} />`}
    ${!ready.value && !unreachable.value && html`<${Waiting} />`}
    ${ready.value && (live.me.value ? html`<${List} />` : html`<p class="soft">${t("addresses-sign-in")}</p><${SignUp} name="" onDone=${enter} />`)}
  </main>
`;

function List() {
  const list = addresses.list.value;
  const problem = addresses.problem.value;
  if (!list) return problem ? html`<${Again} problem=${problem} onAgain=${() => addresses.load()} />` : html`<${Waiting} />`;
  return html`
    ${list.length === 0 ? html`<p class="empty" data-testid="addresses-empty">${t("addresses-empty")}</p>` : html`<p class="soft small">${t("addresses-why")}</p>`}
    <ul class="address-list">${list.map((each) => html`
      <${AddressRow} key=${each.address_id} address=${each} addresses=${addresses} onEdit=${() => (open.value = each)} />`)}</ul>
    ${problem && html`<${ErrorLine} text=${errorText(problem)} />`}
    ${list.length < ADDRESSES_MAX
      ? html`<button class="button button-primary button-wide" type="button" data-testid="add-address" onClick=${() => (open.value = "new")}>${t("addresses-add")}</button>`
      : html`<p class="soft small">${t("addresses-full", { count: ADDRESSES_MAX })}</p>`}
    ${open.value && html`<${AddressSheet} addresses=${addresses} address=${open.value === "new" ? undefined : open.value} name=${live.me.value?.name ?? ""} onClose=${() => (open.value = null)} />`}
  `;
}

const Waiting = () => html`<p class="row" role="status"><${Icon} name="loader-circle" turning />${t("loading")}</p>`;

/** @param {{ problem: ApiError, onAgain: () => unknown }} props */
const Again = ({ problem, onAgain }) => html`
  <${ErrorLine} text=${errorText(problem)} />
  <button class="button button-wide" type="button" data-testid="again" onClick=${onAgain}>${t("retry")}</button>
`;

await mount(AddressesPage, () => t("addresses-title"));
await enter();
