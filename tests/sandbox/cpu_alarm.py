"""A small CloudWatch that watches the CPU of this machine and publishes real state changes.

The value in every reason was measured from /proc/stat over one period; nothing is made up.
"""
import asyncio
import os
import socket
import time


def busy_and_total():
    """(busy, total) jiffies of all CPUs since the start of the machine."""
    with open("/proc/stat", encoding="ascii") as stat:
        numbers = [int(n) for n in stat.readline().split()[1:9]]
    idle = numbers[3] + numbers[4]
    return sum(numbers) - idle, sum(numbers)


class CpuAlarm:
    """Evaluates average CPU use per period against a threshold."""

    def __init__(self, world, publisher, options):
        self.world, self.publisher = world, publisher
        self.name = options.get("name", "sandbox-cpu")
        self.threshold = float(options.get("threshold", 60))
        self.period_s = float(options.get("period_s", 3))
        self.via = options.get("via", "sns")
        self.namespace, self.dimensions = "Sandbox/Host", {"Host": socket.gethostname() or "localhost"}
        if options.get("instance"):
            self.namespace, self.dimensions = "AWS/EC2", {"InstanceId": options["instance"]}
        self.state = "INSUFFICIENT_DATA"
        self.datapoints = []
        self.transitions = []
        self.task = asyncio.get_running_loop().create_task(self.run())

    def stop(self):
        self.task.cancel()

    def show(self):
        return {
            "name": self.name,
            "state": self.state,
            "threshold": self.threshold,
            "period_s": self.period_s,
            "datapoints": self.datapoints[-60:],
            "transitions": self.transitions,
            "cpus": os.cpu_count(),
        }

    async def run(self):
        busy, total = busy_and_total()
        while True:
            await asyncio.sleep(self.period_s)
            busy_now, total_now = busy_and_total()
            if total_now == total:
                continue
            value = round(100 * (busy_now - busy) / (total_now - total), 2)
            busy, total = busy_now, total_now
            self.datapoints.append({"time": time.time(), "value": value})
            self.record()
            self.judge(value)
            self.world.changed()

    def record(self):
        """What was measured is what CloudWatch gives when it is asked."""
        points = [(p["time"] - self.period_s, p["value"]) for p in self.datapoints]
        self.world.aws.add_series({"namespace": self.namespace, "metric": "CPUUtilization", "unit": "Percent",
                                   "dimensions": self.dimensions, "points": points})

    def judge(self, value):
        """Publishes when the state changes; as in CloudWatch, the first OK has no action."""
        new = "ALARM" if value > self.threshold else "OK"
        old, self.state = self.state, new
        if new == old:
            return
        self.transitions.append({"time": time.time(), "from": old, "to": new, "value": value})
        if old == "INSUFFICIENT_DATA" and new == "OK":
            return
        self.publisher.publish_alarm(
            {
                "name": self.name,
                "state": new,
                "old_state": old,
                "metric": "CPUUtilization",
                "namespace": self.namespace,
                "dimensions": self.dimensions,
                "threshold": self.threshold,
                "value": value,
                "unit": "Percent",
                "period": max(1, round(self.period_s)),
                "via": self.via,
                "description": "CPU use of the machine that this sandbox runs on, from /proc/stat",
            }
        )
