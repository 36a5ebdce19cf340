/*
 * incident.h - what the team sees of an alarm: opened, changed, resolved, reopened.
 *
 * Fingerprint = the alarm's identity (alarm_fingerprint). There is at most one open incident a
 * fingerprint; a re-fire soon after the end (incidents.reopen_within) reopens it. State follows the
 * alarm's own state-change time, not the order of arrival.
 *
 * The incident is also the one truth of what the chat should show: `revision` counts visible
 * changes, `shown` is the revision in the chat, `pending` are the thread's lines not yet posted.
 * commands/announce.c makes the chat follow, and is the only writer of the members marked so.
 *
 * In the journal each pending line is a document of its own: what one more change costs does not
 * grow with the number of those that wait.
 */
#ifndef BOT_INCIDENT_H
#define BOT_INCIDENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bot/alarm.h"
#include "bot/err.h"
#include "bot/recent.h"

struct bot;
struct incidents;
struct json_object;

#define INCIDENT_FIRING "firing"
#define INCIDENT_NO_DATA "no_data"
#define INCIDENT_RESOLVED "resolved"

struct incident {
	char *id;          /* "1", "2"...: people say "incident 7" */
	char *key;         /* random; prefix of the idempotency keys of its messages */
	char *fingerprint;
	char *state;       /* INCIDENT_* */
	struct alarm alarm; /* the newest change, completed by the other path's copy */
	char *previous;      /* id of the incident before this one of the same alarm, or NULL */
	int64_t opened_ms;   /* the alarm's change time; 0 = never opened: only an OK is known */
	int64_t fired_ms;    /* when the present (or last) firing began; opened_ms at first */
	int64_t changed_ms;  /* the newest change */
	int64_t resolved_ms; /* 0 while open */
	int64_t changes;     /* state changes in all */
	int64_t reopened;    /* how often */
	bool late;           /* the message of the present firing came later than sns.max_age */
	struct recent recent;        /* the newest changes */
	/* [{"n","t","s","o","r","late","loud"}] lines for the thread; n: the line's number */
	struct json_object *pending;
	int64_t pending_skipped;     /* changes that were counted but not kept as lines */
	int64_t revision;
	char *channel;     /* where it is shown */
	char *message;     /* announce: id of its message; NULL = not posted yet */
	int64_t cards;     /* announce: messages given up so far (deleted, not editable); part of the key */
	int64_t shown;     /* announce: revision in the chat */
	int64_t replies;   /* announce: thread messages so far, part of their keys */
	char *flow;        /* announce: id of the flow that is at work, or NULL */
};

enum incident_change {
	INCIDENT_NOTHING,   /* nothing to show: an OK of an alarm that was not open */
	INCIDENT_DUPLICATE, /* this change was known (the other path) */
	INCIDENT_OPENED,
	INCIDENT_REOPENED,
	INCIDENT_UPDATED,
	INCIDENT_CLOSED,
};

struct incidents *incidents_new(struct bot *bot);
/* Reads the journal (blocking, at start). */
bool incidents_load(struct incidents *incidents, struct err *err) MUST_CHECK;
void incidents_free(struct incidents *incidents);

/*
 * Takes one state change into account; everything it alters is in the open journal batch when it
 * returns. late: it came after sns.max_age. *incident (borrowed) is NULL for INCIDENT_NOTHING.
 */
enum incident_change incidents_apply(struct incidents *incidents, const struct alarm *alarm, bool late,
                                     struct incident **incident);

struct incident *incidents_find(struct incidents *incidents, const char *id); /* NULL when gone */
/* Into the open journal batch. */
void incident_save(struct incidents *incidents, const struct incident *incident);
/* The first `count` pending lines are in the chat: they go, from the open journal batch too. */
void incident_drop_lines(struct incidents *incidents, struct incident *incident, size_t count);
bool incident_is_open(const struct incident *incident);
size_t incidents_open_count(const struct incidents *incidents);
void incidents_each(struct incidents *incidents, void (*each)(void *arg, struct incident *incident), void *arg);

#endif
