/*
 * alarm_reason.c - numbers out of a state's reason.
 *
 * reasonData: {"recentDatapoints":[oldest ... newest], "threshold"? , "recentLowerThresholds"?,
 * "recentUpperThresholds"?, "evaluatedDatapoints"?:[{"timestamp","value"?}], "period"?, "unit"?}.
 * The text: "Threshold Crossed: 2 out of the last 3 datapoints [93.1 (02/10/19 16:59:00), ...] were
 * greater than the threshold (80.0) (minimum 2 datapoints for OK -> ALARM transition)."
 * (CloudWatch user guide, "Alarm events and EventBridge".) SetAlarmState may put anything there.
 */
#include <math.h>
#include <string.h>

#include "bot/alarm.h"
#include "bot/alarm_build.h"
#include "bot/clock.h"
#include "bot/event_text.h"
#include "bot/json.h"
#include "bot/mem.h"
#include "bot/str.h"

#define MAX_POINTS 100

struct reading { /* the best datapoint so far */
	double value;     /* NaN: none */
	int64_t at;       /* only compared: wall ms, or a place in a list */
	bool breaches;
};

/* At the band's edges when known, else NaN. */
static bool breaches(const struct alarm *alarm, double value, double low, double high)
{
	const char *c = alarm->comparison;

	if (c == NULL)
		return false;
	if (strcmp(c, ">") == 0)
		return value > alarm->threshold;
	if (strcmp(c, ">=") == 0)
		return value >= alarm->threshold;
	if (strcmp(c, "<") == 0)
		return value < alarm->threshold;
	if (strcmp(c, "<=") == 0)
		return value <= alarm->threshold;
	return (strcmp(c, "above band") != 0 && value < low) ||
	       (strcmp(c, "below band") != 0 && value > high);
}

/* In ALARM a breaching datapoint beats any other; among equals the newest wins. */
static void consider(struct reading *best, const struct alarm *alarm, double value, int64_t at,
                     bool breach)
{
	bool firing = alarm->state != NULL && strcmp(alarm->state, ALARM_STATE_ALARM) == 0;

	breach = breach && firing;
	if (!isfinite(value) ||
	    (isfinite(best->value) &&
	     (best->breaches > breach || (best->breaches == breach && best->at > at))))
		return;
	*best = (struct reading){ value, at, breach };
}

static void read_evaluated(struct reading *best, const struct alarm *alarm,
                           struct json_object *points)
{
	for (size_t i = 0; i < json_count(points) && i < MAX_POINTS; i++) {
		struct json_object *point = json_at(points, i);
		double value = json_number(point, "value", (double)NAN);
		int64_t at = 0;

		(void)event_time(json_string(point, "timestamp"), &at);
		consider(best, alarm, value, at, breaches(alarm, value, (double)NAN, (double)NAN));
	}
}

static void read_recent(struct reading *best, const struct alarm *alarm, struct json_object *data)
{
	struct json_object *points = json_get(data, "recentDatapoints");
	struct json_object *low = json_get(data, "recentLowerThresholds");
	struct json_object *high = json_get(data, "recentUpperThresholds");

	for (size_t i = 0; i < json_count(points) && i < MAX_POINTS; i++) {
		double value = json_number(json_at(points, i), "", (double)NAN);

		consider(best, alarm, value, (int64_t)i,
		         breaches(alarm, value, json_number(json_at(low, i), "", (double)NAN),
		                  json_number(json_at(high, i), "", (double)NAN)));
	}
}

static bool read_number(const char **text, double *number)
{
	char *end;
	double value = strtod(*text, &end);

	if (end == *text || !isfinite(value))
		return false;
	*number = value;
	*text = end;
	return true;
}

/* "(02/10/19 16:59:00)", day first. */
static bool read_point_time(const char **text, int64_t *at)
{
	struct tm tm = { 0 };
	const char *end = strptime(*text, " (%d/%m/%y %H:%M:%S)", &tm);

	if (end == NULL)
		return false;
	*at = clock_utc_s(&tm);
	*text = end;
	return true;
}

/* Every bracket is tried: only datapoints carry dates, a band's thresholds do not. */
static void read_text(struct reading *best, const struct alarm *alarm, const char *text)
{
	double value;
	int64_t at;

	for (int i = 0; i < MAX_POINTS && text != NULL; i++) {
		text = strchr(text, '[');
		if (text == NULL)
			return;
		text++;
		while (read_number(&text, &value) && read_point_time(&text, &at)) {
			consider(best, alarm, value, at, breaches(alarm, value, (double)NAN, (double)NAN));
			text += strspn(text, ", ");
		}
	}
}

static const char *comparison_in(const char *text)
{
	static const struct {
		const char *words, *sign;
	} known[] = { /* the longer words first */
		{ "greater than or equal to the threshold", ">=" },
		{ "greater than the threshold", ">" },
		{ "less than or equal to the threshold", "<=" },
		{ "less than the threshold", "<" },
	};
	bool low = strstr(text, "lower threshold") != NULL;
	bool high = strstr(text, "upper threshold") != NULL;

	if (low || high)
		return low && high ? "outside" : low ? "below band" : "above band";
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (strstr(text, known[i].words) != NULL)
			return known[i].sign;
	return NULL;
}

/* The number right after `words`, else 0. */
static int64_t count_after(const char *text, const char *words)
{
	const char *at = strstr(text, words);
	long value = at == NULL ? 0 : strtol(at + strlen(words), NULL, 10);

	return value > 0 && value < 100000 ? value : 0;
}

/* What the condition is, where the payload itself does not say (EventBridge). */
static void read_condition(struct alarm *alarm, const char *text)
{
	const char *limit = strstr(text, "the threshold (");

	if (alarm->comparison == NULL)
		alarm->comparison = mem_copy_string(comparison_in(text));
	if (!isfinite(alarm->threshold) && limit != NULL) {
		limit += strlen("the threshold (");
		(void)read_number(&limit, &alarm->threshold);
	}
	if (alarm->evaluation_periods == 0)
		alarm->evaluation_periods = count_after(text, " out of the last ");
	if (alarm->datapoints_to_alarm == 0 && strstr(text, "for OK -> ALARM transition") != NULL)
		alarm->datapoints_to_alarm = count_after(text, "(minimum ");
}

void alarm_take_reason(struct alarm *alarm, const char *reason, const char *reason_data)
{
	struct reading best = { .value = (double)NAN };
	bool computed = reason != NULL && str_starts(reason, "Threshold");
	struct err ignored;
	struct json_object *data =
		reason_data == NULL ? NULL : json_parse(reason_data, strlen(reason_data), &ignored);

	alarm->reason = event_text(reason, ALARM_TEXT_MAX);
	if (!isfinite(alarm->threshold))
		alarm->threshold = json_number(data, "threshold", (double)NAN);
	if (alarm->period_s == 0)
		alarm->period_s = json_int(data, "period", 0);
	if (alarm->unit == NULL)
		alarm->unit = event_line(json_string(data, "unit"), 64);
	if (computed)
		read_condition(alarm, reason);
	read_evaluated(&best, alarm, json_get(data, "evaluatedDatapoints"));
	if (!isfinite(best.value) && json_count(json_get(data, "recentLowerThresholds")) == 0 &&
	    computed)
		read_text(&best, alarm, reason);
	if (!isfinite(best.value))
		read_recent(&best, alarm, data);
	if (!isfinite(best.value) && computed)
		read_text(&best, alarm, reason);
	alarm->value = best.value;
	json_free(data);
}
