"""The score of the Numenta Anomaly Benchmark, written from its published formula.

Ahmad, Lavin, Purdy, Agha (2017), doi 10.1016/j.neucom.2017.04.070. Rows are counted from 0; a window is the
pair (first row, last row), both inclusive.
"""
import csv
import json
import math
import pathlib

PROFILES = {  # true positive, false negative, false positive
    "standard": (1.0, 1.0, 0.11),
    "reward_low_FP_rate": (1.0, 1.0, 0.22),
    "reward_low_FN_rate": (1.0, 2.0, 0.11),
}


def sigmoid(y):
    return -1.0 if y > 3.0 else 2.0 / (1.0 + math.exp(5.0 * y)) - 1.0


def learning_rows(rows):
    """How many rows at the beginning are not scored."""
    return min(int(0.15 * rows), 750)


def inside_weight(row, window):
    """Of a flag in a window: 1 at its first row, nearly 0 at its last."""
    first, last = window
    return sigmoid(-(last - row + 1) / (last - first + 1)) / sigmoid(-1.0)


def outside_weight(row, windows):
    """Of a flag in no window: -1 far behind the last window or before the first."""
    before = [window for window in windows if window[1] < row]
    if not before:
        return -1.0
    first, last = max(before, key=lambda window: window[1])
    return sigmoid((row - last) / (last - first)) if last > first else -1.0


def raw_score(flags, windows, rows, profile):
    """Of one file. flags: the rows that were flagged."""
    tp, fn, fp = PROFILES[profile]
    scored = [row for row in flags if row >= learning_rows(rows)]
    total = 0.0
    for first, last in windows:
        inside = [inside_weight(row, (first, last)) for row in scored if first <= row <= last]
        total += tp * max(inside) if inside else -fn
    for row in scored:
        if not any(first <= row <= last for first, last in windows):
            total += fp * outside_weight(row, windows)
    return total


def normalised(total, windows, profile):
    """0: never an alarm; 100: every window at its first row and nothing else."""
    tp, fn, _ = PROFILES[profile]
    if windows == 0:
        return 100.0 if total == 0.0 else -math.inf
    least, best = -fn * windows, tp * windows
    return 100.0 * (total - least) / (best - least)


def read_corpus(folder):
    """{name: (path, times, windows as rows)}; the folder holds windows.json and the files it names."""
    folder = pathlib.Path(folder)
    corpus = {}
    for name, spans in json.loads((folder / "windows.json").read_text()).items():
        with open(folder / name, newline="") as file:
            times = [row["timestamp"] for row in csv.DictReader(file)]
        windows = []
        for begin, end in spans:
            begin, end = begin.split(".")[0], end.split(".")[0]
            windows.append((times.index(begin), len(times) - 1 - times[::-1].index(end)))
        corpus[pathlib.Path(name).stem] = (folder / name, times, windows)
    return corpus


def false_rows(flags, windows, rows):
    return [row for row in flags if row >= learning_rows(rows) and not any(first <= row <= last for first, last in windows)]
