"""Flash sales: a price for a while, for some units.

Owns      (nothing yet)
Decides   …
Promises  …
"""

from server.kernel.module import Module

MODULE = Module(name="flash_sales")
