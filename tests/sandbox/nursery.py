"""Many sandboxes from one process that has read its modules and made its keys: each is a fork of it.

For test runs, which start hundreds of sandboxes one after the other (Nursery in client.py); a sandbox by itself is
`python -m tests.sandbox`.
A request is a line of JSON on standard input, {"options": [...], "env": {...}}; the answer is the line that the new
sandbox prints. At the end of the input all of them end.
"""
import asyncio
import contextlib
import json
import os
import signal
import sys
import traceback

from . import certificates
from .__main__ import main


def run(request):
    """The life of one sandbox."""
    told = []

    def tell(line):
        told.append(line)
        print(line, flush=True)

    signal.signal(signal.SIGCHLD, signal.SIG_DFL)  # it starts programs itself
    os.environ.update(request["env"])
    sys.argv = ["tests.sandbox", *request["options"]]
    try:
        asyncio.run(main(tell))
    except BaseException:  # whatever it was: somebody waits for the line
        traceback.print_exc()
        if not told:
            tell("")
    sys.stderr.flush()
    os._exit(0)


def serve():
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for them
    certificates.prepare()
    children = []
    for line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            os.close(0)
            run(json.loads(line))
        children.append(pid)
    for pid in children:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGTERM)


if __name__ == "__main__":
    serve()
