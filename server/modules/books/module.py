"""Books: every movement of money, twice.

Owns      (nothing yet)
Decides   …
Promises  …
"""

from server.kernel.module import Module

MODULE = Module(name="books")
