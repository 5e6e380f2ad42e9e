// The browser's reducers agree with the vectors that the server's channel kinds agree with, and a view notices every hole.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { KINDS, fromSnapshot, takePush } from "../../static/lib/reducers.js";

const vectors = JSON.parse(readFileSync(new URL("../vectors/reducers.json", import.meta.url), "utf8"));

for (const { name, kind, snapshot, publications, after } of vectors) {
  test(name, () => {
    assert.deepEqual(publications.reduce((state, publication) => KINDS[kind].apply(state, publication), snapshot), after);
  });
}

test("there is a vector for every kind", () => {
  assert.deepEqual(new Set(vectors.map((vector) => vector.kind)), new Set(Object.keys(KINDS)));
});

test("a reducer leaves the state that it was given alone", () => {
  for (const { kind, snapshot, publications } of vectors) {
    const before = structuredClone(snapshot);
    for (const publication of publications) KINDS[kind].apply(snapshot, publication);
    assert.deepEqual(snapshot, before);
  }
});

test("the questions keep the hundred that changed last", () => {
  const questions = Array.from({ length: 103 }, (_, at) => ({ question_id: `qst_${String(at).padStart(3, "0")}`, changed_at_ms: at, version: 1 }));
  assert.deepEqual(questions.reduce(KINDS.questions.apply, { questions: [] }).questions, questions.slice(3));
});

const counter = (delivery) => ({ delivery, apply: (state, data) => state + data });
const view = fromSnapshot({ epoch: "e1", offset: 4, snapshot: 10 });

test("the next offset is applied", () => {
  assert.deepEqual(takePush(counter("event"), view, { epoch: "e1", offset: 5, data: 2 }), { epoch: "e1", offset: 5, state: 12 });
});

test("an offset that is known changes nothing", () => {
  assert.equal(takePush(counter("event"), view, { epoch: "e1", offset: 4, data: 2 }), view);
});

test("a hole in an event channel is noticed", () => {
  assert.equal(takePush(counter("event"), view, { epoch: "e1", offset: 6, data: 2 }), "lost");
});

test("offsets that are nothing to the channel are no hole", () => {
  const push = { epoch: "e1", offset: 9, data: 2 };
  assert.deepEqual(takePush(counter("event"), view, { ...push, after: 4 }), { epoch: "e1", offset: 9, state: 12 });
  assert.equal(takePush(counter("event"), view, { ...push, after: 2 }).offset, 9);
  assert.equal(takePush(counter("event"), view, { ...push, after: 5 }), "lost");
});

test("a state channel may skip offsets", () => {
  assert.equal(takePush(counter("state"), view, { epoch: "e1", offset: 9, data: 2 }).offset, 9);
});

test("another epoch is never mixed with this one", () => {
  assert.equal(takePush(counter("state"), view, { epoch: "e2", offset: 5, data: 2 }), "lost");
});
