// @ts-check
// A labelled input that says what is wrong right beneath it.

import { useId } from "preact/hooks";
import { html } from "./html.js";

/**
 * @param {{ label: string, name: string, error?: string | null, hint?: string, as?: "input" | "textarea" | "select", children?: unknown }
 *   & Record<string, unknown>} props everything else goes to the input
 */
export function Field({ label, name, error = null, hint = "", as = "input", children, ...rest }) {
  const id = useId();
  return html`
    <div class="field">
      <label class="field-label" for=${id}>${label}</label>
      <${as} class="field-input" id=${id} name=${name} aria-invalid=${error ? "true" : undefined}
        aria-describedby=${error || hint ? `${id}-note` : undefined} ...${rest}>${children}<//>
      ${error
        ? html`<p class="field-error" id=${`${id}-note`} role="alert">${error}</p>`
        : hint && html`<p class="field-hint" id=${`${id}-note`}>${hint}</p>`}
    </div>
  `;
}
