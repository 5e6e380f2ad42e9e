// @ts-check
// The encodings that a viewer can choose from, from the event `layers` of WHEP's extension. Pure.

/**
 * @typedef {{ rid: string, width: number, height: number, bitrateBps: number }} Layer
 */

/**
 * Encodings of the first picture that are sent now, the best first; one alone is no choice.
 * @param {unknown} data decoded body of the event: per m-line index a list of encodings; one without a bitrate is not sent
 * @returns {{ mediaId: string, layers: Layer[] }}
 */
export function layersOf(data) {
  const lines = data !== null && typeof data === "object" ? Object.entries(data) : [];
  // The host's picture has the first of the m-lines.
  const [mediaId, listed] = lines.sort(([a], [b]) => Number(a) - Number(b))[0] ?? ["0", []];
  const layers = (Array.isArray(listed) ? listed : [])
    .filter((each) => typeof each?.rid === "string" && each.rid !== "" && Number.isFinite(each.bitrate))
    .map(({ rid, width = 0, height = 0, bitrate }) => ({ rid, width, height, bitrateBps: bitrate }))
    .sort((a, b) => b.width * b.height - a.width * a.height || b.bitrateBps - a.bitrateBps);
  return { mediaId, layers: layers.length > 1 ? layers : [] };
}

/** Name that viewers know: the shorter side in lines, whichever way the picture stands. @param {{ width: number, height: number }} size */
export const linesOf = ({ width, height }) => Math.min(width, height);
