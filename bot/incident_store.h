/*
 * incident_store.h - incidents in memory and in the journal; used by bot/incident*.c alone.
 */
#ifndef BOT_INCIDENT_STORE_H
#define BOT_INCIDENT_STORE_H

#include <stdint.h>

#include "bot/incident.h"
#include "bot/str.h"

struct loop_timer;

struct incidents {
	struct bot *bot;
	void *by_id;          /* owns (tsearch) */
	struct incident **slots; /* the latest of each fingerprint: a hash table */
	size_t slot_count, latest_count; /* slots: a power of two */
	void *by_message;     /* those with a message, by that and its channel */
	uint64_t seed;        /* of the fingerprints' hashes, and of alarm_hash */
	int64_t last_id;
	int64_t last_line; /* number of the newest line, of whichever incident */
	size_t open_count;
	struct incident *unsaved; /* those that the open journal batch will hold */
	struct loop_timer *forget_timer;
	struct str text; /* of the document that is being put; its room is kept for the next */
};

/* A new, empty incident with id and key; the latest of its fingerprint from now on. */
struct incident *incident_store_add(struct incidents *incidents, const char *fingerprint);
/* NULL: none. */
struct incident *incident_store_latest(struct incidents *incidents, const char *fingerprint);
/* The incident's alarm may have other alarm_identity_fields than before. */
void incident_store_note_alarm(struct incidents *incidents, struct incident *incident);
/* Whether it can be found by its message: before that or the channel alters, and afterwards. */
void incident_find_forget(struct incidents *incidents, const struct incident *incident);
void incident_find_index(struct incidents *incidents, struct incident *incident);
/* To the end of the queue and into the open journal batch; takes the line's strings over, gives it its number. */
void incident_store_add_line(struct incidents *incidents, struct incident *incident, enum incident_queue queue,
                             struct incident_line line);
void incident_store_free_line(struct incident_line *line); /* its strings */
struct incident_lines *incident_store_lines(struct incident *incident, enum incident_queue queue);

#endif
