// @ts-check
// Three, two, one: a countdown that can be called off until its last moment.

export const FROM = 3;
const SECOND_MS = 1_000;

/**
 * @param {(left: number) => void} onTick with 3, 2, 1 @param {() => void} onDone after the last second
 * @param {{ set: (call: () => void, ms: number) => any, clear: (timer: any) => void }} [timers]
 * @returns {() => void} calls it off; afterwards it does nothing
 */
export function liftOff(onTick, onDone, timers = { set: (call, ms) => setTimeout(call, ms), clear: (timer) => clearTimeout(timer) }) {
  let left = FROM;
  let timer = /** @type {any} */ (null);
  const tick = () => {
    if (left === 0) return onDone();
    onTick(left);
    left -= 1;
    timer = timers.set(tick, SECOND_MS);
  };
  tick();
  return () => timers.clear(timer);
}
