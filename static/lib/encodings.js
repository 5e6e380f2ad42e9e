// @ts-check
// How a camera's picture is encoded: once, or in three sizes of which each viewer gets the one that fits (simulcast, RFC 8853). Pure.

/** Enough for a sharp 720p picture of moving hands, and what a phone's uplink usually carries. */
const BITRATE_MAX_BPS = 2_500_000;
/** A smaller picture is not worth halving: its quarter would show nobody a product. */
const SIMULCAST_LINES_MIN = 720;

/**
 * From the smallest on: browsers take the order for that of importance when the uplink does not carry all of them. A quarter of a
 * picture's side is enough for a phone on 2G; bitrates follow what encoders need for motion at 30 frames (about 0.1 bit per pixel).
 */
const SIMULCAST = Object.freeze([
  { rid: "l", scaleResolutionDownBy: 4, maxBitrate: 180_000 },
  { rid: "m", scaleResolutionDownBy: 2, maxBitrate: 700_000 },
  { rid: "h", scaleResolutionDownBy: 1, maxBitrate: BITRATE_MAX_BPS },
]);

/** @param {{ width?: number, height?: number }} size of the camera's picture @returns {RTCRtpEncodingParameters[]} */
export function encodingsFor({ width = 0, height = 0 }) {
  if (Math.min(width, height) < SIMULCAST_LINES_MIN) return [{ maxBitrate: BITRATE_MAX_BPS }];
  return SIMULCAST.map((encoding) => ({ ...encoding }));
}

/** Whether an answer takes the sizes (RFC 8853 §5.1). @param {string} answer */
export const takesSimulcast = (answer) => /^a=simulcast:.*\brecv\b/m.test(answer);

/** What is left of the encodings when the server wants one picture: the whole one. @param {RTCRtpEncodingParameters[]} encodings */
export const wholePicture = (encodings) =>
  encodings.map((encoding, index) => ({
    ...encoding,
    active: index === 0,
    scaleResolutionDownBy: 1,
    maxBitrate: BITRATE_MAX_BPS,
  }));
