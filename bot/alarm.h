/*
 * alarm.h - any payload that reaches us through SNS, made into one normalised event.
 *
 * Sources: facts about CloudWatch's and EventBridge's shapes stand beside each parser. Whatever is
 * not recognised becomes a notice that shows the payload; nothing is dropped here.
 */
#ifndef BOT_ALARM_H
#define BOT_ALARM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bot/err.h"
#include "bot/fields.h"

struct json_object;

#define ALARM_STATE_OK "OK"
#define ALARM_STATE_ALARM "ALARM"
#define ALARM_STATE_NO_DATA "INSUFFICIENT_DATA"

/*
 * One state change of one alarm. Strings are owned; NULL = the payload does not say. Saved and
 * loaded by alarm_fields.
 */
struct alarm {
	char *name;       /* over 1,000 bytes: cut, "..." and a hash of the whole */
	char *arn;        /* likewise; made from account, region and name where the payload has none
	                     (before 2020); NULL when those are missing too */
	char *account;    /* 12 digits */
	char *region;     /* code ("us-east-1"), never the display name */
	char *state;      /* one of ALARM_STATE_* */
	char *old_state;  /* likewise, or NULL */
	char *reason;
	char *description;
	char *type;       /* "metric", "math", "anomaly", "composite", "promql", "unknown" */
	int64_t changed_ms; /* the alarm's own state-change time, wall clock */
	char *namespace_;
	char *metric;     /* math: the label or text of the expression; promql: the query */
	char *statistic;  /* "Average", "p99"... */
	char *unit;
	char *comparison; /* ">" ">=" "<" "<=" "outside" "above band" "below band" */
	double threshold; /* NaN: none */
	double value;     /* in ALARM: newest datapoint that breached; else newest known; NaN: none */
	int64_t period_s;
	int64_t evaluation_periods;
	int64_t datapoints_to_alarm;
	char *missing_data; /* TreatMissingData where it is not "missing", by noise_missing_name */
	char *rule;                     /* composite: the AlarmRule */
	struct json_object *dimensions; /* {"InstanceId":"i-..."}; math: those common to all; or NULL */
	/* math, anomaly: [{"id","label"?,"returned", and "expression" or "namespace","metric",
	 * "statistic","period_s","dimensions"?}] or NULL */
	struct json_object *metrics;
	struct json_object *children;   /* composite: [{"arn","state"?}] that triggered, or NULL */
	char *suppressed_by;            /* why actions are suppressed or muted, or NULL */
	char *via;        /* "SNS" or "EventBridge": the path it came by */
};
extern const struct field alarm_fields[];          /* these two together */
extern const struct field alarm_identity_fields[]; /* what describes the alarm itself, whatever its state */
extern const struct field alarm_change_fields[];   /* what describes one change of it */

/* Anything else worth showing. */
struct notice {
	char *source;   /* "EventBridge aws.ec2", "RDS", "Auto Scaling", "SNS" ... */
	char *title;    /* one line */
	char *text;     /* paragraph(s), or NULL */
	char *account, *region;   /* or NULL */
	char *severity; /* "critical", "warning", "info" */
	int64_t at_ms;  /* when it happened, 0 = unknown */
	bool late;      /* it reached us later than sns.max_age; set by the receiver */
	struct json_object *details; /* [{"name","value"}], both strings; or NULL */
	char *raw;      /* unknown JSON, indented, secrets left out, at most 8 KiB; or NULL */
};
extern const struct field notice_fields[];

/* What came: exactly one of the two is set. */
struct event {
	struct alarm *alarm;
	struct notice *notice;
};

/*
 * message: the SNS Message (any bytes, valid UTF-8). subject may be NULL. topic: its ARN.
 * sent_ms: the SNS timestamp, used where the payload has no time. Always yields an event.
 */
void event_parse(struct event *event, const char *message, size_t length, const char *subject,
                 const char *topic, int64_t sent_ms);
void event_free(struct event *event);

/* What identifies the alarm: its ARN, or account/region/name where that is missing. At most 400
 * bytes (a longer one ends in a hash of the whole), so that it may be a journal key. free() it. */
char *alarm_fingerprint(const struct alarm *alarm);
/* What identifies this change: fingerprint, changed_ms and state; the same by SNS and EventBridge;
 * at most 450 bytes. free() it. */
char *alarm_change_key(const struct alarm *alarm);
/* Fills members that `into` lacks from `from` (the same change by the other path); true if any. */
bool alarm_merge(struct alarm *into, const struct alarm *from);
/* The same, but only alarm_identity_fields, so that `from` may be another change of it; the type "unknown" counts as
 * lacking. */
bool alarm_merge_identity(struct alarm *into, const struct alarm *from);
/* Of alarm_identity_fields. seed: secret, because alarms come from outside; one in 2^64 others has the same. */
uint64_t alarm_identity_hash(const struct alarm *alarm, uint64_t seed);
/* "CPUUtilization 93.1 > 80 (Average over 5 min, 2 of 3)" in ALARM, "CPUUtilization 70, not > 80"
 * in OK: the condition in plain words, where the value bears it out. Without such a value the first
 * line of the reason; without that the bare condition in ALARM, "no data for CPUUtilization" in
 * INSUFFICIENT_DATA. The reason as well where there is no condition. At most 1,010 bytes, one line.
 * free() it. */
char *alarm_condition(const struct alarm *alarm);
/* "93.1", "0.93 Seconds"; "NA" when there is no such value. free() it. */
char *alarm_quantity(double value, const char *unit);
/* ALARM_STATE_* as people read it: "ALARM", "OK", "NO DATA"; "?" for NULL. */
const char *alarm_state_word(const char *state);
/* The CloudWatch console's page of this alarm in its partition, name encoded; NULL without region.
 * free() it. */
char *alarm_console_url(const struct alarm *alarm);

#endif
