/* Parts of sentences: titles, times, quantities. */
#include <math.h>

#include "bot/clock.h"
#include "bot/findings_private.h"
#include "bot/zone.h"

#define TITLE_MAX 120

void text_start(struct str *text, const struct view *view)
{
	const char *title = view->subject->title == NULL ? "The metric" : view->subject->title;
	char cut[TITLE_MAX + 8];
	size_t length = str_utf8_prefix(title, strlen(title), TITLE_MAX);

	(void)snprintf(cut, sizeof(cut), "%.*s", (int)length, title);
	for (char *c = cut; *c != '\0'; c++)
		if ((unsigned char)*c < ' ' || *c == 0x7f)
			*c = ' ';
	str_utf8_mend(cut);
	str_add(text, cut);
}

static void utc(int64_t at_ms, struct zone_time *local)
{
	time_t seconds = (time_t)(at_ms / 1000 - (at_ms % 1000 < 0 ? 1 : 0));
	struct tm tm;

	memset(local, 0, sizeof(*local));
	if (gmtime_r(&seconds, &tm) == NULL)
		return;
	*local = (struct zone_time){ .year = tm.tm_year + 1900, .month = tm.tm_mon + 1, .day = tm.tm_mday,
	                             .hour = tm.tm_hour, .minute = tm.tm_min, .second = tm.tm_sec,
	                             .weekday = tm.tm_wday, .abbreviation = "UTC" };
}

static void local_time(const struct view *view, int64_t at_ms, struct zone_time *local)
{
	if (view->range->zone == NULL)
		utc(at_ms, local);
	else
		zone_local(view->range->zone, at_ms, local);
}

static void add_time(struct str *text, const struct view *view, int64_t at_ms, bool with_day)
{
	static const char *const weekdays[] = { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat" };
	static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
	                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
	struct zone_time local;

	local_time(view, at_ms, &local);
	if (with_day && local.month >= 1)
		str_addf(text, "%s %d %s ", weekdays[local.weekday], local.day, months[local.month - 1]);
	str_addf(text, "%02d:%02d", local.hour, local.minute);
	if (view->step_ms < MINUTE_MS)
		str_addf(text, ":%02d", local.second);
	str_addf(text, " %s", local.abbreviation);
}

/* Is it of another day than the end of what is judged? */
static bool is_of_another_day(const struct view *view, int64_t at_ms)
{
	struct zone_time at, last;

	local_time(view, at_ms, &at);
	local_time(view, view->range->to_ms - 1, &last);
	return at.year != last.year || at.month != last.month || at.day != last.day;
}

/* "05:00 JST"; with its day when that is not the one on which the range ends. */
void text_time(struct str *text, const struct view *view, int64_t at_ms)
{
	add_time(text, view, at_ms, is_of_another_day(view, at_ms));
}

/* With its day also when a midnight lies within what is judged: "23:00" alone would be of either day. */
void text_first_time(struct str *text, const struct view *view, int64_t at_ms)
{
	add_time(text, view, at_ms, is_of_another_day(view, view->range->from_ms) || is_of_another_day(view, at_ms));
}

void text_quantity(struct str *text, const struct view *view, double value)
{
	char *quantity = finding_quantity(value, view->subject->unit);

	str_add(text, quantity);
	free(quantity);
}

/* "22 to 25 %", not "22 % to 25 %". */
void text_range(struct str *text, const struct view *view, double low, double high)
{
	char *from = finding_quantity(low, view->subject->unit), *to = finding_quantity(high, view->subject->unit);
	const char *from_unit = strchr(from, ' '), *to_unit = strchr(to, ' ');

	if (strcmp(from, to) == 0)
		str_addf(text, "%s", to);
	else if (from_unit != NULL && to_unit != NULL && strcmp(from_unit, to_unit) == 0)
		str_addf(text, "%.*s to %s", (int)(from_unit - from), from, to);
	else
		str_addf(text, "%s to %s", from, to);
	free(from);
	free(to);
}

/* No value is unusual within what is called usual: beside such a band only the expected is named. */
void text_band(struct str *text, const struct view *view, size_t i)
{
	double low, high;
	bool inside;

	view_band(view, i, &low, &high);
	if (isnan(low))
		return;
	inside = view->x[i] >= low && view->x[i] <= high;
	str_add(text, view->pattern >= PATTERN_DAY ? " (usual at that hour: " : " (usual: ");
	if (inside) {
		str_add(text, "about ");
		text_quantity(text, view, view->expected[i]);
	} else {
		text_range(text, view, low, high);
	}
	str_add_char(text, ')');
}

void text_duration(struct str *text, int64_t ms)
{
	char words[CLOCK_TEXT_SIZE];

	clock_format_duration(ms, words);
	str_add(text, words);
}
