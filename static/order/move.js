// @ts-check
// @css ../components/address.css
// A parcel that is not packed yet may go to another of the buyer's addresses, an old or a new one. Why not stands beside the choice.

import { useEffect, useState } from "preact/hooks";
import { AddressForm } from "../components/address_form.js";
import { ErrorLine } from "../components/form.js";
import { html } from "../components/html.js";
import { Icon } from "../components/icon.js";
import { errorText, locale, t } from "../components/words.js";
import { addressLines, ADDRESSES_MAX, sameAddress } from "../lib/address.js";
import { Addresses } from "../lib/addresses.js";
import { asApiError } from "../lib/errors.js";
import { mayMove } from "../lib/order_status.js";
import { ordersApi } from "../lib/orders_api.js";

/**
 * @import { OrderView, SaveAddress } from "../../schemas/generated/messages"
 * @import { ApiError } from "../lib/errors.js"
 * @typedef {(step: () => Promise<unknown>) => Promise<void>} Act
 */

const NEW = "new";

/** What these refusals mean here. @type {Record<string, string>} */
const WHY_NOT = { order_not_cancellable: "move-too-late", shipping_unavailable: "move-not-there", not_found: "move-gone" };

/** @param {{ order: OrderView, act: Act }} props */
export function Move({ order, act }) {
  const [open, setOpen] = useState(false);
  if (!mayMove(order)) return null;
  return open
    ? html`<${Choice} order=${order} act=${act} onClose=${() => setOpen(false)} />`
    : html`<div class="row no-print">
        <button class="button" type="button" data-testid="open-move" onClick=${() => setOpen(true)}>${t(order.address ? "move-open" : "addresses-add")}</button>
        <a class="small" href="/addresses/">${t("addresses-title")}</a></div>`;
}

/** @param {{ order: OrderView, act: Act, onClose: () => void }} props */
function Choice({ order, act, onClose }) {
  const [addresses] = useState(() => new Addresses());
  const [chosen, setChosen] = useState("");
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState(/** @type {ApiError | null} */ (null));
  useEffect(() => void addresses.load(), [addresses]);
  const list = addresses.list.value;
  if (!list) return html`<${Loading} addresses=${addresses} />`;
  const others = list.filter((each) => !sameAddress(order.address, each));
  const choice = chosen || (others[0]?.address_id ?? NEW);

  const send = async (/** @type {string} */ id) => {
    setBusy(true);
    setProblem(null);
    try {
      await act(() => ordersApi.sendTo(order.order_id, id));
      onClose();
    } catch (error) {
      setProblem(asApiError(error));
      setBusy(false);
    }
  };
  const saveAndSend = async (/** @type {SaveAddress} */ body) => {
    await addresses.save(body);
    // It is among the others from now on, whatever becomes of the order.
    setChosen(body.address_id);
    await send(body.address_id);
  };
  const choose = (/** @type {string} */ id) => {
    setChosen(id);
    setProblem(null);
  };
  const why = problem && (WHY_NOT[problem.name] ? t(WHY_NOT[problem.name]) : errorText(problem));
  return html`
    <section class="stack no-print" data-testid="move" aria-label=${t("move-open")}>
      <fieldset class="address-choice" disabled=${busy} aria-invalid=${why ? "true" : undefined} aria-describedby=${why ? "move-problem" : undefined}>
        <legend>${t("move-to")}</legend>
        ${others.map((each) => html`<${Option} key=${each.address_id} id=${each.address_id} chosen=${choice} onChoose=${choose} lines=${addressLines(each, locale())} />`)}
        ${list.length < ADDRESSES_MAX && html`<${Option} key=${NEW} id=${NEW} chosen=${choice} onChoose=${choose} lines=${[t("bill-address-new")]} />`}
        ${why && html`<p class="field-error" id="move-problem" role="alert" data-testid="move-problem">${why}</p>`}
      </fieldset>
      ${choice === NEW
        ? html`<${AddressForm} name=${order.address?.name ?? order.buyer_name} usual=${false} save="move-save" onSave=${saveAndSend} />`
        : html`<button class="button button-primary button-wide" type="button" data-testid="move-send" disabled=${busy} onClick=${() => send(choice)}>${t("move-send")}</button>`}
      <div class="row">
        <button class="button button-small" type="button" data-testid="move-close" disabled=${busy} onClick=${onClose}>${t("move-keep")}</button>
        <a class="small" href="/addresses/" data-testid="move-addresses">${t("addresses-title")}</a>
      </div>
    </section>
  `;
}

/** @param {{ id: string, chosen: string, lines: string[], onChoose: (id: string) => void }} props */
const Option = ({ id, chosen, lines, onChoose }) => html`
  <label class="address-option" data-testid="move-option">
    <input type="radio" name="move-address" value=${id} checked=${id === chosen} onChange=${() => onChoose(id)} />
    <span>${lines.map((line, place) => (place === 0 ? line : html`<br /><span class="soft small">${line}</span>`))}</span>
  </label>
`;

/** @param {{ addresses: Addresses }} props */
const Loading = ({ addresses }) => {
  const problem = addresses.problem.value;
  return problem
    ? html`<${ErrorLine} text=${errorText(problem)} /><button class="button" type="button" data-testid="again" onClick=${() => addresses.load()}>${t("retry")}</button>`
    : html`<p class="row" role="status"><${Icon} name="loader-circle" turning />${t("loading")}</p>`;
};
