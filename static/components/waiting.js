// @ts-check
// Something that is on its way, or did not come.

import { ErrorLine } from "./form.js";
import { html } from "./html.js";
import { Icon } from "./icon.js";
import { errorText, t } from "./words.js";

/** @import { Loaded } from "../lib/loaded.js" */

/** Draws what was read, or why it is not there. @param {{ of: Loaded<any>, children: (value: any) => unknown }} props */
export function Waiting({ of, children }) {
  if (of.value.value) return children(of.value.value);
  if (!of.problem.value) return html`<p class="row" role="status"><${Icon} name="loader-circle" turning />${t("loading")}</p>`;
  return html`
    <div class="stack">
      <${ErrorLine} text=${errorText(of.problem.value)} />
      <button class="button" type="button" data-testid="again" onClick=${() => of.load()}>${t("retry")}</button>
    </div>
  `;
}
