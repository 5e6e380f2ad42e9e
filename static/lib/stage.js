// @ts-check
// Who is on stage, as the tiles of a page: the host first, then the guests by their arrival.

/**
 * @import { StageState, ShowView } from "../../schemas/generated/messages"
 * @import { Person } from "../components/tile.js"
 * @import { StageWatch } from "./stage_watch.js"
 * @typedef {"solo" | "side_by_side" | "picture_in_picture"} Layout
 */

export const HOST = "host";
/** @type {Layout[]} */
export const LAYOUTS = ["side_by_side", "picture_in_picture", "solo"];

/**
 * @param {ShowView | null} show @param {StageState | null} stage @param {StageWatch | null} watch where the media come from
 * @param {{ id: string, stream: MediaStream | null } | null} [own] the person who looks, when on stage
 * @returns {Person[]}
 */
export function peopleOnStage(show, stage, watch, own = null) {
  const host = { id: HOST, name: show?.host_name ?? "", stream: watch?.host.value ?? null, live: show?.on_air ?? false, muted: [] };
  const guests = (stage?.places ?? []).map(({ participant_id, name, place, live, muted }) => {
    if (participant_id === own?.id) return { id: participant_id, name, stream: own.stream, live: true, muted, own: true };
    return { id: participant_id, name, stream: place === null ? null : (watch?.places.value.get(place) ?? null), live, muted };
  });
  return [host, ...guests];
}
