"""What a process asks for itself."""

import gc

from server.kernel.process import settle


def test_a_full_collection_after_the_start_looks_only_at_what_has_come_since() -> None:
    kept = [[number] for number in range(10_000)]
    try:
        settle()
        assert gc.get_freeze_count() > len(kept)
        assert len(gc.get_objects()) < len(kept), "what was there at the start is looked at again"
    finally:
        gc.unfreeze()
