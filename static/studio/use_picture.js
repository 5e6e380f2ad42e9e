// @ts-check
// What a camera really delivers: the size of its picture and how many come per second, measured on a playing video.

import { useEffect, useState } from "preact/hooks";
import { frameRate, withFrame } from "../lib/frame_rate.js";

/** How often the figures are shown anew. */
const SHOW_MS = 500;

/** @param {{ current: HTMLVideoElement | null }} video @param {MediaStream | null} stream
 * @returns {{ width: number, height: number, fps: number | null } | null} null before the first frame; `fps` while it is measured */
export function usePicture(video, stream) {
  const [picture, setPicture] = useState(/** @type {{ width: number, height: number, fps: number | null } | null} */ (null));
  useEffect(() => {
    const element = video.current;
    if (!element) return;
    element.srcObject = stream;
    setPicture(null);
    if (!stream) return;
    let frames = /** @type {number[]} */ ([]);
    let asked = 0;
    const onFrame = (/** @type {number} */ nowMs) => {
      frames = withFrame(frames, nowMs);
      asked = element.requestVideoFrameCallback(onFrame);
    };
    asked = element.requestVideoFrameCallback?.(onFrame) ?? 0; // without it the size is known and the rate is not
    const timer = setInterval(() => element.videoWidth && setPicture({ width: element.videoWidth, height: element.videoHeight, fps: frameRate(frames) }), SHOW_MS);
    return () => {
      clearInterval(timer);
      element.cancelVideoFrameCallback?.(asked);
    };
  }, [stream]);
  return picture;
}
