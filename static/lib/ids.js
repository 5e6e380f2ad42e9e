// @ts-check
// Ids are made by whoever has the intent, and a retry sends the same id again: `<prefix>_<32 hexadecimal digits of a UUIDv7>`.
// Made by hand because `crypto.randomUUID` exists only in secure contexts, and a shop on a home network may be plain http.

/**
 * @param {string} prefix three letters, see schemas/ids.py
 * @param {number} nowMs Unix milliseconds
 * @param {(bytes: Uint8Array<ArrayBuffer>) => unknown} fill random source
 */
export function newId(prefix, nowMs, fill = (bytes) => crypto.getRandomValues(bytes)) {
  const bytes = new Uint8Array(16);
  fill(bytes);
  // RFC 9562 §5.7: 48 bits of time, version 7, 12 random bits, variant 10, 62 random bits.
  new DataView(bytes.buffer).setUint16(0, Math.floor(nowMs / 2 ** 32));
  new DataView(bytes.buffer).setUint32(2, nowMs % 2 ** 32);
  bytes[6] = 0x70 | (bytes[6] & 0x0f);
  bytes[8] = 0x80 | (bytes[8] & 0x3f);
  return `${prefix}_${Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}
