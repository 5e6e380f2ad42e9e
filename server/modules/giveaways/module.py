"""Giveaways: units for nothing, by lot.

Owns      (nothing yet)
Decides   …
Promises  …
"""

from server.kernel.module import Module

MODULE = Module(name="giveaways")
