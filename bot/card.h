/*
 * card.h - the wording of an incident: its one message in the channel, its lines in the thread.
 */
#ifndef BOT_CARD_H
#define BOT_CARD_H

#include <stddef.h>
#include <stdint.h>

struct config;
struct incident;
struct message;
struct notice;
struct silence;

enum card_rank { CARD_FIRING, CARD_NO_DATA, CARD_OVER, CARD_RANKS }; /* the most pressing first */
#define CARD_STORM_NAMES 10

/* What waits for a message of its own in one channel. */
struct card_storm {
	size_t waiting[CARD_RANKS];
	size_t most;      /* at one time, since since_ms */
	int64_t since_ms; /* wall clock */
	const struct incident *named[CARD_STORM_NAMES]; /* the most pressing and newest */
	size_t named_count;
};

/* The channel's message for the incident as it is now. silence: that holds for its alarm; NULL: none. message is
 * initialised here. */
void card_build(struct message *message, const struct incident *incident, const struct silence *silence,
                const struct config *config);
/* The next `count` pending lines as one thread message, and `skipped` changes that are only counted;
 * loud lines are worded for the channel too. */
void card_build_thread(struct message *message, const struct incident *incident, size_t count,
                       int64_t skipped);
/* One card for all that waits; when nothing does (any more), it says so. */
void card_build_storm(struct message *message, const struct card_storm *storm, const struct config *config);
/* A message for anything that is no alarm. */
void card_build_notice(struct message *message, const struct notice *notice, const struct config *config);

#endif
