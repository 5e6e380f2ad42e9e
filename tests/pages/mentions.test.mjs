// Names after an `@`: who is offered, what the text becomes, and where names are found in a text.

import assert from "node:assert/strict";
import { test } from "node:test";
import { askedAt, complete, mentionsIn, partsOf, recentAuthors, suggest } from "../../static/lib/mentions.js";

const vera = { actor_id: "gst_1", name: "Vera" };
const veraB = { actor_id: "gst_2", name: "Vera B" };
const anna = { actor_id: "gst_3", name: "Анна Кузнецова" };
const said = ({ actor_id, name }) => ({ author_id: actor_id, author_name: name });

test("the latest authors come first, each once, without the reader", () => {
  assert.deepEqual(recentAuthors([vera, anna, vera, veraB].map(said), "gst_2"), [vera, anna]);
});

test("an @ that begins a word asks for a name", () => {
  assert.deepEqual(askedAt("hello @Ve", 9), { start: 6, end: 9, typed: "Ve" });
  assert.deepEqual(askedAt("@", 1), { start: 0, end: 1, typed: "" });
});

test("an address is no mention, nor is an @ that the caret has left far behind", () => {
  assert.equal(askedAt("me@example", 10), null);
  assert.equal(askedAt(`@${"a".repeat(60)}`, 61), null);
  assert.equal(askedAt("no at all", 4), null);
  assert.equal(askedAt("@Vera", 0), null);
});

test("names are found by their beginning and by a later word, in any case", () => {
  assert.deepEqual(suggest([vera, veraB, anna], "ve"), [vera, veraB]);
  assert.deepEqual(suggest([vera, veraB, anna], "КУЗ"), [anna]);
  assert.deepEqual(suggest([vera, anna], "zz"), []);
});

test("no more names are offered than fit", () => {
  const many = Array.from({ length: 20 }, (_, index) => ({ actor_id: `gst_${index}`, name: `Vera ${index}` }));
  assert.equal(suggest(many, "").length, 5);
});

test("a chosen name takes the place of what was typed, and the caret goes behind it", () => {
  assert.deepEqual(complete("hi @ve  how", { start: 3, end: 6, typed: "ve" }, "Vera"), { text: "hi @Vera how", caret: 9 });
});

test("the longer of two names that fit is meant", () => {
  assert.deepEqual(mentionsIn("@Vera B and @Vera", [vera, veraB]), [veraB, vera]);
});

test("a name that only begins another word is not meant", () => {
  assert.deepEqual(mentionsIn("@Verandah, @Vera!", [vera]), [vera]);
  assert.deepEqual(mentionsIn("@Verandah", [vera]), []);
});

test("somebody who is named twice is mentioned once, and no more than five are", () => {
  assert.deepEqual(mentionsIn("@Vera @Vera", [vera]), [vera]);
  const many = Array.from({ length: 8 }, (_, index) => ({ actor_id: `gst_${index}`, name: `P${index}` }));
  assert.equal(mentionsIn(many.map(({ name }) => `@${name}`).join(" "), many).length, 5);
});

test("the parts of a text are the text, whatever is in it", () => {
  for (const text of ["", "@", "@@Vera@Vera", "<b>@Vera</b>", "a @Анна Кузнецова b @Vera B"]) {
    assert.equal(partsOf(text, [vera, veraB, anna]).map((part) => part.text).join(""), text);
  }
});
