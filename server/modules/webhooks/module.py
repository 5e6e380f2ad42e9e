"""Webhooks: tells other systems of the shop what happened.

Owns      (nothing yet)
Decides   …
Promises  …
"""

from server.kernel.module import Module

MODULE = Module(name="webhooks")
