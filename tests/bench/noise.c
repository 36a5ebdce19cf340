/*
 * noise.c - the following of alarms, driven by lines of JSON: a setting and a series come in, changes and a proposal go
 * out. For tests/unit_py/test_noise.py, which compares them with an evaluator of its own.
 *
 * In:  {"comparison", "threshold", "statistic", "period_s", "periods", "datapoints", "missing", "start_s", "step_s",
 *      "values": [a number or null...]}, and for a report "from_s", "to_s", "seen": [[from_s, to_s]...].
 * Out: {"changes": [[s, "ALARM"]...]}, and "report": {"outcome", "before", "after", "seen_alike", "proposed", "text"}.
 */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bot/json.h"
#include "bot/mem.h"
#include "bot/noise.h"

static const char *const states[] = { "INSUFFICIENT_DATA", "OK", "ALARM" };
static const char *const outcomes[] = { "quiet", "unlike", "as good", "proposed" };

static _Noreturn void die(const char *what)
{
	(void)fprintf(stderr, "noise: %s\n", what);
	exit(1);
}

static struct noise_alarm read_alarm(struct json_object *in)
{
	return (struct noise_alarm){
		.comparison = json_string(in, "comparison"), .threshold = json_number(in, "threshold", (double)NAN),
		.statistic = json_string(in, "statistic"),
		.setting = { .period_ms = json_int(in, "period_s", 0) * 1000,
		             .evaluation_periods = (size_t)json_int(in, "periods", 0),
		             .datapoints = (size_t)json_int(in, "datapoints", 0),
		             .missing = noise_missing_read(json_string(in, "missing")) },
	};
}

static void read_series(struct json_object *in, struct series *series)
{
	struct json_object *values = json_get(in, "values");

	series_make_empty(series, json_int(in, "start_s", 0) * 1000, json_int(in, "step_s", 0) * 1000,
	                  json_count(values));
	for (size_t i = 0; i < series->count; i++)
		series->values[i] = json_number(json_at(values, i), "", (double)NAN);
}

static void add_changes(struct json_object *out, const struct noise_run *run)
{
	struct json_object *changes = json_new_array();

	for (size_t i = 0; i < run->count; i++) {
		struct json_object *change = json_new_array();

		json_append(change, json_new_int(run->changes[i].at_ms / 1000));
		json_append_string(change, states[run->changes[i].to]);
		json_append(changes, change);
	}
	json_put(out, "changes", changes);
}

static struct noise_seen *read_seen(struct json_object *list, size_t *count)
{
	struct noise_seen *seen = mem_alloc((json_count(list) + 1) * sizeof(*seen));

	*count = json_count(list);
	for (size_t i = 0; i < *count; i++)
		seen[i] = (struct noise_seen){ json_int(json_at(json_at(list, i), 0), "", 0) * 1000,
		                               json_int(json_at(json_at(list, i), 1), "", 0) * 1000, false };
	return seen;
}

static void add_report(struct json_object *out, const struct noise_report *report)
{
	struct json_object *json = json_new_object(), *proposed = json_new_object();
	char *text = noise_text(report, "it", "then");

	json_put_string(json, "outcome", outcomes[report->outcome]);
	json_put_int(json, "before", (int64_t)report->before);
	json_put_int(json, "after", (int64_t)report->after);
	json_put_int(json, "seen_alike", (int64_t)report->seen_alike);
	json_put_string(json, "text", text);
	json_put_int(proposed, "period_s", report->proposed.period_ms / 1000);
	json_put_int(proposed, "periods", (int64_t)report->proposed.evaluation_periods);
	json_put_int(proposed, "datapoints", (int64_t)report->proposed.datapoints);
	json_put_string(proposed, "missing", noise_missing_name(report->proposed.missing));
	json_put(json, "proposed", proposed);
	json_put(out, "report", json);
	free(text);
}

static void make_report(struct json_object *in, struct json_object *out, const struct noise_alarm *alarm,
                        const struct series *series)
{
	struct noise_request request = { .alarm = alarm, .series = series, .keep_ms = NOISE_KEEP_MS,
		.from_ms = json_int(in, "from_s", 0) * 1000, .to_ms = json_int(in, "to_s", 0) * 1000 };
	struct noise_seen *seen = read_seen(json_get(in, "seen"), &request.seen_count);
	struct noise_report report;
	struct err err;

	request.seen = seen;
	if (!noise_report_make(&report, &request, &err))
		die(err.text);
	add_report(out, &report);
	noise_report_free(&report);
	free(seen);
}

static void answer(struct json_object *in)
{
	struct noise_alarm alarm = read_alarm(in);
	struct json_object *out = json_new_object();
	struct noise_run run;
	struct series series;
	struct err err;

	read_series(in, &series);
	if (!noise_check(&alarm, &alarm.setting, &series, &err))
		die(err.text);
	noise_simulate(&run, &alarm, &alarm.setting, &series);
	add_changes(out, &run);
	noise_run_free(&run);
	if (json_has(in, "from_s"))
		make_report(in, out, &alarm, &series);
	(void)puts(json_print(out));
	(void)fflush(stdout);
	json_free(out);
	series_free(&series);
}

int main(void)
{
	char *line = NULL;
	size_t room = 0;
	ssize_t length;

	while ((length = getline(&line, &room, stdin)) > 0) {
		struct err err;
		struct json_object *in = json_parse(line, (size_t)length, &err);

		if (in == NULL)
			die(err.text);
		answer(in);
		json_free(in);
	}
	free(line);
	return 0;
}
