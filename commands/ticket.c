/*
 * ticket - opens, or shows, an issue: of the incident in whose thread it is asked, of the newest
 * open incident, or a free one from the words behind it.
 */
#include <stdlib.h>
#include <string.h>

#include "adapters/jira/jira.h"
#include "bot/bot.h"
#include "bot/chat.h"
#include "bot/clock.h"
#include "bot/config.h"
#include "bot/flow.h"
#include "bot/incident.h"
#include "bot/incident_history.h"
#include "bot/mem.h"
#include "bot/message.h"
#include "bot/str.h"
#include "commands/answer.h"
#include "commands/command.h"
#include "commands/issue.h"
#include "commands/permit.h"

#define MAX_TRIES 6
#define LOOK_EVERY_MS 500
#define LOOKS_MAX 120

struct ticket {
	struct origin origin;
	char *text;     /* what was typed; NULL: nothing */
	char *incident; /* id; NULL: a free one */
	char *created;  /* key of a free one */
	char *note;     /* what Jira did not take of it */
	char *failure;  /* a sentence */
	int64_t looks;
};

static const struct field fields[] = {
	ORIGIN_FIELDS(ticket),
	FIELD(FIELD_STRING, ticket, text),    FIELD(FIELD_STRING, ticket, incident),
	FIELD(FIELD_STRING, ticket, created), FIELD(FIELD_STRING, ticket, note),
	FIELD(FIELD_STRING, ticket, failure), FIELD(FIELD_INT, ticket, looks),
	FIELDS_END,
};

static void parse(void *state, const char *words)
{
	struct ticket *t = state;

	if (words[strspn(words, " \t\r\n")] != '\0')
		mem_set_string(&t->text, words);
}

static struct incident *incident_of(struct flow *flow)
{
	const struct ticket *t = flow->state;

	return t->incident == NULL ? NULL : incidents_find(flow->bot->incidents, t->incident);
}

static enum flow_next give_up(struct flow *flow, const char *why)
{
	struct ticket *t = flow->state;

	mem_set_string(&t->failure, why);
	return flow_goto(flow, t->origin.posted == NULL ? "answer" : "show");
}

/* In an incident's thread the words are a remark on it. */
static void add_remark(struct flow *flow, struct incident *incident)
{
	const struct ticket *t = flow->state;

	if (t->text != NULL)
		issue_tell(flow->bot, incident, mem_printf(&flow->mem, "From the chat (%s):", t->origin.user), t->text);
}

static enum flow_next begin(struct flow *flow)
{
	struct ticket *t = flow->state;
	struct bot *bot = flow->bot;
	struct incident *incident = incidents_find_message(bot->incidents, t->origin.channel, t->origin.thread);
	struct err err;

	if (bot->jira == NULL)
		return give_up(flow, "I have no Jira to open a ticket in: the configuration has no section jira.");
	if (!permit_operator(bot, (struct permit_act){ t->origin.user, t->origin.channel }, &err))
		return give_up(flow, err.text);
	if (incident == NULL && t->text == NULL)
		incident = incidents_newest_open(bot->incidents);
	if (incident == NULL && t->text == NULL)
		return give_up(flow, "No incident is open. Say what it is about: ticket the disk of web-1 is slow");
	if (incident == NULL)
		return flow_goto(flow, "create");
	mem_set_string(&t->incident, incident->id);
	incident_acted(bot->incidents, incident);
	issue_open(bot, incident);
	add_remark(flow, incident);
	return flow_goto(flow, incident->issue_key != NULL ? "answer" : "tell");
}

/* --- the incident's own --------------------------------------------------------------------- */

static enum flow_next tell(struct flow *flow)
{
	const struct ticket *t = flow->state;
	struct message message;
	enum flow_next next;

	message_init(&message, TONE_NEUTRAL);
	message_text(&message, "Opening the ticket of incident %s", t->incident);
	message_say(&message, message_paragraph(&message), "⏳ Opening the ticket of incident %s …", t->incident);
	next = answer_post(flow, &message);
	message_free(&message);
	return next;
}

static enum flow_next look(struct flow *flow)
{
	struct ticket *t = flow->state;
	const struct incident *incident = incident_of(flow);

	if (incident == NULL)
		return give_up(flow, "The incident is gone.");
	if (incident->issue_key != NULL)
		return flow_goto(flow, "show");
	if (incident_stage_is(&incident->issue, STAGE_FAILED))
		return give_up(flow, incident->issue.note);
	if (t->looks++ >= LOOKS_MAX)
		return give_up(flow, "Jira has not answered so far. The incident's message will show the ticket.");
	return flow_sleep(flow, LOOK_EVERY_MS, "look");
}

/* --- a free one ----------------------------------------------------------------------------- */

static const char *key_of(struct flow *flow)
{
	return mem_printf(&flow->mem, "%s.issue", flow->id);
}

static void describe(struct message *message, struct flow *flow)
{
	const struct ticket *t = flow->state;
	char *url = NULL;

	if (t->origin.thread != NULL)
		url = flow->bot->chat->ops->permalink(flow->bot->chat, t->origin.channel, t->origin.thread);
	message_init(message, TONE_NEUTRAL);
	message_say(message, message_paragraph(message), "%s", t->text);
	message_say(message, message_field(message, "Opened from the chat by"), "%s", t->origin.user);
	if (url != NULL)
		message_link(message, message_field(message, "Conversation"), url, "Slack");
	free(url);
}

static enum flow_next create(struct flow *flow)
{
	struct ticket *t = flow->state;
	const char *client = flow->bot->config->jira.client;
	const char *summary = client == NULL ? t->text : mem_printf(&flow->mem, "%s | %s", client, t->text);
	struct message message;
	const struct jira_draft draft = {
		.key = key_of(flow),
		.summary = summary,
		.message = &message,
	};

	describe(&message, flow);
	jira_create(flow->bot->jira, &draft, &t->created, &t->note, flow_wake(flow));
	message_free(&message);
	return FLOW_WAIT;
}

static enum flow_next find_created(struct flow *flow)
{
	struct ticket *t = flow->state;

	jira_find(flow->bot->jira, key_of(flow), NULL, flow->intent_ms, &t->created, flow_wake(flow));
	return FLOW_WAIT;
}

/* Jira's name of who asked; NULL: not configured. */
static const char *assignee(const struct config *config, const char *user)
{
	for (size_t i = 0; user != NULL && i < config->jira.user_count; i++)
		if (strcmp(config->jira.users[i].name, user) == 0)
			return config->jira.users[i].value;
	return NULL;
}

/* Of its own, and best effort: somebody who cannot be assigned costs no ticket. */
static enum flow_next assign(struct flow *flow)
{
	const struct ticket *t = flow->state;
	const char *user = assignee(flow->bot->config, t->origin.user);

	if (user == NULL)
		return flow_goto(flow, "answer");
	jira_assign(flow->bot->jira, t->created, user, flow_wake(flow));
	return FLOW_WAIT;
}

/* --- the answer ----------------------------------------------------------------------------- */

static void say_ticket(struct message *message, struct flow *flow)
{
	const struct ticket *t = flow->state;
	const struct incident *incident = incident_of(flow);
	const char *key = incident != NULL ? incident->issue_key : t->created;
	char *url = jira_issue_url(flow->bot->jira, key);
	struct message_line *line = message_paragraph(message);

	message_text(message, "Ticket %s", key);
	message_say(message, line, "✅ ");
	message_link(message, line, url, key);
	if (incident != NULL)
		message_say(message, line, "  is the ticket of incident %s", incident->id);
	if (incident != NULL && t->text != NULL)
		message_say(message, line, "; your words go there as a comment");
	if (t->note != NULL)
		message_say(message, line, "  (%s)", t->note);
	message_say(message, message_context(message), "%s", url);
	free(url);
}

static void build_answer(struct message *message, struct flow *flow)
{
	const struct ticket *t = flow->state;

	message_init(message, t->failure == NULL ? TONE_NEUTRAL : TONE_WARNING);
	if (t->failure == NULL) {
		say_ticket(message, flow);
		return;
	}
	message_text(message, "No ticket: %s", t->failure);
	message_say(message, message_paragraph(message), "⚠️ No ticket: %s", t->failure);
}

static enum flow_next answer(struct flow *flow)
{
	struct message message;
	enum flow_next next;

	build_answer(&message, flow);
	next = answer_post(flow, &message);
	message_free(&message);
	return next;
}

static enum flow_next answered(struct flow *flow)
{
	(void)flow;
	return FLOW_DONE;
}

static enum flow_next show(struct flow *flow)
{
	const struct ticket *t = flow->state;
	struct message message;

	build_answer(&message, flow);
	flow->bot->chat->ops->edit(flow->bot->chat, t->origin.channel, t->origin.posted, &message, CHAT_URGENT,
	                           flow_wake(flow));
	message_free(&message);
	return FLOW_WAIT;
}

static const char *rescue(struct flow *flow, const struct err *err)
{
	struct ticket *t = flow->state;
	const char *step = flow_step_name(flow);

	if (strcmp(step, "assign") == 0) {
		mem_set_string(&t->note, mem_printf(&flow->mem, "not assigned: %s", err->text));
		return "answer";
	}
	if (strcmp(step, "create") != 0)
		return NULL;
	mem_set_string(&t->failure, err->text);
	return "answer";
}

static const struct flow_step steps[] = {
	{ "begin", begin, NULL },
	{ "tell", tell, answer_find },
	{ "look", look, NULL },
	{ "create", create, find_created },
	{ "assign", assign, NULL },
	{ "answer", answer, answer_find },
	{ "answered", answered, NULL },
	{ "show", show, NULL },
	{ NULL, NULL, NULL },
};

static const struct flow_plan plan = {
	.name = "ticket",
	.state_size = sizeof(struct ticket),
	.fields = fields,
	.steps = steps,
	.max_tries = MAX_TRIES,
	.rescue = rescue,
	.ended = answer_ended,
};

const struct command command_ticket = {
	.name = "ticket",
	.own_slash = true,
	.usage = "ticket [text]",
	.summary = "Opens or shows the Jira issue of the incident, or a free one from your words",
	.parse = parse,
	.plan = &plan,
};
