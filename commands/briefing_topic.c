/* A question in a thread that began with a summary: about the time that the summary tells of, and when it names no
 * metric, about what stood out there, then the rest of its dashboards. */
#include <string.h>

#include "bot/mem.h"
#include "commands/briefing_private.h"
#include "commands/conversation.h"

void briefing_set_topic(struct briefing *briefing, const struct conversation_topic *topic)
{
	mem_set_string(&briefing->topic, topic->places[0] == '\0' ? NULL : topic->places);
	if (!briefing->range.says_when)
		question_set_range(&briefing->range, topic->from_ms, topic->until_ms, briefing->zone, briefing->now_ms);
	briefing_choose(briefing);
}

/* Whether a line is "place", or with an id "place<tab>id". */
static bool has_line(const char *lines, const char *place, const char *id)
{
	size_t length = strlen(place);

	while (*lines != '\0') {
		size_t whole = strcspn(lines, "\n"), name = strcspn(lines, "\t\n");

		if (name == length && strncmp(lines, place, length) == 0 &&
		    (id == NULL || (name < whole && whole - name - 1 == strlen(id) &&
		                    strncmp(lines + name + 1, id, whole - name - 1) == 0)))
			return true;
		lines += whole + (lines[whole] == '\n' ? 1 : 0);
	}
	return false;
}

bool briefing_topic_has(const struct briefing *briefing, size_t place)
{
	return briefing->topic != NULL && has_line(briefing->topic, briefing->places[place].name, NULL);
}

bool briefing_topic_stands_out(const struct briefing *briefing, const struct briefing_candidate *candidate)
{
	return briefing->topic != NULL &&
	       has_line(briefing->topic, briefing->places[candidate->place].name, candidate->metric.id);
}
