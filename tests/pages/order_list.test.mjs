// A host's orders: which show, which filter, page by page, and what is shown when an answer is late or never comes.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { offline } from "../../static/lib/errors.js";
import { FILTERS, OrderList } from "../../static/lib/order_list.js";
import { mayMove } from "../../static/lib/order_status.js";

const show = (/** @type {string} */ id, /** @type {number} */ at, more = {}) => ({ show_id: id, host_id: "usr_1", state: "ended", started_at_ms: at, scheduled_at_ms: at, ...more });
const SHOWS = [show("shw_old", 1), show("shw_live", 0, { state: "live" }), show("shw_new", 5), show("shw_other", 9, { host_id: "usr_2" })];
const page = (/** @type {string[]} */ ids, /** @type {string | null} */ next = null) => ({ orders: ids.map((order_id) => ({ order_id })), next });

/** @param {(show: string, filter: string, before?: string) => any} ofShow @param {any} [shows] */
function desk(ofShow, shows = async () => ({ shows: SHOWS })) {
  /** @type {unknown[][]} */ const asked = [];
  const list = new OrderList(/** @type {any} */ ({
    shows,
    ofShow: async (/** @type {[string, string, string?]} */ ...question) => (asked.push(question), ofShow(...question)),
  }));
  return { list, asked, ids: () => list.orders.value?.map((each) => each.order_id) ?? null };
}

test("the filters are the server's", async () => {
  const source = await readFile(new URL("../../server/modules/orders/store.py", import.meta.url), "utf8");
  const [, body] = /FILTERS: dict\[str, Any\] = \{(.*?)\n\}/s.exec(source) ?? [];
  assert.deepEqual([...String(body).matchAll(/^ {4}"(\w+)":/gm)].map(([, name]) => name), [...FILTERS]);
});

test("one's own shows are there, what is on air first, and its orders", async () => {
  const { list, asked, ids } = desk(() => page(["ord_2", "ord_1"]));
  await list.open("usr_1");
  assert.deepEqual(list.shows.value?.map((each) => each.show_id), ["shw_live", "shw_new", "shw_old"]);
  assert.deepEqual([list.showId.value, ids(), asked], ["shw_live", ["ord_2", "ord_1"], [["shw_live", "all", undefined]]]);
});

test("the address of the page chooses show and filter; a filter that is none is not asked for", async () => {
  const first = desk(() => page([]));
  await first.list.open("usr_1", { show: "shw_gone", filter: "sent" });
  assert.deepEqual(first.asked, [["shw_gone", "sent", undefined]]);
  const second = desk(() => page([]));
  await second.list.open("usr_1", { filter: "nonsense" });
  assert.deepEqual(second.asked, [["shw_live", "all", undefined]]);
});

test("more orders come beneath, and another choice begins anew", async () => {
  const { list, asked, ids } = desk((_, filter, before) => (filter === "sent" ? page(["ord_0"]) : before ? page(["ord_1"]) : page(["ord_3", "ord_2"], "ord_2")));
  await list.open("usr_1");
  await Promise.all([list.more(), list.more()]);
  assert.deepEqual([ids(), list.next.value], [["ord_3", "ord_2", "ord_1"], null]);
  await list.more();
  assert.equal(asked.length, 2, "there is nothing more to ask for");
  const changing = list.chooseFilter("sent");
  assert.equal(ids(), null);
  await changing;
  await list.chooseShow("shw_old");
  assert.deepEqual([ids(), asked.at(-1)], [["ord_0"], ["shw_old", "sent", undefined]]);
});

test("an answer to an older choice changes nothing", async () => {
  /** @type {Record<string, (view: any) => void>} */ const answer = {};
  const { list, ids } = desk((_, filter) => (filter === "all" ? page([]) : new Promise((resolve) => (answer[filter] = resolve))));
  await list.open("usr_1");
  const slow = list.chooseFilter("sent");
  const quick = list.chooseFilter("returns");
  answer.returns(page(["ord_9"]));
  await quick;
  answer.sent(page(["ord_1"], "ord_1"));
  await slow;
  assert.deepEqual([ids(), list.next.value, list.busy.value], [["ord_9"], null, false]);
});

test("what failed is done again: the shows, a page, the next page", async () => {
  let down = true;
  const orFail = (/** @type {any} */ view) => (down ? Promise.reject(offline()) : view);
  const { list, ids } = desk((_, __, before) => orFail(before ? page(["ord_1"]) : page(["ord_2"], "ord_2")), async () => orFail({ shows: SHOWS }));
  await list.open("usr_1", { show: "shw_old" });
  assert.deepEqual([list.problem.value?.name, list.shows.value, ids()], ["offline", null, null]);
  down = false;
  await list.retry();
  assert.deepEqual([list.problem.value, list.showId.value, ids()], [null, "shw_old", ["ord_2"]]);
  down = true;
  await list.more();
  assert.deepEqual([list.problem.value?.name, ids()], ["offline", ["ord_2"]]);
  down = false;
  await list.retry();
  assert.deepEqual([list.problem.value, ids()], [null, ["ord_2", "ord_1"]]);
});

test("who has no show has no orders, and nobody is asked for them", async () => {
  const { list, asked, ids } = desk(() => page([]));
  await list.open("usr_3");
  assert.deepEqual([list.shows.value, list.showId.value, ids(), asked], [[], "", null, []]);
});

test("goods that nobody has packed may go somewhere else", () => {
  const at = (/** @type {string} */ state, /** @type {string} */ fulfilment) => mayMove({ state, fulfilment });
  assert.deepEqual([at("placed", "none"), at("confirmed", "none"), at("confirmed", "packed"), at("fulfilled", "shipped"), at("cancelled", "none")], [true, true, false, false, false]);
});
