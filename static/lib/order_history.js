// @ts-check
// What an entry of an order's history says beside its name: units, money, the parcel, the place in the ledger's log.

import { formatMoney } from "./money.js";

/** @param {Record<string, string>} params of a HistoryEntry: amounts are whole minor units @param {string} locale @returns {string[]} */
export function entryDetails({ units, amount_minor, currency, carrier, tracking, seq }, locale) {
  const money = amount_minor && currency && formatMoney({ amount_minor: Number(amount_minor), currency }, locale);
  return [units, money, carrier, tracking, seq && `#${seq}`].filter((each) => typeof each === "string" && each !== "");
}
