/* Parts of sentences and lines: for the model, for the check of its answer and for people alike. */
#include <math.h>

#include "bot/str.h"
#include "commands/briefing_private.h"

void briefing_say_time(struct str *out, const struct briefing *briefing, int64_t at_ms, int64_t known_ms)
{
	say_time(out, briefing->zone, at_ms, known_ms);
}

void briefing_say_date(struct str *out, const struct briefing *briefing, int64_t at_ms)
{
	say_date(out, briefing->zone, at_ms);
}

void briefing_say_summary(struct str *out, const struct briefing *briefing, const struct series_values *values,
                          const char *unit)
{
	if (values->known == 0) {
		str_add(out, "no value in the range\n");
		return;
	}
	str_add(out, "in the range: ");
	say_values(out, briefing->zone, values, briefing->now_ms, unit);
	str_add_char(out, '\n');
	if (isnan(values->usual))
		return;
	str_add(out, "usual at these hours: ");
	say_usual(out, values, unit);
	str_add_char(out, '\n');
}
