#include "adapters/aws/account.h"

#include <stdlib.h>
#include <string.h>

#include "adapters/aws/client.h"
#include "adapters/aws/credentials_chain.h"
#include "adapters/aws/sts.h"
#include "bot/bot.h"
#include "bot/config.h"
#include "bot/loop.h"
#include "bot/mem.h"

#define SESSION "tocsin"

/* A role that is being used. It stays when the configuration drops it: there are few. */
struct role {
	struct aws_accounts *accounts;
	char *arn;
	struct aws_credentials_cache *cache;
	aws_credentials_fn *done; /* of the one question under way */
	void *done_arg;
	struct role *next;
};

/* A call for an account by its number: it waits until our own is known. */
struct question {
	struct aws_accounts *accounts;
	char *account;
	aws_credentials_fn *done;
	void *arg;
	struct question *next;
};

struct aws_accounts {
	struct aws *aws;
	struct aws_chain *chain;
	struct aws_credentials_cache *own;
	struct role *roles;
	char *own_account; /* NULL: not learnt */
	bool learning;
	struct question *questions;
};

struct aws_accounts *aws_accounts_new(struct aws *aws)
{
	struct aws_accounts *accounts = mem_alloc(sizeof(*accounts));

	accounts->aws = aws;
	accounts->chain = aws_chain_new(aws);
	accounts->own = aws_credentials_cache_new(aws_bot(aws)->loop, aws_ahead_ms(aws), aws_chain_ask,
	                                          accounts->chain);
	return accounts;
}

static void end_question(struct question *question, const struct err *err)
{
	question->done(question->arg, NULL, err);
	free(question->account);
	free(question);
}

/* The chain is ended first, silently; then who waits for it is told, and through the roles theirs. */
void aws_accounts_free(struct aws_accounts *accounts)
{
	struct err gone;

	if (accounts == NULL)
		return;
	(void)err_set(&gone, ERR_CANCELLED, "shutting down");
	loop_defer_cancel(aws_bot(accounts->aws)->loop, accounts);
	for (struct question *question = accounts->questions, *next; question != NULL; question = next) {
		next = question->next;
		end_question(question, &gone);
	}
	aws_chain_free(accounts->chain);
	aws_credentials_cache_free(accounts->own);
	for (struct role *role = accounts->roles, *next; role != NULL; role = next) {
		next = role->next;
		aws_credentials_cache_free(role->cache);
		free(role->arn);
		free(role);
	}
	free(accounts->own_account);
	free(accounts);
}

/* --- roles --- */

static void assumed(void *arg, struct aws_credentials *credentials, const struct err *err)
{
	struct role *role = arg;

	role->done(role->done_arg, credentials, err);
}

static void assume(void *arg, struct aws_credentials *credentials, const struct err *err)
{
	struct role *role = arg;
	const struct sts_role wanted = { .arn = role->arn, .session = SESSION };

	if (err != NULL)
		role->done(role->done_arg, NULL, err);
	else
		sts_assume_role(role->accounts->aws, &wanted, credentials, assumed, role);
}

static void ask_role(void *arg, aws_credentials_fn *done, void *done_arg)
{
	struct role *role = arg;

	role->done = done;
	role->done_arg = done_arg;
	aws_credentials_cache_get(role->accounts->own, assume, role);
}

static struct aws_credentials_cache *role_cache(struct aws_accounts *accounts, const char *arn)
{
	struct role *role = accounts->roles;

	while (role != NULL && strcmp(role->arn, arn) != 0)
		role = role->next;
	if (role != NULL)
		return role->cache;
	role = mem_alloc(sizeof(*role));
	role->accounts = accounts;
	role->arn = mem_copy_string(arn);
	role->cache = aws_credentials_cache_new(aws_bot(accounts->aws)->loop, aws_ahead_ms(accounts->aws), ask_role,
	                                        role);
	role->next = accounts->roles;
	accounts->roles = role;
	return role->cache;
}

/* --- which --- */

static const struct config_account *find_account(const struct aws_accounts *accounts, const char *id)
{
	const struct config *config = aws_bot(accounts->aws)->config;

	for (size_t i = 0; i < config->aws.account_count; i++)
		if (strcmp(config->aws.accounts[i].id, id) == 0)
			return &config->aws.accounts[i];
	return NULL;
}

/* NULL: nobody's. Our own account must be known. */
static struct aws_credentials_cache *find_cache(struct aws_accounts *accounts, const char *account)
{
	const struct config_account *listed = find_account(accounts, account);

	if (strcmp(account, accounts->own_account) == 0 || (listed != NULL && listed->role_arn == NULL))
		return accounts->own;
	return listed != NULL ? role_cache(accounts, listed->role_arn) : NULL;
}

static void answer_question(struct question *question, const struct err *err)
{
	struct aws_accounts *accounts = question->accounts;
	struct aws_credentials_cache *cache = err == NULL ? find_cache(accounts, question->account) : NULL;
	struct err why;

	if (cache != NULL) {
		aws_credentials_cache_get(cache, question->done, question->arg);
		free(question->account);
		free(question);
		return;
	}
	if (err == NULL) {
		(void)err_set(&why, ERR_REFUSED,
		              "account %.20s is not ours (%.20s) and not configured: add { id: \"%.20s\", role_arn: "
		              "arn:aws:iam::%.20s:role/NAME } to aws.accounts",
		              question->account, accounts->own_account, question->account, question->account);
		err = &why;
	}
	end_question(question, err);
}

static void answer_questions(struct aws_accounts *accounts, const struct err *err)
{
	struct question *questions = accounts->questions;

	accounts->questions = NULL;
	for (struct question *question = questions, *next; question != NULL; question = next) {
		next = question->next;
		answer_question(question, err);
	}
}

static void learnt(void *arg, const struct err *err)
{
	struct aws_accounts *accounts = arg;

	accounts->learning = false;
	answer_questions(accounts, err);
}

static void answer_known(void *arg)
{
	answer_questions(arg, NULL);
}

/* Known once, for the life of the process: own credentials of another account need a restart. */
static void learn(struct aws_accounts *accounts)
{
	if (accounts->own_account != NULL) {
		loop_defer(aws_bot(accounts->aws)->loop, answer_known, accounts);
		return;
	}
	if (accounts->learning)
		return;
	accounts->learning = true;
	sts_caller_identity(accounts->aws, &(struct aws_target){ 0 }, NULL, &accounts->own_account, NULL,
	                    (struct done){ learnt, accounts });
}

void aws_accounts_get(struct aws_accounts *accounts, const char *account, aws_credentials_fn *done, void *arg)
{
	const struct config_account *listed;
	struct question *question;

	listed = account == NULL ? NULL : find_account(accounts, account);
	if (account == NULL || (listed != NULL && listed->role_arn == NULL)) {
		aws_credentials_cache_get(accounts->own, done, arg);
		return;
	}
	question = mem_alloc(sizeof(*question));
	question->accounts = accounts;
	question->account = mem_copy_string(account);
	question->done = done;
	question->arg = arg;
	question->next = accounts->questions;
	accounts->questions = question;
	learn(accounts);
}

void aws_accounts_refused(struct aws_accounts *accounts, const struct aws_credentials *refused)
{
	aws_credentials_cache_refused(accounts->own, refused);
	for (struct role *role = accounts->roles; role != NULL; role = role->next)
		aws_credentials_cache_refused(role->cache, refused);
}

const char *aws_accounts_own(const struct aws_accounts *accounts)
{
	return accounts->own_account;
}
