// @ts-check
// The account's part of the server's HTTP interface, and that of the people who work for the shop.

import { call } from "./api.js";

/**
 * @import { ChangePassword, ChangeProfile, DeleteAccount, ObstacleListView, ProfileView } from "../../schemas/generated/messages"
 * @import { InviteStaff, NewStaffInvite, StaffInvitation, StaffView, TakeRole } from "../../schemas/generated/messages"
 * @import { FollowedListView, MyBidsView, PackingView, PushChoices, PushChoicesView, ShipOrders } from "../../schemas/generated/messages"
 */

/** What the browser keeps as a file. */
export const EXPORT_PATH = "/api/accounts/export";

export const accountApi = {
  /** @returns {Promise<ProfileView>} */ profile: () => call("GET", "/api/accounts/profile"),
  /** @param {ChangeProfile} body @returns {Promise<ProfileView>} */ change: (body) => call("PATCH", "/api/accounts/profile", body),
  /** @param {ChangePassword} body */ changePassword: (body) => call("POST", "/api/accounts/password", body),
  logOutEverywhere: () => call("POST", "/api/accounts/logout"),
  /** @returns {Promise<ObstacleListView>} */ obstacles: () => call("GET", "/api/accounts/obstacles"),
  /** @param {DeleteAccount} body */ erase: (body) => call("POST", "/api/accounts/delete", body),
  /** @returns {Promise<MyBidsView>} */ bids: () => call("GET", "/api/auctions/mine"),
  /** @returns {Promise<FollowedListView>} */ followed: () => call("GET", "/api/notifications/followed"),
  /** @returns {Promise<PushChoicesView>} */ choices: () => call("GET", "/api/notifications/choices"),
  /** @param {PushChoices} body @returns {Promise<PushChoicesView>} */ choose: (body) => call("POST", "/api/notifications/choices", body),
};

export const staffApi = {
  /** @returns {Promise<StaffView>} */ staff: () => call("GET", "/api/accounts/staff"),
  /** @param {InviteStaff} body @returns {Promise<NewStaffInvite>} */ invite: (body) => call("POST", "/api/accounts/staff/invites", body),
  /** @param {string} id @returns {Promise<StaffView>} */ revoke: (id) => call("POST", "/api/accounts/staff/invites/revoke", { invite_id: id }),
  /** @param {TakeRole} body @returns {Promise<StaffView>} */ takeRole: (body) => call("POST", "/api/accounts/staff/take-role", body),
  /** @param {string} key @returns {Promise<StaffInvitation>} */ look: (key) => call("POST", "/api/accounts/join/look", { key }),
  /** @param {string} key @returns {Promise<ProfileView>} */ join: (key) => call("POST", "/api/accounts/join", { key }),
  /** @returns {Promise<PackingView>} */ packing: () => call("GET", "/api/orders/packing"),
  /** @param {string[]} ids */ pack: (ids) => call("POST", "/api/orders/pack", { order_ids: ids }),
  /** @param {ShipOrders} body */ ship: (body) => call("POST", "/api/orders/ship", body),
};
