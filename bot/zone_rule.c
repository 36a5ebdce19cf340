/* zone_rule.c - POSIX TZ strings, with the extensions of RFC 9636, 3.3.1: hours from -167 to 167. */
#include "bot/zone_private.h"

#include <ctype.h>
#include <string.h>
#include <time.h>

#define DAY_S 86400
#define NAME_MIN 3

bool zone_offset_is_valid(int64_t offset_s)
{
	return offset_s > -25 * 3600 && offset_s < 26 * 3600;
}

/* "JST", or "<+0530>". */
static bool read_name(const char **text, char name[8])
{
	bool quoted = **text == '<';
	const char *at = *text + quoted;
	size_t length = 0;

	while (isalpha((unsigned char)at[length]) ||
	       (quoted && (isdigit((unsigned char)at[length]) || at[length] == '+' || at[length] == '-')))
		length++;
	if (length < NAME_MIN || length > 7 || (quoted && at[length] != '>'))
		return false;
	memcpy(name, at, length);
	name[length] = '\0';
	*text = at + length + quoted;
	return true;
}

static bool read_number(const char **text, int least, int most, int *value)
{
	const char *begin = *text;

	*value = 0;
	while (isdigit((unsigned char)**text) && *text - begin < 4)
		*value = *value * 10 + (*(*text)++ - '0');
	return *text > begin && *value >= least && *value <= most;
}

/* [+-]hh[:mm[:ss]] in seconds. */
static bool read_time(const char **text, int hours_max, int *seconds)
{
	int sign = **text == '-' ? -1 : 1;
	int part, unit = 3600;

	if (**text == '-' || **text == '+')
		(*text)++;
	if (!read_number(text, 0, hours_max, seconds))
		return false;
	*seconds *= unit;
	while (**text == ':' && unit > 1) {
		(*text)++;
		unit /= 60;
		if (!read_number(text, 0, 59, &part))
			return false;
		*seconds += part * unit;
	}
	*seconds *= sign;
	return true;
}

static bool read_month_form(const char **text, struct zone_moment *moment)
{
	if (!read_number(text, 1, 12, &moment->month) || *(*text)++ != '.')
		return false;
	if (!read_number(text, 1, 5, &moment->week) || *(*text)++ != '.')
		return false;
	return read_number(text, 0, 6, &moment->day);
}

static bool read_moment(const char **text, struct zone_moment *moment)
{
	bool good;

	if (*(*text)++ != ',')
		return false;
	moment->form = **text == 'M' || **text == 'J' ? *(*text)++ : 'N';
	if (moment->form == 'M')
		good = read_month_form(text, moment);
	else
		good = read_number(text, moment->form == 'J' ? 1 : 0, 365, &moment->day);
	moment->time_s = 2 * 3600;
	if (!good || **text != '/')
		return good;
	(*text)++;
	return read_time(text, 167, &moment->time_s);
}

/* POSIX counts westwards. */
static bool read_offset(const char **text, struct zone_type *type)
{
	int west_s;

	if (!read_time(text, 25, &west_s))
		return false;
	type->offset_s = -west_s;
	return zone_offset_is_valid(type->offset_s);
}

bool zone_rule_read(struct zone_rule *rule, const char *text)
{
	memset(rule, 0, sizeof(*rule));
	if (!read_name(&text, rule->standard.abbreviation) || !read_offset(&text, &rule->standard))
		return false;
	if (*text == '\0')
		return true;
	rule->has_saving = true;
	if (!read_name(&text, rule->saving.abbreviation))
		return false;
	rule->saving.offset_s = rule->standard.offset_s + 3600;
	if (*text != ',' && !read_offset(&text, &rule->saving))
		return false;
	return zone_offset_is_valid(rule->saving.offset_s) && read_moment(&text, &rule->begin) &&
	       read_moment(&text, &rule->end) && *text == '\0';
}

/* Midnight of a day, as if local time were UTC. */
static int64_t midnight_s(int year, int month, int day)
{
	struct tm tm = { .tm_year = year - 1900, .tm_mon = month - 1, .tm_mday = day };

	return timegm(&tm);
}

static int64_t moment_s(const struct zone_moment *moment, int year)
{
	int64_t first, next;
	int weekday, day;

	if (moment->form == 'N')
		return midnight_s(year, 1, 1 + moment->day) + moment->time_s;
	if (moment->form == 'J') /* 60 is 1 March, in a leap year too */
		return midnight_s(year, 1, moment->day) + moment->time_s +
		       (moment->day > 59 && midnight_s(year, 3, 1) - midnight_s(year, 1, 1) == 60 * DAY_S ? DAY_S : 0);
	first = midnight_s(year, moment->month, 1);
	next = midnight_s(year, moment->month + 1, 1);
	weekday = (int)((first / DAY_S + 4) % 7 + 7) % 7; /* 1 January 1970 was a Thursday */
	day = (moment->day - weekday + 7) % 7 + 7 * (moment->week - 1);
	if (first + (int64_t)day * DAY_S >= next) /* week 5 is the last one */
		day -= 7;
	return first + (int64_t)day * DAY_S + moment->time_s;
}

void zone_rule_changes(const struct zone_rule *rule, int year, struct zone_change changes[2])
{
	changes[0] = (struct zone_change){ moment_s(&rule->begin, year) - rule->standard.offset_s, rule->saving };
	changes[1] = (struct zone_change){ moment_s(&rule->end, year) - rule->saving.offset_s, rule->standard };
}
