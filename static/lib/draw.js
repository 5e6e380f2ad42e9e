// @ts-check
// The draw of a giveaway, computed again from what is published: the same function as `draw` in server/modules/giveaways/rules.py.

/** @import { DrawView } from "../../schemas/generated/messages" */

/** @param {string} text @param {SubtleCrypto} subtle @returns {Promise<string>} hexadecimal digits */
export async function sha256(text, subtle) {
  const digest = await subtle.digest("SHA-256", new TextEncoder().encode(text));
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/**
 * @param {DrawView} draw @param {SubtleCrypto} subtle
 * @returns {Promise<{ commitment: string, digest: string, winners: string[], numbers: Map<string, string> }>} numbers by actor
 */
export async function drawAgain(draw, subtle) {
  const listed = draw.entrants.filter(({ present }) => present).map(({ actor_id }) => actor_id);
  const digest = await sha256(listed.join("\n"), subtle);
  const numbers = new Map(await Promise.all(listed.map(async (id) => /** @type {const} */ ([id, await sha256(`${draw.seed}:${digest}:${id}`, subtle)]))));
  const order = (/** @type {string} */ id) => `${numbers.get(id)} ${id}`;
  const winners = listed.toSorted((a, b) => (order(a) < order(b) ? -1 : 1)).slice(0, draw.winners_max);
  return { commitment: await sha256(draw.seed, subtle), digest, winners, numbers };
}

/** Whether everything is as it was said. @param {DrawView} draw @param {Awaited<ReturnType<typeof drawAgain>>} again */
export const agrees = (draw, again) =>
  again.commitment === draw.commitment && again.digest === draw.list_digest && again.winners.join() === draw.winners.join();
