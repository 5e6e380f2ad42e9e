// @ts-check
// While the picture plays, the screen stays on, and the system knows what is on: lock screen, headphones, media keys.

import { effect } from "@preact/signals";
import { Awake } from "../lib/awake.js";

/** @import { ShowPage } from "./show_page.js" */

const MARK = "/static/brand/icon_512.png";

/** @param {ShowPage} page */
export function makeComfortable(page) {
  const awake = new Awake(navigator.wakeLock);
  const learn = () => (awake.visible = document.visibilityState === "visible");
  document.addEventListener("visibilitychange", learn);
  learn();
  effect(() => {
    awake.playing = page.picture.state.value.status === "playing";
  });
  effect(() => {
    const show = page.show.value?.show;
    if (!("mediaSession" in navigator) || !show) return;
    navigator.mediaSession.metadata = new MediaMetadata({
      title: show.title,
      artist: show.host_name,
      artwork: [{ src: show.cover_url ?? MARK }],
    });
  });
}
