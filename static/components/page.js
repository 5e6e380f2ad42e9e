// @ts-check
// What every page does first: learn the language, draw, and tell the connection when the page wakes up.

import { effect } from "@preact/signals";
import { render } from "preact";
import { embedded } from "../lib/embedded.js";
import { launch } from "../lib/launch.js";
import { Announcer } from "./announcer.js";
import { html } from "./html.js";
import { speakPreferred } from "./words.js";

/** @import { ComponentType } from "preact" */

/** The first picture and what is clicked first come before it. */
const CALM_MS = 3_000;

/** @param {ComponentType<any>} page @param {() => string} title read again whenever its words change */
export async function mount(page, title) {
  await Promise.all([speakPreferred(), launch && withinTelegram(), embedded && withinSite()]);
  effect(() => {
    document.title = title();
  });
  render(html`<${page} /><${Announcer} />`, /** @type {HTMLElement} */ (document.getElementById("app")));
  embedded?.tell("ready");
  keepForOffline();
}

/**
 * The service worker, once everything else is there: without a network it shows what to do. Not in frames, where it would be another one.
 */
function keepForOffline() {
  const { serviceWorker } = navigator;
  if (!serviceWorker || window.parent !== window) return;
  const register = () => serviceWorker.register("/static/service_worker.js", { scope: "/" }).catch(() => undefined); // a private window has none
  if (document.readyState === "complete") setTimeout(register, CALM_MS);
  else window.addEventListener("load", () => setTimeout(register, CALM_MS), { once: true });
}

async function withinTelegram() {
  const [{ dress }, { telegram }] = await Promise.all([import("./telegram_view.js"), import("../lib/telegram.js")]);
  if (telegram) dress(telegram);
}

async function withinSite() {
  const { dress } = await import("./embedded_view.js");
  if (embedded) dress(embedded);
}

/** Sleeping tabs and changing networks leave connections that only look alive. @param {() => void} wake */
export function onWake(wake) {
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && wake());
  window.addEventListener("online", wake);
  window.addEventListener("pageshow", (event) => event.persisted && wake());
}

/** From Wi-Fi to mobile and back: addresses change while everything still looks connected. @param {() => void} changed */
export function onNetworkChange(changed) {
  window.addEventListener("online", changed);
  // Not in every browser (Network Information API); where it is missing, the loss is noticed a little later.
  /** @type {{ connection?: EventTarget }} */ (navigator).connection?.addEventListener("change", changed);
}
