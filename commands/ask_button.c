/* ask_button.c - the buttons of an answer, and which talk in a thread is a question. */
#include <stdlib.h>
#include <string.h>

#include "bot/bot.h"
#include "bot/chat.h"
#include "bot/flow.h"
#include "bot/incident.h"
#include "bot/log.h"
#include "bot/mem.h"
#include "bot/runbook.h"
#include "bot/str.h"
#include "commands/answer.h"
#include "commands/ask.h"
#include "commands/ask_private.h"
#include "commands/conversation.h"
#include "commands/permit.h"
#include "commands/runbook_run.h"

#define RUNBOOK_NAME_MAX 64

bool ask_stop(struct bot *bot, const struct chat_heard *heard, struct err *err)
{
	struct flow *flow = flow_find(bot->flows, heard->text);
	const struct ask *ask = flow == NULL ? NULL : flow->state;

	if (flow == NULL || flow->plan != &ask_plan || ask->outcome != NULL)
		return err_set(err, ERR_CONFLICT, "It is over already.");
	if (ask->stopped)
		return err_set(err, ERR_CONFLICT, "It is being stopped already.");
	ask_stop_flow(flow, heard->user);
	return true;
}

static void take_origin(struct origin *origin, const struct chat_heard *heard)
{
	mem_set_string(&origin->user, heard->user);
	mem_set_string(&origin->channel, heard->channel);
	mem_set_string(&origin->thread, heard->thread);
	mem_set_string(&origin->response_url, heard->response_url);
}

struct search {
	const char *channel, *thread;
	const char *question; /* being answered, or waiting for it; NULL: any, also one that ends */
	bool found;
};

static void look_at(void *arg, struct flow *flow)
{
	struct search *search = arg;
	const struct ask *ask = flow->state;
	const char *thread = answer_thread(&ask->origin);

	if (thread == NULL || strcmp(thread, search->thread) != 0 || strcmp(ask->origin.channel, search->channel) != 0)
		return;
	search->found = search->found || search->question == NULL ||
	                (ask->outcome == NULL && strcmp(ask->question, search->question) == 0);
}

/* Two people press the button, or one does twice. */
static bool is_asked_already(struct bot *bot, const struct ask *ask)
{
	struct search search = {
		.channel = ask->origin.channel, .thread = answer_thread(&ask->origin), .question = ask->question,
	};

	if (search.thread != NULL)
		flow_each(bot->flows, &ask_plan, look_at, &search);
	return search.found;
}

bool ask_again(struct bot *bot, const struct chat_heard *heard, struct err *err)
{
	const struct conversation *earlier = conversation_find(bot->conversations, heard->channel, heard->thread);
	const char *question = heard->text;
	struct flow *flow;

	if ((question == NULL || question[0] == '\0') && earlier != NULL)
		question = conversation_last_question(earlier);
	if (question == NULL || question[0] == '\0')
		return err_set(err, ERR_NOT_FOUND, "I do not remember this question any more: ask it again.");
	flow = flow_new(bot->flows, &ask_plan);
	take_origin(flow->state, heard);
	ask_parse(flow->state, question);
	if (is_asked_already(bot, flow->state)) {
		flow_cancel(flow);
		return err_set(err, ERR_CONFLICT, "It is being asked again already.");
	}
	flow_start(flow);
	return true;
}

/* From here on it is as if that person had typed it. */
bool ask_propose(struct bot *bot, const struct chat_heard *heard, struct err *err)
{
	const char *words = heard->text == NULL ? "" : heard->text;
	size_t length = strcspn(words, " ");
	const struct runbook *runbook = NULL;
	struct flow *flow;
	char *name;

	name = mem_copy_bytes(words, length < RUNBOOK_NAME_MAX ? length : 0);
	runbook = runbook_find(bot->config, name);
	if (runbook == NULL)
		(void)err_set(err, ERR_NOT_FOUND, "There is no runbook %s any more.", name);
	free(name);
	if (runbook == NULL ||
	    !permit_runbook(bot, runbook, (struct permit_act){ heard->user, heard->channel }, err))
		return false;
	flow = flow_new(bot->flows, &runbook_plan);
	take_origin(flow->state, heard);
	runbook_parse(flow->state, runbook->name, words + length + strspn(words + length, " "));
	log_event(LOG_INFO, "ask.proposal_taken", "runbook", runbook->name, "user", heard->user, "flow", flow->id,
	          NULL);
	flow_start(flow);
	return true;
}

/* People talk to each other in an incident's thread, and where they name each other. */
bool ask_hears(struct bot *bot, const struct chat_heard *heard)
{
	struct search search = { .channel = heard->channel, .thread = heard->thread };

	if (heard->thread == NULL || heard->text == NULL || heard->text[0] == '\0' || str_starts(heard->text, "<@") ||
	    incidents_find_message(bot->incidents, heard->channel, heard->thread) != NULL)
		return false;
	if (conversation_find(bot->conversations, heard->channel, heard->thread) != NULL)
		return true;
	flow_each(bot->flows, &ask_plan, look_at, &search);
	return search.found;
}
