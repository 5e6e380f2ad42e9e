"""What a process asks of the kernel and of Python: to end with its parent, and to spend its time on what it is for."""

import ctypes
import gc
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1  # <linux/prctl.h>

COLLECTED_AFTER = 20_000
"""New containers before the garbage collector looks at them (Python's default: 700). Ten thousand requests under way are a
million objects that all live: with the default the collector spent half of the processor's time looking at them."""
AGAIN_AFTER = 30
"""Such looks before it looks at what the last ones left (10): that took 150 ms in the same crowd."""
SWITCH_INTERVAL_S = 0.0005
"""How long a thread waits for the interpreter's lock before it asks for it (Python's default: 5 ms). SQLite's threads let go of
it for every row, so a query of a thousand rows beside a busy event loop waited seconds."""


def die_with_parent(parent_pid: int) -> None:
    """Ask the kernel to end this process (SIGKILL) when its parent dies, and end at once if that has happened already.

    Call it in the child, before anything else. SIGKILL and not SIGTERM: everything promised is on disk, and a child that drains
    for seconds after its supervisor was killed would keep the ports that the next supervisor needs.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_PDEATHSIG)")
    if os.getppid() != parent_pid:
        os.kill(os.getpid(), signal.SIGKILL)


def settle() -> None:
    """The process has started: what it holds now it holds for good, so the garbage collector need not look at it any more.

    Half a million objects of imports and tables made every full collection a pause of about 100 ms, in the middle of a show.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(COLLECTED_AFTER, AGAIN_AFTER)
    sys.setswitchinterval(SWITCH_INTERVAL_S)
