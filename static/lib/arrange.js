// @ts-check
// Where each person on stage is in the player, from the state of the channel `stage:<show_id>`. Pure. Without that state the host is alone.

/**
 * @typedef {"solo" | "side_by_side" | "picture_in_picture"} Shape
 * @typedef {{ place: number | null, participant_id: string, name: string, muted: string[], live: boolean }} OnStage
 * @typedef {{ layout: Shape, featured: string, places: OnStage[] }} Stage what the player needs of `StageState`
 * @typedef {{ id: string, place: number, name: string, slot: number, silent: boolean, dark: boolean }} Spot
 *   `slot` 0 is the large one, or the first of equals; `silent` and `dark`: the host withholds sound or picture
 * @typedef {{ shape: Shape, spots: Spot[] }} Arrangement `spots` by place, so that no picture on screen moves in the document
 */

export const HOST = "host";
/** The host and three guests. */
export const PLACES_MAX = 4;

/** @param {Stage | null} stage @param {string} hostName @returns {Arrangement} */
export function arrange(stage, hostName) {
  const host = { place: 0, participant_id: HOST, name: hostName, muted: /** @type {string[]} */ ([]), live: true };
  // Whoever has no tracks just now leaves no hole.
  const guests = (stage?.places ?? []).filter(({ place, live }) => live && place !== null && place > 0 && place < PLACES_MAX);
  const shape = guests.length === 0 ? "solo" : (stage?.layout ?? "solo");
  const people = [host, ...guests];
  const large = Math.max(0, people.findIndex(({ participant_id }) => participant_id === stage?.featured));
  const slotOf = (/** @type {number} */ index) => {
    if (shape === "side_by_side") return index;
    if (index === large) return 0;
    return index < large ? index + 1 : index;
  };
  const spots = people.map(({ place, participant_id: id, name, muted }, index) => ({
    ...{ id, place: place ?? 0, name, slot: slotOf(index) },
    ...{ silent: muted.includes("audio"), dark: muted.includes("video") },
  }));
  return { shape, spots: spots.sort((a, b) => a.place - b.place) };
}
