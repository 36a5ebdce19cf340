#include "bot/alarm.h"

#include <math.h>
#include <string.h>
#include <strings.h>

#include "bot/arn.h"
#include "bot/event_text.h"
#include "bot/json.h"
#include "bot/mem.h"
#include "bot/str.h"

#define MAX_FINGERPRINT 400
#define MAX_CONDITION 1000
#define MAX_METRIC 200
#define CHILDREN_NAMED 5

/* What describes the alarm itself, whatever its state. */
#define IDENTITY_FIELDS \
	FIELD(FIELD_STRING, alarm, name), \
	FIELD(FIELD_STRING, alarm, arn), \
	FIELD(FIELD_STRING, alarm, account), \
	FIELD(FIELD_STRING, alarm, region), \
	FIELD(FIELD_STRING, alarm, description), \
	FIELD(FIELD_STRING, alarm, type), \
	{ "namespace", FIELD_STRING, offsetof(struct alarm, namespace_) }, \
	FIELD(FIELD_STRING, alarm, metric), \
	FIELD(FIELD_STRING, alarm, statistic), \
	FIELD(FIELD_STRING, alarm, unit), \
	FIELD(FIELD_STRING, alarm, comparison), \
	FIELD(FIELD_NUMBER, alarm, threshold), \
	FIELD(FIELD_INT, alarm, period_s), \
	FIELD(FIELD_INT, alarm, evaluation_periods), \
	FIELD(FIELD_INT, alarm, datapoints_to_alarm), \
	FIELD(FIELD_STRING, alarm, missing_data), \
	FIELD(FIELD_STRING, alarm, rule), \
	FIELD(FIELD_JSON, alarm, dimensions), \
	FIELD(FIELD_JSON, alarm, metrics)

/* What describes one change of its state. */
#define CHANGE_FIELDS \
	FIELD(FIELD_STRING, alarm, state), \
	FIELD(FIELD_STRING, alarm, old_state), \
	FIELD(FIELD_STRING, alarm, reason), \
	FIELD(FIELD_INT, alarm, changed_ms), \
	FIELD(FIELD_NUMBER, alarm, value), \
	FIELD(FIELD_JSON, alarm, children), \
	FIELD(FIELD_STRING, alarm, suppressed_by), \
	FIELD(FIELD_STRING, alarm, via)

const struct field alarm_identity_fields[] = { IDENTITY_FIELDS, FIELDS_END };
const struct field alarm_change_fields[] = { CHANGE_FIELDS, FIELDS_END };
const struct field alarm_fields[] = { IDENTITY_FIELDS, CHANGE_FIELDS, FIELDS_END };

const struct field notice_fields[] = {
	FIELD(FIELD_STRING, notice, source),
	FIELD(FIELD_STRING, notice, title),
	FIELD(FIELD_STRING, notice, text),
	FIELD(FIELD_STRING, notice, account),
	FIELD(FIELD_STRING, notice, region),
	FIELD(FIELD_STRING, notice, severity),
	FIELD(FIELD_INT, notice, at_ms),
	FIELD(FIELD_BOOL, notice, late),
	FIELD(FIELD_JSON, notice, details),
	FIELD(FIELD_STRING, notice, raw),
	FIELDS_END,
};

static const char *or_dash(const char *text)
{
	return text != NULL ? text : "-";
}

char *alarm_fingerprint(const struct alarm *alarm)
{
	struct str s;
	char hash[17];

	if (alarm->arn != NULL && strlen(alarm->arn) <= MAX_FINGERPRINT)
		return mem_copy_string(alarm->arn);
	str_init(&s, 8192);
	if (alarm->arn != NULL)
		str_add(&s, alarm->arn);
	else
		str_addf(&s, "%s/%s/%s", or_dash(alarm->account), or_dash(alarm->region),
		         or_dash(alarm->name));
	if (s.length > MAX_FINGERPRINT) {
		event_hash(s.text, hash);
		s.length = str_utf8_prefix(s.text, s.length, MAX_FINGERPRINT - 18);
		str_addf(&s, "#%s", hash);
	}
	return str_take(&s);
}

char *alarm_change_key(const struct alarm *alarm)
{
	char *fingerprint = alarm_fingerprint(alarm);
	struct str s;

	str_init(&s, MAX_FINGERPRINT + 64);
	str_addf(&s, "%s|%lld|%s", fingerprint, (long long)alarm->changed_ms, or_dash(alarm->state));
	free(fingerprint);
	return str_take(&s);
}

static bool lacks(const struct field *field, const char *object)
{
	const void *value = object + field->offset;

	switch (field->type) {
	case FIELD_STRING:
		return *(char *const *)value == NULL;
	case FIELD_JSON:
		return *(struct json_object *const *)value == NULL;
	case FIELD_NUMBER:
		return !isfinite(*(const double *)value);
	case FIELD_INT:
		return *(const int64_t *)value == 0;
	case FIELD_BOOL:
	case FIELD_SCRATCH: /* an alarm has none */
		break;
	}
	return false;
}

static void copy_field(const struct field *field, char *into, const char *from)
{
	void *to = into + field->offset;
	const void *value = from + field->offset;

	switch (field->type) {
	case FIELD_STRING:
		mem_set_string(to, *(char *const *)value);
		break;
	case FIELD_JSON:
		*(struct json_object **)to = json_keep(*(struct json_object *const *)value);
		break;
	case FIELD_NUMBER:
		*(double *)to = *(const double *)value;
		break;
	case FIELD_INT:
		*(int64_t *)to = *(const int64_t *)value;
		break;
	case FIELD_BOOL:
	case FIELD_SCRATCH: /* an alarm has none */
		break;
	}
}

static bool fill(struct alarm *into, const struct alarm *from, const struct field *fields)
{
	bool changed = false;

	for (const struct field *f = fields; f->name != NULL; f++) {
		if (!lacks(f, (const char *)into) || lacks(f, (const char *)from))
			continue;
		copy_field(f, (char *)into, (const char *)from);
		changed = true;
	}
	return changed;
}

bool alarm_merge_identity(struct alarm *into, const struct alarm *from)
{
	bool changed = fill(into, from, alarm_identity_fields);

	if (strcmp(or_dash(into->type), "unknown") == 0 &&
	    strcmp(or_dash(from->type), "unknown") != 0) {
		mem_set_string(&into->type, from->type);
		changed = true;
	}
	return changed;
}

bool alarm_merge(struct alarm *into, const struct alarm *from)
{
	bool changed = alarm_merge_identity(into, from);

	return fill(into, from, alarm_change_fields) || changed;
}

/* What is absent is another thing than what is empty. */
uint64_t alarm_identity_hash(const struct alarm *alarm, uint64_t seed)
{
	uint64_t hash = seed;

	for (const struct field *f = alarm_identity_fields; f->name != NULL; f++) {
		const void *value = (const char *)alarm + f->offset;

		if (lacks(f, (const char *)alarm))
			hash = str_hash(~hash, "", 0);
		else if (f->type == FIELD_STRING)
			hash = str_hash(hash, *(char *const *)value, strlen(*(char *const *)value));
		else if (f->type == FIELD_JSON)
			hash = json_hash(hash, *(struct json_object *const *)value);
		else
			hash = str_hash(hash, value, sizeof(int64_t)); /* or a double */
	}
	return hash;
}

/* "93.1 %", "45628 bytes", "0.5 s", "12": as many digits as a person reads. */
static void add_quantity(struct str *s, double value, const char *unit)
{
	static const struct {
		const char *unit, *suffix;
	} units[] = {
		{ "Percent", " %" },       { "Seconds", " s" },   { "Milliseconds", " ms" },
		{ "Microseconds", " µs" }, { "Bytes", " bytes" }, { "Bytes/Second", " bytes/s" },
		{ "Count/Second", "/s" },
	};

	if (fabs(value) >= 1000 && fabs(value) < 1e15)
		str_addf(s, value == floor(value) ? "%.0f" : "%.1f", value);
	else
		str_addf(s, "%.4g", value);
	for (size_t i = 0; unit != NULL && i < sizeof(units) / sizeof(units[0]); i++)
		if (strcasecmp(unit, units[i].unit) == 0)
			str_add(s, units[i].suffix);
}

static void add_period(struct str *s, int64_t period_s)
{
	if (period_s % 86400 == 0)
		str_addf(s, "%lld d", (long long)(period_s / 86400));
	else if (period_s % 3600 == 0)
		str_addf(s, "%lld h", (long long)(period_s / 3600));
	else if (period_s % 60 == 0)
		str_addf(s, "%lld min", (long long)(period_s / 60));
	else
		str_addf(s, "%lld s", (long long)period_s);
}

/* " (Average over 5 min, 2 of 3)", as far as known. */
static void add_how(struct str *s, const struct alarm *alarm)
{
	const char *between = " (";

	if (alarm->statistic != NULL) {
		str_addf(s, "%s%s", between, alarm->statistic);
		between = " ";
	}
	if (alarm->period_s > 0) {
		str_addf(s, "%sover ", between);
		add_period(s, alarm->period_s);
		between = ", ";
	} else if (alarm->statistic != NULL) {
		between = ", ";
	}
	if (alarm->evaluation_periods > 1) {
		int64_t needed = alarm->datapoints_to_alarm > 0 ? alarm->datapoints_to_alarm
		                                                : alarm->evaluation_periods;

		str_addf(s, "%s%lld of %lld", between, (long long)needed,
		         (long long)alarm->evaluation_periods);
		between = ", ";
	}
	if (strcmp(between, " (") != 0)
		str_add_char(s, ')');
}

static bool is_band(const char *comparison)
{
	return strchr("<>", comparison[0]) == NULL;
}

static bool is_in_state(const struct alarm *alarm, const char *state)
{
	return alarm->state != NULL && strcmp(alarm->state, state) == 0;
}

static bool is_beyond_threshold(const struct alarm *alarm)
{
	bool or_equal = alarm->comparison[1] == '=';

	if (alarm->comparison[0] == '>')
		return or_equal ? alarm->value >= alarm->threshold : alarm->value > alarm->threshold;
	return or_equal ? alarm->value <= alarm->threshold : alarm->value < alarm->threshold;
}

/* Whether "value > threshold" in ALARM, "value, not > threshold" in OK is true. One datapoint may
 * well be on the other side of the state (M of N, missing data, SetAlarmState). A band's edges are
 * not kept: the value shown in ALARM is the one that left it, of one in OK nothing is known. */
static bool value_agrees(const struct alarm *alarm)
{
	if (!isfinite(alarm->value))
		return false;
	if (is_in_state(alarm, ALARM_STATE_ALARM))
		return is_band(alarm->comparison) || is_beyond_threshold(alarm);
	return is_in_state(alarm, ALARM_STATE_OK) && !is_band(alarm->comparison) &&
	       !is_beyond_threshold(alarm);
}

/* " > 80 %" in ALARM, else ", not > 80 %". */
static void add_limit(struct str *s, const struct alarm *alarm)
{
	const char *no = is_in_state(alarm, ALARM_STATE_ALARM) ? "" : ", not";

	if (is_band(alarm->comparison)) {
		str_addf(s, "%s %s", no, alarm->comparison);
		if (strcmp(alarm->comparison, "outside") == 0)
			str_add(s, " its expected band");
		return;
	}
	str_addf(s, "%s %s ", no, alarm->comparison);
	add_quantity(s, alarm->threshold, alarm->unit);
}

static bool is_composite(const struct alarm *alarm)
{
	return alarm->type != NULL && strcmp(alarm->type, "composite") == 0;
}

/* "a is ALARM, b is OK and 3 more". */
static void add_children(struct str *s, struct json_object *children)
{
	size_t count = json_count(children);

	for (size_t i = 0; i < count && i < CHILDREN_NAMED; i++) {
		struct json_object *child = json_at(children, i);
		const char *arn = json_string(child, "arn"), *state = json_string(child, "state");
		const char *name = arn == NULL ? NULL : strstr(arn, ":alarm:");
		char *line = event_line(name != NULL ? name + 7 : arn, 100);

		str_addf(s, "%s%s is %s", i > 0 ? ", " : "", line == NULL ? "?" : line,
		         state == NULL ? "?" : state);
		free(line);
	}
	if (count > CHILDREN_NAMED)
		str_addf(s, " and %zu more", count - CHILDREN_NAMED);
}

/* The first line of the alarm's own reason that says anything, or NULL. */
static char *first_reason_line(const struct alarm *alarm)
{
	const char *reason = alarm->reason == NULL ? "" : alarm->reason;
	struct str first;
	char *line;

	reason += strspn(reason, " \t\r\n");
	str_init(&first, 8192);
	str_add_bytes(&first, reason, strcspn(reason, "\r\n"));
	line = first.length == 0 ? NULL : event_line(first.text, MAX_CONDITION);
	str_free(&first);
	return line;
}

/* Where neither a value nor a reason speaks for the state. */
static char *nothing_known(const struct alarm *alarm)
{
	struct str s;
	char *metric;

	if (!is_in_state(alarm, ALARM_STATE_NO_DATA))
		return mem_copy_string("no reason given");
	metric = event_line(alarm->metric, MAX_METRIC);
	str_init(&s, MAX_CONDITION);
	str_addf(&s, "no data for %s", metric == NULL ? "?" : metric);
	free(metric);
	return str_take(&s);
}

char *alarm_condition(const struct alarm *alarm)
{
	bool agrees;
	struct str s;
	char *metric;

	if (is_composite(alarm) && json_count(alarm->children) > 0) {
		str_init(&s, MAX_CONDITION);
		add_children(&s, alarm->children);
		return str_take(&s);
	}
	if (alarm->metric == NULL || alarm->comparison == NULL ||
	    (!is_band(alarm->comparison) && !isfinite(alarm->threshold))) {
		metric = event_line(alarm->reason, MAX_CONDITION);
		return metric != NULL ? metric : mem_copy_string("no reason given");
	}
	agrees = value_agrees(alarm);
	if (!agrees) {
		char *reason = first_reason_line(alarm);

		if (reason != NULL)
			return reason;
		if (!is_in_state(alarm, ALARM_STATE_ALARM))
			return nothing_known(alarm);
	}
	str_init(&s, MAX_CONDITION);
	metric = event_line(alarm->metric, MAX_METRIC);
	str_add(&s, metric == NULL ? "?" : metric);
	free(metric);
	if (agrees) {
		str_add_char(&s, ' ');
		add_quantity(&s, alarm->value, alarm->unit);
	}
	add_limit(&s, alarm);
	add_how(&s, alarm);
	return str_take(&s);
}

char *alarm_quantity(double value, const char *unit)
{
	struct str s;

	str_init(&s, MAX_CONDITION);
	if (isfinite(value))
		add_quantity(&s, value, unit);
	else
		str_add(&s, "NA");
	return str_take(&s);
}

const char *alarm_state_word(const char *state)
{
	if (state == NULL)
		return "?";
	return strcmp(state, ALARM_STATE_NO_DATA) == 0 ? "NO DATA" : state;
}

char *alarm_console_url(const struct alarm *alarm)
{
	const struct partition *partition = partition_of_region(alarm->region);
	struct str s;

	if (partition == NULL || partition->console_host == NULL || alarm->name == NULL ||
	    strlen(alarm->name) > 1000)
		return NULL;
	str_init(&s, 8192);
	str_addf(&s, "https://%s.%s/cloudwatch/home?region=%s#alarmsV2:alarm/", alarm->region,
	         partition->console_host, alarm->region);
	for (const char *c = alarm->name; *c != '\0'; c++) {
		if (*c == '/') /* the console reads its own escape here; %2F would split the path */
			str_add(&s, "$2F");
		else
			str_add_percent(&s, c, 1);
	}
	return str_take(&s);
}
