/*
 * silence.h - alarms that nobody wants to hear of for a while: known maintenance, a known fault.
 *
 * A silence holds for one alarm, or for all whose names match a pattern, until a time. While it holds, their incidents
 * are recorded as ever, but nothing is posted, diagnosed, mailed or opened for them by itself; an incident that is
 * still open when it ends is announced then. In the journal (kind "silence", key: id).
 */
#ifndef BOT_SILENCE_H
#define BOT_SILENCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bot/err.h"

struct alarm;
struct bot;
struct silences;

struct silence {
	char *id;          /* "1", "2"... */
	char *pattern;     /* alarm name, with * and ? where it is meant for several */
	char *fingerprint; /* of the one alarm it is for; NULL: for all that match the pattern */
	char *by;          /* the chat's id */
	char *reason;      /* NULL: none was given */
	int64_t from_ms, until_ms; /* wall clock */
};

struct silences *silences_new(struct bot *bot);
bool silences_load(struct silences *silences, struct err *err) MUST_CHECK; /* blocking, at start */
void silences_free(struct silences *silences);

/* The one that holds longest for this alarm now; NULL: none. Borrowed until the next call that alters silences. */
const struct silence *silences_find(const struct silences *silences, const struct alarm *alarm);
/* Those that hold now, ending soonest first. */
void silences_each(const struct silences *silences, void (*each)(void *arg, const struct silence *silence), void *arg);

#endif
