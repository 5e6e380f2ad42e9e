// @ts-check
// @css set_up.css
// The first steps of a new shop: a product, a show, a look into the camera. What is done is seen from what there is.

import { useEffect, useState } from "preact/hooks";
import { html } from "../components/html.js";
import { Icon } from "../components/icon.js";
import { t } from "../components/words.js";
import { api } from "../lib/api.js";
import { hasSeenCamera } from "../lib/devices.js";
import { asApiError } from "../lib/errors.js";
import { stepsLeft } from "../lib/set_up.js";
import { NewProduct } from "./new_product.js";

/**
 * @import { ShowView } from "../../schemas/generated/messages"
 * @import { SetUpStep } from "../lib/set_up.js"
 */

/** @type {[SetUpStep, string, string, string][]} step, icon, title, words */
const STEPS = [
  ["product", "package", "setup-product", "setup-product-text"],
  ["show", "radio", "setup-show", "setup-show-text"],
  ["camera", "camera", "setup-camera", "setup-camera-text"],
];

/** @param {{ shows: ShowView[] | null }} props null until they are known */
export function SetUp({ shows }) {
  const [products, setProducts] = useState(/** @type {number | null} */ (null));
  const [seen, setSeen] = useState(/** @type {boolean | null} */ (null));
  const [skipped, setSkipped] = useState(false);
  const load = async () => {
    try {
      setProducts((await api.products()).products.length);
    } catch (error) {
      asApiError(error); // without the answer nobody is led anywhere
    }
  };
  useEffect(() => {
    void load();
    void hasSeenCamera().then(setSeen);
  }, []);
  if (shows === null || products === null || seen === null || skipped) return null;
  const left = stepsLeft({ products, shows: shows.length, onAir: shows.some(({ started_at_ms }) => started_at_ms !== null), seen });
  if (left.length === 0) return null;
  return html`
    <section class="panel stack set-up" aria-label=${t("setup-title")} data-testid="set-up" data-step=${left[0]}>
      <header><div><h2>${t("setup-title")}</h2><p class="soft small">${t("setup-text")}</p></div>
        <button class="button button-small" type="button" data-testid="set-up-skip" onClick=${() => setSkipped(true)}>${t("setup-skip")}</button></header>
      <ol class="set-up-steps">${STEPS.map(([step, icon, title, words], index) => {
        const now = step === left[0];
        const done = !left.includes(step);
        return html`
          <li class=${`set-up-step${now ? " set-up-now" : ""}${done ? " set-up-done" : ""}`} key=${step} aria-current=${now ? "step" : undefined} data-testid=${`set-up-${step}`} data-done=${String(done)}>
            <span class="set-up-mark">${done ? html`<${Icon} name="check" />` : index + 1}</span>
            <div class="set-up-words"><strong>${t(title)}${done && html`<span class="visually-hidden"> ${t("setup-done")}</span>`}</strong>${now && html`<p class="soft small">${t(words)}</p>`}</div>
            ${now && step === "product" && html`<div class="set-up-body"><${NewProduct} onDone=${load} /></div>`}
            ${now && step === "show" && html`<a class="button button-primary" href="#show-new" data-testid="set-up-to-show"><${Icon} name=${icon} />${t("show-new")}</a>`}
            ${now && step === "camera" && html`<a class="button button-primary" href=${`/studio/?show=${shows[0].show_id}&check`} data-testid="set-up-to-camera"><${Icon} name=${icon} />${t("check-open")}</a>`}
          </li>`;
      })}</ol>
    </section>
  `;
}
