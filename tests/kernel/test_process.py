"""What a process asks for itself."""

import gc
import sys

from server.kernel.process import AGAIN_AFTER, COLLECTED_AFTER, SWITCH_INTERVAL_S, settle


def test_a_full_collection_after_the_start_looks_only_at_what_has_come_since() -> None:
    kept = [[number] for number in range(10_000)]
    try:
        settle()
        assert gc.get_freeze_count() > len(kept)
        assert len(gc.get_objects()) < len(kept), "what was there at the start is looked at again"
    finally:
        gc.unfreeze()


def test_a_crowd_is_neither_collected_again_and_again_nor_kept_waiting_by_threads() -> None:
    thresholds, interval_s = gc.get_threshold(), sys.getswitchinterval()
    try:
        settle()
        assert gc.get_threshold()[:2] == (COLLECTED_AFTER, AGAIN_AFTER)
        assert sys.getswitchinterval() == SWITCH_INTERVAL_S
    finally:
        gc.unfreeze()
        gc.set_threshold(*thresholds)
        sys.setswitchinterval(interval_s)
