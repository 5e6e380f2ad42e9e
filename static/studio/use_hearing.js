// @ts-check
// Whether the microphone is heard, told anew with every stream and every press of "mute".

import { useEffect, useRef, useState } from "preact/hooks";
import { hear, listening } from "../lib/hearing.js";
import { clock } from "../lib/store.js";

/**
 * @import { Broadcast } from "../lib/broadcast.js"
 * @import { Heard } from "../lib/hearing.js"
 */

const LOOK_MS = 500;

/** @param {Broadcast} broadcast @returns {Heard | "missing" | "muted"} `missing`: there is no microphone at all */
export function useHearing(broadcast) {
  const stream = broadcast.stream.value;
  const speaking = broadcast.sending.value.audio;
  const hearing = useRef(listening(clock.monotonicMs()));
  const [heard, setHeard] = useState(/** @type {Heard} */ ("listening"));
  useEffect(() => {
    hearing.current = listening(clock.monotonicMs());
    setHeard("listening");
    const look = () => {
      hearing.current = hear(hearing.current, broadcast.level.peek(), clock.monotonicMs());
      setHeard(hearing.current.heard);
    };
    // The level is looked at and not drawn thirty times a second. A dead microphone never changes it, so the clock looks as well.
    const unsubscribe = broadcast.level.subscribe(look);
    const timer = setInterval(look, LOOK_MS);
    return () => {
      clearInterval(timer);
      unsubscribe();
    };
  }, [stream, speaking]);
  if (stream && stream.getAudioTracks().length === 0) return "missing";
  return speaking ? heard : "muted";
}
