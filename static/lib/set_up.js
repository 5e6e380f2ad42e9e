// @ts-check
// What a new shop still lacks before its first broadcast. Pure, and from what there is: nothing remembers that somebody was led.

/**
 * @typedef {"product" | "show" | "camera"} SetUpStep
 * @param {{ products: number, shows: number, onAir: boolean, seen: boolean }} shop `onAir`: a show has begun once; `seen`: this browser
 *   may use a camera already
 * @returns {SetUpStep[]} in the order in which they are done
 */
export function stepsLeft({ products, shows, onAir, seen }) {
  if (onAir) return []; // who has broadcast needs no leading, whatever was sold out or moved since
  /** @type {[SetUpStep, boolean][]} */
  const steps = [["product", products > 0], ["show", shows > 0], ["camera", seen && shows > 0]];
  return steps.filter(([, done]) => !done).map(([step]) => step);
}
