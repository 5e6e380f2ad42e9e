// @ts-check
// Which message names which figure, account and kind of transfer.

/** @import { FiguresView } from "../../schemas/generated/messages" */

/** @type {Record<Exclude<keyof FiguresView, "currency">, string>} */
export const FIGURES = {
  gross_minor: "statement-gross",
  discount_minor: "statement-discount",
  shipping_minor: "statement-shipping",
  total_minor: "statement-total",
  refunded_minor: "statement-refunded",
  tax_minor: "statement-tax",
  platform_fee_minor: "statement-platform-fee",
  provider_fee_minor: "statement-provider-fee",
  disputed_minor: "statement-disputed",
  lost_minor: "statement-lost",
  net_minor: "statement-net",
};

/** @type {Record<string, string>} */
export const KINDS = {
  sale: "books-sale",
  capture: "books-capture",
  refund: "books-refund",
  dispute: "books-dispute",
  dispute_won: "books-dispute-won",
  dispute_lost: "books-dispute-lost",
};

/** @type {Record<string, string>} */
export const ACCOUNTS = {
  buyer_receivable: "books-buyer-receivable",
  psp_clearing: "books-psp-clearing",
  psp_fees: "books-psp-fees",
  seller_payable: "books-seller-payable",
  platform_fee: "books-platform-fee",
  tax_payable: "books-tax-payable",
  shipping: "books-shipping",
  coupon_subsidy: "books-coupon-subsidy",
  disputes: "books-disputes",
  chargeback_loss: "books-chargeback-loss",
};
