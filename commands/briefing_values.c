/* What a series did in the range of the question, and how much is shown of what was before it. */
#include "commands/briefing_private.h"

int64_t briefing_before_ms(const struct briefing *briefing)
{
	int64_t range_ms = briefing->range.until_ms - briefing->range.from_ms;

	return range_ms > BRIEFING_BEFORE_MS ? range_ms : BRIEFING_BEFORE_MS;
}

void briefing_values(const struct briefing *briefing, const struct dashboard_data *data, size_t subject,
                     struct series_values *values)
{
	series_values(values, data, subject, briefing->zone, briefing->range.from_ms, briefing->range.until_ms);
}
