#!/usr/bin/python3
"""Which lines of the parsers the unit tests and the kept inputs of the fuzzers reach: at least 90 % of each file's.

Run by `make coverage`, which has built them. Prints a row per file, worst first, with the lines that nothing
reached, and ends with status 1 when a file has less. TOCSIN_COVERAGE_ALL=1: every file, and only the table.
"""
import concurrent.futures
import json
import os
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUILD = pathlib.Path(os.environ.get("BUILD", "build")) / "coverage"
LEAST = 90.0
# Whatever reads bytes that others wrote.
PARSERS = """
bot/alarm.c bot/alarm_build.c bot/alarm_eventbridge.c bot/alarm_reason.c bot/alarm_sns.c bot/arn.c bot/config_read.c
bot/config_types*.c bot/config_value.c bot/config_yaml.c bot/cron.c
bot/detect_csv.c bot/event.c bot/event_text.c
bot/fact_clause.c bot/fact_name.c bot/fact_number.c bot/fact_read.c bot/fact_time.c bot/fact_unit.c bot/fields.c
bot/findings_csv.c bot/h1.c bot/http_request.c bot/json_read.c bot/log_query.c bot/metric_math.c bot/notice*.c bot/question*.c
bot/redact*.c bot/runbook.c bot/series_csv.c bot/utf8.c bot/zone.c bot/zone_rule.c
commands/import.c commands/import_formulas.c commands/import_logs.c commands/import_names.c
commands/import_read.c commands/import_rows.c commands/silence_words.c
adapters/aws/alarm_lines_take.c adapters/aws/bedrock_answer.c adapters/aws/cloudwatch_page.c
adapters/aws/cloudwatch_result.c adapters/aws/credentials*.c adapters/aws/event_stream.c adapters/aws/fault.c
adapters/aws/ini.c adapters/aws/log_table.c adapters/aws/logs_rows.c adapters/aws/metrics_item.c
adapters/aws/profile.c adapters/aws/xml.c adapters/jira/address.c adapters/jira/adf.c
adapters/jira/wiki.c adapters/prometheus/labels.c adapters/prometheus/matrix.c adapters/prometheus/scan.c
adapters/slack/inbound.c adapters/slack/markdown*.c adapters/slack/text.c adapters/slack/url.c
adapters/sns/certificate.c adapters/sns/key.c adapters/sns/message.c adapters/sns/signer.c
""".split()


def run(command):
    done = subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace", check=False)
    if done.returncode != 0:
        print(f"{' '.join(map(str, command))[:150]}: exit status {done.returncode}\n{(done.stdout + done.stderr)[-2000:]}", flush=True)
    return done.returncode == 0


def run_everything():
    """Each unit test, and each fuzz target over its kept inputs; what an earlier run had counted is forgotten."""
    for counts in (ROOT / BUILD).rglob("*.gcda"):
        counts.unlink()
    commands = [[BUILD / "tests/unit" / path.stem] for path in sorted((ROOT / "tests/unit").glob("test_*.c"))]
    for path in sorted((ROOT / "tests/fuzz").glob("fuzz_*.c")):
        inputs = sorted((ROOT / "tests/fuzz/corpus" / path.stem[len("fuzz_"):]).iterdir())
        commands.append([BUILD / "tests/fuzz" / path.stem, *inputs])
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        return all(list(pool.map(run, commands)))


def lines_of(source):
    """{line: times reached} of one source file, in whichever of its functions."""
    counts = ROOT / BUILD / source.replace(".c", ".gcda")
    if not counts.exists():
        return {}
    said = subprocess.run(["gcov", "--json-format", "--stdout", counts], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    lines = {}
    for file in json.loads(said)["files"]:
        if file["file"] == source:
            for line in file["lines"]:
                lines[line["line_number"]] = max(line["count"], lines.get(line["line_number"], 0))
    return lines


def ranges(numbers):
    """[3, 4, 5, 9] is "3-5 9"."""
    rows = []
    for number in numbers:
        if rows and rows[-1][1] == number - 1:
            rows[-1][1] = number
        else:
            rows.append([number, number])
    return " ".join(f"{a}" if a == b else f"{a}-{b}" for a, b in rows)


def main():
    good = run_everything()
    everything = os.environ.get("TOCSIN_COVERAGE_ALL") == "1"
    patterns = ["bot/*.c", "commands/*.c", "adapters/*/*.c"] if everything else PARSERS
    table, reached_in_all, lines_in_all = [], 0, 0
    for pattern in patterns:
        found = [path.relative_to(ROOT).as_posix() for path in sorted(ROOT.glob(pattern))]
        if not found:
            print(f"{pattern}: no such file")
            good = False
        for source in found:
            lines = lines_of(source)
            missed = sorted(number for number, count in lines.items() if count == 0)
            reached_in_all, lines_in_all = reached_in_all + len(lines) - len(missed), lines_in_all + len(lines)
            table.append((100.0 * (len(lines) - len(missed)) / max(len(lines), 1), source, len(lines), missed))
    for percent, source, count, missed in sorted(table):
        print(f"{percent:6.1f} %  {count:4} lines  {source:34}  {ranges(missed)}".rstrip())
        good = good and (everything or percent >= LEAST)
    print(f"{100.0 * reached_in_all / max(lines_in_all, 1):6.1f} %  {lines_in_all:4} lines in {len(table)} files;"
          f" {sum(row[0] < LEAST for row in table)} below {LEAST:.0f} %")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
