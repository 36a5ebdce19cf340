#include "commands/check_jira.h"

#include <stdlib.h>
#include <string.h>

#include "adapters/jira/jira.h"
#include "bot/bot.h"
#include "bot/event_text.h"
#include "bot/journal.h"
#include "bot/log.h"
#include "bot/mem.h"
#include "bot/seen.h"
#include "commands/notify.h"

#define MAX_TRIES 5
#define ASK_AGAIN_MS (5 * 60 * 1000) /* Jira did not answer, or not to us */
#define SAY_AGAIN_MS (15LL * 24 * 3600 * 1000)

struct state {
	char *findings; /* a sentence a line */
};

static const struct field fields[] = { FIELD(FIELD_STRING, state, findings), FIELDS_END };

static enum flow_next ask(struct flow *flow)
{
	struct state *s = flow->state;

	if (flow->bot->jira == NULL) /* it was configured when this flow was saved */
		return FLOW_DONE;
	jira_check(flow->bot->jira, &s->findings, flow_wake(flow));
	return FLOW_WAIT;
}

static void log_lines(const char *findings)
{
	char *copy = mem_copy_string(findings), *rest = copy;

	for (char *line; (line = strsep(&rest, "\n")) != NULL;)
		if (*line != '\0')
			log_event(LOG_ERROR, "jira.will_refuse", "problem", line, NULL);
	free(copy);
}

/* The same findings are not told at every start. */
static void tell_once(struct bot *bot, const char *findings)
{
	char hash[17];

	event_hash(findings, hash);
	if (seen_before(bot->seen, "jira-findings", hash))
		return;
	seen_remember(bot->seen, "jira-findings", hash, SAY_AGAIN_MS);
	notify_warning(bot, "Jira would not take tickets as configured", findings);
}

static enum flow_next tell(struct flow *flow)
{
	const struct state *s = flow->state;

	if (s->findings == NULL || s->findings[0] == '\0') {
		log_event(LOG_INFO, "jira.checked", NULL);
		return FLOW_DONE;
	}
	log_lines(s->findings);
	tell_once(flow->bot, s->findings);
	return FLOW_DONE;
}

static enum flow_next later(struct flow *flow)
{
	return flow_sleep(flow, ASK_AGAIN_MS, "ask");
}

static const char *rescue(struct flow *flow, const struct err *err)
{
	(void)flow;
	log_event(LOG_WARN, "jira.not_checked", "why", err->text, NULL);
	return "later";
}

static const struct flow_step steps[] = {
	{ "ask", ask, NULL },
	{ "tell", tell, NULL },
	{ "later", later, NULL },
	{ NULL, NULL, NULL },
};

const struct flow_plan check_jira_plan = {
	.name = "check jira",
	.state_size = sizeof(struct state),
	.fields = fields,
	.steps = steps,
	.max_tries = MAX_TRIES,
	.rescue = rescue,
};

static void count(void *arg, struct flow *flow)
{
	(void)flow;
	(*(size_t *)arg)++;
}

void check_jira(struct bot *bot)
{
	size_t waiting = 0;

	if (bot->jira == NULL)
		return;
	flow_each(bot->flows, &check_jira_plan, count, &waiting);
	if (waiting > 0) /* an earlier process's, which goes on */
		return;
	flow_start(flow_new(bot->flows, &check_jira_plan));
	journal_commit(bot->journal, (struct done){ NULL, NULL });
}
