"""Child processes that never outlive the process that started them."""

import ctypes
import os
import signal

_PR_SET_PDEATHSIG = 1  # <linux/prctl.h>


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
