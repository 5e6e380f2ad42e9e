"""`python -m tests.channels.history.launch web`: a role of the server as it is, with the channel kinds of the tests beside the
modules', because a real chat lets nobody speak fast enough to be of use here."""

import sys

from server import __main__, app
from server.kernel.module import Module
from tests.channels.kinds import LongTalkKind

app.MODULES = (*app.MODULES, Module(name="talk", channels=(LongTalkKind(),), emits=LongTalkKind.emits))

if __name__ == "__main__":
    sys.exit(__main__.main())
