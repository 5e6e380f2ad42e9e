// Addresses: how one is written, when two are the same, and a list that is what the server last said.

import assert from "node:assert/strict";
import { test } from "node:test";
import { addressLines, addressText, sameAddress } from "../../static/lib/address.js";
import { Addresses } from "../../static/lib/addresses.js";
import { ApiError, offline } from "../../static/lib/errors.js";

const HOME = { address_id: "adr_1", name: "Bea B.", country: "DE", region: "", city: "Berlin", street: "Torstr. 1", postal_code: "10119", phone: "" };
const WORK = { ...HOME, address_id: "adr_2", city: "Austin", region: "TX", country: "US", street: "6th St 5", postal_code: "", phone: "+1 555" };

/** @param {Record<string, Function>} answers */
const list = (answers) => new Addresses(/** @type {any} */ (answers));
const view = (/** @type {any[]} */ ...addresses) => ({ addresses, default_id: addresses[0]?.address_id ?? null });

test("an address has a line for what it knows and none for what it does not", () => {
  assert.deepEqual(addressLines(HOME, "en"), ["Bea B.", "Torstr. 1", "10119 Berlin", "Germany"]);
  assert.deepEqual(addressLines(WORK, "ru"), ["Bea B.", "6th St 5", "Austin", "TX", "Соединенные Штаты", "+1 555"]);
  assert.equal(addressText(HOME), "Bea B., Torstr. 1, Berlin");
});

test("the same place under another id is the same; one that was changed is not", () => {
  assert.equal(sameAddress(HOME, { ...HOME, address_id: "adr_9" }), true);
  assert.equal(sameAddress(HOME, { ...HOME, phone: "1" }), false);
  assert.equal(sameAddress(null, HOME), false);
});

test("every change shows the list that the server answers with", async () => {
  /** @type {unknown[][]} */ const sent = [];
  const desk = list({
    addresses: async () => view(HOME),
    saveAddress: async (/** @type {any} */ body) => (sent.push(["save", body.address_id]), view(WORK, HOME)),
    changeAddress: async (/** @type {string} */ id, /** @type {any} */ body) => (sent.push(["change", id, body]), view(HOME, WORK)),
    deleteAddress: async (/** @type {string} */ id) => (sent.push(["delete", id]), view(WORK)),
  });
  const now = () => [desk.list.value?.map((each) => each.address_id), desk.usualId.value];
  await desk.load();
  assert.deepEqual(now(), [["adr_1"], "adr_1"]);
  await desk.save({ ...WORK, default: true });
  assert.deepEqual(now(), [["adr_2", "adr_1"], "adr_2"]);
  await desk.makeUsual("adr_1");
  assert.deepEqual(now(), [["adr_1", "adr_2"], "adr_1"]);
  await desk.remove("adr_1");
  assert.deepEqual(now(), [["adr_2"], "adr_2"]);
  assert.deepEqual(sent, [["save", "adr_2"], ["change", "adr_1", { default: true }], ["delete", "adr_1"]]);
});

test("a refusal of a form goes to the form, one of a row is shown, and the list stays", async () => {
  const refuse = async () => {
    throw new ApiError("invalid_field");
  };
  let down = true;
  const desk = list({ addresses: async () => (down ? Promise.reject(offline()) : view(HOME)), saveAddress: refuse, deleteAddress: refuse });
  await desk.load();
  assert.deepEqual([desk.list.value, desk.problem.value?.name, desk.busy.value], [null, "offline", false]);
  down = false;
  await desk.load();
  assert.equal(desk.problem.value, null);
  await assert.rejects(desk.save({ ...WORK, default: true }), { name: "invalid_field" });
  assert.equal(desk.problem.value, null);
  await desk.remove("adr_1");
  assert.deepEqual([desk.problem.value?.name, desk.list.value], ["invalid_field", [HOME]]);
});

test("two presses at once are one", async () => {
  let asked = 0;
  const desk = list({ deleteAddress: async () => ((asked += 1), view()) });
  await Promise.all([desk.remove("adr_1"), desk.remove("adr_1")]);
  assert.equal(asked, 1);
});
