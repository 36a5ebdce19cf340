#include "bot/recent.h"

#include <stdlib.h>
#include <string.h>

#include "bot/json.h"
#include "bot/str.h"

#define OK_LETTER 'O'

static void insert(struct recent *recent, int64_t at_ms, char state)
{
	size_t at = recent->count;

	while (at > 0 && recent->changes[at - 1].at_ms > at_ms)
		at--;
	if (recent->count == RECENT_MAX) {
		if (at == 0) /* older than all that are kept */
			return;
		at--;
		memmove(recent->changes, recent->changes + 1, at * sizeof(recent->changes[0]));
	} else {
		memmove(recent->changes + at + 1, recent->changes + at,
		        (recent->count - at) * sizeof(recent->changes[0]));
		recent->count++;
	}
	recent->changes[at] = (struct recent_change){ at_ms, state };
}

void recent_add(struct recent *recent, int64_t at_ms, const char *state)
{
	insert(recent, at_ms, state[0]);
}

/* From the newest back: most changes are newer than all that is known. */
bool recent_has(const struct recent *recent, int64_t at_ms, const char *state)
{
	for (size_t i = recent->count; i > 0 && recent->changes[i - 1].at_ms >= at_ms; i--)
		if (recent->changes[i - 1].at_ms == at_ms && recent->changes[i - 1].state == state[0])
			return true;
	return false;
}

bool recent_has_ok(const struct recent *recent, int64_t after_ms, int64_t until_ms)
{
	for (size_t i = 0; i < recent->count; i++)
		if (recent->changes[i].at_ms > after_ms && recent->changes[i].at_ms <= until_ms &&
		    recent->changes[i].state == OK_LETTER)
			return true;
	return false;
}

/* In one piece: it is done with each change of each alarm. */
void recent_print(const struct recent *recent, struct str *out)
{
	char text[RECENT_MAX * (STR_INT_SIZE + sizeof(",\"A+\"") - 1)], *at = text;
	int64_t before_ms = 0;

	for (size_t i = 0; i < recent->count; i++) {
		if (i > 0)
			*at++ = ',';
		*at++ = '"';
		*at++ = recent->changes[i].state;
		if (i > 0)
			*at++ = '+';
		at += str_format_int(at, (int64_t)((uint64_t)recent->changes[i].at_ms - (uint64_t)before_ms));
		*at++ = '"';
		before_ms = recent->changes[i].at_ms;
	}
	str_add_char(out, '[');
	str_add_bytes(out, text, (size_t)(at - text));
	str_add_char(out, ']');
}

static bool is_state(char letter)
{
	return strchr("OAI" RECENT_ACTED, letter) != NULL;
}

/* Nothing overflows, whatever a damaged document says. */
static int64_t read_time(const char *text, int64_t before_ms)
{
	bool later = *text == '+';
	int64_t number = strtoll(later ? text + 1 : text, NULL, 10);

	return later ? (int64_t)((uint64_t)before_ms + (uint64_t)number) : number;
}

void recent_load(struct recent *recent, struct json_object *json)
{
	int64_t at_ms = 0;

	recent->count = 0;
	for (size_t i = 0; i < json_count(json); i++) {
		struct json_object *change = json_at(json, i);
		const char *text = json_string(change, ""), *state = text != NULL ? text : json_string(change, "s");

		if (state == NULL || state[0] == '\0')
			continue;
		at_ms = text != NULL ? read_time(text + 1, at_ms) : json_int(change, "t", 0);
		if (is_state(state[0])) /* a later version may know more; the next one's time counts from this one's */
			insert(recent, at_ms, state[0]);
	}
}
