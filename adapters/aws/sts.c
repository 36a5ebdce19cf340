#include "adapters/aws/sts.h"

#include <stdlib.h>
#include <string.h>

#include "adapters/aws/client.h"
#include "adapters/aws/xml.h"
#include "bot/clock.h"
#include "bot/mem.h"
#include "bot/str.h"

#define MAX_BODY (64u << 10)

static const struct aws_service service = { "sts", "sts", "sts", AWS_QUERY, "2011-06-15", false };

/* --- roles --- */

struct assuming {
	const char *result; /* the element with the credentials */
	char *role;
	aws_credentials_fn *done;
	void *arg;
};

static void add_field(struct str *body, const char *name, const char *value)
{
	if (value == NULL)
		return;
	str_addf(body, "&%s=", name);
	str_add_percent(body, value, strlen(value));
}

static struct aws_credentials *read_credentials(const struct assuming *a, const struct xml_node *root, struct err *err)
{
	const struct xml_node *node = xml_get(root, a->result);
	const char *id = xml_text(node, "AccessKeyId"), *key = xml_text(node, "SecretAccessKey");
	const char *token = xml_text(node, "SessionToken"), *end = xml_text(node, "Expiration");
	char source[256];
	int64_t expires_ms;

	if (id == NULL || *id == '\0' || key == NULL || *key == '\0' || token == NULL || end == NULL ||
	    !clock_parse_iso(end, &expires_ms)) {
		(void)err_set(err, ERR_RETRY, "STS answers without whole credentials for %.120s", a->role);
		return NULL;
	}
	(void)snprintf(source, sizeof(source), "role %.200s", a->role);
	return aws_credentials_new(id, key, token, expires_ms, source);
}

static void assumed(void *arg, const struct aws_answer *answer, const struct err *err)
{
	struct assuming *a = arg;
	struct aws_credentials *credentials = NULL;
	struct err why;

	if (err != NULL)
		(void)err_set(&why, err->kind, "role %.80s cannot be assumed: %.150s", a->role, err->text);
	else
		credentials = read_credentials(a, answer->xml, &why);
	a->done(a->arg, credentials, credentials != NULL ? NULL : &why);
	aws_credentials_drop(credentials);
	free(a->role);
	free(a);
}

/* Asked twice, STS gives two sets of credentials: no harm. */
static void assume(struct aws *aws, const struct sts_role *role, struct aws_request *request, struct str *body,
                   struct assuming *a)
{
	add_field(body, "RoleArn", role->arn);
	add_field(body, "RoleSessionName", role->session);
	add_field(body, "ExternalId", role->external_id);
	if (role->duration_s > 0)
		str_addf(body, "&DurationSeconds=%lld", (long long)role->duration_s);
	a->role = mem_copy_string(role->arn);
	request->service = &service;
	request->target.region = role->region;
	request->body = body->text;
	request->idempotent = true;
	aws_call(aws, request, assumed, a);
	explicit_bzero(body->text, body->length);
	str_free(body);
}

static struct assuming *new_assuming(const char *result, aws_credentials_fn *done, void *arg)
{
	struct assuming *a = mem_alloc(sizeof(*a));

	a->result = result;
	a->done = done;
	a->arg = arg;
	return a;
}

void sts_assume_role(struct aws *aws, const struct sts_role *role, struct aws_credentials *credentials,
                     aws_credentials_fn *done, void *arg)
{
	struct aws_request request = { .operation = "AssumeRole", .credentials = credentials };
	struct str body;

	str_init(&body, MAX_BODY);
	assume(aws, role, &request, &body, new_assuming("AssumeRoleResult.Credentials", done, arg));
}

void sts_assume_role_with_web_identity(struct aws *aws, const struct sts_role *role, const char *token,
                                       aws_credentials_fn *done, void *arg)
{
	struct aws_request request = { .operation = "AssumeRoleWithWebIdentity", .unsigned_ = true };
	struct str body;

	str_init(&body, MAX_BODY);
	add_field(&body, "WebIdentityToken", token);
	assume(aws, role, &request, &body, new_assuming("AssumeRoleWithWebIdentityResult.Credentials", done, arg));
}

/* --- who --- */

struct asking {
	char **account, **arn;
	struct done done;
};

static void identified(void *arg, const struct aws_answer *answer, const struct err *err)
{
	struct asking *a = arg;
	const char *account, *arn;
	struct err why;

	if (err == NULL) {
		account = xml_text(answer->xml, "GetCallerIdentityResult.Account");
		arn = xml_text(answer->xml, "GetCallerIdentityResult.Arn");
		if (account == NULL || arn == NULL) {
			(void)err_set(&why, ERR_RETRY, "STS answers without saying who we are");
			err = &why;
		}
	}
	if (err == NULL && a->account != NULL)
		mem_set_string(a->account, account);
	if (err == NULL && a->arn != NULL)
		mem_set_string(a->arn, arn);
	a->done.fn(a->done.arg, err);
	free(a);
}

void sts_caller_identity(struct aws *aws, const struct aws_target *target, struct aws_credentials *credentials,
                         char **account, char **arn, struct done done)
{
	struct asking *a = mem_alloc(sizeof(*a));

	a->account = account;
	a->arn = arn;
	a->done = done;
	aws_call(aws, &(struct aws_request){
		.service = &service, .operation = "GetCallerIdentity", .target = *target, .body = "",
		.idempotent = true, .credentials = credentials, .ahead = true,
	}, identified, a);
}
