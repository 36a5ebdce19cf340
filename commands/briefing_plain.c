/* What is known, in sentences of our own: when no model is asked, or none can be. */
#include <stdlib.h>
#include <string.h>

#include "bot/mem.h"
#include "bot/message.h"
#include "bot/str.h"
#include "commands/briefing_private.h"

#define DAY_MS (24 * 3600 * 1000LL)
#define SENTENCE_MAX 2000
#define FINDINGS_SHOWN 6
#define TITLES_MAX 6
#define UNSEEN_SHOWN 6
#define UNSEEN_MAX 8000

static const char *symbol_of(const struct finding *finding)
{
	if (finding_is_abnormal(finding->kind))
		return finding->strength >= 0.8 ? "🔴" : "🟠";
	return finding->kind == FINDING_RECURRING ? "🔁" : "🔗";
}

static void add_direct(struct message *message, const struct briefing *briefing,
                       const struct briefing_finding *list, size_t count, size_t *said)
{
	struct message_line *line = message_paragraph(message);
	struct str text;

	str_init(&text, SENTENCE_MAX);
	*said = briefing_say_direct(&text, briefing, list, count);
	message_text(message, "%s", text.text);
	if (*said != FINDING_NONE)
		message_say(message, line, "%s ", symbol_of(list[*said].finding));
	message_bold(message, line, text.text);
	str_free(&text);
}

/* Of two series that move together, and of load beside latency, the finding's own words say the order, never a
 * cause. */
static void add_findings(struct message *message, const struct briefing_finding *list, size_t count, size_t said)
{
	size_t shown = 0;

	for (size_t i = 0; i < count; i++) {
		struct message_line *line;

		if (i == said)
			continue;
		if (shown++ == FINDINGS_SHOWN) {
			message_say(message, message_paragraph(message), "and %zu weaker findings.", count - i);
			return;
		}
		line = message_paragraph(message);
		message_say(message, line, "%s ", symbol_of(list[i].finding));
		message_bold(message, line, list[i].finding->id);
		message_say(message, line, "  %s", list[i].finding->text);
	}
}

static size_t only(struct briefing_title *titles, size_t count, bool within)
{
	size_t kept = 0;

	for (size_t i = 0; i < count; i++)
		if (titles[i].within == within)
			titles[kept++] = titles[i];
	return kept;
}

static void add_titles(struct message *message, struct briefing_title *titles, size_t count, bool within)
{
	size_t kept = only(titles, count, within);
	struct str text;

	if (kept == 0)
		return;
	str_init(&text, SENTENCE_MAX);
	if (!within)
		str_add(&text, "Nothing was found about ");
	briefing_say_titles(&text, titles, kept, TITLES_MAX);
	if (within)
		str_add(&text, kept == 1 ? " is within its usual range" : " are within their usual range");
	message_say(message, message_paragraph(message), "%s.", text.text);
	str_free(&text);
}

/* What the question is about has been said when it is all quiet; beside a finding it is said here. */
static void add_quiet(struct message *message, const struct briefing *briefing, bool suiting_is_said)
{
	for (int suiting = suiting_is_said ? 0 : 1; suiting >= 0; suiting--)
		for (int within = 1; within >= 0; within--) {
			struct briefing_title *titles;
			size_t count = briefing_quiet(briefing, suiting == 1, &titles);

			add_titles(message, titles, count, within == 1);
			free(titles);
		}
}

/* --- incidents, what is missing, why ------------------------------------------------------------------------ */

static void add_incidents(struct message *message, const struct briefing *briefing)
{
	for (size_t i = 0; i < briefing->open_count && i < BRIEFING_OPEN_SHOWN; i++) {
		struct message_line *line = message_paragraph(message);

		message_say(message, line, "🚨 Open: ");
		message_bold(message, line, briefing->open[i].name);
		message_say(message, line, " %s", briefing->open[i].state);
	}
	if (briefing->open_count > BRIEFING_OPEN_SHOWN)
		message_say(message, message_paragraph(message), "and %zu more open incidents.",
		            briefing->open_count - BRIEFING_OPEN_SHOWN);
}

static void add_unseen(struct message *message, const struct briefing *briefing)
{
	struct message_line *line;
	size_t shown = 0, more = 0;
	struct str unseen;

	str_init(&unseen, UNSEEN_MAX);
	briefing_add_unseen(briefing, &unseen);
	for (const char *text = unseen.text; *text != '\0';) {
		size_t length = strcspn(text, "\n");

		if (shown++ < UNSEEN_SHOWN) {
			line = message_paragraph(message);
			message_say(message, line, "⚠️ %.*s", (int)length, text);
		} else {
			more++;
		}
		text += length + (text[length] != '\0' ? 1 : 0);
	}
	if (more > 0)
		message_say(message, message_paragraph(message),
		            "⚠️ and %zu more things that I could not see.", more);
	str_free(&unseen);
}

static void add_places(struct str *out, const struct briefing *briefing)
{
	for (size_t i = 0; i < briefing->look_count; i++)
		str_addf(out, "%s%s",
		         i == 0                          ? ""
		         : i + 1 == briefing->look_count ? " and "
		                                         : ", ",
		         briefing->looks[i].data->name);
}

static void add_small_print(struct message *message, const struct briefing *briefing, const char *why)
{
	struct str text;

	str_init(&text, SENTENCE_MAX);
	if (briefing->look_count > 0) {
		str_addf(&text, "%zu metric%s of ", briefing->chosen, briefing->chosen == 1 ? "" : "s");
		add_places(&text, briefing);
		str_add(&text, " · ");
	}
	str_add(&text, briefing->range.range_words);
	if (briefing->look_count > 0)
		str_addf(&text, " · usual is what the %lld days before were",
		         (long long)(briefing->looks[0].data->baseline_ms / DAY_MS));
	str_addf(&text, " · times are %s", zone_name(briefing->zone));
	message_say(message, message_context(message), "%s", text.text);
	message_say(message, message_context(message), "%s These are the findings as they are, in my own words.",
	            why == NULL ? "No model is configured." : why);
	str_free(&text);
}

void briefing_plain(const struct briefing *briefing, const char *why, struct message *message)
{
	struct briefing_finding *list;
	size_t count = briefing_findings(briefing, &list), said;
	bool abnormal = count > 0 && finding_is_abnormal(list[0].finding->kind);

	message_init(message, abnormal ? TONE_WARNING : TONE_NEUTRAL);
	add_direct(message, briefing, list, count, &said);
	add_findings(message, list, count, said);
	add_quiet(message, briefing, said == FINDING_NONE);
	briefing_add_overview(briefing, message);
	add_incidents(message, briefing);
	add_unseen(message, briefing);
	add_small_print(message, briefing, why);
	free(list);
}
