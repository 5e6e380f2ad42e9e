// @ts-check
// The video by itself, because it is drawn again every two seconds.

import { html } from "../components/html.js";
import { Player } from "../components/player.js";
import { picture } from "./picture.js";

/** @import { ShowPage } from "./show_page.js" */

/** @param {{ page: ShowPage, onQuality: () => void }} props */
export const Screen = ({ page, onQuality }) => html`
  <${Player} arrangement=${page.arrangement.value} media=${picture.media.value} quality=${picture.quality.value} onQuality=${onQuality} />
`;
