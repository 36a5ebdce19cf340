"""Paragraphs about checker_telemetry.World, in the words of somebody on call: short, several sentences, the subject often said once."""
import statistics

from tests.bench.checker_telemetry import (HOUR, MINUTE, STEP, any_line, at, at_value, called, digits, fold, minutes, name_slot, per_cent, say, scaled,
                                           start, usual_of, whole, Slot)


def peak_then_ratio(w):
    line = any_line(w, "ttfb cpu")
    i, usual = line.peak(), usual_of(w, line)
    ratio = line.values[i] / usual
    if ratio < 1.6:
        return None
    v = say(line, line.values[i])
    return [start(f"{called(w, line)} went as far as "), v, " (", at_value(w, line, i, v), "). That is ",
            fold(ratio, w.random.choice(["{} times the norm", "{}x what is usual", "{} times its usual level"])), "."]


def usual_first(w):
    line = any_line(w, "ttfb cpu")
    i, usual = line.peak(), usual_of(w, line)
    ratio = line.values[i] / usual
    if ratio < 1.6:
        return None
    return [start(f"{called(w, line)} normally sits near "), say(line, usual, 2), ". Today's maximum was ", say(line, line.values[i]), ", ",
            fold(ratio, w.random.choice(["a factor of {}", "{} times as much", "{}x that"])), "."]


def percent_above_usual(w):
    line = any_line(w, "ttfb cpu hits sessions")
    up = line.key in ("ttfb", "cpu")
    i, usual = line.peak() if up else line.low(), usual_of(w, line)
    change = abs(line.values[i] / usual - 1) * 100
    if not 12 < change < 900:
        return None
    return ["At its " + ("highest " if up else "lowest "), f"{called(w, line)} was ", per_cent(change), " above" if up else " below", " what is usual at these hours (",
            say(line, line.values[i]), ")."]


def first_sign(w):
    line = any_line(w, "throttles rejected")
    return [w.random.choice([f"{start(called(w, line))} had been at zero; the first ones came at ", f"No {called(w, line)} at all until "]), at(w, w.begin),
            ". The worst five minutes saw ", whole(max(line.judged())), " of them."]


def over_since(w):
    return [w.random.choice(["The trouble starts at ", "It all begins at "]), at(w, w.begin), ": ", called(w, w.by["throttles"]), " appear, ",
            called(w, w.by["hits"]), " falls to ", say(w.by["hits"], w.by["hits"].values[w.by["hits"].index(w.begin)]), "."]


def recovered(w):
    if w.until - w.end < 4 * STEP:
        return None
    line = w.by["age"]
    return [w.random.choice([f"By ", "As of "]), at(w, w.end, lambda other: other >= w.end), f" {called(w, line)} is back to normal; the last value is ", say(line, line.values[-1]), "."]


def lasted(w):
    line = any_line(w, "throttles rejected")
    n = (w.end - w.begin) / MINUTE
    return [start(f"{called(w, line)} were seen from "), at(w, w.begin), " to ", at(w, w.end), ", ", minutes(n, w.random.choice(["for {} minutes", "{} min in all"])), "."]


def lasted_only(w):
    n = (w.end - w.begin) / MINUTE
    return [f"The phase with {called(w, w.by['throttles'])} took ", minutes(n, "{} minutes"), ", and ",
            whole(sum(w.by["throttles"].judged())), " writes were throttled in total."]


def turned_away(w):
    line = any_line(w, "throttles rejected")
    return [w.random.choice(["Altogether ", "In total, "]), whole(sum(line.judged())), f" {called(w, line)} were counted over the last ",
            Slot("duration", w.hours, lambda v: f"{v:.0f} hours", "h"), "."]


def change_over_range(w):
    line = w.by["free"]
    a, b = line.judged()[0], line.values[-1]
    if (a - b) / 1e9 < 0.3:
        return None
    return [start(f"{called(w, line)} shrank from "), say(line, a), " to ", say(line, b), " over the range, so ", say(line, a - b, 2), " are gone."]


def change_alone(w):
    line = w.by["free"]
    a, b = line.judged()[0], line.values[-1]
    return [start(f"{called(w, line)} is down by "), w.random.choice([say(line, a - b, 2), per_cent((1 - b / a) * 100)]), " since the range began, and still falling."]


def grows(w):
    line = w.by["stored"]
    rate = (line.values[-1] - line.values[-13]) / 1e9
    return [start(f"{called(w, line)} grows by "), Slot("figure", rate, lambda v: f"{digits(v, 2)} GB", "GB"), " an hour and is now at ", say(line, line.values[-1]), "."]


def per_second(w):
    line = any_line(w, "payloads")
    mean = statistics.fmean(line.judged())
    return [f"Load is flat: {called(w, line)} average ", whole(mean), " in five minutes, ", Slot("figure", mean / 300, lambda v: f"{digits(v, 2)} per second", "plain"), "."]


def per_minute(w):
    line = any_line(w, "throttles rejected")
    value = max(line.judged()) / 5
    return ["At the worst moment there were ", Slot("figure", value, lambda v: grouped_int(v), "plain"), f" {called(w, line)} per minute."]


def grouped_int(v):
    return f"{v:,.0f}"


def share(w):
    i = w.by["rejected"].peak()
    bad, good = w.by["rejected"].values[i], w.by["payloads"].values[i]
    t = w.by["rejected"].time(i)
    return ["At ", at(w, t), " the gateway rejected ", whole(bad), " payloads and accepted ", whole(good), ": ", per_cent(bad / (bad + good) * 100), " were lost."]


def share_alone(w):
    bad, good = sum(w.by["rejected"].judged()), sum(w.by["payloads"].judged())
    return ["Of all payloads in the range, ", per_cent(bad / (bad + good) * 100), " were rejected (", whole(bad), ")."]


def stretch(w, line, figure):
    """Both ends of the incident; another end where the mean is the same in its rounding is as true."""
    def same(a, b):
        part = [v for i, v in enumerate(line.values) if a <= line.time(i) < b]
        return bool(part) and figure.write(scaled(line, statistics.fmean(part))) == figure.text
    return at(w, w.begin, lambda other: same(other, w.end)), at(w, w.end, lambda other: same(w.begin, other))


def during(w):
    line = any_line(w, "ttfb cpu age hits sessions")
    v = say(line, statistics.fmean([v for i, v in enumerate(line.values) if w.begin <= line.time(i) < w.end]))
    a, b = stretch(w, line, v)
    return ["Between ", a, " and ", b, f" {called(w, line)} averaged ", v, "."]


def during_bad(w):
    line = any_line(w, "ttfb cpu hits")
    v = say(line, statistics.fmean([v for i, v in enumerate(line.values) if w.begin <= line.time(i) < w.end]), 2)
    a, b = stretch(w, line, v)
    return ["While writes were throttled (", a, "–", b, f"), {called(w, line)} was ", v, " on average, against ",
            say(line, usual_of(w, line), 2), " on other days."]


def before_it(w):
    line = any_line(w, "ttfb cpu age")
    part = [v for i, v in enumerate(line.values) if w.from_ <= line.time(i) < w.begin]
    v = say(line, max(part))
    return ["Before ", at(w, w.begin, lambda other: max([v for i, v in enumerate(line.values) if w.from_ <= line.time(i) < other], default=0) <= max(part)),
            f", {called(w, line)} never went over ", v, "."]


def runner_up(w):
    line = any_line(w, "ttfb rejected throttles")
    best = sorted(line.judged())[-2:]
    if best[1] < best[0] * 1.03:
        return None
    return ["The two worst values of ", called(w, line), " are ", say(line, best[1]), " and ", say(line, best[0]), "."]


def runner_up_alone(w):
    line = any_line(w, "ttfb rejected throttles")
    i = sorted(range(line.from_index, len(line.values)), key=lambda i: line.values[i])[-2]
    v = say(line, line.values[i])
    return ["The second highest bucket of ", called(w, line), " was ", v, " at ", at_value(w, line, i, v), "."]


def timeline(w):
    line = w.by["ttfb"]
    i = line.peak()
    v = say(line, line.values[i])
    later = (w.alarm_at - w.change_at) // MINUTE
    return ["- ", at(w, w.change_at), f" {w.person} updates the function configuration of ", name_slot(w.fleet), "\n- ", at(w, w.begin), " first write throttles\n- ",
            at(w, w.alarm_at), " `", name_slot(w.alarm), "` fires, ", minutes(later, "{} min after the change"), "\n- ", at_value(w, line, i, v), " time to first byte at its worst: ", v]


def after_change(w):
    n = (w.begin - w.change_at) / MINUTE
    return [w.random.choice([f"{start(w.person)} changed the configuration of ", "The last change is an UpdateFunctionConfiguration on "]), f"{w.fleet} at ", at(w, w.change_at), "; ",
            minutes(n, w.random.choice(["{} minutes later", "{} min afterwards"])), " the registry began to throttle."]


def alarm(w):
    return ["Alarm `", name_slot(w.alarm), "` has been firing since ", at(w, w.alarm_at), ": its threshold of ", whole(w.limit), " was crossed by ",
            w.random.choice(["3 of the last 5 datapoints", "three of the last five datapoints"]), "."]


def alarm_quiet(w):
    return ["There is one alarm, `", name_slot(w.alarm), "`, in ALARM since ", at(w, w.alarm_at), "; `", name_slot(w.calm_alarm), "` is OK."]


def logs(w):
    return ["The query found ", whole(w.lines_of_log), " log records; ", whole(w.of_shard), " of them, ", per_cent(w.of_shard / w.lines_of_log * 100), ", are from shard 7."]


def logs_share(w):
    return ["Shard 7 alone stands for ", per_cent(w.of_shard / w.lines_of_log * 100), " of the log records."]


def table(w):
    rows = []
    for key in w.random.sample(["ttfb", "cpu", "age", "rejected"], 3):
        line = w.by[key]
        i = line.peak()
        v = say(line, line.values[i])
        rows += [f"\n| {line.title} | ", say(line, usual_of(w, line), 2) if usual_of(w, line) > 0 else "0", " | ", v, " | ", at_value(w, line, i, v), " |"]
    return ["| metric | usual | worst | when |\n|---|---|---|---|", *rows]


def then_and_now(w):
    line = any_line(w, "payloads sessions")
    i = len(line.values) - 1
    j = i - 12
    change = (line.values[i] / line.values[j] - 1) * 100
    if abs(change) < 3:
        return None
    return [start(f"{called(w, line)}: "), say(line, line.values[i]), " now, ", say(line, line.values[j]), " an hour ago (", at(w, line.time(j)), "), i.e. ", per_cent(abs(change)),
            " more." if change > 0 else " less."]


def first_value(w):
    line = any_line(w, "sessions free stored")
    return [w.random.choice(["The range opens with ", "At the start of the range there were "]) if line.key == "sessions" else "The range opens with ", say(line, line.judged()[0]),
            f" of {called(w, line)} and ends with ", say(line, line.values[-1]), "."]


def over_limit(w):
    line = w.by["age"]
    over = [i for i, v in enumerate(line.values) if i >= line.from_index and v > w.age_limit]
    if len(over) < 3 or over[-1] - over[0] + 1 != len(over):
        return None
    return [start(f"{called(w, line)} was over its limit of "), say(line, w.age_limit), " from ", at(w, line.time(over[0])), " on, ",
            minutes(len(over) * 5, w.random.choice(["for {} minutes", "{} min long"])), "."]


def drop(w):
    line = any_line(w, "hits sessions")
    i = line.index(w.begin)
    if line.values[i - 1] < line.values[i]:
        return None
    a, b = line.values[i - 1], line.values[i]
    return [start(f"{called(w, line)} dropped from "), say(line, a), " to ", say(line, b), " within five minutes at ", at(w, w.begin), "."]


def drop_points(w):
    line = w.by["hits"]
    a, b = usual_of(w, line), min(line.judged())
    return [start(f"{called(w, line)} is usually "), say(line, a, 3), "; the minimum was ", say(line, b), ", ", Slot("figure", a - b, lambda v: f"{digits(v, 2)} percentage points", "%"), " lower."]


def now_fine(w):
    line = any_line(w, "cpu sessions payloads")
    return [f"Right now {called(w, line)} is at ", say(line, line.values[-1]), ", which is normal: the median at these hours is ", say(line, usual_of(w, line)), "."]


def calm(w):
    line = any_line(w, "payloads")
    return [start(f"{called(w, line)} tell nothing: they stay between "), say(line, min(line.judged())), " and ", say(line, max(line.judged())), " all the time."]


def heading(w):
    line = any_line(w, "ttfb cpu")
    i = line.peak()
    v = say(line, line.values[i])
    return [f"### {line.title}\n\nWorst value ", v, " at ", at_value(w, line, i, v), ", mean ", say(line, statistics.fmean(line.judged())), ", at the end ", say(line, line.values[-1]), "."]


def doing(w):
    return ["I looked at the last ", Slot("duration", w.hours, lambda v: f"{v:.0f} hours", "h"), ", from ", at(w, w.from_), " to ", at(w, w.until), "."]


def went_up_at(w):
    line = any_line(w, "ttfb cpu")
    return [start(f"{called(w, line)} jumps at "), at(w, w.begin), w.random.choice([" and comes down again at ", " and normalises at "]), at(w, w.end), "."]


FAMILY = [peak_then_ratio, usual_first, percent_above_usual, first_sign, over_since, recovered, lasted, lasted_only, turned_away, change_over_range, change_alone,
          grows, per_second, per_minute, share, share_alone, during, during_bad, before_it, runner_up, runner_up_alone, timeline, after_change, alarm, alarm_quiet,
          logs, logs_share, table, then_and_now, first_value, over_limit, drop, drop_points, now_fine, calm, heading, doing, went_up_at]
