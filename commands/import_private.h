/* import_private.h - what the parts of the import share; for commands/import*.c alone. */
#ifndef COMMANDS_IMPORT_PRIVATE_H
#define COMMANDS_IMPORT_PRIVATE_H

#include <stdbool.h>
#include <stddef.h>

#include "bot/mem.h"
#include "bot/metric.h"
#include "bot/str.h"
#include "commands/import.h"

#define IMPORT_LINES_MAX 300
#define IMPORT_NOTES_MAX 100
#define IMPORT_ALARMS_MAX 50            /* as in dashboards[].alarms */
#define IMPORT_ROOM ((size_t)400 << 10) /* bytes of all texts; escaped they may become twice as many */

struct json_object;

enum import_state {
	IMPORT_OPEN,  /* a formula whose inputs are not known yet */
	IMPORT_TAKEN,
	IMPORT_LEFT,  /* not written */
};

struct import_line {
	struct metric metric;
	const char *old;        /* its id within the widget; "": none */
	size_t widget;          /* number, from 1 */
	size_t same;            /* the line that says the same: usually itself */
	bool right;             /* of the two axes */
	enum import_state state;
	const char *limits_from; /* for a comment; NULL: it has none */
};

struct import {
	const struct import_source *source;
	struct import_line *lines;
	size_t count;
	size_t room;           /* left of IMPORT_ROOM */
	char *notes[IMPORT_NOTES_MAX]; /* what was left out, and why; in mem */
	size_t note_count;
	size_t hidden_notes;   /* beyond them */
	char *alarms[IMPORT_ALARMS_MAX]; /* in mem */
	size_t alarm_count;
	char *alarms_account, *alarms_region; /* in mem; NULL: our own */
	struct mem mem;
};

/* One widget, and what its metrics have in common. */
struct import_widget {
	size_t number;                  /* from 1 */
	struct json_object *properties; /* may be NULL */
	char *title;                    /* one clean line, in mem; "": none */
};

/* import.c */
/* widget NULL: about the whole. */
void import_note(struct import *import, const struct import_widget *widget, const char *format, ...) PRINTF(3, 4);
/* A clean line of at most so many characters, in mem. */
char *import_shown(struct import *import, const char *text, size_t most);
bool import_is_clean(const char *text); /* no control characters */

/* import_rows.c: the rows of a metric widget become lines, with the limits that its annotations say. */
void import_rows(struct import *import, const struct import_widget *widget);

/* import_logs.c: a widget of logs becomes a line. */
void import_logs(struct import *import, const struct import_widget *widget);

/* import_formulas.c: after all rows. Formulas get the ids of this import, or are left out with what only they need. */
void import_formulas(struct import *import);
/* The line of a widget that had this id there; NULL: none. */
struct import_line *import_find_old(const struct import *import, size_t widget, const char *id, size_t length);

/* import_names.c */
/* "HTTPCode_Target_5XX" to "http_code_target_5xx", unlike all ids so far. free() it. */
char *import_id(const struct import *import, const char *name);

/* import_write.c */
char *import_write(struct import *import);

#endif
