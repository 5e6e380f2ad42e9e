// @ts-check
// How good a connection is, from what the browser counts (webrtc-stats). Pure: two looks go in, a grade comes out.

/**
 * Totals since the start of the session at one moment; null where the browser does not say.
 * @typedef {{ atMs: number, packets: number, lost: number, bytes: number, freezeMs: number, rttMs: number | null, availableBps: number | null,
 *   width: number, height: number, fps: number, limitedBy: string | null }} Sample
 * @typedef {"good" | "fair" | "poor"} Grade
 * @typedef {{ grade: Grade, lossRatio: number, rttMs: number | null, freezeMs: number, bitrateBps: number, availableBps: number | null,
 *   width: number, height: number, fps: number, limitedBy: string | null }} Quality `limitedBy`: what keeps a sender from the full picture
 * @typedef {{ last: Sample | null, shown: Quality | null, better: number }} Watched `better`: looks in a row that were better than what is shown
 */

/** How often one looks. */
export const LOOK_MS = 2_000;
/** A grade gets worse at once and better only after so many looks: a dot that blinks says nothing. */
const BETTER_LOOKS = 3;

/** With retransmission 2 % of loss is not seen and 8 % is; a conversation suffers from 250 ms and breaks at 600 ms (ITU-T G.114). */
const FAIR = { lossRatio: 0.02, rttMs: 250, freezeMs: 100 };
const POOR = { lossRatio: 0.08, rttMs: 600, freezeMs: 700 };

/** @type {Grade[]} */
const FROM_WORST = ["poor", "fair", "good"];

/** @type {Watched} */
export const UNWATCHED = Object.freeze({ last: null, shown: null, better: 0 });

/** Takes one more look in. @param {Watched} watched @param {Sample} sample @returns {Watched} */
export function look(watched, sample) {
  const { last, shown } = watched;
  // A new session counts from nothing.
  if (!last || sample.packets < last.packets || sample.atMs <= last.atMs) return { last: sample, shown, better: 0 };
  const seen = compare(last, sample);
  const better = shown && FROM_WORST.indexOf(seen.grade) > FROM_WORST.indexOf(shown.grade) ? watched.better + 1 : 0;
  const grade = shown && better > 0 && better < BETTER_LOOKS ? shown.grade : seen.grade;
  return { last: sample, shown: { ...seen, grade }, better: grade === seen.grade ? 0 : better };
}

/** What happened between two looks. @param {Sample} before @param {Sample} after @returns {Quality} */
export function compare(before, after) {
  const packets = after.packets - before.packets;
  // Repaired packets are taken back from the count of lost ones, so the difference can be below zero (RFC 3550 §6.4.1).
  const lost = Math.max(0, after.lost - before.lost);
  const facts = {
    lossRatio: lost === 0 ? 0 : lost / (packets + lost),
    rttMs: after.rttMs,
    freezeMs: Math.max(0, after.freezeMs - before.freezeMs),
  };
  const bitrateBps = Math.max(0, Math.round(((after.bytes - before.bytes) * 8_000) / (after.atMs - before.atMs)));
  const { availableBps, width, height, fps, limitedBy } = after;
  return { grade: gradeOf(facts, limitedBy), ...facts, bitrateBps, availableBps, width, height, fps, limitedBy };
}

/** @param {{ lossRatio: number, rttMs: number | null, freezeMs: number }} facts @param {string | null} limitedBy @returns {Grade} */
function gradeOf(facts, limitedBy) {
  const beyond = (/** @type {typeof FAIR} */ limit) =>
    facts.lossRatio > limit.lossRatio || (facts.rttMs ?? 0) > limit.rttMs || facts.freezeMs > limit.freezeMs;
  if (beyond(POOR)) return "poor";
  return beyond(FAIR) || limitedBy === "bandwidth" || limitedBy === "cpu" ? "fair" : "good";
}

/** A look at what is received. @param {Iterable<any>} reports values of an RTCStatsReport @param {number} atMs @returns {Sample} */
export function received(reports, atMs) {
  const sample = nothing(atMs);
  for (const report of reports) {
    if (report.type === "candidate-pair") takePair(sample, report, "availableIncomingBitrate");
    if (report.type !== "inbound-rtp") continue;
    sample.packets += report.packetsReceived ?? 0;
    sample.lost += report.packetsLost ?? 0;
    sample.bytes += report.bytesReceived ?? 0;
    if (report.kind !== "video") continue;
    sample.freezeMs += (report.totalFreezesDuration ?? 0) * 1_000;
    takePicture(sample, report);
  }
  return sample;
}

/** A look at what is sent; loss is what the other side reports. @param {Iterable<any>} reports @param {number} atMs @returns {Sample} */
export function sent(reports, atMs) {
  const sample = nothing(atMs);
  let remoteRttMs = /** @type {number | null} */ (null);
  for (const report of reports) {
    if (report.type === "candidate-pair") takePair(sample, report, "availableOutgoingBitrate");
    if (report.type === "remote-inbound-rtp") {
      sample.lost += report.packetsLost ?? 0;
      if (report.roundTripTime > 0) remoteRttMs = Math.max(remoteRttMs ?? 0, report.roundTripTime * 1_000);
    }
    if (report.type !== "outbound-rtp") continue;
    sample.packets += report.packetsSent ?? 0;
    sample.bytes += report.bytesSent ?? 0;
    if (report.kind !== "video" || report.active === false) continue;
    if (takePicture(sample, report)) sample.limitedBy = report.qualityLimitationReason ?? null;
  }
  sample.rttMs ??= remoteRttMs;
  return sample;
}

/** @param {number} atMs @returns {Sample} */
const nothing = (atMs) => ({
  ...{ atMs, packets: 0, lost: 0, bytes: 0, freezeMs: 0, rttMs: null, availableBps: null, width: 0, height: 0, fps: 0, limitedBy: null },
});

/** @param {Sample} sample @param {any} report @param {string} available */
function takePair(sample, report, available) {
  if (!report.nominated && !report.selected) return;
  if (report.currentRoundTripTime !== undefined) sample.rttMs = report.currentRoundTripTime * 1_000;
  if (report[available] !== undefined) sample.availableBps = report[available];
}

/** The largest picture counts. @param {Sample} sample @param {any} report */
function takePicture(sample, report) {
  const { frameWidth: width = 0, frameHeight: height = 0, framesPerSecond: fps = 0 } = report;
  if (width * height <= sample.width * sample.height) return false;
  Object.assign(sample, { width, height, fps });
  return true;
}
