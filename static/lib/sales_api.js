// @ts-check
// The server's HTTP interface for what makes a show a bargain: flash sales, the line, coupons, giveaways.

import { call } from "./api.js";

/**
 * @import { CouponListView, CouponView, DrawView, EnterGiveaway, EntryMade, GiveawayListView, GiveawayView, HereView } from "../../schemas/generated/messages"
 * @import { IssueCoupon, JoinWaitlist, MyEntriesView, SaleRecord, SaleRecordsView, StartFlashSale, StartGiveaway } from "../../schemas/generated/messages"
 * @import { WaitsView, WaitView } from "../../schemas/generated/messages"
 */

export const salesApi = {
  /** @param {StartFlashSale} body @returns {Promise<SaleRecord>} */ startSale: (body) => call("POST", "/api/flash_sales", body),
  /** @param {string} showId @returns {Promise<SaleRecordsView>} */ sales: (showId) => call("GET", `/api/flash_sales/${showId}`),
  /** @param {string} saleId @returns {Promise<SaleRecord>} */ closeSale: (saleId) => call("POST", `/api/flash_sales/${saleId}/close`),
  /** @param {JoinWaitlist} body @returns {Promise<WaitView>} */ join: (body) => call("POST", "/api/flash_sales/waits", body),
  /** @param {string} waitId @returns {Promise<WaitView>} */ leave: (waitId) => call("DELETE", `/api/flash_sales/waits/${waitId}`),
  /** @param {string} showId @returns {Promise<WaitsView>} */ waits: (showId) => call("GET", `/api/flash_sales/${showId}/waits`),

  /** @param {IssueCoupon} body @returns {Promise<CouponView>} */ issueCoupon: (body) => call("POST", "/api/coupons", body),
  /** @param {string} showId @returns {Promise<CouponListView>} */ coupons: (showId) => call("GET", `/api/coupons/${showId}`),
  /** @param {string} id @returns {Promise<CouponView>} */ withdrawCoupon: (id) => call("POST", `/api/coupons/${id}/withdraw`),

  /** @param {StartGiveaway} body @returns {Promise<GiveawayView>} */ startGiveaway: (body) => call("POST", "/api/giveaways", body),
  /** @param {string} showId @returns {Promise<GiveawayListView>} */ giveaways: (showId) => call("GET", `/api/giveaways/${showId}`),
  /** @param {string} id @param {EnterGiveaway} body @returns {Promise<EntryMade>} */
  enter: (id, body) => call("POST", `/api/giveaways/${id}/entries`, body),
  /** @param {string} id @returns {Promise<HereView>} */ here: (id) => call("POST", `/api/giveaways/${id}/here`),
  /** @param {string} showId @returns {Promise<MyEntriesView>} */ myEntries: (showId) => call("GET", `/api/giveaways/${showId}/mine`),
  /** @param {string} id @returns {Promise<DrawView>} */ draw: (id) => call("GET", `/api/giveaways/${id}/draw`),
};
