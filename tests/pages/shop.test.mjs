// What the shop's pages know without drawing: pictures being put together, addresses, searching, tags, moments.

import assert from "node:assert/strict";
import { test } from "node:test";
import { ApiError } from "../../static/lib/errors.js";
import { localMoment, localText } from "../../static/lib/local_time.js";
import { PictureList } from "../../static/lib/picture_list.js";
import { BYTES_MAX, pictureOf, pictureUrl, sourcesOf, upload } from "../../static/lib/pictures.js";
import { matching, onHand, priceRange, skuFor, tagsOf } from "../../static/lib/shop_api.js";

const ID = `pic_${"a".repeat(32)}`;
const file = (name, size = 10) => new File([new Uint8Array(size)], name, { type: "image/jpeg" });

/** A line that lets one file through at a time, when told. */
function line() {
  const waiting = [];
  const send = (sent, onProgress) => new Promise((resolve, reject) => waiting.push({ name: sent.name, onProgress, resolve, reject }));
  const next = async () => {
    while (waiting.length === 0) await new Promise((done) => setImmediate(done));
    return waiting.shift();
  };
  return { send, next, waiting };
}

test("files go up one after another and stand in the order in which they were chosen", async () => {
  const { send, next, waiting } = line();
  const list = new PictureList([], 8, send);
  const done = list.add([file("a"), file("b")]);
  const first = await next();
  assert.equal(waiting.length, 0, "the second one waits for the first");
  first.onProgress(0.5);
  assert.deepEqual(list.items.value.map(({ progress }) => progress), [0.5, 0]);
  assert.equal(list.busy.value, true);
  first.resolve({ picture_id: "pic_1" });
  (await next()).resolve({ picture_id: "pic_2" });
  await done;
  assert.deepEqual(list.ids.value, ["pic_1", "pic_2"]);
  assert.equal(list.busy.value, false);
});

test("a refused file keeps its place, can be tried again, and is not among those that are there", async () => {
  const { send, next } = line();
  const list = new PictureList([], 8, send);
  const refused = list.add([file("a")]);
  (await next()).reject(new ApiError("rate_limited"));
  await refused;
  assert.equal(list.items.value[0].problem?.name, "rate_limited");
  assert.deepEqual([list.ids.value, list.busy.value], [[], false]);
  const again = list.again(list.items.value[0].key);
  (await next()).resolve({ picture_id: "pic_1" });
  await again;
  assert.deepEqual(list.ids.value, ["pic_1"]);
});

test("what was removed while it waited is not sent", async () => {
  const { send, next, waiting } = line();
  const list = new PictureList([], 8, send);
  const done = list.add([file("a"), file("b")]);
  const first = await next();
  list.remove(list.items.value[1].key);
  first.resolve({ picture_id: "pic_1" });
  await done;
  assert.equal(waiting.length, 0);
  assert.deepEqual(list.ids.value, ["pic_1"]);
});

test("pictures move within the list and not beyond it; what does not fit is turned away", async () => {
  const list = new PictureList(["pic_1", "pic_2", "pic_3"], 3);
  const [first, second] = list.items.value;
  list.move(first.key, 2);
  assert.deepEqual(list.ids.value, ["pic_2", "pic_3", "pic_1"]);
  list.move(first.key, 3);
  list.move(second.key, -1);
  assert.deepEqual(list.ids.value, ["pic_2", "pic_3", "pic_1"]);
  await list.add([file("a"), file("b")]);
  assert.equal(list.turnedAway.value, 2);
  list.remove(first.key);
  assert.deepEqual([list.ids.value, list.turnedAway.value], [["pic_2", "pic_3"], 0]);
});

test("where there is room for one, another one takes its place", async () => {
  const list = new PictureList(["pic_1"], 1, async () => ({ picture_id: "pic_2", url: "", width: 1, height: 1 }));
  await list.add([file("a")]);
  assert.deepEqual(list.ids.value, ["pic_2"]);
});

test("a file that is too large is refused before a byte of it is sent", async () => {
  await assert.rejects(upload(file("a", BYTES_MAX + 1), () => {}, () => assert.fail("it was sent")), { name: "too_large" });
});

test("only the shop's own addresses have several widths", () => {
  assert.equal(pictureOf(pictureUrl(ID, 320)), ID);
  assert.equal(sourcesOf(pictureUrl(ID))?.split(", ")[1], `${pictureUrl(ID, 800)} 800w`);
  for (const url of ["/static/demo/mug.svg", `https://evil.example${pictureUrl(ID)}`, `${pictureUrl(ID)}?x`, null]) assert.equal(pictureOf(url), null);
});

const product = (title, ...variants) => ({
  product_id: "prd_1",
  title,
  description: "",
  image_url: null,
  pictures: [],
  archived: false,
  variants: variants.map(([label, amount_minor, on_hand]) => ({ sku: `${label}-1`, label, on_hand, price: { amount_minor, currency: "EUR" }, tax_rate_bp: 0, lowest_30d: null })),
});

test("a card says from what to what, and how many of all variants", () => {
  const dress = product("Dress", ["M", 4900, 3], ["L", 5550, 2], ["S", 4900, 0]);
  assert.deepEqual(priceRange(dress, "en"), ["€49", "€55.50"]);
  assert.deepEqual(priceRange(product("Mug", ["A", 100, 1], ["B", 100, 1]), "en"), ["€1", null]);
  assert.equal(onHand(dress), 5);
});

test("a search finds beginnings of words, in both alphabets, in any order", () => {
  const all = [product("Льняное платье", ["M", 1, 1]), product("Tea bowl “Evening”", ["BLUE", 1, 1])];
  const found = (query) => matching(all, query).map(({ title }) => title.split(" ")[0]);
  assert.deepEqual(found("плат льня"), ["Льняное"]);
  assert.deepEqual(found("even"), ["Tea"]);
  assert.deepEqual(found("blue-1"), ["Tea"]);
  assert.deepEqual(found("owl"), []);
  assert.deepEqual(found("  "), ["Льняное", "Tea"]);
});

test("a SKU that is made fits the server's pattern", () => {
  for (const title of ["Tea bowl “Evening”", "Льняное платье", "x".repeat(200), "-—-"]) {
    for (const at of [0, 49]) assert.match(skuFor(title, `prd_${"0123456789abcdef".repeat(2)}`, at), /^[A-Z0-9][A-Z0-9._-]{0,31}$/);
  }
});

test("tags are tidy", () => {
  assert.deepEqual(tagsOf(" linen, #Summer , , #,LINEN,hand  made"), ["linen", "Summer", "hand made"]);
});

test("a moment goes into the field and comes back, whatever the zone and the season", () => {
  for (const atMs of [Date.UTC(2031, 0, 1), Date.UTC(2031, 6, 31, 23, 59), Date.UTC(2026, 2, 29, 12)]) assert.equal(localMoment(localText(atMs)), atMs);
  for (const text of ["", "tomorrow", "2031-13-45T99:99"]) assert.equal(localMoment(text), null);
});
