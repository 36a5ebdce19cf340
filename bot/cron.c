#include "bot/cron.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* One field, as far as the next blank: lists of star, number, range, each with a step. */
struct cron_field {
	const char *name;
	long least, most;
	const char *words; /* of three letters each, from least on; NULL: none */
};

static bool read_number(const char **text, const struct cron_field *field, long *value)
{
	char *end;

	for (size_t i = 0; field->words != NULL && field->words[i] != '\0'; i += 3) {
		if (strncasecmp(*text, field->words + i, 3) != 0)
			continue;
		*value = field->least + (long)(i / 3);
		*text += 3;
		return true;
	}
	if (!isdigit((unsigned char)**text))
		return false;
	*value = strtol(*text, &end, 10);
	*text = end;
	return *value >= field->least && *value <= field->most;
}

static bool read_part(const char **text, const struct cron_field *field, uint64_t *bits)
{
	long first = field->least, last = field->most, step = 1;
	char *end;

	if (**text == '*') {
		(*text)++;
	} else {
		if (!read_number(text, field, &first))
			return false;
		last = first;
		if (**text == '-' && ((*text)++, !read_number(text, field, &last)))
			return false;
	}
	if (first > last)
		return false;
	if (**text == '/') {
		if (!isdigit((unsigned char)*++*text))
			return false;
		step = strtol(*text, &end, 10);
		*text = end;
		if (step < 1 || step > field->most)
			return false;
	}
	for (long value = first; value <= last; value += step)
		*bits |= UINT64_C(1) << value;
	return true;
}

static bool read_field(const char **text, const struct cron_field *field, uint64_t *bits)
{
	*bits = 0;
	while (read_part(text, field, bits)) {
		if (**text != ',')
			return **text == ' ' || **text == '\0';
		(*text)++;
	}
	return false;
}

bool cron_parse(const char *text, struct cron *cron, struct err *err)
{
	static const struct cron_field fields[] = {
		{ "minute", 0, 59, NULL },
		{ "hour", 0, 23, NULL },
		{ "day of month", 1, 31, NULL },
		{ "month", 1, 12, "janfebmaraprmayjunjulaugsepoctnovdec" },
		{ "day of week", 0, 7, "sunmontuewedthufrisat" },
	};
	uint64_t bits[5];

	text += strspn(text, " ");
	for (size_t i = 0; i < 5; i++) {
		if (*text == '\0')
			return err_set(err, ERR_USAGE, "has fewer than five fields; write minute, hour, day of month, "
			               "month and day of week, as in \"0 9 * * 1-5\"");
		if (!read_field(&text, &fields[i], &bits[i]))
			return err_set(err, ERR_USAGE, "has a wrong %s; use %ld to %ld, *, lists (1,3), ranges (1-5) "
			               "and steps (*/10)", fields[i].name, fields[i].least, fields[i].most);
		text += strspn(text, " ");
	}
	if (*text != '\0')
		return err_set(err, ERR_USAGE, "has more than five fields; seconds and years are not accepted");
	cron->minutes = bits[0];
	cron->hours = (uint32_t)bits[1];
	cron->days = (uint32_t)bits[2];
	cron->months = (uint32_t)bits[3];
	cron->weekdays = (uint32_t)((bits[4] | bits[4] >> 7) & 127);
	return true;
}
