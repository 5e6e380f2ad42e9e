// @ts-check
// The picture of the show that the page's address names. It needs few modules and nothing of the page, so it is loaded first: the
// request for the picture is on its way while the rest of the page is still being fetched.

import { signal } from "@preact/signals-core";
import { PLACES_MAX } from "../lib/arrange.js";
import { launch, showIdOf } from "../lib/launch.js";
import { Whep } from "../lib/whep.js";

/**
 * @import { Signal } from "@preact/signals-core"
 * @import { ApiError } from "../lib/errors.js"
 * @import { Quality } from "../lib/quality.js"
 * @import { LayerChoice, WhepStatus } from "../lib/whep.js"
 */

/** An offer takes a slow phone a fifth of a second. */
const ASKED_MS = 1_000;

export class Picture {
  /** @type {Signal<{ status: WhepStatus, error: ApiError | null }>} */ state = signal({ status: "stopped", error: null });
  /** Media by places; 0 is the host's. @type {Signal<ReadonlyMap<number, MediaStream>>} */ media = signal(new Map());
  /** @type {Signal<Quality | null>} */ quality = signal(null);
  /** @type {Signal<LayerChoice>} */ choice = signal({ layers: [], chosen: null });

  /** @type {() => void} */ #hasAsked = () => undefined;
  /** Ends once the picture is asked for: nothing of the network is worth more to who opens a player. @type {Promise<void>} */
  asked = new Promise((resolve) => (this.#hasAsked = resolve));

  /** @param {string} showId */
  constructor(showId) {
    this.showId = showId;
    this.whep = new Whep({
      url: `/whep/${showId}`,
      places: PLACES_MAX,
      onAsked: () => void this.#hasAsked(),
      onStream: (stream) => this.#show(0, stream),
      onPlace: (place, stream) => this.#show(place, stream),
      onStatus: (status, error) => (this.state.value = { status, error }),
      onQuality: (quality) => (this.quality.value = quality),
      onLayers: (choice) => (this.choice.value = choice),
    });
  }

  /** Asks for the picture. */
  start() {
    this.whep.start();
    // A browser that cannot, or has to think about it, keeps nobody from the chat.
    setTimeout(() => this.#hasAsked(), ASKED_MS);
  }

  /** No picture is wanted any more. */
  stop() {
    this.whep.stop();
    this.media.value = new Map();
  }

  /** @param {string | null} rid null: automatic */
  async choose(rid) {
    const before = this.choice.value;
    this.choice.value = { ...before, chosen: rid };
    // The encoding has just gone: the list that comes with the next event says what there is.
    await this.whep.chooseLayer(rid).catch(() => (this.choice.value = before));
  }

  /** @param {number} place @param {MediaStream} stream */
  #show(place, stream) {
    if (this.media.value.get(place) !== stream) this.media.value = new Map(this.media.value).set(place, stream);
  }
}

/** Shows the host's picture in the element that the document came with, if the page is not drawn yet. @param {MediaStream | undefined} stream */
function showEarly(stream) {
  const video = document.querySelector("video");
  if (!stream || !video || video.srcObject) return;
  video.muted = true;
  video.srcObject = stream;
}

export const picture = new Picture(showIdOf(location.pathname, launch));
if (picture.showId) {
  // A link into the Mini App names the show beside the address; now the address does.
  if (!location.pathname.endsWith(picture.showId)) history.replaceState(history.state, "", `/watch/${picture.showId}${location.hash}`);
  picture.start();
} else location.replace("/");
picture.media.subscribe((media) => showEarly(media.get(0)));
// The first price is the slow one (it loads the browser's tables). Now nobody misses the time: the page's modules are still on their way.
setTimeout(() => new Intl.NumberFormat(document.documentElement.lang, { style: "currency", currency: "EUR" }).format(0));
