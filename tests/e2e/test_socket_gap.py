"""Commands while connections come and go: the short form of socket_gap.py."""
from tests.e2e.socket_gap import CONFIGURATION, gap

SECONDS = 15


def test_commands_while_connections_come_and_go(idle):
    idle.configure(**CONFIGURATION).start()
    idle.allow_lint("second ack", "late ack", "tcp")
    figures = gap(idle, SECONDS)
    print(figures)
    assert figures["replayed"] > 0 and figures["faults"] > SECONDS / 3
