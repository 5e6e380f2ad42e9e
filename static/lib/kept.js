// @ts-check
// What a browser keeps for a page. In frames on other sites, and in some private windows, it keeps nothing and says so by an error: then
// things last as long as the page.

/** @typedef {Pick<Storage, "getItem" | "setItem">} Keeper */

/** @param {() => Keeper} find the storage; even looking at it may be forbidden @returns {Keeper} */
export function keeper(find) {
  /** @type {Map<string, string>} */
  const here = new Map();
  return {
    getItem: (key) => {
      try {
        return find().getItem(key) ?? here.get(key) ?? null;
      } catch {
        return here.get(key) ?? null;
      }
    },
    setItem: (key, value) => {
      try {
        find().setItem(key, value);
      } catch {
        here.set(key, value); // forbidden, or full
      }
    },
  };
}

export const forTab = keeper(() => sessionStorage);
export const forBrowser = keeper(() => localStorage);
