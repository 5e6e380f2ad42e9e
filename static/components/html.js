// @ts-check
// Templates without a compiler: htm bound to Preact. Text always becomes a text node.

import htm from "htm";
import { h } from "preact";

/** @import { VNode } from "preact" */

/** @type {(strings: TemplateStringsArray, ...values: any[]) => VNode} */
export const html = /** @type {any} */ (htm.bind(h));
