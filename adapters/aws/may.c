#include "adapters/aws/may.h"

#include <stdlib.h>
#include <string.h>

#include "adapters/aws/bedrock_words.h"
#include "adapters/aws/client.h"
#include "adapters/aws/profile.h"
#include "bot/json.h"
#include "bot/mem.h"
#include "bot/secret.h"
#include "bot/str.h"

#define MAX_PATH ((size_t)8 << 10)
#define NO_QUERY "tocsin asks whether it may query this group" /* is none in any language of queries */
#define NO_ID "00000000-0000-4000-a000-000000000000"

static const struct aws_service bedrock = {
	.prefix = "bedrock-runtime", .signing = "bedrock", .iam = "bedrock", .protocol = AWS_REST_JSON,
};
static const struct aws_service logs = { "logs", "logs", "logs", AWS_JSON_1_1, "Logs_20140328", false };

/* One call after the other, until one is not allowed. */
struct asking {
	struct aws *aws;
	char *account, *region;
	char *what;  /* the model, or the log group */
	unsigned step;
	struct secret bearer;
	struct done done;
};

static struct asking *new_asking(struct aws *aws, const struct aws_target *target, const char *what, struct done done)
{
	struct asking *a = mem_alloc(sizeof(*a));

	a->aws = aws;
	a->account = mem_copy_string(target->account);
	a->region = mem_copy_string(target->region);
	a->what = mem_copy_string(what);
	a->done = done;
	return a;
}

static void finish(struct asking *a, const struct err *err)
{
	a->done.fn(a->done.arg, err);
	free(a->account);
	free(a->region);
	free(a->what);
	secret_free(&a->bearer);
	free(a);
}

/* --- the model --- */

static const struct {
	const char *operation, *path; /* path: behind the model */
} model_calls[] = {
	{ "InvokeModel", "/invoke" },
	{ "InvokeModelWithResponseStream", "/invoke-with-response-stream" },
};
#define MODEL_CALLS (sizeof(model_calls) / sizeof(model_calls[0]))

static void ask_model(struct asking *a);

static void model_answered(void *arg, const struct aws_answer *answer, const struct err *err)
{
	struct asking *a = arg;
	const struct aws_fault *fault = answer == NULL ? NULL : answer->fault;
	struct err why;

	if (err != NULL && (fault == NULL || !bedrock_refuses_form(fault))) {
		why = *err;
		if (fault != NULL)
			bedrock_words(fault, a->what, secret_reveal(&a->bearer) != NULL, &why);
		finish(a, &why);
	} else if (++a->step < MODEL_CALLS) {
		ask_model(a);
	} else {
		finish(a, NULL);
	}
}

static void ask_model(struct asking *a)
{
	struct str path;

	str_init(&path, MAX_PATH);
	str_add(&path, "model/");
	str_add_percent(&path, a->what, strlen(a->what));
	str_add(&path, model_calls[a->step].path);
	aws_call(a->aws, &(struct aws_request){
		.service = &bedrock, .operation = model_calls[a->step].operation, .target = { a->account, a->region },
		.path = path.text, .body = "{}", .idempotent = true, .expected_code = "ValidationException",
		.bearer = secret_reveal(&a->bearer) != NULL ? &a->bearer : NULL,
	}, model_answered, a);
	str_free(&path);
}

void may_use_model(struct aws *aws, const struct aws_target *target, const char *model, struct done done)
{
	struct asking *a = new_asking(aws, target, model, done);

	if (aws_env("AWS_BEARER_TOKEN_BEDROCK") != NULL)
		secret_set(&a->bearer, aws_env("AWS_BEARER_TOKEN_BEDROCK"));
	ask_model(a);
}

/* --- logs --- */

static const struct {
	const char *operation, *refusal;
} log_calls[] = {
	{ "StartQuery", "MalformedQueryException" },
	{ "GetQueryResults", "ResourceNotFoundException" },
	{ "StopQuery", "ResourceNotFoundException" },
};
#define LOG_CALLS (sizeof(log_calls) / sizeof(log_calls[0]))

static void ask_logs(struct asking *a);

/* Which of these comes first is not told for each call: a query or an id that is none, a group that is not there. */
static bool is_about_content(const struct aws_fault *fault)
{
	return strcmp(fault->code, "MalformedQueryException") == 0 ||
	       strcmp(fault->code, "ResourceNotFoundException") == 0 ||
	       strcmp(fault->code, "InvalidParameterException") == 0;
}

static void logs_answered(void *arg, const struct aws_answer *answer, const struct err *err)
{
	struct asking *a = arg;

	if (err != NULL && (answer == NULL || answer->fault == NULL || !is_about_content(answer->fault)))
		finish(a, err);
	else if (++a->step < LOG_CALLS)
		ask_logs(a);
	else
		finish(a, NULL);
}

static struct json_object *no_query(const struct asking *a)
{
	struct json_object *body = json_new_object(), *groups = json_new_array();
	int64_t now_s = aws_now_ms(a->aws) / 1000;

	json_append_string(groups, a->what);
	json_put(body, "logGroupNames", groups);
	json_put_string(body, "queryString", NO_QUERY);
	json_put_int(body, "startTime", now_s - 1);
	json_put_int(body, "endTime", now_s);
	json_put_int(body, "limit", 1);
	return body;
}

static void ask_logs(struct asking *a)
{
	struct json_object *body;

	if (a->step == 0) {
		body = no_query(a);
	} else {
		body = json_new_object();
		json_put_string(body, "queryId", NO_ID);
	}
	aws_call(a->aws, &(struct aws_request){
		.service = &logs, .operation = log_calls[a->step].operation, .target = { a->account, a->region },
		.body = json_print(body), .idempotent = true, .expected_code = log_calls[a->step].refusal,
	}, logs_answered, a);
	json_free(body);
}

void may_query_logs(struct aws *aws, const struct aws_target *target, const char *group, struct done done)
{
	ask_logs(new_asking(aws, target, group, done));
}
