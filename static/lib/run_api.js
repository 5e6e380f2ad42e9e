// @ts-check
// The server's HTTP interface for a run of show, which is its host's alone.

import { call } from "./api.js";

/** @import { GoToRunItem, RunOfShowState, SetRunOfShow } from "../../schemas/generated/messages" */

export const runApi = {
  /** @param {string} showId @returns {Promise<RunOfShowState>} */ get: (showId) => call("GET", `/api/shows/${showId}/run`),
  /** @param {string} showId @param {SetRunOfShow} body @returns {Promise<RunOfShowState>} */ set: (showId, body) => call("POST", `/api/shows/${showId}/run`, body),
  /** @param {string} showId @param {GoToRunItem} body @returns {Promise<RunOfShowState>} */
  goTo: (showId, body) => call("POST", `/api/shows/${showId}/run/current`, body),
};
