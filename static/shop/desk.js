// @ts-check
// The shop's products, without drawing.

import { signal } from "@preact/signals";
import { asApiError } from "../lib/errors.js";
import { shopApi } from "../lib/shop_api.js";

/**
 * @import { Signal } from "@preact/signals"
 * @import { ApiError } from "../lib/errors.js"
 * @import { ProductView } from "../../schemas/generated/messages"
 */

export class ShopDesk {
  /** Those that are offered. @type {Signal<ProductView[] | null>} */ products = signal(null);
  /** @type {Signal<ProductView[] | null>} */ archived = signal(null);
  /** @type {Signal<ApiError | null>} */ problem = signal(null);

  load = async () => {
    try {
      const [products, archived] = await Promise.all([shopApi.products(false), shopApi.products(true)]);
      this.products.value = products.products;
      this.archived.value = archived.products;
      this.problem.value = null;
    } catch (error) {
      this.problem.value = asApiError(error);
    }
  };

  /** @param {string} productId */
  find(productId) {
    return [...(this.products.value ?? []), ...(this.archived.value ?? [])].find((product) => product.product_id === productId) ?? null;
  }
}
