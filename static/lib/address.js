// @ts-check
// An address as people write it, in lines or in one; and whether two are the same place.

/** @import { AddressView } from "../../schemas/generated/messages" */

/** As schemas/http/orders.py. */
export const ADDRESSES_MAX = 20;

/** @type {(Exclude<keyof AddressView, "address_id">)[]} */
const FIELDS = ["name", "country", "region", "city", "street", "postal_code", "phone"];

/** The country's name in the reader's language. @param {string} code ISO 3166-1 @param {string} locale */
export const countryName = (code, locale) => new Intl.DisplayNames(locale, { type: "region" }).of(code) ?? code;

/** One line each; what is not known has none. @param {AddressView} address @param {string} locale */
export function addressLines({ name, street, postal_code, city, region, country, phone }, locale) {
  return [name, street, [postal_code, city].filter(Boolean).join(" "), region, countryName(country, locale), phone].filter(Boolean);
}

/** For a list, where there is room for one line. @param {AddressView} address */
export const addressText = ({ name, street, city }) => [name, street, city].filter(Boolean).join(", ");

/** Whether goods go to the same place and person; an address that was changed since is another one. @param {AddressView | null} one @param {AddressView} other */
export const sameAddress = (one, other) => one !== null && FIELDS.every((field) => one[field] === other[field]);
