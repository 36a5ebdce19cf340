"""Starts the sandbox and prints one line of JSON when it is ready; SIGTERM or SIGINT ends it."""
import argparse
import asyncio
import json
import signal
import sys

from .server import Sandbox


def arguments():
    parser = argparse.ArgumentParser(prog="tests.sandbox", description=__doc__)
    parser.add_argument("--dir", required=True, help="directory for certificates and tocsin.yaml")
    parser.add_argument("--tls", action="store_true", help="https and wss on the Slack side")
    parser.add_argument(
        "--tls-name",
        default="slack.sandbox.test",
        help="host name of the Slack side with --tls; 127.0.0.1 needs no connect_to",
    )
    parser.add_argument("--rates", action="store_true", help="enforce Slack's rate limits")
    parser.add_argument(
        "--listen",
        default="127.0.0.1:0",
        help="where the bot will listen; port 0: a free one is chosen",
    )
    parser.add_argument(
        "--connections", type=int, default=2, help="slack.connections in tocsin.yaml"
    )
    parser.add_argument(
        "--jira", choices=("cloud", "datacenter"), help="put this Jira site into tocsin.yaml"
    )
    parser.add_argument("--topic", default="arn:aws:sns:us-east-1:123456789012:alarms")
    parser.add_argument(
        "--unsubscribed",
        action="store_true",
        help="the endpoint is not subscribed to the topic yet",
    )
    return parser.parse_args()


async def main(tell):
    sandbox = Sandbox(arguments())
    await sandbox.start()
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    tell(json.dumps(sandbox.ready))
    await stop.wait()
    await sandbox.stop()


if __name__ == "__main__":
    sys.exit(asyncio.run(main(lambda line: print(line, flush=True))))
