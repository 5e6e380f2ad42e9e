// What a server offers in the Link headers of a 201.

import assert from "node:assert/strict";
import { test } from "node:test";
import { offersOf, parseLinks } from "../../static/lib/links.js";

const BASE = "https://shop.example/whep/shw_1";

test("several headers that fetch has joined are several links", () => {
  const header = '<stun:a.example:3478>; rel="ice-server", <turn:b.example?transport=udp>; rel=ice-server; username="u,1"; credential="p\\"w"';
  assert.deepEqual(parseLinks(header).map(({ target }) => target), ["stun:a.example:3478", "turn:b.example?transport=udp"]);
  assert.deepEqual(offersOf(header, BASE).iceServers, [
    { urls: "stun:a.example:3478" },
    { urls: "turn:b.example?transport=udp", username: "u,1", credential: 'p"w' },
  ]);
});

test("servers that a browser would refuse are left out, so that the others are taken", () => {
  const header = '<turn:b.example>; rel="ice-server", <http://c.example>; rel="ice-server", <stun:a.example>; rel="ice-server"';
  assert.deepEqual(offersOf(header, BASE).iceServers, [{ urls: "stun:a.example" }]);
});

test("the extensions of a session are addresses on the endpoint's host", () => {
  const header =
    '</whep/shw_1/s1/sse>; rel="urn:ietf:params:whep:ext:core:server-sent-events"; events="active,inactive,layers", ' +
    '</whep/shw_1/s1/layer>; rel="urn:ietf:params:whep:ext:core:layer"';
  assert.deepEqual(offersOf(header, BASE), {
    iceServers: [],
    events: "https://shop.example/whep/shw_1/s1/sse",
    layer: "https://shop.example/whep/shw_1/s1/layer",
  });
});

test("no header and nonsense offer nothing", () => {
  const nothing = { iceServers: [], events: null, layer: null };
  for (const header of [null, "", "rel=ice-server", "<>; rel", "<stun:a.example", ",,;;<<>>"]) assert.deepEqual(offersOf(header, BASE), nothing);
});

test("the first of two parameters of one name counts, and names have no case", () => {
  assert.equal(parseLinks('<a>; REL="first"; rel="second"')[0].rel, "first");
});

test("a long header of one quote after the other ends soon", () => {
  const began = process.cpuUsage();
  parseLinks(`<a>${'; x="'.repeat(20_000)}`);
  assert.ok(process.cpuUsage(began).user < 5_000_000);
});
