// @ts-check
// Time left until a moment of the server's clock.

import { useEffect, useState } from "preact/hooks";
import { formatSpan } from "../lib/money.js";
import { clock } from "../lib/store.js";

/** Four looks per second: the digit changes when the second does, not up to a second later. */
const TICK_MS = 250;

/** Milliseconds left, drawn again as they pass. @param {number} untilMs */
export function useTimeLeft(untilMs) {
  const [now, setNow] = useState(clock.serverNowMs());
  useEffect(() => {
    const timer = setInterval(() => setNow(clock.serverNowMs()), TICK_MS);
    return () => clearInterval(timer);
  }, []);
  return Math.max(0, untilMs - now);
}

/** @param {{ untilMs: number, render: (time: string) => any }} props */
export const Countdown = ({ untilMs, render }) => render(formatSpan(useTimeLeft(untilMs)));
