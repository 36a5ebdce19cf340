#include "adapters/aws/credentials_chain.h"

#include <stdlib.h>
#include <string.h>

#include "adapters/aws/client.h"
#include "adapters/aws/credentials_fetch.h"
#include "adapters/aws/credentials_plan.h"
#include "adapters/aws/credentials_process.h"
#include "adapters/aws/profile.h"
#include "adapters/aws/sts.h"
#include "bot/bot.h"
#include "bot/config_value.h"
#include "bot/log.h"
#include "bot/loop.h"
#include "bot/mem.h"
#include "bot/str.h"

#define MAX_WEB_TOKEN 20000 /* the limit of STS */

/* One question under way. */
struct question {
	struct aws_chain *chain;
	struct aws_plan plan;
	unsigned role;           /* the next of the plan's roles to assume */
	struct aws_credentials *present; /* of the steps so far */
	struct err early;
	aws_credentials_fn *done;
	void *arg;
};

struct aws_chain {
	struct aws *aws;
	struct question *question; /* NULL: none under way */
	struct aws_fetch *fetch;   /* of it, at that step */
	struct aws_process *process;
};

struct aws_chain *aws_chain_new(struct aws *aws)
{
	struct aws_chain *chain = mem_alloc(sizeof(*chain));

	chain->aws = aws;
	chain->process = aws_process_new(aws_bot(aws)->loop);
	return chain;
}

static void free_question(struct question *q)
{
	aws_plan_free(&q->plan);
	aws_credentials_drop(q->present);
	free(q);
}

static void end(struct question *q, const struct err *err)
{
	q->chain->question = NULL;
	q->done(q->arg, err == NULL ? q->present : NULL, err);
	free_question(q);
}

/* --- steps --- */

static void assumed(void *arg, struct aws_credentials *credentials, const struct err *err);

static void next_role(struct question *q)
{
	const struct aws_plan_role *role;
	struct sts_role wanted;

	if (q->role == q->plan.role_count) {
		log_event(LOG_INFO, "aws.credentials", "source", q->present->source, NULL);
		end(q, NULL);
		return;
	}
	role = &q->plan.roles[q->role++];
	wanted = (struct sts_role){ role->arn, role->session, role->external_id, role->duration_s, q->plan.region };
	sts_assume_role(q->chain->aws, &wanted, q->present, assumed, q);
}

static void got(struct question *q, struct aws_credentials *credentials, const struct err *err)
{
	if (err != NULL) {
		end(q, err);
		return;
	}
	aws_credentials_drop(q->present);
	q->present = aws_credentials_keep(credentials);
	next_role(q);
}

static void assumed(void *arg, struct aws_credentials *credentials, const struct err *err)
{
	got(arg, credentials, err);
}

static void fetched(void *arg, struct aws_credentials *credentials, const struct err *err)
{
	struct question *q = arg;

	q->chain->fetch = NULL;
	got(q, credentials, err);
}

/* Read anew each time: the platform replaces it. */
static char *read_web_token(const char *path, struct err *err)
{
	struct err why = { 0 };
	size_t length = 0;
	char *text = config_read_file(path, MAX_WEB_TOKEN, true, &length, &why);

	while (length > 0 && strchr(" \t\r\n", text[length - 1]) != NULL)
		text[--length] = '\0';
	if (length > 0)
		return text;
	(void)err_set(err, why.kind == ERR_RETRY ? ERR_RETRY : ERR_REFUSED,
	              "the web identity token file %.150s %s", path, text == NULL ? why.text : "is empty");
	free(text);
	return NULL;
}

static void begin(void *arg);

static void fail_later(struct question *q)
{
	loop_defer(aws_bot(q->chain->aws)->loop, begin, q);
}

static void ask_web_identity(struct question *q)
{
	const struct aws_plan_role *role = &q->plan.web_role;
	const struct sts_role wanted = {
		role->arn, role->session, role->external_id, role->duration_s, q->plan.region,
	};
	char *token = read_web_token(q->plan.token_file, &q->early);

	if (token == NULL) {
		fail_later(q);
		return;
	}
	sts_assume_role_with_web_identity(q->chain->aws, &wanted, token, assumed, q);
	explicit_bzero(token, strlen(token));
	free(token);
}

/* Deferred, so that nothing completes within aws_chain_ask. */
static void begin(void *arg)
{
	struct question *q = arg;
	struct aws_chain *chain = q->chain;
	const struct aws_profiles *profiles;

	if (q->early.kind != ERR_NONE) {
		end(q, &q->early);
		return;
	}
	aws_profiles_reload();
	profiles = aws_profiles(&q->early);
	if (profiles == NULL || !aws_plan_make(&q->plan, profiles, &q->early)) {
		q->early.kind = ERR_REFUSED;
		end(q, &q->early);
		return;
	}
	switch (q->plan.base) {
	case AWS_BASE_KEYS:
		q->present = aws_credentials_new(q->plan.key_id, q->plan.key, q->plan.token, 0, q->plan.source);
		next_role(q);
		break;
	case AWS_BASE_WEB_IDENTITY:
		ask_web_identity(q);
		break;
	case AWS_BASE_PROCESS:
		aws_process_run(chain->process, q->plan.process, assumed, q);
		break;
	case AWS_BASE_CONTAINER:
		chain->fetch = aws_fetch_container(aws_bot(chain->aws), q->plan.container_url, fetched, q);
		break;
	case AWS_BASE_METADATA:
		chain->fetch = aws_fetch_instance(aws_bot(chain->aws), fetched, q);
		break;
	}
}

void aws_chain_ask(void *arg, aws_credentials_fn *done, void *done_arg)
{
	struct aws_chain *chain = arg;
	struct question *q = mem_alloc(sizeof(*q));

	q->chain = chain;
	q->done = done;
	q->arg = done_arg;
	chain->question = q;
	loop_defer(aws_bot(chain->aws)->loop, begin, q);
}

/* The calls to STS have been completed by now (aws_free). */
void aws_chain_free(struct aws_chain *chain)
{
	if (chain == NULL)
		return;
	aws_fetch_cancel(chain->fetch);
	aws_process_free(chain->process);
	if (chain->question != NULL) {
		loop_defer_cancel(aws_bot(chain->aws)->loop, chain->question);
		free_question(chain->question);
	}
	free(chain);
}
