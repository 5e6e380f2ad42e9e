// The order of questions, and one's own beside the channel's.

import assert from "node:assert/strict";
import { test } from "node:test";
import { inOrder, withMarks, withOwn } from "../../static/lib/questions.js";

const question = (id, status, more = {}) => ({ question_id: id, status, text: id, asked_at_ms: 0, changed_at_ms: 0, version: 1, ...more });
const order = (rows) => rows.map(({ question_id }) => question_id);

test("the live one is first, then the open ones by votes and age, then the answered ones, latest first", () => {
  const questions = [
    question("answered early", "answered", { changed_at_ms: 1 }),
    question("old", "waiting", { asked_at_ms: 1 }),
    question("young", "waiting", { asked_at_ms: 2 }),
    question("hidden", "hidden"),
    question("wanted", "waiting", { asked_at_ms: 3 }),
    question("now", "live"),
    question("answered late", "answered", { changed_at_ms: 2 }),
  ];
  const rows = inOrder(questions, new Map([["wanted", 2]]), new Set(["wanted"]));
  assert.deepEqual(order(rows), ["now", "wanted", "old", "young", "answered late", "answered early", "hidden"]);
  assert.deepEqual(rows.map(({ votes }) => votes).slice(0, 3), [0, 2, 0]);
  assert.deepEqual(rows.filter(({ mine }) => mine).map(({ question_id }) => question_id), ["wanted"]);
});

test("one's own question is there though the channel does not show it", () => {
  assert.deepEqual(order(withOwn([question("a", "waiting")], [question("mine", "waiting")])), ["a", "mine"]);
  const [shown] = withOwn([question("mine", "hidden", { text: "" })], [question("mine", "waiting")]);
  assert.equal(shown.text, "mine");
});

test("what became of one's own question since is the channel's word", () => {
  const [shown] = withOwn([question("mine", "answered", { version: 3 })], [question("mine", "waiting", { version: 1 })]);
  assert.equal(shown.status, "answered");
});

test("what was clicked meanwhile outlives a list that was asked for before", () => {
  const marks = new Map([["a", true], ["b", false]]);
  assert.deepEqual(withMarks(["b", "c"], marks), new Set(["c", "a"]));
});
