// @ts-check
// Where goods go. Names of the fields are those that browsers fill in by themselves.

import { freshId } from "../lib/store.js";
import { Field } from "./field.js";
import { useForm } from "./form.js";
import { html } from "./html.js";
import { locale, t } from "./words.js";

/** @import { SaveAddress } from "../../schemas/generated/messages" */

/** Countries of the list, by their ISO 3166-1 codes; Intl knows their names. */
const COUNTRIES = (
  "AD AE AL AM AR AT AU AZ BA BE BG BR BY CA CH CL CN CO CY CZ DE DK EE EG ES FI FR GB GE GR HK HR HU ID IE IL IN IS IT JP KG KR KZ LI LT LU LV " +
  "MA MC MD ME MK MT MX MY NL NO NZ PE PH PL PT RO RS RU SA SE SG SI SK SM TH TJ TM TR TW UA US UZ VN ZA"
).split(" ");

const FIELDS = ["name", "country", "city", "street", "postal_code", "phone"];

/** @param {{ onSave: (body: SaveAddress) => Promise<unknown> }} props */
export function AddressForm({ onSave }) {
  const form = useForm(({ name, country, city, street, postal_code, phone }) =>
    onSave({ address_id: freshId("adr"), name: name.trim(), country, city: city.trim(), street: street.trim(), postal_code: postal_code.trim(), phone: phone.trim() }),
  );
  const names = new Intl.DisplayNames(locale(), { type: "region" });
  const guess = new Intl.Locale(navigator.language).maximize().region;
  const listed = COUNTRIES.map((code) => ({ code, name: names.of(code) ?? code })).sort((a, b) => a.name.localeCompare(b.name, locale()));
  return html`
    <form class="address-form stack" data-testid="address-form" onSubmit=${form.onSubmit}>
      <h3>${t("address-title")}</h3>
      <${Field} label=${t("address-name")} name="name" required maxlength="80" autocomplete="shipping name" error=${form.errorOf("name")} />
      <${Field} label=${t("address-street")} name="street" required maxlength="200" autocomplete="shipping street-address" error=${form.errorOf("street")} />
      <div class="address-form-pair">
        <${Field} label=${t("address-postal-code")} name="postal_code" maxlength="16" autocomplete="shipping postal-code" error=${form.errorOf("postal_code")} />
        <${Field} label=${t("address-city")} name="city" required maxlength="80" autocomplete="shipping address-level2" error=${form.errorOf("city")} />
      </div>
      <${Field} label=${t("address-country")} name="country" as="select" autocomplete="shipping country" error=${form.errorOf("country")}>
        ${listed.map(({ code, name }) => html`<option value=${code} selected=${code === guess}>${name}</option>`)}
      <//>
      <${Field} label=${t("address-phone")} name="phone" type="tel" maxlength="30" autocomplete="shipping tel" error=${form.errorOf("phone")} />
      ${form.rest(FIELDS)}
      <button class="button button-wide" type="submit" data-testid="save-address" disabled=${form.busy}>${t("address-save")}</button>
    </form>
  `;
}
