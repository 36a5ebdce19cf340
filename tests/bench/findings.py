#!/usr/bin/env python3
"""make bench-findings: what the detector finds and what it does not, at the one threshold that is shipped.

    /usr/bin/python3 tests/bench/findings.py --tocsin build/tocsin [--nab FOLDER] [--seeds N]

Two judges. Others' labels: nine CloudWatch files of the Numenta Anomaly Benchmark, when FOLDER (by default where other public
vectors lie, beside the repository) is there. Our own: series made from a seed (made_series.py), which are always there.
Exits 1 when a floor is missed.
"""
import argparse
import concurrent.futures
import csv
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from tests.bench import made_series, nab  # noqa: E402

NAB = ROOT.parent / "shared" / "vectors" / "nab"
THRESHOLD = 0.5
QUIET = "ec2_cpu_utilization_c6585a"  # the file without an anomaly
SEEDS = range(5000, 5004)             # none of those that were looked at while the detector was written
FLOORS = {"standard": 80.0, "worst third": 55.0, "false on quiet file": 2, "recall": 0.90, "precision": 0.65}


def detect(tocsin, path):
    """The program's scores, one for each row of the file."""
    done = subprocess.run([tocsin, "detect", "--csv", path], capture_output=True, text=True, check=True)
    return [float(row["score"]) for row in csv.DictReader(done.stdout.splitlines())]


def flagged(scores):
    return [row for row, score in enumerate(scores) if score >= THRESHOLD]


def thirds(names):
    """By name, so that nobody chose them."""
    names = sorted(names)
    return [names[i * len(names) // 3:(i + 1) * len(names) // 3] for i in range(3)]


class Corpus:
    """The flags of all files of the benchmark, and their scores."""

    def __init__(self, tocsin, folder):
        self.files = nab.read_corpus(folder)
        self.flags = {}
        for name, (path, times, _) in self.files.items():
            scores = detect(tocsin, path)
            assert len(scores) == len(times), name
            self.flags[name] = flagged(scores)

    def raw(self, name, profile):
        _, times, windows = self.files[name]
        return nab.raw_score(self.flags[name], windows, len(times), profile)

    def score(self, profile, names=None):
        names = list(names or self.files)
        windows = sum(len(self.files[name][2]) for name in names)
        return nab.normalised(sum(self.raw(name, profile) for name in names), windows, profile)

    def found(self, name):
        _, times, windows = self.files[name]
        rows = [row for row in self.flags[name] if row >= nab.learning_rows(len(times))]
        return sum(any(first <= row <= last for row in rows) for first, last in windows)

    def false(self, name):
        _, times, windows = self.files[name]
        return nab.false_rows(self.flags[name], windows, len(times))

    def thirds(self):
        return [(names, self.score("standard", names)) for names in thirds(self.files)]


def judge_made(tocsin, seeds):
    """{kind: [episodes, found, flags outside, series]}"""
    table = {}
    with tempfile.TemporaryDirectory() as folder, concurrent.futures.ThreadPoolExecutor(2) as pool:
        suite = made_series.suite(seeds)
        paths = [pathlib.Path(folder) / f"{i}.csv" for i in range(len(suite))]
        for path, made in zip(paths, suite):
            path.write_text(made_series.text(made))
        for made, scores in zip(suite, pool.map(lambda path: detect(tocsin, path), paths)):
            found, outside = made_series.judge(made, flagged(scores))
            row = table.setdefault(made.name, [0, 0, 0, 0])
            for i, more in enumerate((len(made.episodes), found, outside, 1)):
                row[i] += more
    return table


def recall_and_precision(table):
    episodes, found, outside = (sum(row[i] for row in table.values()) for i in range(3))
    return found / episodes, found / (found + outside)


def print_corpus(corpus):
    print(f"{'file of the benchmark':32}{'windows':>8}{'found':>7}{'false':>7}" + "".join(f"{p:>20}" for p in nab.PROFILES))
    for name in sorted(corpus.files):
        windows = len(corpus.files[name][2])
        points = "".join(f"{corpus.raw(name, profile):20.2f}" for profile in nab.PROFILES)
        print(f"{name:32}{windows:8}{corpus.found(name):7}{len(corpus.false(name)):7}{points}")
    windows, found, false = (sum(f(name) for name in corpus.files) for f in (
        lambda name: len(corpus.files[name][2]), corpus.found, lambda name: len(corpus.false(name))))
    points = "".join(f"{corpus.score(profile):20.1f}" for profile in nab.PROFILES)
    print(f"{'all, 0: silence, 100: perfect':32}{windows:8}{found:7}{false:7}{points}")
    for names, score in corpus.thirds():
        print(f"  this third alone: {score:5.1f}   {', '.join(names)}")


def print_made(table):
    print(f"\n{'made series':28}{'series':>7}{'episodes':>9}{'found':>7}{'outside':>8}")
    for kind, (episodes, found, outside, series) in table.items():
        print(f"{kind:28}{series:7}{episodes:9}{found:7}{outside:8}")
    recall, precision = recall_and_precision(table)
    print(f"recall {recall:.2f}, precision {precision:.2f}\n")


def misses(corpus, table):
    recall, precision = recall_and_precision(table)
    measured = [("recall", recall), ("precision", precision)]
    if corpus is not None:
        measured += [("standard", corpus.score("standard")), ("worst third", min(score for _, score in corpus.thirds()))]
        if len(corpus.false(QUIET)) > FLOORS["false on quiet file"]:
            yield f"false on quiet file: {len(corpus.false(QUIET))}"
    for name, value in measured:
        if value < FLOORS[name]:
            yield f"{name}: {value:.2f} (floor: {FLOORS[name]})"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tocsin", default=str(ROOT / "build/tocsin"))
    parser.add_argument("--nab", type=pathlib.Path, default=NAB)
    parser.add_argument("--seeds", type=int, default=len(SEEDS))
    options = parser.parse_args()
    corpus = None
    if (options.nab / "windows.json").is_file():
        corpus = Corpus(options.tocsin, options.nab)
        print_corpus(corpus)
    else:
        print(f"skipped: the files of the Numenta Anomaly Benchmark (no {options.nab.name}/windows.json; see --nab)")
    table = judge_made(options.tocsin, range(SEEDS.start, SEEDS.start + options.seeds))
    print_made(table)
    missed = list(misses(corpus, table))
    for line in missed:
        print("MISSED " + line)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
