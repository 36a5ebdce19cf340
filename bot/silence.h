/*
 * silence.h - alarms that nobody wants to hear of for a while: known maintenance, a known fault.
 *
 * A silence holds for one alarm, or for all whose names match a pattern, until a time. While it holds, their incidents
 * are recorded as ever, but nothing is posted, diagnosed, mailed or opened for them by itself; an incident that is
 * still open when it ends is announced then. In the journal (kind "silence", key: id).
 *
 * It ends by the wall clock: timers do not know when that was set, or the machine slept, so it is looked at every
 * minute at least. A clock that was ahead and is set back cannot make one hold for more than SILENCE_LONGEST_MS.
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

#define SILENCE_LONGEST_MS (7 * 24 * INT64_C(3600000))
#define SILENCES_MAX 200
#define SILENCE_PATTERN_MAX 1024 /* bytes; a name has 255 characters at most */
#define SILENCE_REASON_MAX 300 /* bytes */

struct silence {
	char *id;          /* "1", "2"...; never used twice */
	char *pattern;     /* alarm name, with * and ? where it is meant for several */
	char *fingerprint; /* of the one alarm it is for; NULL: for all that match the pattern */
	char *by;          /* the chat's id */
	char *reason;      /* NULL: none was given */
	int64_t from_ms, until_ms; /* wall clock */
};

struct silences *silences_new(struct bot *bot);
bool silences_load(struct silences *silences, struct err *err) MUST_CHECK; /* blocking, at start */
void silences_free(struct silences *silences);

/* ended() is told of each that is over by the clock, when it holds no more; what it puts is in the commit that takes
 * the silence away. It must not commit, nor add or end any. Not before the loop runs. */
void silences_on_end(struct silences *silences, void (*ended)(void *arg, const struct silence *silence), void *arg);

/* Holds from now on; into the open journal batch. draft: pattern, fingerprint, by, reason, until_ms. One for the same
 * alarms takes the place of the earlier one. ERR_REFUSED: over in the past, too long, too many; NULL then. */
const struct silence *silences_add(struct silences *silences, const struct silence *draft, struct err *err) MUST_CHECK;
/* By hand; into the open journal batch. What it was, for the caller to silence_free; NULL: no such silence holds. */
struct silence *silences_end(struct silences *silences, const char *id);
void silence_free(struct silence *silence);

/* The one that holds longest for this alarm now; NULL: none. Borrowed until the next call that alters silences.
 * silences may be NULL. */
const struct silence *silences_find(const struct silences *silences, const struct alarm *alarm);
const struct silence *silences_get(const struct silences *silences, const char *id); /* NULL: none, or over */
bool silence_is_for(const struct silence *silence, const struct alarm *alarm);
/* Those that hold now, ending soonest first. silences may be NULL. */
void silences_each(const struct silences *silences, void (*each)(void *arg, const struct silence *silence), void *arg);

#endif
