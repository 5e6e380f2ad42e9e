"""Auctions: lots, from the announcement to the winner who pays.

Owns      (nothing yet)
Decides   …
Promises  …
"""

from server.kernel.module import Module

MODULE = Module(name="auctions")
