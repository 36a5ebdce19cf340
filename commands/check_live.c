#include "commands/check_live.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "adapters/aws/ec2.h"
#include "adapters/aws/ssm.h"
#include "adapters/jira/jira.h"
#include "adapters/slack/slack.h"
#include "bot/bot.h"
#include "bot/config.h"
#include "bot/loop.h"
#include "bot/mem.h"

/* Of the right form, and nobody's: whoever may ask is told that there is no such instance. */
#define NO_INSTANCE "i-00000000000000000"

struct live {
	struct bot *bot;
	unsigned open, *failed;
};

struct question {
	struct live *live;
	const char *system, *what;
	char *account; /* NULL: our own */
	char *answer;
	struct ssm_instance machine;
	struct ec2_instance instance;
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
	free(question->answer);
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

/* Findings are what Jira would refuse: each a failure of its own. */
static void jira_answered(void *arg, const struct err *err)
{
	struct question *question = arg;
	char *rest = question->answer;
	bool found = false;

	for (char *line; err == NULL && rest != NULL && (line = strsep(&rest, "\n")) != NULL;) {
		if (*line == '\0')
			continue;
		print(question, false, line);
		(*question->live->failed)++;
		found = true;
	}
	if (found) {
		end_question(question);
		return;
	}
	if (err == NULL)
		mem_set_string(&question->answer, "takes tickets as configured");
	answered(question, err);
}

static void ask_account(struct live *live, const char *account)
{
	const struct aws_target target = { account, NULL };
	struct question *who = new_question(live, "AWS", "", account);
	struct question *ssm = new_question(live, "AWS", " SSM", account);
	struct question *ec2 = new_question(live, "AWS", " EC2", account);

	ssm->absence_is_fine = ec2->absence_is_fine = true;
	aws_whoami(live->bot->aws, &target, &who->answer, (struct done){ answered, who });
	ssm_describe(live->bot->aws, &target, NO_INSTANCE, &ssm->machine, (struct done){ answered, ssm });
	ec2_describe(live->bot->aws, &target, NO_INSTANCE, &ec2->instance, (struct done){ answered, ec2 });
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
	for (size_t i = 0; i < bot->config->aws.account_count; i++)
		if (bot->config->aws.accounts[i].role_arn != NULL)
			ask_account(live, bot->config->aws.accounts[i].id);
	if (bot->jira == NULL)
		return;
	question = new_question(live, "Jira", "", NULL);
	jira_check(bot->jira, &question->answer, (struct done){ jira_answered, question });
}
