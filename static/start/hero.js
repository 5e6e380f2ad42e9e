// @ts-check
// @css hero.css
// What is on air first of all: its picture, moving where that costs nobody too much, what it sells, and the way in.

import { useEffect, useRef, useState } from "preact/hooks";
import { html } from "../components/html.js";
import { Icon } from "../components/icon.js";
import { LiveBadge } from "../components/live_badge.js";
import { Picture } from "../components/picture.js";
import { t } from "../components/words.js";
import { mayPreview } from "../lib/showcase.js";
import { Whep } from "../lib/whep.js";
import { Goods } from "./goods.js";

/** @import { ShowView } from "../../schemas/generated/messages" */

const device = () => ({
  wide: matchMedia("(min-width: 60rem)").matches,
  calm: matchMedia("(prefers-reduced-motion: reduce)").matches,
  saveData: /** @type {{ connection?: { saveData?: boolean } }} */ (navigator).connection?.saveData === true,
});

/** @param {{ show: ShowView, refreshMs: number, children?: unknown }} props */
export const Hero = ({ show, refreshMs, children }) => html`
  <article class="hero">
    <a class="hero-stage" href=${`/watch/${show.show_id}`} data-testid=${`show-${show.show_id}`} aria-label=${t("start-watch", { title: show.title })}>
      <${Picture} url=${show.cover_url} title=${show.title} />
      ${show.on_air && mayPreview(device()) && html`<${Moving} key=${show.show_id} showId=${show.show_id} />`}
    </a>
    <div class="hero-words">
      <p class="hero-state"><${LiveBadge} />${children}</p>
      <h1 class="hero-title">${show.title}</h1>
      <p class="hero-host">${t("show-by", { name: show.host_name })}</p>
      ${show.description && html`<p class="hero-about">${show.description}</p>`}
      <${Goods} showId=${show.show_id} refreshMs=${refreshMs} />
      <a class="button button-primary button-large hero-go" href=${`/watch/${show.show_id}`} data-testid="hero-watch"><${Icon} name="play" />${t("start-watch-now")}</a>
    </div>
  </article>
`;

/** One viewer's session, without sound; it ends when nobody looks. @param {{ showId: string }} props */
function Moving({ showId }) {
  const video = useRef(/** @type {HTMLVideoElement | null} */ (null));
  const [moving, setMoving] = useState(false);
  useEffect(() => {
    const onStream = (/** @type {MediaStream} */ stream) => video.current && (video.current.srcObject = stream);
    const whep = new Whep({ url: `/whep/${showId}`, onStream, onStatus: (status) => setMoving(status === "playing") });
    const look = () => (document.visibilityState === "visible" ? whep.start() : whep.stop());
    const leave = () => whep.stop();
    look();
    document.addEventListener("visibilitychange", look);
    window.addEventListener("pagehide", leave);
    return () => {
      document.removeEventListener("visibilitychange", look);
      window.removeEventListener("pagehide", leave);
      leave();
    };
  }, []);
  return html`<video class="hero-video" ref=${video} data-testid="hero-video" data-moving=${moving} muted autoplay playsinline disableremoteplayback aria-hidden="true"></video>`;
}
