// @ts-check
// Notifications while no page is open: this browser's subscription to pushes (Push API), kept in step with the server.

import { api } from "./api.js";

/**
 * @typedef {"unsupported" | "denied" | "off" | "on"} PushStatus
 * @typedef {Pick<typeof api, "pushKey" | "subscribePush" | "unsubscribePush">} PushApi
 * What of the browser is needed; tests give their own.
 * @typedef {{ serviceWorker?: ServiceWorkerContainer, Notification?: Pick<typeof Notification, "permission" | "requestPermission"> }} Device
 */

const SCRIPT = "/static/service_worker.js";

/** @returns {Device} */
const thisDevice = () => ({
  serviceWorker: "PushManager" in globalThis ? navigator.serviceWorker : undefined,
  Notification: globalThis.Notification,
});

export class Push {
  #api;
  #device;

  /** @param {PushApi} [server] @param {Device} [device] */
  constructor(server = api, device = thisDevice()) {
    this.#api = server;
    this.#device = device;
  }

  /** Asks nobody anything. @returns {Promise<PushStatus>} */
  async status() {
    const { serviceWorker, Notification: permission } = this.#device;
    if (!serviceWorker || !permission) return "unsupported";
    if (permission.permission === "denied") return "denied";
    return (await this.#subscription()) ? "on" : "off";
  }

  /** Only on a click: the browser asks the person. @param {"en" | "ru"} locale @returns {Promise<PushStatus>} */
  async turnOn(locale) {
    const { serviceWorker, Notification: permission } = this.#device;
    if (!serviceWorker || !permission) return "unsupported";
    const answer = await permission.requestPermission();
    if (answer !== "granted") return answer === "denied" ? "denied" : "off";
    const { public_key } = await this.#api.pushKey();
    await serviceWorker.register(SCRIPT, { scope: "/" });
    const { pushManager } = await serviceWorker.ready;
    const subscription = await pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: fromBase64Url(public_key) });
    await this.#tell(subscription, locale);
    return "on";
  }

  /** @returns {Promise<PushStatus>} */
  async turnOff() {
    const subscription = await this.#subscription();
    if (subscription) {
      await this.#api.unsubscribePush({ endpoint: subscription.endpoint });
      await subscription.unsubscribe();
    }
    return "off";
  }

  /** Somebody else may use this browser now, or another language: the server is told whose pushes it takes. @param {"en" | "ru"} locale */
  async refresh(locale) {
    const subscription = await this.#subscription();
    if (subscription && this.#device.Notification?.permission === "granted") await this.#tell(subscription, locale);
  }

  async #subscription() {
    const registration = await this.#device.serviceWorker?.getRegistration("/");
    return (await registration?.pushManager.getSubscription()) ?? null;
  }

  /** @param {PushSubscription} subscription @param {"en" | "ru"} locale */
  async #tell(subscription, locale) {
    const { p256dh = "", auth = "" } = subscription.toJSON().keys ?? {};
    await this.#api.subscribePush({ endpoint: subscription.endpoint, keys: { p256dh, auth }, locale });
  }
}

/** @param {string} text @returns {Uint8Array<ArrayBuffer>} */
export const fromBase64Url = (text) =>
  Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (letter) => letter.charCodeAt(0));
