// @ts-check
// The questions on a phone: a sheet over the video, which goes on.

import { Dialog } from "../components/dialog.js";
import { html } from "../components/html.js";
import { QuestionsPanel } from "../components/questions_panel.js";
import { t } from "../components/words.js";

/** @param {{ onClose: () => void } & Parameters<typeof QuestionsPanel>[0]} props */
export const QuestionsSheet = ({ onClose, ...rest }) => html`
  <${Dialog} title=${t("questions-title")} testid="questions-sheet" onClose=${onClose}><${QuestionsPanel} ...${rest} /><//>
`;
