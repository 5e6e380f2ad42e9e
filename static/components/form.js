// @ts-check
// Sending a form: busy while it is under way, the server's refusal beside the field it names, and what was typed stays.

import { useState } from "preact/hooks";
import { asApiError } from "../lib/errors.js";
import { html } from "./html.js";
import { Icon } from "./icon.js";
import { errorText, t } from "./words.js";

/** @import { ApiError } from "../lib/errors.js" */

/** A refusal of a field that never left the page. */
export class FieldProblem extends Error {
  /** @param {string} field @param {string} messageId */
  constructor(field, messageId) {
    super(messageId);
    this.field = field;
  }
}

/**
 * @param {(values: Record<string, string>, form: HTMLFormElement) => Promise<unknown>} send may throw a FieldProblem
 */
export function useForm(send) {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState(/** @type {FieldProblem | ApiError | null} */ (null));

  const onSubmit = async (/** @type {SubmitEvent} */ event) => {
    event.preventDefault();
    if (busy) return;
    const form = /** @type {HTMLFormElement} */ (event.currentTarget);
    const values = /** @type {Record<string, string>} */ (Object.fromEntries(new FormData(form)));
    setBusy(true);
    setProblem(null);
    try {
      await send(values, form);
    } catch (error) {
      setProblem(error instanceof FieldProblem ? error : asApiError(error));
    }
    setBusy(false);
  };

  const named = problem && (problem instanceof FieldProblem ? problem.field : fieldOf(problem));
  const pointer = problem && (problem instanceof FieldProblem ? problem.field : String(problem.extra.field ?? ""));
  const text = problem && (problem instanceof FieldProblem ? t(problem.message) : errorText(problem));
  return {
    busy,
    onSubmit,
    /** Text beside the field, or null. @param {string} name of one among several rows: its JSON pointer */
    errorOf: (name) => (name.startsWith("/") ? (pointer === name ? text : null) : named === name ? text : null),
    /** The refusal, when it is not about one of these fields. @param {string[]} fields */
    rest: (fields) => (text && !fields.some((field) => field === named || field === pointer) ? html`<${ErrorLine} text=${text} />` : null),
  };
}

/** @param {{ text: string }} props */
export const ErrorLine = ({ text }) => html`<p class="error-line" role="alert" data-testid="error"><${Icon} name="triangle-alert" />${text}</p>`;

/** Name of the field a problem is about: `field` is a JSON pointer such as `/name`. @param {ApiError} error */
const fieldOf = (error) => String(error.extra.field ?? "").split("/").at(-1) || null;
