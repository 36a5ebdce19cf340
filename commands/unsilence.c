/* unsilence - ends a silence early: what fires is announced now. */
#include <string.h>

#include "bot/alarm.h"
#include "bot/bot.h"
#include "bot/chat.h"
#include "bot/incident.h"
#include "bot/mem.h"
#include "bot/message.h"
#include "bot/silence.h"
#include "commands/answer.h"
#include "commands/buttons.h"
#include "commands/deed.h"
#include "commands/respond.h"

#define BLANKS " \t\r\n"
#define ID_MAX 18

/* Its number, or in an incident's thread the one that holds for its alarm. */
static const struct silence *silence_of(struct bot *bot, const struct deed *deed)
{
	const char *words = deed->words == NULL ? "" : deed->words + strspn(deed->words, BLANKS "#");
	struct incident *here = deed_thread(bot, deed);
	size_t length = strcspn(words, BLANKS);
	char id[ID_MAX + 1];

	if (length == 0)
		return here == NULL ? NULL : silences_find(bot->silences, &here->alarm);
	if (length > ID_MAX)
		return NULL;
	memcpy(id, words, length);
	id[length] = '\0';
	return silences_get(bot->silences, id);
}

/* Several may hold for one alarm. */
static const struct silence *holding_still(struct bot *bot, const struct incident *incident)
{
	return incident == NULL ? NULL : silences_find(bot->silences, &incident->alarm);
}

static bool end(struct bot *bot, struct deed *deed, struct err *err)
{
	const struct silence *held, *other;
	struct silence *ended;
	const char *what;
	struct mem mem = { 0 };

	if (!deed_is_permitted(bot, deed, err))
		return false;
	held = silence_of(bot, deed);
	if (held == NULL)
		return err_set(err, ERR_NOT_FOUND, "No such silence holds (any more). `silences` lists them.");
	ended = silences_end(bot->silences, held->id);
	other = holding_still(bot, deed_thread(bot, deed));
	what = mem_printf(&mem, "ended the silence of %s", ended->pattern);
	if (other != NULL)
		what = mem_printf(&mem, "%s; silence %s of %s still holds here", what, other->id, other->pattern);
	deed_say(deed, what, NULL, 0, NULL);
	mem_set_string(&deed->about, mem_printf(&mem, "Silence %s", ended->id));
	mem_free_all(&mem);
	respond_to_silence(bot, ended);
	silence_free(ended);
	return true;
}

bool unsilence_click(struct bot *bot, const struct chat_heard *heard, struct err *err)
{
	const struct silence *other;
	struct mem mem = { 0 };
	const char *said = "The silence is over.";

	if (!deed_click(bot, heard, end, err))
		return false;
	other = holding_still(bot, incidents_find_message(bot->incidents, heard->channel, heard->message));
	if (other != NULL)
		said = mem_printf(&mem, "That silence is over, but silence %s of %s still holds for this alarm. "
		                  "End that one, too, to hear of it.", other->id, other->pattern);
	buttons_tell(bot, heard, TONE_NEUTRAL, said);
	mem_free_all(&mem);
	return true;
}

static enum flow_next do_end(struct flow *flow)
{
	return deed_do(flow, end);
}

static const struct flow_step steps[] = {
	{ "do", do_end, NULL }, { "answer", deed_answer, answer_find }, { NULL, NULL, NULL },
};

static const struct flow_plan plan = {
	.name = "unsilence",
	.state_size = sizeof(struct deed),
	.fields = deed_fields,
	.steps = steps,
	.ended = answer_ended,
};

const struct command command_unsilence = {
	.name = "unsilence",
	.usage = "unsilence [number]",
	.summary = "Ends a silence: what fires is announced now",
	.parse = deed_parse,
	.plan = &plan,
};
