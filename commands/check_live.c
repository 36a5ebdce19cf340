#include "commands/check_live.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "adapters/aws/alarms.h"
#include "adapters/aws/dashboards.h"
#include "adapters/aws/ec2.h"
#include "adapters/aws/ssm.h"
#include "adapters/jira/jira.h"
#include "adapters/slack/slack.h"
#include "bot/alarm.h"
#include "bot/bot.h"
#include "bot/config.h"
#include "bot/loop.h"
#include "bot/mem.h"
#include "bot/metric.h"
#include "commands/check_answers.h"
#include "commands/check_metrics.h"

/* Of the right form, and nobody's: whoever may ask is told that there is no such instance. */
#define NO_INSTANCE "i-00000000000000000"
#define NO_ALARM "tocsin-check"
#define NO_DASHBOARD "tocsin-check" /* that there is none is well */

struct live {
	struct bot *bot;
	unsigned open, *failed;
};

struct question {
	struct live *live;
	const char *system, *what;
	char *account; /* NULL: our own */
	char *answer, *wrong; /* wrong: lines, each a failure of its own; NULL or "": none */
	struct ssm_instance machine;
	struct ec2_instance instance;
	struct alarm alarm;
	struct aws_dashboard dashboard;
	bool absence_is_fine;
};

static struct question *new_question(struct live *live, const char *system, const char *what, const char *account)
{
	struct question *question = mem_alloc(sizeof(*question));

	question->live = live;
	question->system = system;
	question->what = what;
	question->account = mem_copy_string(account);
	live->open++;
	return question;
}

static void print(const struct question *question, bool good, const char *text)
{
	const char *account = question->account == NULL ? "" : question->account;

	(void)printf("%-6s %s%s%s%s: %s\n", good ? "ok" : "FAILED", question->system, account[0] == '\0' ? "" : " ",
	             account, question->what, text);
}

static void end_question(struct question *question)
{
	struct live *live = question->live;

	ssm_instance_free(&question->machine);
	ec2_instance_free(&question->instance);
	fields_free(alarm_fields, &question->alarm);
	aws_dashboard_free(&question->dashboard);
	free(question->answer);
	free(question->wrong);
	free(question->account);
	free(question);
	if (--live->open > 0)
		return;
	loop_stop(live->bot->loop);
	free(live);
}

static void answered(void *arg, const struct err *err)
{
	struct question *question = arg;
	bool good = err == NULL || (question->absence_is_fine && err->kind == ERR_NOT_FOUND);

	print(question, good, !good ? err->text : question->answer == NULL ? "may be asked" : question->answer);
	*question->live->failed += !good;
	end_question(question);
}

/* Asked, and perhaps several things are wrong. */
static void answered_in_lines(void *arg, const struct err *err)
{
	struct question *question = arg;
	char *rest = question->wrong;
	bool found = false;

	for (char *line; err == NULL && rest != NULL && (line = strsep(&rest, "\n")) != NULL;) {
		if (*line == '\0')
			continue;
		print(question, false, line);
		(*question->live->failed)++;
		found = true;
	}
	if (found)
		end_question(question);
	else
		answered(question, err);
}

static void ask_jira(struct live *live)
{
	struct question *question = new_question(live, "Jira", "", NULL);

	question->answer = mem_copy_string("takes tickets as configured");
	jira_check(live->bot->jira, &question->wrong, (struct done){ answered_in_lines, question });
}

static bool is_from_logs(const struct metric *metric)
{
	return strcmp(metric->source, METRIC_SOURCE_LOGS) == 0;
}

static bool has_others(const struct config_dashboard *dashboard)
{
	for (size_t i = 0; i < dashboard->metric_count; i++)
		if (!is_from_logs(&dashboard->metrics[i]))
			return true;
	return dashboard->metrics_table != NULL || dashboard->alarms.count > 0;
}

static void ask_dashboard(struct live *live, const struct config_dashboard *dashboard)
{
	struct question *question, *logs;

	if (has_others(dashboard)) {
		question = new_question(live, "dashboard ", dashboard->name, NULL);
		check_metrics_dashboard(live->bot, dashboard, &question->answer, &question->wrong,
		                        (struct done){ answered_in_lines, question });
	}
	for (size_t i = 0; i < dashboard->metric_count; i++) {
		if (!is_from_logs(&dashboard->metrics[i]))
			continue;
		logs = new_question(live, "logs of ", dashboard->metrics[i].id, dashboard->metrics[i].account);
		logs->answer = mem_copy_string("may be queried (not run: what it scans costs)");
		check_metrics_logs(live->bot, &dashboard->metrics[i], (struct done){ answered, logs });
	}
}

/* What an import reads. */
static void ask_dashboards(struct live *live)
{
	struct question *question = new_question(live, "AWS", " dashboards", NULL);

	question->absence_is_fine = true;
	dashboards_get(live->bot->aws, &(struct aws_target){ NULL, NULL }, NO_DASHBOARD, &question->dashboard,
	               (struct done){ answered, question });
}

/* What a model may look at. */
static void ask_answers(struct live *live, const char *account)
{
	struct question *alarms, *changes, *logs;

	if (live->bot->config->bedrock.model == NULL)
		return;
	alarms = new_question(live, "AWS", " alarms", account);
	check_answers_alarms(live->bot, account, (struct done){ answered, alarms });
	if (live->bot->config->answers.changes) {
		changes = new_question(live, "AWS", " CloudTrail", account);
		check_answers_changes(live->bot, account, (struct done){ answered, changes });
	}
	if (live->bot->config->answers.log_groups.count > 0) {
		logs = new_question(live, "AWS", " logs", account);
		check_answers_logs(live->bot, account, &logs->answer, (struct done){ answered, logs });
	}
}

/* How alarms are set, for a summary; what answers may look at holds that. */
static void ask_alarms(struct live *live, const char *account)
{
	const struct aws_target target = { account, NULL };
	struct question *question;

	if (live->bot->config->bedrock.model != NULL || !config_has_schedule(live->bot->config))
		return;
	question = new_question(live, "AWS", " alarms", account);
	question->absence_is_fine = true;
	alarms_find(live->bot->aws, &target, NO_ALARM, &question->alarm, (struct done){ answered, question });
}

static void ask_model(struct live *live)
{
	struct question *question;

	if (live->bot->config->bedrock.model == NULL)
		return;
	question = new_question(live, "Bedrock", "", NULL);
	check_answers_model(live->bot, &question->answer, (struct done){ answered, question });
}

static void ask_account(struct live *live, const char *account)
{
	const struct aws_target target = { account, NULL };
	struct question *who = new_question(live, "AWS", "", account);
	struct question *ssm = new_question(live, "AWS", " SSM", account);
	struct question *ec2 = new_question(live, "AWS", " EC2", account);
	struct question *metrics = new_question(live, "AWS", " CloudWatch", account);

	ssm->absence_is_fine = ec2->absence_is_fine = true;
	aws_whoami(live->bot->aws, &target, &who->answer, (struct done){ answered, who });
	ssm_describe(live->bot->aws, &target, NO_INSTANCE, &ssm->machine, (struct done){ answered, ssm });
	ec2_describe(live->bot->aws, &target, NO_INSTANCE, &ec2->instance, (struct done){ answered, ec2 });
	check_metrics_account(live->bot, account, (struct done){ answered, metrics });
	ask_answers(live, account);
	ask_alarms(live, account);
}

void check_live(struct bot *bot, const struct slack_options *slack, unsigned *failed)
{
	struct live *live = mem_alloc(sizeof(*live));
	struct question *question;

	live->bot = bot;
	live->failed = failed;
	question = new_question(live, "Slack", "", NULL);
	slack_check(slack, &question->answer, (struct done){ answered, question });
	ask_account(live, NULL);
	ask_dashboards(live);
	ask_model(live);
	for (size_t i = 0; i < bot->config->aws.account_count; i++)
		if (bot->config->aws.accounts[i].role_arn != NULL)
			ask_account(live, bot->config->aws.accounts[i].id);
	for (size_t i = 0; i < bot->config->dashboards.count; i++)
		ask_dashboard(live, &bot->config->dashboards.items[i]);
	if (bot->jira != NULL)
		ask_jira(live);
}
