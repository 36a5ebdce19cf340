#include "adapters/aws/ssm.h"

#include <stdlib.h>
#include <string.h>

#include "adapters/aws/client.h"
#include "adapters/aws/ssm_words.h"
#include "bot/clock.h"
#include "bot/json.h"
#include "bot/mem.h"
#include "bot/str.h"

#define DELIVERY_S 30
#define MAX_TIMEOUT_S 172800
#define MAX_COMMENT 100
#define PAGES 20
#define PAGE 50
#define CLOCKS_DIFFER_MS (5 * 60 * 1000)

static const struct aws_service service = { "ssm", "ssm", "ssm", AWS_JSON_1_1, "AmazonSSM", false };

/* One call: what the answer goes into, and what is needed for words. */
struct asking {
	struct aws *aws;
	char *account, *region, *instance, *comment, *token;
	int64_t since_ms;
	unsigned pages;
	void *out;
	struct done done;
};

static struct asking *new_asking(struct aws *aws, const struct aws_target *target, const char *instance, void *out,
                                 struct done done)
{
	struct asking *a = mem_alloc(sizeof(*a));

	a->aws = aws;
	a->account = mem_copy_string(target->account);
	a->region = mem_copy_string(target->region);
	a->instance = mem_copy_string(instance);
	a->out = out;
	a->done = done;
	return a;
}

static void finish(struct asking *a, const struct err *err)
{
	a->done.fn(a->done.arg, err);
	free(a->account);
	free(a->region);
	free(a->instance);
	free(a->comment);
	free(a->token);
	free(a);
}

static void call(struct asking *a, const char *operation, struct json_object *body, bool idempotent,
                 const char *expected_code, aws_answer_fn *answered)
{
	aws_call(a->aws, &(struct aws_request){
		.service = &service, .operation = operation, .target = { a->account, a->region },
		.body = json_print(body), .idempotent = idempotent, .expected_code = expected_code,
	}, answered, a);
	json_free(body);
}

static struct json_object *one_string(const char *text)
{
	struct json_object *array = json_new_array();

	json_append_string(array, text);
	return array;
}

static void set_text(char **slot, struct json_object *json, const char *name)
{
	const char *text = json_string(json, name);

	mem_set_string(slot, text != NULL && *text != '\0' ? text : NULL);
}

static bool is_fault(const struct aws_answer *answer, const char *code)
{
	return answer != NULL && answer->fault != NULL && strcmp(answer->fault->code, code) == 0;
}

/* SSM's own errors in words that say what to do. False: there are no better ones. */
static bool better_words(const struct asking *a, const struct aws_answer *answer, struct err *err)
{
	if (is_fault(answer, "InvalidInstanceId"))
		ssm_words_not_managed(a->instance, ERR_REFUSED, err);
	else if (is_fault(answer, "UnsupportedPlatformType"))
		(void)err_set(err, ERR_REFUSED, "the script is not for the platform of %.40s: SSM tells Linux and "
		              "Windows apart", a->instance);
	else
		return false;
	return true;
}

/* --- describe --- */

void ssm_instance_free(struct ssm_instance *instance)
{
	free(instance->platform);
	free(instance->ping);
	free(instance->computer);
	*instance = (struct ssm_instance){ 0 };
}

static void describe_page(struct asking *a);

/* Another page, when the answer names one; false: there is none, or there were too many. */
static bool next_page(struct asking *a, struct json_object *answer, void (*ask)(struct asking *))
{
	const char *token = json_string(answer, "NextToken");

	if (token == NULL || *token == '\0' || ++a->pages >= PAGES)
		return false;
	mem_set_string(&a->token, token);
	ask(a);
	return true;
}

/* An answer without its list says nothing: it is none of "there is none". */
static bool has_list(const struct asking *a, struct json_object *answer, const char *name, struct err *err)
{
	if (json_has(answer, name))
		return true;
	return err_set(err, ERR_RETRY, "SSM's answer about %.40s has no %s", a->instance, name);
}

static void fill_instance(struct ssm_instance *out, struct json_object *found)
{
	set_text(&out->platform, found, "PlatformType");
	set_text(&out->ping, found, "PingStatus");
	set_text(&out->computer, found, "ComputerName");
	out->last_ping_ms = (int64_t)(json_number(found, "LastPingDateTime", 0) * 1000);
}

static void described(void *arg, const struct aws_answer *answer, const struct err *err)
{
	struct asking *a = arg;
	struct json_object *found;
	struct err why;

	if (err != NULL) {
		finish(a, better_words(a, answer, &why) ? &why : err);
		return;
	}
	if (!has_list(a, answer->json, "InstanceInformationList", &why)) {
		finish(a, &why);
		return;
	}
	found = json_get(answer->json, "InstanceInformationList[0]");
	if (found == NULL && next_page(a, answer->json, describe_page))
		return;
	if (found == NULL) {
		ssm_words_not_managed(a->instance, ERR_NOT_FOUND, &why);
		finish(a, &why);
		return;
	}
	fill_instance(a->out, found);
	finish(a, NULL);
}

static void describe_page(struct asking *a)
{
	struct json_object *body = json_new_object(), *filter = json_new_object(), *filters = json_new_array();

	json_put_string(filter, "Key", "InstanceIds");
	json_put(filter, "Values", one_string(a->instance));
	json_append(filters, filter);
	json_put(body, "Filters", filters);
	json_put_string(body, "NextToken", a->token);
	call(a, "DescribeInstanceInformation", body, true, NULL, described);
}

void ssm_describe(struct aws *aws, const struct aws_target *target, const char *instance,
                  struct ssm_instance *out, struct done done)
{
	describe_page(new_asking(aws, target, instance, out, done));
}

/* --- send --- */

/* One element a line: SSM joins them again. A line break at the end begins no line. */
static struct json_object *lines_of(const char *script)
{
	struct json_object *lines = json_new_array();

	while (*script != '\0') {
		size_t length = strcspn(script, "\n");
		char *line = mem_copy_bytes(script, length);

		json_append_string(lines, line);
		free(line);
		script += length + (script[length] == '\n');
	}
	return lines;
}

static void sent(void *arg, const struct aws_answer *answer, const struct err *err)
{
	struct asking *a = arg;
	char **command_id = a->out;
	const char *id;
	struct err why;

	if (err != NULL) {
		finish(a, better_words(a, answer, &why) ? &why : err);
		return;
	}
	id = json_string(answer->json, "Command.CommandId");
	if (id == NULL || *id == '\0') {
		(void)err_set(&why, ERR_UNKNOWN, "SSM took the command, but gave no id for it");
		finish(a, &why);
		return;
	}
	mem_set_string(command_id, id);
	finish(a, NULL);
}

void ssm_send(struct aws *aws, const struct ssm_command *command, char **command_id, struct done done)
{
	struct json_object *body = json_new_object(), *parameters = json_new_object();
	int64_t timeout_s = command->timeout_s < 1 ? 1 : command->timeout_s;
	size_t length = command->comment == NULL ? 0 : str_utf8_prefix(command->comment, strlen(command->comment),
	                                                               MAX_COMMENT);
	char *comment = mem_copy_bytes(command->comment == NULL ? "" : command->comment, length);
	char timeout[24];

	(void)snprintf(timeout, sizeof(timeout), "%lld",
	               (long long)(timeout_s > MAX_TIMEOUT_S ? MAX_TIMEOUT_S : timeout_s));
	json_put_string(body, "DocumentName", command->windows ? "AWS-RunPowerShellScript" : "AWS-RunShellScript");
	json_put(body, "InstanceIds", one_string(command->instance));
	json_put_int(body, "TimeoutSeconds", DELIVERY_S);
	if (length > 0)
		json_put_string(body, "Comment", comment);
	json_put(parameters, "commands", lines_of(command->script));
	json_put(parameters, "executionTimeout", one_string(timeout));
	json_put(body, "Parameters", parameters);
	free(comment);
	call(new_asking(aws, &command->target, command->instance, command_id, done), "SendCommand", body, false, NULL,
	     sent);
}

/* --- find --- */

static void list_page(struct asking *a);

static const char *find_comment(struct json_object *commands, const char *comment)
{
	for (size_t i = 0; i < json_count(commands); i++) {
		struct json_object *command = json_at(commands, i);
		const char *text = json_string(command, "Comment");

		if (text != NULL && strcmp(text, comment) == 0)
			return json_string(command, "CommandId");
	}
	return NULL;
}

static void listed(void *arg, const struct aws_answer *answer, const struct err *err)
{
	struct asking *a = arg;
	char **command_id = a->out;
	const char *id;
	struct err why;

	if (err != NULL) {
		finish(a, better_words(a, answer, &why) ? &why : err);
		return;
	}
	if (!has_list(a, answer->json, "Commands", &why)) {
		finish(a, &why);
		return;
	}
	id = find_comment(json_get(answer->json, "Commands"), a->comment);
	if (id == NULL && next_page(a, answer->json, list_page))
		return;
	if (id != NULL)
		mem_set_string(command_id, id);
	else if (a->pages >= PAGES)
		(void)err_set(&why, ERR_RETRY, "SSM lists more than %d commands for %.40s", PAGES * PAGE,
		              a->instance);
	else
		(void)err_set(&why, ERR_NOT_FOUND, "SSM has no such command for %.40s", a->instance);
	finish(a, id != NULL ? NULL : &why);
}

static void list_page(struct asking *a)
{
	struct json_object *body = json_new_object(), *filter = json_new_object(), *filters = json_new_array();
	char since[CLOCK_TEXT_SIZE];

	clock_format_iso(a->since_ms / 1000 * 1000, since);
	(void)snprintf(since + strlen("2026-11-21T03:00:00"), 2, "Z"); /* InvokedAfter takes no fraction */
	json_put_string(filter, "key", "InvokedAfter");
	json_put_string(filter, "value", since);
	json_append(filters, filter);
	json_put_string(body, "InstanceId", a->instance);
	json_put_int(body, "MaxResults", PAGE);
	json_put(body, "Filters", filters);
	json_put_string(body, "NextToken", a->token);
	call(a, "ListCommands", body, true, NULL, listed);
}

void ssm_find(struct aws *aws, const struct aws_target *target, const char *instance, const char *comment,
              int64_t since_ms, char **command_id, struct done done)
{
	struct asking *a = new_asking(aws, target, instance, command_id, done);

	a->comment = mem_copy_string(comment);
	a->since_ms = aws_now_ms(aws) - (clock_true_ms() - clock_true_since_ms(since_ms)) - CLOCKS_DIFFER_MS;
	list_page(a);
}

/* --- poll --- */

void ssm_result_free(struct ssm_result *result)
{
	free(result->status);
	free(result->why);
	free(result->output);
	free(result->errors);
	*result = (struct ssm_result){ 0 };
}

static const char *text_or(struct json_object *json, const char *name, const char *fallback)
{
	const char *text = json_string(json, name);

	return text == NULL || *text == '\0' ? fallback : text;
}

static void fill_result(struct ssm_result *out, struct json_object *json)
{
	const char *status = text_or(json, "StatusDetails", text_or(json, "Status", "Pending"));
	char why[200];

	out->exit_code = json_int(json, "ResponseCode", -1);
	out->phase = ssm_words_phase(status);
	mem_set_string(&out->status, status);
	mem_set_string(&out->output, text_or(json, "StandardOutputContent", ""));
	mem_set_string(&out->errors, text_or(json, "StandardErrorContent", ""));
	out->cut = ssm_words_is_cut(out->output);
	ssm_words_why(status, out->exit_code, json_string(json, "ExecutionElapsedTime"), why, sizeof(why));
	mem_set_string(&out->why, out->phase == SSM_FAILED ? why : NULL);
}

static void polled(void *arg, const struct aws_answer *answer, const struct err *err)
{
	struct asking *a = arg;
	struct json_object *none;
	struct err why;

	if (err == NULL) {
		fill_result(a->out, answer->json);
	} else if (is_fault(answer, "InvocationDoesNotExist")) {
		none = json_new_object();
		fill_result(a->out, none);
		json_free(none);
		err = NULL;
	} else if (better_words(a, answer, &why)) {
		err = &why;
	}
	finish(a, err);
}

void ssm_poll(struct aws *aws, const struct aws_target *target, const char *command_id,
              const char *instance, struct ssm_result *out, struct done done)
{
	struct json_object *body = json_new_object();

	json_put_string(body, "CommandId", command_id);
	json_put_string(body, "InstanceId", instance);
	call(new_asking(aws, target, instance, out, done), "GetCommandInvocation", body, true,
	     "InvocationDoesNotExist", polled);
}

/* --- cancel --- */

static void cancelled(void *arg, const struct aws_answer *answer, const struct err *err)
{
	struct asking *a = arg;
	struct err why;

	finish(a, err != NULL && better_words(a, answer, &why) ? &why : err);
}

void ssm_cancel(struct aws *aws, const struct aws_target *target, const char *command_id, const char *instance,
                struct done done)
{
	struct json_object *body = json_new_object();

	json_put_string(body, "CommandId", command_id);
	json_put(body, "InstanceIds", one_string(instance));
	call(new_asking(aws, target, instance, NULL, done), "CancelCommand", body, true, NULL, cancelled);
}
