// @ts-check
// The statement without drawing: the period, its lines page by page, and the file.

import { signal } from "@preact/signals";
import { allLines, COLUMNS, csvOf, periodOf, statement } from "../lib/books.js";
import { asApiError } from "../lib/errors.js";
import { clock } from "../lib/store.js";

/**
 * @import { Signal } from "@preact/signals"
 * @import { ApiError } from "../lib/errors.js"
 * @import { Days } from "../lib/books.js"
 * @import { AuditView, FiguresView, StatementLine } from "../../schemas/generated/messages"
 */

export class StatementPage {
  /** @type {Signal<Days>} */ days = signal(periodOf("month", clock.serverNowMs()));
  /** @type {Signal<StatementLine[] | null>} */ lines = signal(null);
  /** @type {Signal<FiguresView[]>} */ totals = signal([]);
  /** @type {Signal<AuditView | null>} */ audit = signal(null);
  /** @type {Signal<string | null>} */ after = signal(null);
  /** @type {Signal<ApiError | null>} */ problem = signal(null);
  /** @type {Signal<boolean>} */ busy = signal(false);
  #asked = 0;

  /** Another period, or the same again. @param {Days} days */
  async show(days) {
    this.days.value = days;
    await this.#load(null);
  }

  async more() {
    await this.#load(this.after.value);
  }

  /** The whole period as a file. @param {string[]} heads @param {(text: string, name: string) => void} save */
  async download(heads, save) {
    await this.#attempt(async () => {
      const { from, to } = this.days.value;
      // Spreadsheets take a file for UTF-8 only with this mark.
      save(`\ufeff${csvOf(await allLines(this.days.value), heads)}`, `statement_${from}_${to}.csv`);
    });
  }

  /** @param {string | null} after */
  async #load(after) {
    const asked = ++this.#asked;
    await this.#attempt(async () => {
      const view = await statement(this.days.value, after);
      if (asked !== this.#asked) return; // another period was chosen meanwhile
      this.lines.value = after ? [...(this.lines.value ?? []), ...view.lines] : view.lines;
      this.totals.value = view.totals;
      this.audit.value = view.audit;
      this.after.value = view.after;
    });
  }

  /** @param {() => Promise<void>} step */
  async #attempt(step) {
    this.busy.value = true;
    this.problem.value = null;
    try {
      await step();
    } catch (error) {
      this.problem.value = asApiError(error);
    }
    this.busy.value = false;
  }
}

/** Names of the columns of the file, which programs read. */
export const HEADS = ["time", "order_id", "show_id", "currency", ...COLUMNS.map((column) => column.replace("_minor", ""))];
