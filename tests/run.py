#!/usr/bin/python3
"""Runs every kind of test, one stage after the other, and adds up what they say.

usage: tests/run.py [stage ...]      (all stages, in order, when none is named)

Each stage prints its own output; the last line is "N passed, N failed" for all of them.
A stage that prints no count has failed: a test that did not run proves nothing.
"""
import concurrent.futures
import os
import pathlib
import re
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUILD = os.environ.get("BUILD", "build")
FUZZ_SECONDS = os.environ.get("FUZZ_SECONDS", "30")
FUZZ_SEED = os.environ.get("FUZZ_SEED", "1")  # one seed: what the gate says hangs on the tree, not on luck; 0: another each time
FAULT_SAMPLE = os.environ.get("FAULT_SAMPLE", "80")  # each so many'th fault
PYTHON = "/usr/bin/python3"
WHOLE_ALARM = "tests/e2e/test_alarm.py::test_alarm_becomes_a_message_and_ok_edits_it"
E2E_AT_A_TIME = 3  # most of their time they wait
SWEEPS_AT_A_TIME = 2  # likewise
E2E_LONGEST = ["tests/e2e/test_fault_matrix.py", "tests/e2e/test_slack_socket.py", "tests/unit_py", "tests/e2e/test_reference_bugs.py"]
SANITIZERS = {
    # Not strict_string_checks: it measures every string whole at each call, which is quadratic on long ones.
    "ASAN_OPTIONS": "detect_stack_use_after_return=1",
    "UBSAN_OPTIONS": "print_stacktrace=1",
}


FAILED = []  # what did: said again at the end, of a long output often all that is seen


def note(command, status, output):
    """Remembers the names of what failed, and how its output ended: a leak and a crash have no name."""
    names = re.findall(r"^(?:FAILED|ERROR) +(\S.*)$|^\[  FAILED  \] (?!\d+ test)(.+)$", output, re.M)
    told = re.findall(r"^.*(?:runtime error: |SUMMARY: |definitely lost|ERROR: ).*$", output, re.M)
    if status != 0:
        FAILED.append("%s: exit status %d" % (" ".join(map(str, command))[-150:], status))
        FAILED.extend("    " + "".join(name)[:200] for name in dict.fromkeys(names))
        FAILED.extend("    " + line[:200] for line in told[-3:] or output.splitlines()[-3:])


def run(command, env=None):
    """Runs one program with its output on ours; returns (exit status, output)."""
    print("$ " + " ".join(map(str, command)), flush=True)
    process = subprocess.Popen(command, cwd=ROOT, env={**os.environ, **(env or {})}, text=True, errors="replace",
                               stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)
    lines = []
    for line in process.stdout:
        sys.stdout.write(line)
        lines.append(line)
    sys.stdout.flush()
    note(command, process.wait(), "".join(lines))
    return process.returncode, "".join(lines)


def run_side_by_side(count, commands, env=None, noted=True):
    """Many programs, `count` at a time; each one's output comes whole, when it has ended, in the order given."""
    def one(command):
        done = subprocess.run(command, cwd=ROOT, env={**os.environ, **(env or {})}, text=True, errors="replace",
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, check=False)
        return done.returncode, done.stdout

    with concurrent.futures.ThreadPoolExecutor(count) as pool:
        for command, result in zip(commands, pool.map(one, commands)):
            print("$ " + " ".join(map(str, command)) + "\n" + result[1], end="", flush=True)
            if noted:
                note(command, *result)
            yield result


def make(mode, *targets):
    wait_for_builds()
    return run(make_command(mode, *targets))[0] == 0


def make_command(mode, *targets):
    compiler = ["CC=clang-14"] if mode == "fuzz" else []
    return ["make", "-s", "-j2", f"MODE={mode}", *compiler, f"BUILD={BUILD}", *targets]


LATER = []  # the stages behind the present one
AHEAD = []  # the present build of what later stages need, if any


def build_ahead(stages):
    """What these stages need, built while others wait for the clock most of the time: whatever is faster than this, is first."""
    targets = {"sweep": ("crash", ["all"]), "valgrind": ("crash", unit_programs("crash")), "fuzz": ("fuzz", fuzz_programs())}
    commands = [["nice", "-n", "19", *make_command(*targets[name][:1], *targets[name][1])] for name in stages if name in targets]
    if commands:
        pool = concurrent.futures.ThreadPoolExecutor(1)
        AHEAD.append(pool.submit(lambda: list(run_side_by_side(1, commands, noted=False))))
        pool.shutdown(wait=False)


def wait_for_builds():
    """Two makes in one directory would build everything twice. What failed fails again, in its own stage."""
    while AHEAD:
        AHEAD.pop().result()


def unit_programs(mode):
    names = sorted(path.stem for path in (ROOT / "tests/unit").glob("test_*.c"))
    directory = BUILD if mode == "release" else f"{BUILD}/{mode}"
    return [f"{directory}/tests/unit/{name}" for name in names]


def count_cmocka(status, output):
    """cmocka says how many passed and failed; a crash says nothing and counts as one failure."""
    passed = sum(int(n) for n in re.findall(r"\[  PASSED  \] (\d+) test", output))
    failed = sum(int(n) for n in re.findall(r"\[  FAILED  \] (\d+) test", output))
    skipped = sum(int(n) for n in re.findall(r"\[  SKIPPED \] (\d+) test", output))
    if status != 0 and failed == 0:
        failed = 1
    if passed + failed + skipped == 0:
        failed = 1
    return passed, failed, skipped


def count_plain(status, output):
    """Programs that end with 'N passed, N failed', pytest among them."""
    numbers = {"passed": 0, "failed": 0, "error": 0, "errors": 0, "skipped": 0}
    last = ""
    for line in output.splitlines():
        if re.search(r"\d+ (passed|failed|errors?|skipped)\b", line):
            last = line
    for number, word in re.findall(r"(\d+) (passed|failed|errors?|skipped)\b", last):
        numbers[word] = int(number)
    failed = numbers["failed"] + numbers["error"] + numbers["errors"]
    if (status != 0 and failed == 0) or numbers["passed"] + failed + numbers["skipped"] == 0:
        failed += 1
    return numbers["passed"], failed, numbers["skipped"]


def stage_unit():
    """Unit tests under AddressSanitizer and UndefinedBehaviorSanitizer."""
    programs = unit_programs("asan")
    if not make("asan", *programs):
        return 0, 1, 0
    return add(count_cmocka(*result) for result in run_side_by_side(2, [[program] for program in programs], SANITIZERS))


def stage_valgrind():
    """The same unit tests, and one whole alarm, under valgrind, without sanitizers."""
    programs = unit_programs("crash")
    if not make("crash", "all", *programs):
        return 0, 1, 0
    valgrind = ["valgrind", "-q", "--fair-sched=try", "--leak-check=full", "--show-leak-kinds=definite,indirect", "--errors-for-leak-kinds=definite,indirect",
                "--error-exitcode=99", "--trace-children=no", "--suppressions=tests/valgrind.supp"]
    total = add(count_cmocka(*result) for result in
                run_side_by_side(2, [valgrind + [program] for program in programs], {"TOCSIN_UNDER_VALGRIND": "1"}))
    env = {"TOCSIN_BIN": "tests/under_valgrind.sh", "TOCSIN_PLAIN_BIN": f"{BUILD}/crash/tocsin"}
    return add([total, count_plain(*run([PYTHON, "-m", "pytest", "-q", "-p", "no:cacheprovider", WHOLE_ALARM], env))])


def stage_house():
    """Rules of the house that a machine can check."""
    return count_plain(*run([PYTHON, "tests/house.py"]))


def stage_e2e():
    """The real program against the sandbox, and the sandbox against independent judges."""
    if not (make("asan", "all", f"{BUILD}/asan/tests/bench/noise", f"{BUILD}/asan/tests/faults.so") and make("crash", "all")):
        return 0, 1, 0
    build_ahead(LATER)
    env = {**SANITIZERS, "TOCSIN_BIN": f"{BUILD}/asan/tocsin"}
    pytest = [PYTHON, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    # The longest first, so that none is left alone at the end.
    files = [str(path.relative_to(ROOT)) for path in sorted((ROOT / "tests/e2e").glob("test_*.py"))]
    commands = [pytest + [name] for name in dict.fromkeys(E2E_LONGEST + files)]
    return add(count_plain(*result) for result in run_side_by_side(E2E_AT_A_TIME, commands, env))


def stage_sweep():
    """kill -9 at every durable write and around every request; at random, all flows at once; a sample of all faults of all systems."""
    if not make("crash", "all"):
        return 0, 1, 0
    env = {"TOCSIN_BIN": f"{BUILD}/crash/tocsin"}
    kinds = ([], ["--together", "--kills", "15", "--seed", "1"], ["--faults", "--sample", FAULT_SAMPLE, "--jobs", "4"])
    commands = [[PYTHON, "-m", "tests.sweep", *options] for options in kinds]
    return add(count_plain(*result) for result in run_side_by_side(SWEEPS_AT_A_TIME, commands, env))


def fuzz_programs():
    return [f"{BUILD}/fuzz/tests/fuzz/{path.stem}" for path in sorted((ROOT / "tests/fuzz").glob("fuzz_*.c"))]


def stage_fuzz():
    """Each fuzz target for FUZZ_SECONDS (30), two at a time."""
    programs = fuzz_programs()
    if not make("fuzz", *programs):
        return 0, 1, 0
    passed = failed = 0
    waiting, running = [(program.rsplit("/fuzz_", 1)[1], program) for program in programs], []
    while waiting or running:
        while waiting and len(running) < 2:
            running.append(start_fuzzer(*waiting.pop(0)))
        time.sleep(0.2)
        for entry in [r for r in running if r[1].poll() is not None]:
            running.remove(entry)
            name, process, log = entry
            text = pathlib.Path(log).read_text(errors="replace")
            runs = re.search(r"stat::number_of_executed_units:\s*(\d+)", text)
            good = process.returncode == 0 and runs is not None and int(runs.group(1)) > 0
            passed, failed = passed + good, failed + (not good)
            if not good:
                note([f"fuzz {name}"], process.returncode, text)
            print(f"fuzz {name}: " + (f"{runs.group(1)} runs, nothing found" if good else "FAILED\n" + text[-3000:]), flush=True)
    return passed, failed, 0


def start_fuzzer(name, program):
    work = ROOT / BUILD / "fuzz" / "corpus" / name
    work.mkdir(parents=True, exist_ok=True)
    log = str(work.parent / f"{name}.log")
    command = [program, f"-max_total_time={FUZZ_SECONDS}", f"-seed={FUZZ_SEED}", "-print_final_stats=1", "-timeout=10", "-rss_limit_mb=2048",
               f"-artifact_prefix={work.parent}/{name}-", str(work), f"tests/fuzz/corpus/{name}"]
    process = subprocess.Popen(command, cwd=ROOT, stdout=open(log, "w"), stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)
    return name, process, log


def add(counts):
    total = [0, 0, 0]
    for count in counts:
        total = [a + b for a, b in zip(total, count)]
    return tuple(total)


STAGES = {"house": stage_house, "unit": stage_unit, "e2e": stage_e2e, "sweep": stage_sweep,
          "valgrind": stage_valgrind, "fuzz": stage_fuzz}


def main(arguments):
    names = arguments or list(STAGES)
    unknown = [name for name in names if name not in STAGES]
    if unknown:
        print(f"unknown stage {unknown[0]}; there are: {', '.join(STAGES)}")
        return 2
    results, begin = [], time.monotonic()
    LATER.extend(names)
    for name in names:
        LATER.remove(name)
        print(f"=== {name}: {STAGES[name].__doc__}", flush=True)
        at = time.monotonic()
        results.append((name, STAGES[name](), time.monotonic() - at))
    for name, (passed, failed, skipped), seconds in results:
        print(f"{name:9} {passed:5} passed {failed:3} failed {skipped:3} skipped   {seconds:5.0f} s")
    print("".join(f"failed: {line}\n" for line in FAILED), end="")
    passed, failed, skipped = add(count for _, count, _ in results)
    print(f"{time.monotonic() - begin:.0f} s in all")
    print(f"{passed} passed, {failed} failed" + (f", {skipped} skipped" if skipped else ""))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
