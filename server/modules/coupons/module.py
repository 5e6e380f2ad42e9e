"""Coupons: codes that make an order cheaper.

Owns      (nothing yet)
Decides   …
Promises  …
"""

from server.kernel.module import Module

MODULE = Module(name="coupons")
