#include "commands/silence_words.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "bot/config.h"
#include "bot/mem.h"
#include "bot/silence.h"
#include "bot/str.h"
#include "bot/zone.h"

#define BLANKS " \t\r\n"
#define DIGITS "0123456789"
#define WORD_MAX 40 /* of a duration */
#define MORNING 9   /* what "tomorrow" means, hours */
#define DAY_MS (24 * INT64_C(3600000))
#define HOW "Say until when: silence checkout-* 2h deploy, or until 14:00, or until tomorrow (at 09:00)."

struct reading {
	const struct zone *zone;
	int64_t now_ms;
};

static const char *skip_blanks(const char *text)
{
	return text + strspn(text, BLANKS);
}

static size_t length_of(const char *word)
{
	return strcspn(word, BLANKS);
}

static const char *next_word(const char *word)
{
	return skip_blanks(word + length_of(word));
}

static bool is_word(const char *text, const char *word)
{
	return length_of(text) == strlen(word) && strncasecmp(text, word, strlen(word)) == 0;
}

/* One number and unit of "1h30m"; *length: of both. */
static bool piece_of_duration(const char *text, size_t *length, int64_t *ms)
{
	size_t digits = strspn(text, DIGITS);
	char piece[WORD_MAX];
	int64_t weeks = 1;

	if (digits == 0 || digits + 2 > sizeof(piece) || strchr("smhdw", text[digits]) == NULL || text[digits] == '\0')
		return false;
	memcpy(piece, text, digits + 1);
	piece[digits + 1] = '\0';
	if (piece[digits] == 'w') {
		piece[digits] = 'd';
		weeks = 7;
	}
	*length = digits + 1;
	if (!config_parse_duration(piece, ms))
		return false;
	*ms *= weeks;
	return true;
}

static bool read_duration(const char *word, int64_t *ms)
{
	size_t left = length_of(word), length;
	int64_t piece_ms;

	*ms = 0;
	if (left >= WORD_MAX)
		return false;
	for (; left > 0; word += length, left -= length) {
		if (!piece_of_duration(word, &length, &piece_ms))
			return false;
		*ms += piece_ms;
	}
	return *ms > 0;
}

/* "14:00", "9:30". */
static bool read_clock(const char *word, int *hour, int *minute)
{
	size_t hours = strspn(word, DIGITS), length = length_of(word);

	if (hours < 1 || hours > 2 || length != hours + 3 || word[hours] != ':' || strspn(word + hours + 1, DIGITS) < 2)
		return false;
	*hour = (int)strtol(word, NULL, 10);
	*minute = (int)strtol(word + hours + 1, NULL, 10);
	return *hour < 24 && *minute < 60;
}

static int64_t at_clock(const struct reading *reading, int days, int hour, int minute)
{
	struct zone_time local;

	zone_local(reading->zone, reading->now_ms, &local);
	return zone_instant(reading->zone, local.year, local.month, local.day + days, hour, minute);
}

/* "tomorrow", "tomorrow 14:00". *rest: behind it. */
static bool read_tomorrow(const struct reading *reading, const char *word, int64_t *until_ms, const char **rest)
{
	int hour, minute;

	if (!is_word(word, "tomorrow"))
		return false;
	*rest = next_word(word);
	if (read_clock(*rest, &hour, &minute)) {
		*until_ms = at_clock(reading, 1, hour, minute);
		*rest = next_word(*rest);
	} else {
		*until_ms = at_clock(reading, 1, MORNING, 0);
	}
	return true;
}

/* Behind "until". */
static bool read_time(const struct reading *reading, const char *word, int64_t *until_ms, const char **rest)
{
	int hour, minute;

	if (read_tomorrow(reading, word, until_ms, rest))
		return true;
	if (!read_clock(word, &hour, &minute))
		return false;
	*rest = next_word(word);
	*until_ms = at_clock(reading, 0, hour, minute);
	if (*until_ms <= reading->now_ms)
		*until_ms = at_clock(reading, 1, hour, minute);
	return true;
}

static bool read_when(const struct reading *reading, const char *word, int64_t *until_ms, const char **rest)
{
	int64_t ms;

	if (is_word(word, "until"))
		return read_time(reading, next_word(word), until_ms, rest);
	if (is_word(word, "for"))
		word = next_word(word);
	if (read_tomorrow(reading, word, until_ms, rest))
		return true;
	if (!read_duration(word, &ms))
		return false;
	*until_ms = reading->now_ms + ms;
	*rest = next_word(word);
	return true;
}

/* Chats make typographic quotes of plain ones. Bytes of the quote at text; 0: none. */
static size_t quote_at(const char *text)
{
	static const char *const quotes[] = { "\"", "“", "”", "„", "`" };

	for (size_t i = 0; i < sizeof(quotes) / sizeof(quotes[0]); i++)
		if (str_starts(text, quotes[i]))
			return strlen(quotes[i]);
	return 0;
}

/* "A name" in front: *what is it, *rest what follows. False: no quote, or none that ends. */
static bool take_quoted(const char *text, char **what, const char **rest)
{
	const char *start = text + quote_at(text), *end = start;

	if (start == text)
		return false;
	while (*end != '\0' && quote_at(end) == 0)
		end++;
	if (*end == '\0' || end == start)
		return false;
	*what = mem_copy_bytes(start, (size_t)(end - start));
	*rest = skip_blanks(end + quote_at(end));
	return true;
}

static char *trimmed(const char *text, size_t length, size_t most)
{
	while (length > 0 && strchr(BLANKS, text[length - 1]) != NULL)
		length--;
	return length == 0 ? NULL : mem_copy_bytes(text, str_utf8_prefix(text, length, most));
}

bool silence_words_read(struct silence_words *out, const char *words, const struct zone *zone, int64_t now_ms,
                        struct err *err)
{
	const struct reading reading = { zone, now_ms };
	const char *start = skip_blanks(words), *word = start, *rest = NULL;
	char *quoted = NULL;
	int64_t until_ms;

	if (take_quoted(start, &quoted, &rest))
		word = rest;
	while (*word != '\0' && !read_when(&reading, word, &until_ms, &rest))
		word = quoted != NULL || is_word(word, "until") ? "" : next_word(word);
	if (*word == '\0') {
		free(quoted);
		return err_set(err, ERR_USAGE, HOW);
	}
	out->what = quoted != NULL ? quoted : trimmed(start, (size_t)(word - start), SILENCE_PATTERN_MAX + 1);
	out->until_ms = until_ms;
	out->reason = trimmed(rest, strlen(rest), SILENCE_REASON_MAX);
	return true;
}

void silence_words_free(struct silence_words *words)
{
	free(words->what);
	free(words->reason);
	*words = (struct silence_words){ 0 };
}
