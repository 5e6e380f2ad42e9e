// @ts-check
// @css plot.css
// @css ../vendor/uplot.css
// Every minute of the show in one picture. Pointer and arrow keys choose a minute; a line beneath says all of it.

import { useEffect, useRef, useState } from "preact/hooks";
import { html } from "../components/html.js";
import { locale, t } from "../components/words.js";
import { formatMoney, formatTime } from "../lib/money.js";
import { marksOf, pinnedIn, spansOf } from "../lib/recap.js";
import { draw, inksOf } from "./drawing.js";

/**
 * @import { RecapMinute, RecapView } from "../../schemas/generated/messages"
 * @import { Drawing } from "./drawing.js"
 */

const HEIGHT = 300;
/** @type {Record<string, (at: number, last: number) => number>} */
const STEPS = {
  ArrowLeft: (at) => at - 1,
  ArrowRight: (at) => at + 1,
  PageUp: (at) => at - 10,
  PageDown: (at) => at + 10,
  Home: () => 0,
  End: (_, last) => last,
};

/** @param {{ recap: RecapView }} props */
export function Plot({ recap }) {
  const { minutes, moments } = recap;
  const box = useRef(/** @type {HTMLDivElement | null} */ (null));
  const drawing = useRef(/** @type {Drawing | null} */ (null));
  const [at, setAt] = useState(/** @type {number | null} */ (null));
  const dark = useDark();
  const words = { viewers: t("report-viewers"), orders: t("report-orders") };
  useEffect(() => {
    const root = box.current;
    if (!root || minutes.length === 0) return undefined;
    const made = draw({ root, minutes, marks: marksOf(moments), inks: inksOf(root), time: (ms) => formatTime(ms, locale()), words, height: HEIGHT, onChoose: setAt });
    drawing.current = made;
    const resized = new ResizeObserver(() => made.resize(root.clientWidth));
    resized.observe(root);
    return () => {
      resized.disconnect();
      drawing.current = null;
      made.destroy();
    };
  }, [recap, dark, locale()]);
  const onKeyDown = (/** @type {KeyboardEvent} */ event) => {
    const step = STEPS[event.key];
    if (!step) return;
    event.preventDefault();
    const last = minutes.length - 1;
    const next = Math.min(last, Math.max(0, step(at ?? (event.key === "ArrowLeft" ? last + 1 : -1), last)));
    setAt(next);
    drawing.current?.point(next);
  };
  const chosen = at === null ? null : minutes[Math.min(at, minutes.length - 1)];
  return html`
    <p class="plot-legend small soft" aria-hidden="true"><span class="plot-key plot-key-viewers"></span>${words.viewers}<span class="plot-key plot-key-orders"></span>${words.orders}<span class="plot-key plot-key-pin"></span>${t("report-pinned")}</p>
    <div class="plot" tabindex="0" role="group" aria-label=${t("report-plot", { count: minutes.length })} aria-describedby="plot-help" data-testid="report-plot" onKeyDown=${onKeyDown}>
      <div ref=${box} class="plot-box" aria-hidden="true">${["viewers", "fill", "orders", "grid", "text", "pin"].map((ink) => html`<span key=${ink} class=${`plot-ink plot-ink-${ink}`} data-ink=${ink}></span>`)}</div>
    </div>
    <p class="visually-hidden" id="plot-help">${t("report-plot-help")}</p>
    <p class="plot-said" role="status" data-testid="report-minute">${chosen
      ? html`<${Said} minute=${chosen} pinned=${pinnedIn(spansOf(moments, endOf(recap)), chosen.at_ms)} />`
      : html`<span class="soft">${t("report-plot-hint")}</span>`}</p>
  `;
}

/** @param {RecapView} recap */
const endOf = ({ ended_at_ms, minutes }) => ended_at_ms ?? (minutes[minutes.length - 1]?.at_ms ?? 0) + 60_000;

/** One minute in words. @param {{ minute: RecapMinute, pinned: string[] }} props */
function Said({ minute, pinned }) {
  const facts = [
    t("report-minute-viewers", { count: minute.viewers_peak }),
    minute.orders > 0 && t("report-minute-orders", { count: minute.orders }),
    ...minute.revenue.filter(({ amount_minor }) => amount_minor > 0).map((money) => formatMoney(money, locale())),
    minute.messages > 0 && t("report-minute-messages", { count: minute.messages }),
    pinned.length > 0 && t("report-minute-pinned", { titles: pinned.join(", ") }),
  ];
  return html`<strong class="numbers">${formatTime(minute.at_ms, locale())}</strong> <span>${facts.filter(Boolean).join(" · ")}</span>`;
}

/** Whether the reader's device wants dark; a canvas must be painted anew when that changes. */
function useDark() {
  const query = "(prefers-color-scheme: dark)";
  const [dark, setDark] = useState(() => matchMedia(query).matches);
  useEffect(() => {
    const media = matchMedia(query);
    const changed = () => setDark(media.matches);
    media.addEventListener("change", changed);
    return () => media.removeEventListener("change", changed);
  }, []);
  return dark;
}
