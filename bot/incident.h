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
 * What tocsin does about it is shown by its stages (diagnosis, issue, mail); the flows in
 * commands/ that do it write them here, and what the issue has not been told yet waits in
 * `comments`, as `pending` does for the thread.
 *
 * In the journal each waiting line is a document of its own: what one more change costs does not
 * grow with the number of those that wait. So is what describes the alarm itself, which hardly ever changes.
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
struct incident_act;
struct incidents;

#define INCIDENT_FIRING "firing"
#define INCIDENT_NO_DATA "no_data"
#define INCIDENT_RESOLVED "resolved"

/* One thing that tocsin does about an incident: NULL (not begun) -> running -> one of the others. */
#define STAGE_RUNNING "running"
#define STAGE_DONE "done"
#define STAGE_FAILED "failed"   /* a person is needed; the note says for what */
#define STAGE_SKIPPED "skipped" /* there was nothing to do; the note says why */

struct incident_stage {
	char *state; /* STAGE_* */
	char *note;  /* for people: "top on i-1: output in the thread" */
};

/* Lines that wait to be told, each once and in order. */
enum incident_queue {
	INCIDENT_THREAD, /* told in the chat's thread by commands/announce.c */
	INCIDENT_ISSUE,  /* told as comments of the issue by commands/issue.c */
};

/* A change of the alarm's state, or, with a title, something else that happened, or what a person did
 * (bot/incident_act.h). */
struct incident_line {
	int64_t number; /* grows with each line, of whichever incident */
	int64_t at_ms;
	char *state, *old_state, *reason;
	bool late, loud; /* loud: it has to ring */
	char *title;     /* NULL: a change */
	char *code;      /* NULL: none */
	char *by, *whom, *why; /* of an act; NULL: none */
	int64_t until_ms; /* likewise; 0: none */
};

struct incident_lines {
	struct incident_line *items;
	size_t count, capacity;
};

struct incident {
	char *id;          /* "1", "2"...: people say "incident 7" */
	char *key;         /* random; prefix of the idempotency keys of its messages */
	char *fingerprint;
	uint64_t fingerprint_hash; /* incident_store */
	struct incident *next_latest; /* incident_store: in its slot */
	char *state;       /* INCIDENT_* */
	struct alarm alarm; /* the newest change, completed by the other path's copy */
	uint64_t alarm_hash;  /* alarm_identity_hash of it */
	bool alarm_is_saved;  /* incident_store: what that is of stands in the journal, or in a batch ahead of all that
	                       * will be put: later ones never become durable without it */
	char *previous;      /* id of the incident before this one of the same alarm, or NULL */
	int64_t opened_ms;   /* the alarm's change time; 0 = never opened: only an OK is known */
	int64_t fired_ms;    /* when the present (or last) firing began; opened_ms at first */
	int64_t changed_ms;  /* the newest change */
	int64_t resolved_ms; /* 0 while open */
	int64_t fired_heard_ms, resolved_heard_ms; /* when that was heard; wall clock; 0: not, or not noted */
	int64_t changes;     /* state changes in all */
	int64_t acts;        /* how often people did something, as far as it is noted (incident_history.h) */
	int64_t reopened;    /* how often */
	bool late;           /* the message of the present firing came later than sns.max_age */
	struct recent recent;        /* the newest changes */
	struct recent_change *older; /* incident_history: earlier ones, and some of those */
	size_t older_count;
	struct incident_lines pending;  /* for the thread */
	struct incident_lines comments; /* for the issue */
	int64_t pending_skipped;     /* changes that were counted but not kept as thread lines */
	int64_t comments_skipped;    /* likewise for the issue */
	int64_t revision;
	char *channel;     /* where it is shown */
	char *message;     /* announce: id of its message; NULL = not posted yet */
	int64_t cards;     /* announce: messages given up so far (deleted, not editable); part of the key */
	int64_t shown;     /* announce: revision in the chat */
	int64_t replies;   /* announce: thread messages so far, part of their keys */
	char *flow;        /* announce: id of the flow that is at work, or NULL */
	int64_t edited_ms; /* announce: when its message was last edited; wall clock */
	struct incident_stage diagnosis, issue, mail;
	char *holder;      /* the chat's id of who acknowledged it; NULL: nobody has. Kept when it reopens */
	int64_t held_ms;   /* since when; wall clock */
	bool hushed;       /* its alarm is silenced, or was when it ended: nothing is posted, diagnosed or mailed */
	bool held_back;    /* respond: something changed while it was hushed, and nothing was done about it */
	char *resolved_by; /* the chat's id of who said that it is over; NULL: the alarm itself did */
	int64_t responses;      /* how often tocsin acted by itself since responses_ms */
	int64_t responses_ms;   /* wall clock; 0: never */
	char *run;         /* runbook: id of the flow that works by itself, or NULL */
	char *proposal;    /* runbook: id of the flow that waits for a person's decision, or NULL */
	char *proposed;    /* runbook: what it asks: "Restart the CloudWatch agent on i-1?" */
	char *decision;    /* runbook: what became of the last proposal: "approved", "rejected", "expired" */
	char *decided_by;  /* runbook: the chat's id of who decided; NULL: nobody */
	char *issue_key;   /* issue: "OPS-12", or NULL */
	char *issue_url;   /* issue: for people */
	char *issue_flow;  /* issue: id of the flow that is at work, or NULL */
	char *issue_wish;  /* issue: "resolve" or "reopen", what its status should follow; NULL: nothing */
	int64_t comments_told; /* issue: comments so far, part of their keys */
	bool linked;       /* issue: it has its link back to the chat */
	char *mail_flow;   /* mail: id of the flow that is at work, or NULL */
	char *image;       /* picture: the chat's id of its chart, or NULL */
	char *image_alt;   /* picture: the chart in words */
	char *image_trouble; /* picture: why the newest change is not in it, for people; NULL: nothing is wrong */
	char *issue_trouble; /* issue: what it lacks for good, for people; NULL: nothing */
	char *picture_flow; /* picture: id of the flow that is at work, or NULL */
	struct incident *next_unsaved; /* incident_store: see is_unsaved */
	bool is_unsaved;               /* the open journal batch will hold it */
	struct incident *next_waiting; /* storm: behind it in its channel */
	bool is_waiting, has_turn, is_posting; /* storm: is_posting: the turn is for its first message; not saved */
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
 * Takes one state change into account; everything it alters is part of the open journal batch when
 * it returns. late: it came after sns.max_age. *incident (borrowed) is NULL for INCIDENT_NOTHING.
 */
enum incident_change incidents_apply(struct incidents *incidents, const struct alarm *alarm, bool late,
                                     struct incident **incident);

struct incident *incidents_find(struct incidents *incidents, const char *id); /* NULL when gone */
/* Into the open journal batch, as it is when that ends. */
void incident_save(struct incidents *incidents, struct incident *incident);
/* What a stage says from now on; visible, so it is a new revision. Does nothing when it said so
 * already. Saved. */
void incident_set_stage(struct incidents *incidents, struct incident *incident, struct incident_stage *stage,
                        const char *state, const char *format, ...) PRINTF(5, 6);
bool incident_stage_is(const struct incident_stage *stage, const char *state);
bool incident_stage_is_over(const struct incident_stage *stage); /* done, failed or skipped */
/* Something that happened, in words of ours (title), with a text (code; may be NULL). Saved. */
void incident_add_line(struct incidents *incidents, struct incident *incident, enum incident_queue queue,
                       const char *title, const char *code);
/* What a person did. Saved. */
void incident_add_act(struct incidents *incidents, struct incident *incident, enum incident_queue queue,
                      const struct incident_act *act);
/* Who has it from now on; NULL: nobody any more. Visible; saved. */
void incident_set_holder(struct incidents *incidents, struct incident *incident, const char *user);
/* A person says that it is over: an alarm that was deleted never says OK. A later firing reopens it as after any end.
 * For an open one; visible; saved. */
void incidents_resolve(struct incidents *incidents, struct incident *incident, const char *user);
/* The newest state change, for the issue: the thread has its line already. Saved. */
void incident_add_comment_of_change(struct incidents *incidents, struct incident *incident);
/* The first `count` lines of the queue are told: they go, from the open journal batch too. */
void incident_drop_lines(struct incidents *incidents, struct incident *incident, enum incident_queue queue,
                         size_t count);
/* The newest open one; NULL: none is open. */
struct incident *incidents_newest_open(struct incidents *incidents);
/* announce: what it is shown by from now on; NULL: nothing. Saved. */
void incident_set_message(struct incidents *incidents, struct incident *incident, const char *message);
/* The one whose message this is; NULL: none. */
struct incident *incidents_find_message(struct incidents *incidents, const char *channel, const char *message);
bool incident_is_open(const struct incident *incident);
size_t incidents_open_count(const struct incidents *incidents);
void incidents_each(struct incidents *incidents, void (*each)(void *arg, struct incident *incident), void *arg);

#endif
