// @ts-check
// @css ../components/broadcast.css
// The addresses of a show: for viewers, for moderators, and for encoders.

import { CopyLine } from "../components/copy_line.js";
import { EmbedSnippet } from "../components/embed_snippet.js";
import { html } from "../components/html.js";
import { t } from "../components/words.js";
import { Obs } from "./obs.js";

/** @import { Room } from "./room.js" */

/** @param {{ room: Room }} props */
export const LinksDesk = ({ room }) => html`
  <section class="panel stack" data-testid="links-desk">
    <header><h2>${t("links-title")}</h2></header>
    <${CopyLine} label=${t("viewer-link")} value=${`${location.origin}/watch/${room.showId}`} testid="viewer-link" />
    <${EmbedSnippet} showId=${room.showId} />
    <${CopyLine} label=${t("moderator-link")} value=${`${location.origin}/moderate/${room.showId}`} testid="moderator-link" />
    <${Obs} room=${room} />
  </section>
`;
