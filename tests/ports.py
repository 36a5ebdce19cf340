"""Ports for what listens later, or again."""
import random
import socket


def free_port():
    """Outside of what the kernel gives to those who do not care, or somebody has it by then."""
    with open("/proc/sys/net/ipv4/ip_local_port_range", encoding="ascii") as file:
        low = int(file.read().split()[0])
    for port in random.sample(range(10000, max(low, 20000)), 100):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise RuntimeError("no free port")
