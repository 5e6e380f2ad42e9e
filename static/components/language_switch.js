// @ts-check
// The two languages, side by side; the choice is remembered.

import { LOCALES } from "../lib/fluent.js";
import { html } from "./html.js";
import { choose, locale, t } from "./words.js";

export const LanguageSwitch = () => html`
  <div class="language" role="group" aria-label=${t("language-switch")}>
    ${LOCALES.map(
      (each) => html`
        <button class="language-choice" type="button" lang=${each} data-testid=${`language-${each}`}
          aria-pressed=${String(each === locale())} onClick=${() => choose(each)}>${each}</button>
      `,
    )}
  </div>
`;
