/* What is known, in sentences of our own. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bot/mem.h"
#include "bot/message.h"
#include "bot/str.h"
#include "commands/briefing_private.h"

#define FINDINGS_SHOWN 8
#define UNSEEN_MAX 2000

void briefing_plain(const struct briefing *briefing, const char *why, struct message *message)
{
	struct briefing_finding *list;
	size_t count = briefing_findings(briefing, &list);
	struct str unseen;

	message_init(message,
	             count > 0 && finding_is_abnormal(list[0].finding->kind) ? TONE_WARNING : TONE_NEUTRAL);
	message_text(message, "%s", count > 0 ? list[0].finding->text : "Nothing unusual was found.");
	if (count == 0)
		message_say(message, message_paragraph(message), "Nothing unusual was found %s.",
		            briefing->range.range_words);
	for (size_t i = 0; i < count && i < FINDINGS_SHOWN; i++)
		message_say(message, message_paragraph(message), "%s (%s)", list[i].finding->text,
		            list[i].finding->id);
	str_init(&unseen, UNSEEN_MAX);
	briefing_add_unseen(briefing, &unseen);
	if (unseen.length > 0)
		message_say(message, message_paragraph(message), "%s", unseen.text);
	message_say(message, message_context(message), "%s", why == NULL ? "No model is configured." : why);
	str_free(&unseen);
	free(list);
}
