// @ts-check
// Before the first bid: an account, a card and an address, one after the other, without leaving the video. What is there already is not
// asked for again.

import { useState } from "preact/hooks";
import { call } from "../lib/api.js";
import { Cards } from "../lib/cards.js";
import { freshId } from "../lib/store.js";
import { CardList } from "./card_list.js";
import { Dialog } from "./dialog.js";
import { Field } from "./field.js";
import { useForm } from "./form.js";
import { html } from "./html.js";
import { SignUp } from "./sign_up.js";
import { locale, t } from "./words.js";

/** @import { Auctions } from "../lib/auctions.js" */

/** Names of the errors, in the order in which what is missing is asked for. */
const STEPS = ["not_signed_in", "no_card_on_file", "no_address_on_file"];

/** @param {{ auctions: Auctions, lotId: string, onClose: () => void }} props */
export function BidderSheet({ auctions, lotId, onClose }) {
  const refusal = auctions.mine.value.get(lotId)?.refusal ?? "";
  const step = STEPS.indexOf(refusal);
  const next = async () => {
    await auctions.learnMine(lotId);
    if (!STEPS.includes(auctions.mine.value.get(lotId)?.refusal ?? "")) onClose();
  };
  const signedIn = async () => {
    await auctions.live.whoAmI();
    auctions.live.reconnect();
    await next();
  };
  return html`
    <${Dialog} title=${t("bidder-title")} onClose=${onClose} testid="bidder">
      <p class="soft">${t("bidder-why")}</p>
      <ol class="bidder-steps" aria-label=${t("bidder-title")}>
        ${["bidder-account", "bidder-card", "bidder-address"].map((id, index) => html`
          <li class=${index === step ? "bidder-step-now" : index < step || step < 0 ? "bidder-step-done" : ""} aria-current=${index === step ? "step" : undefined}>${t(id)}</li>`)}
      </ol>
      ${step === 0 && html`<${SignUp} name=${auctions.live.me.value?.name ?? ""} onDone=${signedIn} />`}
      ${step === 1 && html`<${CardStep} onDone=${next} />`}
      ${step === 2 && html`<${AddressStep} name=${auctions.live.me.value?.name ?? ""} onDone=${next} />`}
    <//>
  `;
}

/** @param {{ onDone: () => Promise<void> }} props */
function CardStep({ onDone }) {
  const [cards] = useState(() => new Cards({ freshId }));
  return html`<${CardList} cards=${cards} onReady=${onDone} />`;
}

/** @param {{ name: string, onDone: () => Promise<void> }} props */
function AddressStep({ name, onDone }) {
  const [addressId] = useState(() => freshId("adr"));
  const form = useForm(async (values) => {
    await call("POST", "/api/orders/addresses", { address_id: addressId, ...values, country: values.country.trim().toUpperCase() });
    await onDone();
  });
  const fields = ["name", "street", "postal_code", "city", "country"];
  return html`
    <form class="stack" onSubmit=${form.onSubmit} data-testid="bidder-address">
      <${Field} label=${t("bidder-address-name")} name="name" required maxlength="80" autocomplete="name" value=${name} error=${form.errorOf("name")} />
      <${Field} label=${t("bidder-address-street")} name="street" required maxlength="200" autocomplete="street-address" data-testid="bidder-street" error=${form.errorOf("street")} />
      <${Field} label=${t("bidder-address-postal-code")} name="postal_code" maxlength="16" autocomplete="postal-code" data-testid="bidder-postal-code" error=${form.errorOf("postal_code")} />
      <${Field} label=${t("bidder-address-city")} name="city" required maxlength="80" autocomplete="address-level2" data-testid="bidder-city" error=${form.errorOf("city")} />
      <${Field} label=${t("bidder-address-country")} name="country" required minlength="2" maxlength="2" autocomplete="country" value=${locale() === "ru" ? "RU" : "DE"} data-testid="bidder-country" error=${form.errorOf("country")} />
      ${form.rest(fields)}
      <button class="button button-primary button-large" type="submit" data-testid="bidder-address-save" disabled=${form.busy}>${t("bidder-address-save")}</button>
    </form>
  `;
}
