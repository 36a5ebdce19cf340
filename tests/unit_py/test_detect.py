"""The benchmark's scorer against cases worked out by hand; the detector's command; and its floors, so that CI guards them."""
import math
import os
import pathlib
import random
import subprocess

import pytest

from tests.bench import findings, made_series, nab

BINARY = pathlib.Path(os.environ.get("TOCSIN_BIN", findings.ROOT / "build/asan/tocsin")).resolve()
HEAD = "timestamp,value\n"


def detect(path, status=0):
    done = subprocess.run([BINARY, "detect", "--csv", path], capture_output=True, text=True)
    assert done.returncode == status, done.stderr
    return done


# --- the scorer ----------------------------------------------------------------------------------------
def s(y):
    return 2 / (1 + math.exp(5 * y)) - 1


def test_the_curve():
    assert nab.sigmoid(0) == 0
    assert nab.sigmoid(-1) == pytest.approx(0.98661, abs=1e-5)
    assert nab.sigmoid(1) == pytest.approx(-0.98661, abs=1e-5)
    assert nab.sigmoid(3.01) == -1 and nab.sigmoid(1000) == -1


def test_the_learning_part_is_not_scored():
    assert nab.learning_rows(4032) == 604 and nab.learning_rows(18050) == 750
    assert nab.raw_score([0, 14], [(10, 30)], 100, "standard") == -1  # row 14 of 100 is still learning
    assert nab.raw_score([15], [(10, 30)], 100, "standard") > 0


def test_only_the_first_flag_of_a_window_counts():
    window = (100, 199)
    assert nab.raw_score([100], [window], 400, "standard") == pytest.approx(1.0)
    assert nab.raw_score([100, 150, 199], [window], 400, "standard") == pytest.approx(1.0)
    assert nab.raw_score([150], [window], 400, "standard") == pytest.approx(s(-0.5) / s(-1))
    assert nab.raw_score([199], [window], 400, "standard") == pytest.approx(s(-0.01) / s(-1))


def test_a_missed_window_and_a_false_flag():
    windows = [(100, 199), (300, 399)]
    assert nab.raw_score([], windows, 1000, "standard") == -2
    assert nab.raw_score([], windows, 1000, "reward_low_FN_rate") == -4
    assert nab.raw_score([160], [], 1000, "standard") == pytest.approx(-0.11)
    assert nab.raw_score([150, 298], windows, 1000, "standard") == pytest.approx(s(-0.5) / s(-1) - 1 + 0.11 * s(1))
    windows = [(200, 299), (400, 499)]
    near, far = 0.11 * s(1 / 99), -0.11
    assert nab.raw_score([200, 400, 500, 999], windows, 1000, "standard") == pytest.approx(2 + near + far)
    assert nab.raw_score([200, 400, 999], windows, 1000, "reward_low_FP_rate") == pytest.approx(2 - 0.22)


def test_silence_is_0_and_perfection_100():
    for profile in nab.PROFILES:
        assert nab.normalised(nab.raw_score([], [(100, 199)], 400, profile), 1, profile) == 0
        assert nab.normalised(nab.raw_score([100], [(100, 199)], 400, profile), 1, profile) == pytest.approx(100)


def test_false_rows():
    assert nab.false_rows([10, 99, 100, 199, 200], [(100, 199)], 400) == [99, 200]


def test_the_judge_of_made_series():
    made = made_series.Made("x", [(i, 0.0) for i in range(1000)], [(500, 509), (700, 700)])
    assert made_series.judge(made, [100, 499, 500, 505, 512, 513]) == (1, 2)
    assert made_series.judge(made, [703]) == (1, 0)
    assert made_series.judge(made, []) == (0, 0)


def test_thirds_are_all_files_once():
    names = [str(i) for i in range(9)]
    parts = findings.thirds(names)
    assert [len(part) for part in parts] == [3, 3, 3] and sorted(sum(parts, [])) == names


# --- the command ----------------------------------------------------------------------------------------
def test_rows_stand_in_the_output_as_in_the_input(tmp_path):
    rows = ["2014-03-09 03:00:00,1.50", "2014-03-09T02:00:00Z,-2", "1394334000,", "2014-03-09 03:00:00,NaN", "1394334300.5,1e3"]
    path = tmp_path / "a.csv"
    path.write_text(HEAD + "\r\n".join(rows))
    done = detect(path)
    lines = done.stdout.splitlines()
    assert lines[0] == "timestamp,value,score"
    assert [line.rsplit(",", 1)[0] for line in lines[1:]] == rows
    assert all(float(line.rsplit(",", 1)[1]) == 0 for line in lines[1:])
    assert "rows earlier than the row before: 1;" in done.stderr


@pytest.mark.parametrize("text, said", [("", "no rows"), (HEAD + "1,2\nnoon,3\n", "line 3"), (HEAD + "1,2,3\n", "line 2")])
def test_a_bad_file_is_named_with_its_line(tmp_path, text, said):
    path = tmp_path / "bad.csv"
    path.write_text(text)
    done = detect(path, 2)
    assert said in done.stderr and "bad.csv" in done.stderr and not done.stdout


def test_a_full_disk_is_a_failure(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text(HEAD + "1,2\n")
    with open("/dev/full", "w") as full:
        assert subprocess.run([BINARY, "detect", "--csv", path], stdout=full, stderr=subprocess.PIPE).returncode == 1


def test_a_score_knows_nothing_of_later_rows(tmp_path):
    made = made_series.gaps(3)
    lines = made_series.text(made).splitlines(True)
    whole = tmp_path / "whole.csv"
    whole.write_text("".join(lines))
    scored = detect(whole).stdout.splitlines(True)
    for count in (2, 30, 700, 2500, len(lines) - 1):
        part = tmp_path / "part.csv"
        part.write_text("".join(lines[:count]))
        assert detect(part).stdout == "".join(scored[:count])


# --- what it finds --------------------------------------------------------------------------------------
SILENT = (made_series.season, made_series.nightly_batch, made_series.constant, made_series.request_week,
          made_series.season_hourly, made_series.clock_change, made_series.few_values, made_series.short_quiet)
HEARD = (made_series.noise_spikes, made_series.season_hidden, made_series.level_shift, made_series.request_outage,
         made_series.request_hourly, made_series.constant_change, made_series.short_spike, made_series.sparse_storm)


def flags_of(tmp_path, made):
    path = tmp_path / f"{made.name}.csv"
    path.write_text(made_series.text(made))
    return findings.flagged(findings.detect(BINARY, path))


@pytest.mark.parametrize("maker", SILENT, ids=lambda maker: maker.__name__)
def test_the_usual_is_not_heard_twice_in_two_weeks(tmp_path, maker):
    made = maker(2000)
    found, outside = made_series.judge(made, flags_of(tmp_path, made))
    assert outside <= 1


@pytest.mark.parametrize("maker", HEARD, ids=lambda maker: maker.__name__)
def test_what_matters_is_heard(tmp_path, maker):
    made = maker(2000)
    found, outside = made_series.judge(made, flags_of(tmp_path, made))
    assert found == len(made.episodes) and outside <= 2


def rows_of(values, step_s=300):
    return HEAD + "".join(f"{1757289600 + i * step_s},{value}\n" for i, value in enumerate(values))


@pytest.mark.parametrize("odd, heard", [(60, True), (45, True), (-20, True), (50, False)])
def test_two_values_of_a_switch_are_no_resolution(tmp_path, odd, heard):
    """0 and 25 in turn: 60 is news. 50 might be the second event of a counter that counts 25 an event."""
    values = [25 if i // 37 % 2 else 0 for i in range(1500)]
    values[1400] = odd
    path = tmp_path / "switch.csv"
    path.write_text(rows_of(values))
    flags = findings.flagged(findings.detect(BINARY, path))
    assert [row for row in flags if row > 300] == ([1400] if heard else [])


def weekly(step_s, first, hours=2, height=70):
    """Four weeks of noise, with a batch each week; of `first`: the height of the first one."""
    noise, values, week = random.Random(11), [], 7 * 86400
    for at in range(0, 4 * week, step_s):
        value = 9 + noise.gauss(0, 1.2)
        if 5 * 86400 + 4 * 3600 <= at % week < 5 * 86400 + (4 + hours) * 3600:
            value += (first if at < week else height) + noise.gauss(0, 4)
        values.append(value)
    return values


@pytest.mark.parametrize("step_s", [300, 3600])
def test_what_comes_once_a_week_is_heard_once(tmp_path, step_s):
    path = tmp_path / "weekly.csv"
    for first, heard in ((70, [0]), (20, [0, 1])):  # much more than a week ago is news
        path.write_text(rows_of(weekly(step_s, first), step_s))
        flags = findings.flagged(findings.detect(BINARY, path))
        batches = sorted({row * step_s // (7 * 86400) for row in flags
                          if row * step_s % (7 * 86400) // 3600 in (5 * 24 + 4, 5 * 24 + 5)})
        assert batches == heard and len(flags) <= len(heard) + 1, (first, flags)


@pytest.mark.parametrize("unit", [1, 0.1, 3e-7, 25])
def test_a_counter_goes_on_counting(tmp_path, unit):
    values = [unit * (1 if i % 7 == 0 else 0) for i in range(1500)]
    values[1400] = unit * 2
    path = tmp_path / "counter.csv"
    path.write_text(rows_of(values))
    assert 1400 not in findings.flagged(findings.detect(BINARY, path))
    values[1400] = unit * 7
    path.write_text(rows_of(values))
    assert 1400 in findings.flagged(findings.detect(BINARY, path))


@pytest.mark.skipif(not (findings.NAB / "windows.json").is_file(), reason="the benchmark's files are not here")
def test_others_labels():
    corpus = findings.Corpus(BINARY, findings.NAB)
    assert corpus.score("standard") >= findings.FLOORS["standard"]
    assert min(score for _, score in corpus.thirds()) >= findings.FLOORS["worst third"]
    assert len(corpus.false(findings.QUIET)) <= findings.FLOORS["false on quiet file"]
