// @ts-check
// Before the first bid: an account, a card and an address, one after the other, without leaving the video. What is there already is not
// asked for again.

import { useState } from "preact/hooks";
import { call } from "../lib/api.js";
import { asApiError, ApiError } from "../lib/errors.js";
import { ordersApi } from "../lib/orders_api.js";
import { freshId } from "../lib/store.js";
import { AddressForm } from "./address_form.js";
import { CardPicker, FIRST_CARD } from "./card_picker.js";
import { Dialog } from "./dialog.js";
import { ErrorLine } from "./form.js";
import { html } from "./html.js";
import { SignUp } from "./sign_up.js";
import { errorText, t } from "./words.js";

/** @import { CardView, SaveAddress } from "../../schemas/generated/messages" */
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
  const saveAddress = (/** @type {SaveAddress} */ body) => ordersApi.saveAddress(body).then(next);
  return html`
    <${Dialog} title=${t("bidder-title")} onClose=${onClose} testid="bidder">
      <p class="soft">${t("bidder-why")}</p>
      <ol class="bidder-steps" aria-label=${t("bidder-title")}>
        ${["bidder-account", "bidder-card", "bidder-address"].map((id, index) => html`
          <li class=${index === step ? "bidder-step-now" : index < step || step < 0 ? "bidder-step-done" : ""} aria-current=${index === step ? "step" : undefined}>${t(id)}</li>`)}
      </ol>
      ${step === 0 && html`<${SignUp} name=${auctions.live.me.value?.name ?? ""} onDone=${signedIn} />`}
      ${step === 1 && html`<${CardStep} onDone=${next} />`}
      ${step === 2 && html`<${AddressForm} name=${auctions.live.me.value?.name ?? ""} onSave=${saveAddress} />`}
    <//>
  `;
}

/** @param {{ onDone: () => Promise<void> }} props */
function CardStep({ onDone }) {
  const [method, setMethod] = useState(FIRST_CARD);
  const [cardId, setCardId] = useState(() => freshId("crd"));
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState(/** @type {string | null} */ (null));
  const choose = (/** @type {string} */ chosen) => {
    setMethod(chosen);
    setCardId(freshId("crd"));
  };
  const save = async () => {
    setBusy(true);
    setProblem(null);
    try {
      /** @type {CardView} */
      const card = await call("POST", "/api/payments/cards", { card_id: cardId, method, return_path: location.pathname });
      if (card.state === "requires_action" && card.action_url) return location.assign(card.action_url);
      if (card.state !== "ready") throw new ApiError("payment_declined");
      await onDone();
    } catch (error) {
      setProblem(errorText(asApiError(error)));
    }
    setBusy(false);
  };
  return html`
    <div class="stack">
      <${CardPicker} value=${method} onChange=${choose} disabled=${busy} />
      ${problem && html`<${ErrorLine} text=${problem} />`}
      <button class="button button-primary button-large" type="button" data-testid="bidder-card-save" disabled=${busy} onClick=${save}>${t("bidder-card-save")}</button>
    </div>
  `;
}
