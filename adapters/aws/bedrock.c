#include "adapters/aws/bedrock.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "adapters/aws/bedrock_answer.h"
#include "adapters/aws/bedrock_words.h"
#include "adapters/aws/client.h"
#include "adapters/aws/event_stream.h"
#include "adapters/aws/profile.h"
#include "bot/bot.h"
#include "bot/clock.h"
#include "bot/json.h"
#include "bot/log.h"
#include "bot/loop.h"
#include "bot/mem.h"
#include "bot/metrics.h"
#include "bot/secret.h"
#include "bot/str.h"

#define MODEL_MAX 2048
#define MAX_BODY ((size_t)4 << 20)
#define MAX_PATH ((size_t)8 << 10)
#define MAX_MESSAGE ((size_t)1 << 20) /* of the event stream */
#define FIRST_MS 60000
#define SILENCE_MS 60000
#define WHOLE_MS 300000

static const struct aws_service service = {
	.prefix = "bedrock-runtime", .signing = "bedrock", .iam = "bedrock", .protocol = AWS_REST_JSON,
};

struct bedrock_call {
	struct aws *aws;
	const struct bedrock_listener *listener;
	void *arg;
	struct aws_guard guard;  /* while there is no call */
	struct aws_call *call;   /* under way, or NULL */
	char *model, *account, *region, *body;
	struct secret bearer;
	bool streamed, cancelled, maybe_charged;
	int64_t first_ms, silence_ms;
	int64_t begun_ms, deadline_ms, heard_ms; /* heard_ms: the first text or tool; 0: none yet */
	struct event_stream *stream;
	struct bedrock_answer *answer;
	struct err broken;       /* why we gave it up ourselves, or never began */
	struct err denied;       /* streaming is not allowed: what to say when Converse is not, either */
};

/* --- the request --- */

bool bedrock_model_valid(const char *model)
{
	size_t length = strlen(model);

	for (size_t i = 0; i < length; i++)
		if (((model[i] | 0x20) < 'a' || (model[i] | 0x20) > 'z') && (model[i] < '0' || model[i] > '9') &&
		    strchr(":./_-", model[i]) == NULL)
			return false;
	/* A path of dots would be another path. */
	return length > 0 && length <= MODEL_MAX && strspn(model, "./") < length;
}

static void add_system(struct str *body, const struct bedrock_request *request)
{
	if (request->system == NULL)
		return;
	str_add(body, ",\"system\":[{\"text\":");
	str_add_json(body, request->system, strlen(request->system));
	str_add(body, "}");
	if (request->cache_system)
		str_add(body, ",{\"cachePoint\":{\"type\":\"default\"}}");
	str_add(body, "]");
}

static void add_inference(struct str *body, const struct bedrock_request *request)
{
	struct json_object *config = json_new_object();

	if (request->max_tokens > 0)
		json_put_int(config, "maxTokens", request->max_tokens);
	if (!isnan(request->temperature))
		json_put_number(config, "temperature", request->temperature);
	if (json_count(config) > 0) {
		str_add(body, ",\"inferenceConfig\":");
		json_add(body, config);
	}
	json_free(config);
}

static void add_guardrail(struct str *body, const struct bedrock_request *request)
{
	const char *version = request->guardrail_version != NULL ? request->guardrail_version : "DRAFT";

	if (request->guardrail == NULL)
		return;
	str_add(body, ",\"guardrailConfig\":{\"guardrailIdentifier\":");
	str_add_json(body, request->guardrail, strlen(request->guardrail));
	str_add(body, ",\"guardrailVersion\":");
	str_add_json(body, version, strlen(version));
	str_add(body, "}");
}

/* False: it is too large. */
static bool make_body(struct bedrock_call *call, const struct bedrock_request *request)
{
	struct str body;
	bool cut;

	str_init(&body, MAX_BODY);
	str_add(&body, "{\"messages\":");
	json_add(&body, request->messages);
	add_system(&body, request);
	add_inference(&body, request);
	if (request->tools != NULL) {
		str_add(&body, ",\"toolConfig\":");
		json_add(&body, request->tools);
	}
	add_guardrail(&body, request);
	str_add(&body, "}");
	cut = body.cut;
	call->body = str_take(&body);
	return !cut;
}

/* --- the end --- */

static void free_call(struct bedrock_call *call)
{
	event_stream_free(call->stream);
	bedrock_answer_free(call->answer);
	secret_free(&call->bearer);
	free(call->model);
	free(call->account);
	free(call->region);
	free(call->body);
	free(call);
}

static void finish(struct bedrock_call *call, const struct err *err)
{
	bool has_result = call->answer != NULL && bedrock_answer_begun(call->answer);
	struct bedrock_result result;

	if (has_result) {
		bedrock_answer_result(call->answer, &result);
		result.first_ms = call->heard_ms > 0 ? call->heard_ms - call->begun_ms : 0;
		result.streamed = call->streamed;
	}
	metrics_count("tocsin_bedrock_turns_total", "outcome", err == NULL ? "answered" : err_kind_name(err->kind));
	call->listener->done(call->arg, has_result ? &result : NULL, err);
	free_call(call);
}

/* A request that cannot be sent. */
static void end_unsent(void *arg)
{
	struct bedrock_call *call = arg;

	aws_guard_remove(call->aws, &call->guard);
	finish(call, &call->broken);
}

static void on_gone(void *arg)
{
	struct bedrock_call *call = arg;

	loop_defer_cancel(aws_bot(call->aws)->loop, call);
	(void)err_set(&call->broken, ERR_CANCELLED, "bedrock: given up at shutdown");
	finish(call, &call->broken);
}

/* --- what is told --- */

static void on_text(void *arg, const char *text, size_t length)
{
	struct bedrock_call *call = arg;

	if (call->heard_ms == 0)
		call->heard_ms = clock_mono_ms();
	if (call->listener->text != NULL)
		call->listener->text(call->arg, text, length);
}

static void on_tool(void *arg, const char *name)
{
	struct bedrock_call *call = arg;

	if (call->heard_ms == 0)
		call->heard_ms = clock_mono_ms();
	if (call->listener->tool != NULL)
		call->listener->tool(call->arg, name);
}

static const struct bedrock_listener between = { .text = on_text, .tool = on_tool };

/* --- the stream --- */

static bool broke_off(struct err *err, const struct err *why)
{
	return err_set(err, ERR_RETRY, "Bedrock's answer broke off, ask again: %.180s", why->text);
}

static bool is_given_up(const struct bedrock_call *call)
{
	return call->cancelled || call->broken.kind != ERR_NONE;
}

/* Nothing that still comes matters: call->broken says why. */
static void break_off(struct bedrock_call *call)
{
	log_event(LOG_WARN, "bedrock.broken_off", "model", call->model, "why", call->broken.text, NULL);
	bedrock_answer_mute(call->answer);
	aws_call_cancel(call->call);
}

/* "throttlingException" of the stream is ThrottlingException elsewhere. */
static void on_exception(struct bedrock_call *call, const struct event_stream_message *message, const char *code)
{
	const char *text = event_stream_text(message, ":error-message");
	char name[96];
	struct aws_fault fault;

	(void)snprintf(name, sizeof(name), "%s", code);
	if (name[0] >= 'a' && name[0] <= 'z')
		name[0] = (char)(name[0] - 'a' + 'A');
	aws_fault_read(&fault, AWS_REST_JSON, 200, message->payload, message->payload_length,
	               &(struct aws_fault_headers){ .error_type = name });
	if (fault.message[0] == '\0' && text != NULL)
		(void)snprintf(fault.message, sizeof(fault.message), "%.*s", (int)strcspn(text, "\r\n"), text);
	bedrock_words_in_stream(&fault, call->model, &call->broken);
	break_off(call);
}

static void on_message(void *arg, const struct event_stream_message *message)
{
	struct bedrock_call *call = arg;
	const char *kind = event_stream_text(message, ":message-type");
	const char *event = event_stream_text(message, ":event-type");
	const char *exception = event_stream_text(message, ":exception-type");

	if (exception == NULL)
		exception = event_stream_text(message, ":error-code");
	if (is_given_up(call) || kind == NULL)
		return;
	if (strcmp(kind, "event") != 0)
		on_exception(call, message, exception != NULL ? exception : "");
	else if (event != NULL && !bedrock_answer_event(call->answer, event, message->payload, message->payload_length,
	                                                &call->broken))
		break_off(call);
}

static void on_piece(void *arg, const char *bytes, size_t length)
{
	struct bedrock_call *call = arg;
	struct err err;

	if (is_given_up(call) || event_stream_feed(call->stream, bytes, length, &err) || is_given_up(call))
		return;
	(void)broke_off(&call->broken, &err);
	break_off(call);
}

/* --- sending --- */

static void on_end(void *arg, const struct aws_answer *answer, const struct err *err);

static void send(struct bedrock_call *call)
{
	bool streams = call->streamed;
	int64_t left_ms = call->deadline_ms - clock_mono_ms();
	struct str path;

	event_stream_free(call->stream);
	bedrock_answer_free(call->answer);
	call->stream = event_stream_new(MAX_MESSAGE, on_message, call);
	call->answer = bedrock_answer_new(&between, call);
	str_init(&path, MAX_PATH);
	str_add(&path, "model/");
	str_add_percent(&path, call->model, strlen(call->model));
	str_add(&path, streams ? "/converse-stream" : "/converse");
	call->call = aws_call(call->aws, &(struct aws_request){
		.service = &service, .path = path.text, .body = call->body,
		/* Both are permissions of InvokeModel: the words name the IAM action. */
		.operation = streams ? "InvokeModelWithResponseStream" : "InvokeModel",
		.target = { call->account, call->region }, .slow = true, .idempotent = true,
		.bearer = secret_reveal(&call->bearer) != NULL ? &call->bearer : NULL,
		.timeout_ms = left_ms > 0 ? left_ms : 1, .piece = streams ? on_piece : NULL,
		.first_ms = streams ? call->first_ms : 0, .silence_ms = streams ? call->silence_ms : 0,
	}, on_end, call);
	str_free(&path);
}

/* The stream came to an orderly end, but not the answer. */
static bool ended_early(const struct bedrock_call *call, struct err *why)
{
	struct err end;

	if (event_stream_end(call->stream, &end))
		(void)err_set(&end, ERR_UNKNOWN, "no stopReason came");
	return broke_off(why, &end);
}

/* Why a try failed, in words. */
static void explain(const struct bedrock_call *call, const struct aws_fault *fault, const struct err *err,
                    struct err *why)
{
	*why = *err;
	if (fault == NULL)
		return;
	if (call->denied.kind != ERR_NONE && aws_fault_is_denied(fault))
		*why = call->denied;
	bedrock_words(fault, call->model, secret_reveal(&call->bearer) != NULL, why);
}

static bool is_whole(struct bedrock_call *call, const struct aws_answer *answer, const struct err *err,
                     struct err *why)
{
	if (call->streamed && !call->cancelled && bedrock_answer_over(call->answer))
		return true; /* however it ended then: only the usage may be missing */
	if (call->broken.kind != ERR_NONE)
		*why = call->broken;
	else if (err != NULL)
		explain(call, answer != NULL ? answer->fault : NULL, err, why);
	else
		return call->streamed ? ended_early(call, why) : bedrock_answer_whole(call->answer, answer->json, why);
	return false;
}

static bool wants_converse(const struct bedrock_call *call, const struct aws_answer *answer)
{
	return call->streamed && !call->cancelled && answer != NULL && answer->fault != NULL &&
	       bedrock_refuses_streaming(answer->fault);
}

static void on_end(void *arg, const struct aws_answer *answer, const struct err *err)
{
	struct bedrock_call *call = arg;
	struct err why;

	call->maybe_charged = call->maybe_charged || aws_call_maybe_done(call->call) ||
	                      (answer != NULL && answer->fault != NULL && bedrock_model_ran(answer->fault));
	call->call = NULL;
	if (wants_converse(call, answer)) {
		log_event(LOG_INFO, "bedrock.no_streaming", "model", call->model, "why", answer->fault->message, NULL);
		call->streamed = false;
		if (aws_fault_is_denied(answer->fault))
			call->denied = *err;
		send(call);
		return;
	}
	if (is_whole(call, answer, err, &why)) {
		/* Perhaps by whom an unstreamed answer was told. */
		(void)err_set(&why, ERR_CANCELLED, "bedrock: cancelled");
		finish(call, call->cancelled ? &why : NULL);
		return;
	}
	if (why.kind == ERR_UNKNOWN)
		why.kind = ERR_RETRY; /* nothing was changed by it */
	finish(call, &why);
}

static bool check(struct bedrock_call *call, const struct bedrock_request *request)
{
	if (!bedrock_model_valid(request->model))
		return err_set(&call->broken, ERR_REFUSED, "\"%.60s\" cannot be a model of Bedrock", request->model);
	if (!make_body(call, request))
		return err_set(&call->broken, ERR_REFUSED, "the question with its data is over %zu MiB: ask for less",
		               MAX_BODY >> 20);
	return true;
}

static int64_t or_default(int64_t ms, int64_t default_ms)
{
	return ms > 0 ? ms : default_ms;
}

struct bedrock_call *bedrock_converse(struct aws *aws, const struct bedrock_request *request,
                                      const struct bedrock_listener *listener, void *arg)
{
	struct bedrock_call *call = mem_alloc(sizeof(*call));
	int64_t whole_ms = or_default(request->whole_ms, WHOLE_MS);

	call->aws = aws;
	call->listener = listener;
	call->arg = arg;
	call->model = mem_copy_string(request->model);
	call->account = mem_copy_string(request->target.account);
	call->region = mem_copy_string(request->target.region);
	call->first_ms = or_default(request->first_ms, FIRST_MS);
	call->silence_ms = or_default(request->silence_ms, SILENCE_MS);
	call->begun_ms = clock_mono_ms();
	call->deadline_ms = call->begun_ms + (whole_ms < WHOLE_MS ? whole_ms : WHOLE_MS);
	call->streamed = !request->unstreamed;
	if (aws_env("AWS_BEARER_TOKEN_BEDROCK") != NULL)
		secret_set(&call->bearer, aws_env("AWS_BEARER_TOKEN_BEDROCK"));
	if (check(call, request)) {
		send(call);
		return call;
	}
	call->guard = (struct aws_guard){ .gone = on_gone, .arg = call };
	aws_guard_add(aws, &call->guard);
	loop_defer(aws_bot(aws)->loop, end_unsent, call);
	return call;
}

bool bedrock_maybe_charged(const struct bedrock_call *call)
{
	return call->maybe_charged;
}

void bedrock_cancel(struct bedrock_call *call)
{
	call->cancelled = true;
	if (call->answer != NULL)
		bedrock_answer_mute(call->answer);
	if (call->call != NULL)
		aws_call_cancel(call->call);
}
