/*
 * silence_words.h - "checkout-* 2h30m deploy of 4.2", "My alarm until 14:00": which alarms, until when, why.
 */
#ifndef COMMANDS_SILENCE_WORDS_H
#define COMMANDS_SILENCE_WORDS_H

#include <stdbool.h>
#include <stdint.h>

#include "bot/err.h"

struct zone;

struct silence_words {
	char *what;       /* name, pattern or incident's number; NULL: not said */
	int64_t until_ms;
	char *reason;     /* NULL: none */
};

/*
 * [what] [for] DURATION [reason], [what] until TIME [reason]. DURATION: 90s, 30m, 1h30m, 2d, 1w; TIME: 14:00 (the next
 * one), tomorrow, tomorrow 14:00; tomorrow alone is at 09:00. Times are of the zone. A name with such a word in it
 * stands in quotes. ERR_USAGE: no time is said.
 */
bool silence_words_read(struct silence_words *out, const char *words, const struct zone *zone, int64_t now_ms,
                        struct err *err) MUST_CHECK;
void silence_words_free(struct silence_words *words);

#endif
