// The fragment of an ICE restart, and the answer that is made of the old one and the fragment that comes back.

import assert from "node:assert/strict";
import { test } from "node:test";
import { restartedAnswer, restartFragment } from "../../static/lib/ice_restart.js";

const ANSWER = [
  "v=0", "s=-", "a=group:BUNDLE 0 1", "a=ice-lite",
  "m=video 9 UDP/TLS/RTP/SAVPF 102", "a=mid:0", "a=ice-ufrag:old0", "a=ice-pwd:oldoldoldoldoldoldold0",
  "a=candidate:1 1 udp 2130706431 192.0.2.1 3478 typ host", "a=end-of-candidates", "a=sendonly",
  "m=audio 9 UDP/TLS/RTP/SAVPF 111", "a=mid:1", "a=ice-ufrag:old0", "a=ice-pwd:oldoldoldoldoldoldold0", "a=sendonly", "",
].join("\r\n");

test("the fragment has the credentials of the offer, once", () => {
  const offer = "v=0\r\nm=video 9\r\na=ice-ufrag:n3w\r\na=ice-pwd:secret\r\nm=audio 9\r\na=ice-ufrag:n3w\r\na=ice-pwd:secret\r\n";
  assert.equal(restartFragment(offer), "a=ice-ufrag:n3w\r\na=ice-pwd:secret\r\n");
  assert.throws(() => restartFragment("v=0\r\n"));
});

test("every m-section of the answer gets the new credentials and nothing else changes", () => {
  const restarted = restartedAnswer(ANSWER, "a=ice-ufrag:fresh\r\na=ice-pwd:freshfreshfresh\r\n");
  const expected = ANSWER.replaceAll("ice-ufrag:old0", "ice-ufrag:fresh").replaceAll("ice-pwd:oldoldoldoldoldoldold0", "ice-pwd:freshfreshfresh");
  assert.equal(restarted, expected);
  assert.equal(restarted.match(/fresh\r/g).length, 4);
});

test("candidates of the fragment replace those of before, in the section of the transport", () => {
  const fragment = "a=ice-ufrag:fresh\r\na=ice-pwd:fff\r\na=candidate:1 1 udp 1 198.51.100.7 9 typ host\r\na=end-of-candidates\r\n";
  const restarted = restartedAnswer(ANSWER, fragment);
  assert.ok(!restarted.includes("192.0.2.1"));
  const [, video, audio] = restarted.split("m=");
  assert.equal(video.match(/candidate:1 1 udp 1 198\.51\.100\.7 9 typ host\r\na=end-of-candidates\r\n/g).length, 1);
  assert.ok(!audio.includes("candidate"));
});

test("a fragment without credentials is an error", () => assert.throws(() => restartedAnswer(ANSWER, "a=end-of-candidates\r\n")));
