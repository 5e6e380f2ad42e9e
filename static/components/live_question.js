// @ts-check
// @css questions.css
// The question that the host answers just now, over the video.

import { html } from "./html.js";
import { t } from "./words.js";

/** @import { Row } from "../lib/questions.js" */

/** @param {{ row: Row }} props */
export const LiveQuestion = ({ row }) => html`
  <div class="live-question" data-testid="live-question">
    <p class="live-question-head"><span class="question-lamp"></span>${t("question-live-by", { name: row.asker_name })}</p>
    <p class="live-question-text">${row.text}</p>
  </div>
`;
