// The bill: the sum on the button is the server's answer to what is chosen now, whatever answers are late and whatever it refuses.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Bill } from "../../static/lib/bill.js";
import { ApiError } from "../../static/lib/errors.js";

const LINES = [{ sku: "MUG", quantity: 1, unit_price: { amount_minor: 1_990, currency: "EUR" } }];
const HOME = { address_id: "adr_1" };
const WORK = { address_id: "adr_2" };

/** @param {number} total_minor @param {any} [more] @returns {any} */
const quote = (total_minor, more = {}) => ({ amounts: { total_minor }, options: [{ option_id: "post" }, { option_id: "express" }], shipping: "post", ...more });

/** @param {(question: any) => any} answer @param {any} [more] of the interface */
function desk(answer, more = {}) {
  /** @type {any[]} */ const asked = [];
  const bill = new Bill("shw_1", /** @type {any} */ ({ quote: async (/** @type {any} */ question) => (asked.push(question), answer(question)), ...more }));
  const total = () => bill.quote.value?.amounts.total_minor ?? null;
  return { bill, asked, total };
}

const refusal = (/** @type {string} */ name, extra = {}) => {
  throw new ApiError(name, { extra });
};

test("the server is asked with what is chosen, and nothing that is not", async () => {
  const { bill, asked, total } = desk(({ coupon, shipping }) => quote(2_480 - (coupon ? 200 : 0) + (shipping === "express" ? 500 : 0)));
  await bill.ask(LINES);
  assert.deepEqual([asked, total(), bill.extras], [[{ show_id: "shw_1", lines: LINES }], 2_480, {}]);
  await bill.useCoupon(" spring ");
  await bill.chooseShipping("express");
  assert.deepEqual(asked.at(-1), { show_id: "shw_1", lines: LINES, coupon: "SPRING", shipping: "express" });
  assert.equal(total(), 2_780);
  await bill.chooseAddress("adr_2");
  assert.deepEqual(bill.extras, { coupon: "SPRING", address_id: "adr_2" }, "another place may have other ways of delivery");
});

test("an empty cart asks nothing", async () => {
  const { bill, asked } = desk(() => quote(1));
  await bill.ask([]);
  await bill.useCoupon("SPRING");
  assert.deepEqual(asked, []);
});

test("a code that does not count is said so, and the price without it is shown", async () => {
  const { bill, asked, total } = desk(({ coupon }) => (coupon === "WRONG" ? refusal("coupon_invalid", { reason: "unknown" }) : quote(2_480)));
  await bill.useCoupon("wrong");
  await bill.ask(LINES);
  assert.deepEqual([bill.couponProblem.value?.extra.reason, bill.problem.value, total()], ["unknown", null, 2_480]);
  assert.deepEqual(bill.extras, {}, "the order does not carry it either");
  assert.equal(asked.length, 2);
  await bill.useCoupon("RIGHT");
  assert.deepEqual([bill.couponProblem.value, bill.extras], [null, { coupon: "RIGHT" }]);
});

test("a code that is no code at all is the code's fault, without one it is the bill's", async () => {
  const { bill, total } = desk(({ coupon }) => (coupon ? refusal("invalid_field") : quote(2_480)));
  await bill.ask(LINES);
  await bill.useCoupon("!!");
  assert.deepEqual([bill.couponProblem.value?.name, total()], ["invalid_field", 2_480]);
  const other = desk(() => refusal("invalid_field"));
  await other.bill.ask(LINES);
  assert.deepEqual([other.bill.couponProblem.value, other.bill.problem.value?.name, other.total()], [null, "invalid_field", null]);
});

test("a way of delivery that is gone is chosen anew", async () => {
  const { bill, total } = desk(({ shipping }) => (shipping === "express" ? refusal("shipping_unavailable") : quote(2_480)));
  await bill.ask(LINES);
  await bill.chooseShipping("express");
  assert.deepEqual([bill.shipping.value, bill.problem.value, total()], [null, null, 2_480]);
});

test("without an answer there is no sum, and the next answer brings it back", async () => {
  const answers = [quote(1_990), null, quote(2_480)];
  const { bill, total } = desk(() => answers.shift() ?? refusal("unavailable"));
  await bill.ask(LINES);
  await bill.ask(LINES);
  assert.deepEqual([bill.problem.value?.name, total()], ["unavailable", null], "the sum of before would not be charged");
  await bill.ask(LINES);
  assert.deepEqual([bill.problem.value, total()], [null, 2_480]);
});

test("a late answer to an older question changes nothing, nor does a late refusal", async () => {
  /** @type {{ resolve: (view: any) => void, reject: (error: Error) => void }[]} */ const waiting = [];
  const { bill, total } = desk(() => new Promise((resolve, reject) => waiting.push({ resolve, reject })));
  const first = bill.ask(LINES);
  const second = bill.ask(LINES);
  const third = bill.ask(LINES);
  waiting[2].resolve(quote(3));
  await third;
  waiting[0].resolve(quote(1));
  waiting[1].reject(new ApiError("sold_out"));
  await Promise.all([first, second]);
  assert.deepEqual([total(), bill.problem.value], [3, null]);
});

test("the usual address is chosen until somebody chooses, and again when the chosen one is gone", async () => {
  const lists = [[HOME, WORK], [HOME, WORK], [HOME]];
  const { bill } = desk(() => quote(1), { addresses: async () => ({ addresses: lists.shift(), default_id: "adr_1" }) });
  await bill.loadAddresses();
  assert.equal(bill.addressId.value, "adr_1");
  await bill.chooseAddress("adr_2");
  await bill.loadAddresses();
  assert.equal(bill.addressId.value, "adr_2");
  await bill.loadAddresses();
  assert.deepEqual([bill.addressId.value, bill.addresses.value], ["adr_1", [HOME]]);
});

test("a new address is chosen at once, and one that is refused is not", async () => {
  let refuse = false;
  const { bill, asked } = desk(() => quote(1), {
    saveAddress: async (/** @type {any} */ body) => (refuse ? refusal("invalid_field") : { addresses: [body, HOME], default_id: body.address_id }),
  });
  await bill.ask(LINES);
  await bill.saveAddress(/** @type {any} */ (WORK));
  assert.deepEqual([bill.addressId.value, bill.addresses.value, asked.at(-1).address_id], ["adr_2", [WORK, HOME], "adr_2"]);
  refuse = true;
  await assert.rejects(bill.saveAddress(/** @type {any} */ ({ address_id: "adr_3" })), { name: "invalid_field" });
  assert.equal(bill.addressId.value, "adr_2");
});
