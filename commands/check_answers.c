#include "commands/check_answers.h"

#include <stdlib.h>
#include <string.h>

#include "adapters/aws/alarms.h"
#include "adapters/aws/cloudtrail.h"
#include "adapters/aws/logs.h"
#include "adapters/aws/may.h"
#include "adapters/aws/metric_list.h"
#include "bot/bot.h"
#include "bot/clock.h"
#include "bot/config.h"
#include "bot/mem.h"
#include "bot/str.h"

#define NOTHING "tocsin-check" /* no alarm and no resource is called so: whoever may ask is told of none */
#define HOUR_MS (INT64_C(3600) * 1000)
#define GROUPS_MAX 200 /* of one list: see logs.h */
#define TEXT_MAX 4096

struct checking {
	struct bot *bot;
	char *account;
	char **answer;
	struct done done;
	struct aws_alarms alarms;
	struct aws_alarm_history history;
	struct metric_list metrics;
	struct cloudtrail_events events;
	char **groups;
	size_t next;    /* of the configured names of log groups */
	char *group;    /* the first that exists; NULL: none was found yet */
	struct str found;
};

static struct checking *new_checking(struct bot *bot, const char *account, char **answer, struct done done)
{
	struct checking *c = mem_alloc(sizeof(*c));

	c->bot = bot;
	c->account = mem_copy_string(account);
	c->answer = answer;
	c->done = done;
	str_init(&c->found, TEXT_MAX);
	return c;
}

static void free_groups(struct checking *c)
{
	for (size_t i = 0; c->groups != NULL && c->groups[i] != NULL; i++)
		free(c->groups[i]);
	free(c->groups);
	c->groups = NULL;
}

static void finish(void *arg, const struct err *err)
{
	struct checking *c = arg;

	c->done.fn(c->done.arg, err);
	aws_alarms_free(&c->alarms);
	aws_alarm_history_free(&c->history);
	metric_list_free(&c->metrics);
	cloudtrail_free(&c->events);
	free_groups(c);
	str_free(&c->found);
	free(c->group);
	free(c->account);
	free(c);
}

static struct aws_target target_of(const struct checking *c)
{
	return (struct aws_target){ .account = c->account };
}

/* --- the model --- */

static void model_was_asked(void *arg, const struct err *err)
{
	struct checking *c = arg;

	const struct config *config = c->bot->config;

	if (err == NULL) {
		str_addf(&c->found, "%.200s may be asked, streaming, too (empty requests were refused for their form, "
		         "which is free; quotas%s are not proven)", config->bedrock.model,
		         config->bedrock.guardrail != NULL ? " and the guardrail" : "");
		mem_set_string(c->answer, c->found.text);
	}
	finish(c, err);
}

void check_answers_model(struct bot *bot, char **answer, struct done done)
{
	struct checking *c = new_checking(bot, NULL, answer, done);
	const struct aws_target target = { .region = bot->config->bedrock.region };

	may_use_model(bot->aws, &target, bot->config->bedrock.model, (struct done){ model_was_asked, c });
}

/* --- alarms --- */

static void history_was_read(void *arg, const struct err *err)
{
	struct checking *c = arg;
	struct aws_target target = target_of(c);

	if (err != NULL)
		finish(c, err);
	else /* one that every account may ask for; that there is none is well */
		metric_list_read(c->bot->aws, &target, "AWS/EC2", "CPUUtilization", NULL, NULL, true, &c->metrics,
		                 (struct done){ finish, c });
}

static void alarms_were_read(void *arg, const struct err *err)
{
	struct checking *c = arg;
	struct aws_target target = target_of(c);
	int64_t now_ms = clock_wall_ms();

	if (err != NULL)
		finish(c, err);
	else
		alarms_history(c->bot->aws, &target, NOTHING, now_ms - HOUR_MS, now_ms, &c->history,
		               (struct done){ history_was_read, c });
}

void check_answers_alarms(struct bot *bot, const char *account, struct done done)
{
	struct checking *c = new_checking(bot, account, NULL, done);
	struct aws_target target = target_of(c);

	alarms_list(bot->aws, &target, NOTHING, NULL, &c->alarms, (struct done){ alarms_were_read, c });
}

/* --- changes --- */

void check_answers_changes(struct bot *bot, const char *account, struct done done)
{
	struct checking *c = new_checking(bot, account, NULL, done);
	struct aws_target target = target_of(c);
	int64_t now_ms = clock_wall_ms();

	cloudtrail_changes(bot->aws, &target, NOTHING, now_ms - HOUR_MS, now_ms, &c->events,
	                   (struct done){ finish, c });
}

/* --- logs --- */

static void list_groups(struct checking *c);

static void logs_were_asked(void *arg, const struct err *err)
{
	struct checking *c = arg;
	struct str answer;

	if (err == NULL) {
		str_init(&answer, TEXT_MAX);
		str_addf(&answer, "%s: %s", c->group != NULL ?
		         "may be queried (what is no query was refused for its form, nothing was scanned)" :
		         "may be listed, but there is none to query", c->found.text);
		mem_set_string(c->answer, answer.text);
		str_free(&answer);
	}
	finish(c, err);
}

static void groups_were_listed(void *arg, const struct err *err)
{
	struct checking *c = arg;
	const char *name = c->bot->config->answers.log_groups.items[c->next];
	size_t listed = 0, count = 0;

	if (err != NULL) {
		finish(c, err);
		return;
	}
	for (; c->groups[listed] != NULL; listed++) {
		if (!str_glob(name, c->groups[listed]))
			continue;
		count++;
		if (c->group == NULL)
			c->group = mem_copy_string(c->groups[listed]);
	}
	str_addf(&c->found, "%s%s%zu of %.200s", c->found.length > 0 ? ", " : "",
	         listed == GROUPS_MAX ? "at least " : "", count, name);
	c->next++;
	list_groups(c);
}

/* Lists what each configured name stands for, one after the other; then one of the groups is queried. */
static void list_groups(struct checking *c)
{
	const struct config_list *names = &c->bot->config->answers.log_groups;
	struct aws_target target = target_of(c);
	char *prefix;

	if (c->next < names->count) {
		prefix = mem_copy_bytes(names->items[c->next], strcspn(names->items[c->next], "*?"));
		logs_groups(c->bot->aws, &target, prefix, &c->groups, (struct done){ groups_were_listed, c });
		free(prefix);
	} else if (c->group != NULL) {
		may_query_logs(c->bot->aws, &target, c->group, (struct done){ logs_were_asked, c });
	} else {
		logs_were_asked(c, NULL);
	}
}

void check_answers_logs(struct bot *bot, const char *account, char **answer, struct done done)
{
	list_groups(new_checking(bot, account, answer, done));
}
