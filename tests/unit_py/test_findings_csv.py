"""`tocsin findings --csv FILE`: JSON lines as its users rely on them, and what it says about wrong options."""
import datetime
import json
import math
import os
import pathlib
import random
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BINARY = pathlib.Path(os.environ.get("TOCSIN_BIN", ROOT / "build/asan/tocsin")).resolve()
BEGIN = datetime.datetime(2025, 1, 6, tzinfo=datetime.timezone.utc)
DAYS = 14
STEP = datetime.timedelta(minutes=5)


def run(*arguments, status=0):
    done = subprocess.run([BINARY, "findings", *map(str, arguments)], capture_output=True, text=True)
    assert done.returncode == status, (done.stdout, done.stderr)
    return done


def lines(*arguments):
    return [json.loads(line) for line in run(*arguments).stdout.splitlines()]


@pytest.fixture
def file(tmp_path):
    """Writes a daily wave with noise; `change` alters or drops (None) the values of some times."""
    def write(change=lambda at, value: value, seed=1):
        noise, rows, at = random.Random(seed), ["timestamp,value"], BEGIN
        while at < BEGIN + datetime.timedelta(days=DAYS):
            hour = at.hour + at.minute / 60
            value = change(at, 100 + 40 * math.sin(hour / 24 * 2 * math.pi) + noise.gauss(0, 4))
            if value is not None:
                rows.append(f"{at:%Y-%m-%d %H:%M:%S},{value:.4f}")
            at += STEP
        path = tmp_path / "series.csv"
        path.write_text("\n".join(rows) + "\n")
        return path
    return write


def day(hour, minute=0):
    return BEGIN + datetime.timedelta(days=DAYS - 1, hours=hour, minutes=minute)


def stamp(at):
    return at.strftime("%Y-%m-%dT%H:%M:%S.000Z")


def test_nothing_odd_is_no_line(file):
    for seed in range(5):
        assert run("--csv", file(seed=seed)).stdout == ""


def with_jitter(path, clock, most_s, lost):
    """The rows of the file some seconds early or late, without those of a time."""
    rows = [line.split(",") for line in path.read_text().splitlines()[1:]]
    rows = [(datetime.datetime.fromisoformat(at + "+00:00"), value) for at, value in rows]
    late = [(at + datetime.timedelta(seconds=clock.uniform(-most_s, most_s)), value) for at, value in rows if not lost(at)]
    path.write_text("timestamp,value\n" + "".join(f"{at:%Y-%m-%dT%H:%M:%SZ},{value}\n" for at, value in late))
    return path


def test_a_clock_that_jitters_loses_no_data(file):
    clock = random.Random(7)
    for most_s in (1, 10, 60, 120):
        assert run("--csv", with_jitter(file(), clock, most_s, lambda at: False)).stdout == "", most_s
        [gap] = lines("--csv", with_jitter(file(), clock, most_s, lambda at: day(3) <= at < day(5)))
        assert gap["kind"] == "missing_data"
        assert abs(datetime.datetime.fromisoformat(gap["from"][:19] + "+00:00") - day(3)) < STEP, most_s
        assert abs(datetime.datetime.fromisoformat(gap["to"][:19] + "+00:00") - day(5)) < STEP, most_s


def test_a_spike(file):
    path = file(lambda at, value: value + 200 if day(6) <= at < day(6, 15) else value)
    (found,) = lines("--csv", path, "--title", "Queue", "--unit", "messages")
    assert {"kind", "from", "to", "strength", "value", "expected", "text"} <= set(found)
    assert (found["kind"], found["from"], found["to"]) == ("sudden_change", stamp(day(6)), stamp(day(6, 15)))
    assert found["abnormal"] is True and found["id"] == "F1" and found["limit"] is None
    assert 0.5 <= found["strength"] <= 1 and found["value"] > 300 and 130 < found["expected"] < 150
    assert found["text"].startswith("Queue rose to ") and " messages at 06:" in found["text"]


def test_a_gap_has_no_value(file):
    path = file(lambda at, value: None if day(9) <= at < day(11) else value)
    (found,) = lines("--csv", path)
    assert (found["kind"], found["from"], found["to"]) == ("missing_data", stamp(day(9)), stamp(day(11)))
    assert found["value"] is None and found["expected"] is None


def test_limits_and_what_is_judged(file):
    path = file(lambda at, value: 400 if day(6) <= at < day(7) else value)
    assert [f["kind"] for f in lines("--csv", path, "--normal-below", 390)] == ["limit"]
    assert lines("--csv", path, "--normal-below", "1e9") == []
    assert lines("--csv", path, "--judge", "12h") == []  # it was before
    assert [f["kind"] for f in lines("--csv", path, "--judge", "24h")] == ["sudden_change"]
    assert lines("--csv", path, "--normal-below", 390, "--normal-above", 50)[0]["limit"] == 390


def test_numbers_have_six_digits_at_most(file):
    path = file(lambda at, value: value + 200.123456789 if day(6) <= at < day(6, 15) else value)
    (found,) = lines("--csv", path)
    for name in ("strength", "value", "expected"):
        assert found[name] == float(f"{found[name]:.6g}")


def test_times_are_told_in_the_zone(file):
    path = file(lambda at, value: value + 200 if day(6) <= at < day(6, 15) else value)
    assert " JST" in lines("--csv", path, "--zone", "Asia/Tokyo")[0]["text"]
    assert " UTC" in lines("--csv", path)[0]["text"]


@pytest.mark.parametrize("options, words", [
    (["--judge", "soon"], "--judge is a duration"), (["--judge", "0d"], "--judge is a duration"),
    (["--normal-below", "high"], "--normal-below is a number"), (["--normal-above", "nan"], "--normal-above is a number"),
    (["--normal-above", "5", "--normal-below", "5"], "must be less"), (["--zone", "Moon/Sea"], "--zone"),
    (["--surprise", "1"], "unknown option --surprise"), (["--judge"], "nothing stands behind --judge"),
])
def test_wrong_options_are_said(file, options, words):
    assert words in run("--csv", file(), *options, status=2).stderr


def test_a_wrong_row_is_named(tmp_path):
    path = tmp_path / "bad.csv"
    path.write_text("timestamp,value\n2025-01-01 00:00:00,1\nyesterday,2\n")
    assert "line 3" in run("--csv", path, status=2).stderr
    assert "--csv" in run(status=2).stderr
