// @ts-check
// What the player page knows and does first, without drawing: the show, the stock, the chat, the picture.

import { computed, effect, signal } from "@preact/signals";
import { api } from "../lib/api.js";
import { arrange } from "../lib/arrange.js";
import { asApiError } from "../lib/errors.js";
import { forBrowser } from "../lib/kept.js";
import { itemsOf } from "../lib/offers.js";
import { KINDS } from "../lib/reducers.js";
import { Live } from "../lib/store.js";
import { Talk } from "../lib/talk.js";

/**
 * @import { Signal } from "@preact/signals"
 * @import { ApiError } from "../lib/errors.js"
 * @import { ShowState } from "../../schemas/generated/messages"
 * @import { Stage } from "../lib/arrange.js"
 * @import { Market } from "./market.js"
 * @import { Picture } from "./picture.js"
 */

/** Remembers whose nickname was asked for already, so that nobody is asked twice. */
const NAMED = "efir.named";

export class ShowPage {
  /** @type {Signal<ShowState | null>} */ show = signal(null);
  /** Why there is no show to watch. @type {Signal<ApiError | null>} */ missing = signal(null);
  /** There once the page is drawn. @type {Signal<Market | null>} */ market = signal(null);
  /** @type {Promise<Market> | null} */ #opening = null;
  /** @type {Promise<void> | null} */ #learned = null;
  /** @type {() => void} */ #hasEntered = () => undefined;
  /** Ends once it is known who watches, or that this cannot be known: a fast typist is asked for a name as well. @type {Promise<void>} */
  entered = new Promise((resolve) => (this.#hasEntered = resolve));

  /** @param {Picture} picture of the show, on its way already @param {string} origin */
  constructor(picture, origin) {
    const { showId } = picture;
    this.picture = picture;
    this.showId = showId;
    this.live = new Live(origin);
    this.talk = new Talk(showId, this.live);
    this.presence = this.live.channel(`presence:${showId}`);
    this.stock = this.live.channel(`stock:${showId}`);
    this.offered = itemsOf(showId, this.show, this.stock.state);
    /** With the prices of flash sales, once they are known. */
    this.items = computed(() => (this.market.value?.items ?? this.offered).value);
    // A server without guests has no such channel: then the host is alone.
    const stage = "stage" in KINDS ? this.live.channel(`stage:${showId}`).state : signal(/** @type {Stage | null} */ (null));
    this.arrangement = computed(() => arrange(stage.value, this.show.value?.show.host_name ?? ""));
    const channel = this.live.channel(`show:${showId}`);
    effect(() => this.#take(channel.state.value));
    effect(() => this.#follow());
    effect(() => this.#leaveWhenBlocked(this.talk.channel.refused.value));
  }

  /** The show as it stands, asked for once. @returns {Promise<void>} */
  learn() {
    return (this.#learned ??= api.show(this.showId).then((state) => this.#take(state)));
  }

  /** @param {string} guestName @param {string} locale @param {() => Promise<void>} [signIn] before anybody counts as a guest */
  async start(guestName, locale, signIn) {
    const enter = async () => {
      await this.picture.asked;
      await signIn?.();
      await this.live.enter(guestName, locale);
    };
    try {
      // Both at once: whoever opens a player most likely finds a show there.
      await Promise.all([this.learn(), enter()]);
      this.#hasEntered();
      this.live.connect();
      await Promise.all([this.openMarket().then((market) => market.loadOrders()), this.talk.learnStanding()]);
    } catch (error) {
      const refusal = asApiError(error);
      if (!this.show.value) this.missing.value = refusal;
    } finally {
      this.#hasEntered();
    }
  }

  /** What is sold, once somebody wants it or the page is drawn. @returns {Promise<Market>} */
  openMarket() {
    this.#opening ??= import("./market.js").then(({ Market }) => (this.market.value = new Market(this.showId, this.live, this.offered)));
    return this.#opening;
  }

  /** Whether the viewer still has no name of their own. */
  get nameless() {
    const me = this.live.me.value;
    return me?.kind === "guest" && forBrowser.getItem(NAMED) !== me.actor_id;
  }

  /** @param {string} name @param {string} locale */
  async takeName(name, locale) {
    await this.live.takeName(name, locale);
    forBrowser.setItem(NAMED, this.live.me.value?.actor_id ?? "");
  }

  wake() {
    this.live.wake();
    this.market.value?.checkout.recheck();
    this.picture.whep.retryNow();
  }

  /** @param {ShowState | null} next */
  #take(next) {
    if (next && next.version >= (this.show.peek()?.version ?? 0)) this.show.value = next;
  }

  /** The host does not want this person here: the picture ends as well. @param {ApiError | null} refused */
  #leaveWhenBlocked(refused) {
    if (refused?.name !== "blocked") return;
    this.missing.value = refused;
    this.picture.stop();
  }

  /** The picture is wanted while the show is on; the server is asked again at once when the host returns. */
  #follow() {
    const show = this.show.value?.show;
    if (!show) return;
    const { whep, state } = this.picture;
    const { status } = state.peek();
    if (show.state === "live" && status === "stopped") whep.start();
    if (show.state !== "live" && status !== "stopped") this.picture.stop();
    whep.expect(show.on_air);
  }
}
