// @ts-check
// The server's HTTP interface for orders beyond placing them: quotes, addresses, delivery, returns, and what the host does.

import { call } from "./api.js";

/**
 * @import { AddressListView, ChangeAddress, DecideReturn, HistoryView, OrderListView, OrderView, ParcelListView, QuoteOrder, QuoteView } from "../../schemas/generated/messages"
 * @import { ReceiptView, ReceiveReturn, RefundOrder, RequestReturn, SaveAddress, SaveShipping, ShipOrders, ShippingListView } from "../../schemas/generated/messages"
 */

const ORDERS = "/api/orders";

export const ordersApi = {
  /** @param {QuoteOrder} body @returns {Promise<QuoteView>} */ quote: (body) => call("POST", `${ORDERS}/quote`, body),
  /** @param {string} id @returns {Promise<OrderView>} */ order: (id) => call("GET", `${ORDERS}/${id}`),
  /** @param {string} id @returns {Promise<HistoryView>} */ history: (id) => call("GET", `${ORDERS}/${id}/history`),
  /** @param {string} id @returns {Promise<ReceiptView>} */ receipt: (id) => call("GET", `${ORDERS}/${id}/receipt`),
  /** @param {string} id @returns {Promise<OrderView>} */ cancel: (id) => call("POST", `${ORDERS}/${id}/cancel`),
  /** @param {string} id @returns {Promise<OrderView>} */ received: (id) => call("POST", `${ORDERS}/${id}/received`),
  /** @param {string} id @param {string} addressId @returns {Promise<OrderView>} */
  sendTo: (id, addressId) => call("POST", `${ORDERS}/${id}/address`, { address_id: addressId }),
  /** @param {string} id @param {RequestReturn} body @returns {Promise<OrderView>} */
  requestReturn: (id, body) => call("POST", `${ORDERS}/${id}/returns`, body),

  /** @returns {Promise<AddressListView>} */ addresses: () => call("GET", `${ORDERS}/addresses`),
  /** @param {SaveAddress} body @returns {Promise<AddressListView>} */ saveAddress: (body) => call("POST", `${ORDERS}/addresses`, body),
  /** @param {string} id @param {ChangeAddress} body @returns {Promise<AddressListView>} */
  changeAddress: (id, body) => call("PATCH", `${ORDERS}/addresses/${id}`, body),
  /** @param {string} id @returns {Promise<AddressListView>} */ deleteAddress: (id) => call("DELETE", `${ORDERS}/addresses/${id}`),

  /** @returns {Promise<ShippingListView>} */ shipping: () => call("GET", `${ORDERS}/shipping`),
  /** @param {SaveShipping} body @returns {Promise<ShippingListView>} */ saveShipping: (body) => call("POST", `${ORDERS}/shipping`, body),
  /** @param {string} id @returns {Promise<ShippingListView>} */ deleteShipping: (id) => call("DELETE", `${ORDERS}/shipping/${id}`),

  /** @param {string} showId @param {string} filter @param {string} [before] an order id @returns {Promise<OrderListView>} */
  ofShow: (showId, filter, before) => call("GET", `${ORDERS}/shows/${showId}?filter=${filter}${before ? `&before=${before}` : ""}`),
  /** @param {string} showId @returns {Promise<ParcelListView>} */ parcels: (showId) => call("GET", `${ORDERS}/shows/${showId}/parcels`),
  /** @param {ShipOrders} body @returns {Promise<OrderListView>} */ ship: (body) => call("POST", `${ORDERS}/ship`, body),
  /** @param {string[]} ids @returns {Promise<OrderListView>} */ deliver: (ids) => call("POST", `${ORDERS}/deliver`, { order_ids: ids }),
  /** @param {string} id @param {string} reason @returns {Promise<OrderView>} */
  withdraw: (id, reason) => call("POST", `${ORDERS}/${id}/withdraw`, { reason }),
  /** @param {string} id @param {RefundOrder} body @returns {Promise<OrderView>} */ refund: (id, body) => call("POST", `${ORDERS}/${id}/refunds`, body),
  /** @param {string} id @param {string} returnId @param {DecideReturn} body @returns {Promise<OrderView>} */
  decideReturn: (id, returnId, body) => call("POST", `${ORDERS}/${id}/returns/${returnId}/decide`, body),
  /** @param {string} id @param {string} returnId @param {ReceiveReturn} body @returns {Promise<OrderView>} */
  receiveReturn: (id, returnId, body) => call("POST", `${ORDERS}/${id}/returns/${returnId}/receive`, body),
};
