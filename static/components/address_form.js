// @ts-check
// @css address.css
// Where goods go: the one form for it, new or to change. Names of the fields are those that browsers fill in by themselves.

import { useRef } from "preact/hooks";
import { countryName } from "../lib/address.js";
import { freshId } from "../lib/store.js";
import { Field } from "./field.js";
import { FieldProblem, useForm } from "./form.js";
import { html } from "./html.js";
import { locale, t } from "./words.js";

/** @import { AddressView, SaveAddress } from "../../schemas/generated/messages" */

/** Countries of the list, by their ISO 3166-1 codes; Intl knows their names. */
const COUNTRIES = (
  "AD AE AL AM AR AT AU AZ BA BE BG BR BY CA CH CL CN CO CY CZ DE DK EE EG ES FI FR GB GE GR HK HR HU ID IE IL IN IS IT JP KG KR KZ LI LT LU LV " +
  "MA MC MD ME MK MT MX MY NL NO NZ PE PH PL PT RO RS RU SA SE SG SI SK SM TH TJ TM TR TW UA US UZ VN ZA"
).split(" ");

const FIELDS = ["name", "country", "city", "street", "postal_code", "region", "phone"];
const REQUIRED = ["name", "street", "city", "country"];

/**
 * @param {{ onSave: (body: SaveAddress) => Promise<unknown>, address?: AddressView, name?: string, usual?: boolean, save?: string,
 *   children?: unknown }} props `address` is what is there to begin with, `name` only the name; `usual` whether orders go there from
 *   now on; `save` is the message on the button, the children stand beneath it
 */
export function AddressForm({ onSave, address, name = "", usual = true, save = "address-save", children }) {
  // The same words after a lost answer are the same address; others are another one.
  const intent = useRef({ of: "", id: "" });
  const form = useForm((values) => {
    const given = Object.fromEntries(FIELDS.map((field) => [field, (values[field] ?? "").trim()]));
    // The browser asks for something; blanks are something to it.
    const missing = REQUIRED.find((field) => !given[field]);
    if (missing) throw new FieldProblem(missing, "address-missing");
    const of = JSON.stringify(given);
    if (intent.current.of !== of) intent.current = { of, id: freshId("adr") };
    const body = { .../** @type {Omit<AddressView, "address_id">} */ (given), address_id: address?.address_id ?? intent.current.id };
    return onSave({ ...body, default: usual });
  });
  const field = (/** @type {string} */ of, /** @type {string} */ label, /** @type {string} */ fill, /** @type {Record<string, unknown>} */ more) => html`
    <${Field} label=${t(label)} name=${of} autocomplete=${`shipping ${fill}`} data-testid=${`address-${of}`} error=${form.errorOf(of)} ...${more} />`;
  return html`
    <form class="address-form stack" data-testid="address-form" onSubmit=${form.onSubmit}>
      ${field("name", "address-name", "name", { required: true, maxlength: 80, defaultValue: address?.name ?? name })}
      ${field("street", "address-street", "street-address", { required: true, maxlength: 200, defaultValue: address?.street ?? "" })}
      <div class="address-form-pair">
        ${field("postal_code", "address-postal-code", "postal-code", { maxlength: 16, defaultValue: address?.postal_code ?? "" })}
        ${field("city", "address-city", "address-level2", { required: true, maxlength: 80, defaultValue: address?.city ?? "" })}
      </div>
      ${field("region", "address-region", "address-level1", { maxlength: 80, defaultValue: address?.region ?? "" })}
      <${Country} value=${address?.country} error=${form.errorOf("country")} />
      ${field("phone", "address-phone", "tel", { type: "tel", maxlength: 30, defaultValue: address?.phone ?? "" })}
      ${form.rest(FIELDS)}
      <button class="button button-primary button-wide" type="submit" data-testid="save-address" disabled=${form.busy}>${t(save)}</button>
      ${children}
    </form>
  `;
}

/** @param {{ value?: string, error: string | null }} props without a value the browser's own country is chosen, when it is listed */
function Country({ value, error }) {
  const guess = value ?? new Intl.Locale(navigator.language).maximize().region ?? "";
  const codes = value && !COUNTRIES.includes(value) ? [...COUNTRIES, value] : COUNTRIES;
  const listed = codes.map((code) => ({ code, name: countryName(code, locale()) })).sort((a, b) => a.name.localeCompare(b.name, locale()));
  return html`
    <${Field} label=${t("address-country")} name="country" as="select" required autocomplete="shipping country" data-testid="address-country" error=${error}>
      ${!codes.includes(guess) && html`<option value="" selected>${t("address-choose")}</option>`}
      ${listed.map(({ code, name }) => html`<option value=${code} selected=${code === guess}>${name}</option>`)}
    <//>
  `;
}
