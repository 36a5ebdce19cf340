/* summary_noise_private.h - what the parts of summary_noise share. */
#ifndef COMMANDS_SUMMARY_NOISE_PRIVATE_H
#define COMMANDS_SUMMARY_NOISE_PRIVATE_H

#include "bot/alarm.h"
#include "commands/summary_noise.h"

/* An alarm, as far as the incidents know it. */
struct summary_noise_past {
	struct alarm alarm; /* its newest change */
	struct noise_seen *seen; /* its firings that began in the time that is told, in order */
	size_t seen_count;
	int64_t since_ms;   /* all that began later are recorded; not before that time */
};

#endif
