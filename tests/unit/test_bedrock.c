/* A turn with a model: what is asked, what is told while it comes, what it comes to, and how it goes wrong. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "adapters/aws/bedrock.h"
#include "adapters/aws/sigv4.h"
#include "bot/http_client.h"
#include "bot/json.h"
#include "bot/loop.h"
#include "bot/metrics.h"
#include "tests/unit/support/aws_world.h"
#include "tests/unit/support/event_stream_made.h"
#include "tests/unit/support/turn.h"

#define MODEL "us.anthropic.claude-sonnet-4-20250514-v1:0"
#define STREAM "converse-stream"

struct turn {
	struct aws_end end;
	struct bedrock_call *call;
	struct str text, tools, content;
	enum bedrock_stop stop;
	char stop_word[64];
	struct bedrock_usage usage;
	int64_t latency_ms, first_ms;
	bool sending, has_result, charged, streamed, stop_at_text, stop_at_tool;
};

static void on_text(void *arg, const char *text, size_t length)
{
	struct turn *turn = arg;

	assert_false(turn->sending || turn->end.done);
	str_add_bytes(&turn->text, text, length);
	str_add_char(&turn->text, '|');
	if (turn->stop_at_text)
		bedrock_cancel(turn->call);
}

static void on_tool(void *arg, const char *name)
{
	struct turn *turn = arg;

	assert_false(turn->sending || turn->end.done);
	str_addf(&turn->tools, "%s ", name);
	if (turn->stop_at_tool)
		bedrock_cancel(turn->call);
}

static void on_done(void *arg, const struct bedrock_result *result, const struct err *err)
{
	struct turn *turn = arg;

	assert_false(turn->sending);
	turn->end.done = true;
	turn->end.times++;
	if (err != NULL)
		turn->end.err = *err;
	turn->has_result = result != NULL;
	turn->charged = bedrock_maybe_charged(turn->call);
	if (result == NULL)
		return;
	json_add(&turn->content, result->content);
	turn->stop = result->stop;
	(void)snprintf(turn->stop_word, sizeof(turn->stop_word), "%s", result->stop_word);
	turn->usage = result->usage;
	turn->latency_ms = result->latency_ms;
	turn->first_ms = result->first_ms;
	turn->streamed = result->streamed;
}

static const struct bedrock_listener listener = { on_text, on_tool, on_done };

static struct json_object *messages(const char *text)
{
	struct json_object *list = json_new_array(), *message = json_new_object(), *content = json_new_array();
	struct json_object *block = json_new_object();

	json_put_string(block, "text", text);
	json_append(content, block);
	json_put_string(message, "role", "user");
	json_put(message, "content", content);
	json_append(list, message);
	return list;
}

static void begin(struct turn *turn, struct bedrock_request request)
{
	struct json_object *own = request.messages == NULL ? messages("why?") : NULL;

	str_init(&turn->text, 1u << 20);
	str_init(&turn->tools, 4096);
	str_init(&turn->content, 1u << 20);
	if (request.model == NULL)
		request.model = MODEL;
	if (own != NULL)
		request.messages = own;
	turn->sending = true;
	turn->call = bedrock_converse(cloud.bot.aws, &request, &listener, turn);
	turn->sending = false;
	assert_false(turn->end.done);
	json_free(own);
}

static void finish(struct turn *turn)
{
	aws_end_wait(&turn->end);
}

static void forget(struct turn *turn)
{
	str_free(&turn->text);
	str_free(&turn->tools);
	str_free(&turn->content);
	*turn = (struct turn){ 0 };
}

static void run(struct turn *turn)
{
	begin(turn, (struct bedrock_request){ .temperature = NAN });
	finish(turn);
}

static void expect_error(const struct turn *turn, enum err_kind kind, const char *words)
{
	if (turn->end.err.kind != kind || strstr(turn->end.err.text, words) == NULL)
		fail_msg("%s: \"%s\" instead of \"%s\"", err_kind_name(turn->end.err.kind), turn->end.err.text, words);
}

/* --- streams --- */

struct event {
	const char *type, *json;
};

#define START { "messageStart", "{\"role\":\"assistant\",\"p\":\"abc\"}" }
#define TEXT(i, t) { "contentBlockDelta", "{\"contentBlockIndex\":" #i ",\"delta\":{\"text\":\"" t "\"}}" }
#define CLOSE(i) { "contentBlockStop", "{\"contentBlockIndex\":" #i "}" }
#define STOP(word) { "messageStop", "{\"stopReason\":\"" word "\"}" }
#define USAGE { "metadata", "{\"usage\":{\"inputTokens\":10,\"outputTokens\":20,\"totalTokens\":33," \
	"\"cacheReadInputTokens\":1,\"cacheWriteInputTokens\":2},\"metrics\":{\"latencyMs\":345}}" }
#define TOOL_START(i, id, name) { "contentBlockStart", "{\"contentBlockIndex\":" #i ",\"start\":{\"toolUse\":" \
	"{\"toolUseId\":\"" id "\",\"name\":\"" name "\"}}}" }
#define TOOL_INPUT(i, json) { "contentBlockDelta", "{\"contentBlockIndex\":" #i ",\"delta\":{\"toolUse\":{\"input\":\"" \
	json "\"}}}" }
#define THOUGHT(i, what, t) { "contentBlockDelta", "{\"contentBlockIndex\":" #i ",\"delta\":{\"reasoningContent\":" \
	"{\"" what "\":\"" t "\"}}}" }

static void make(struct str *out, const struct event *events, size_t count)
{
	str_init(out, 1u << 20);
	for (size_t i = 0; i < count; i++)
		if (strstr(events[i].type, "xception") != NULL)
			made_exception(out, events[i].type, events[i].json);
		else
			made_event(out, events[i].type, events[i].json);
}

static void answer_with(const struct event *events, size_t count)
{
	struct str bytes;

	make(&bytes, events, count);
	aws_world_answer_bytes(STREAM, 200, "Content-Type: application/vnd.amazon.eventstream\r\n", bytes.text,
	                       bytes.length);
	str_free(&bytes);
}
#define ANSWER(...) \
	answer_with((const struct event[]){ __VA_ARGS__ }, sizeof((const struct event[]){ __VA_ARGS__ }) / sizeof(struct event))

static const struct event simple[] = { START, TEXT(0, "Checkout "), TEXT(0, "is slow."), CLOSE(0), STOP("end_turn"), USAGE };
#define SIMPLE_CONTENT "[{\"text\":\"Checkout is slow.\"}]"

/* --- requests --- */

static void a_whole_request(void **state)
{
	struct turn turn = { 0 };
	struct json_object *said = messages("why?"), *tools, *sent;
	struct err err;

	(void)state;
	(void)aws_world_start();
	tools = json_parse("{\"tools\":[]}", 12, &err);
	answer_with(simple, 6);
	begin(&turn, (struct bedrock_request){
		.system = "Be \"brief\".", .cache_system = true, .messages = said, .max_tokens = 2000, .temperature = 0.25,
		.tools = tools, .guardrail = "gr1", .guardrail_version = "3", .target = { NULL, "eu-west-1" },
	});
	json_free(said);
	json_free(tools);
	finish(&turn);
	assert_int_equal(turn.end.err.kind, ERR_NONE);
	assert_ptr_equal(strstr(cloud.asked[0].head, "POST /model/us.anthropic.claude-sonnet-4-20250514-v1%3A0/"
	                        "converse-stream HTTP/1.1\r\n"), cloud.asked[0].head);
	assert_string_equal(aws_world_header(0, "Content-Type"), "application/json");
	assert_string_equal(aws_world_header(0, "X-Amz-Target"), "");
	assert_non_null(strstr(aws_world_header(0, "Authorization"), "/eu-west-1/bedrock/aws4_request"));
	sent = json_parse(cloud.asked[0].body, strlen(cloud.asked[0].body), &err);
	assert_string_equal(json_print(sent), "{\"messages\":[{\"role\":\"user\",\"content\":[{\"text\":\"why?\"}]}],"
	                    "\"system\":[{\"text\":\"Be \\\"brief\\\".\"},{\"cachePoint\":{\"type\":\"default\"}}],"
	                    "\"inferenceConfig\":{\"maxTokens\":2000,\"temperature\":0.25},\"toolConfig\":{\"tools\":[]},"
	                    "\"guardrailConfig\":{\"guardrailIdentifier\":\"gr1\",\"guardrailVersion\":\"3\"}}");
	json_free(sent);
	forget(&turn);
	answer_with(simple, 6);
	run(&turn);
	assert_string_equal(cloud.asked[1].body, "{\"messages\":[{\"role\":\"user\",\"content\":[{\"text\":\"why?\"}]}]}");
	forget(&turn);
}

static void models_are_encoded_once(void **state)
{
	static const struct {
		const char *model, *path;
	} cases[] = {
		{ "arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.a.b-v1:0",
		  "POST /model/arn%3Aaws%3Abedrock%3Aus-east-1%3A123456789012%3Ainference-profile%2Fus.a.b-v1%3A0/converse-stream " },
		{ "arn:aws:sagemaker:us-east-1:123456789012:endpoint/e",
		  "POST /model/arn%3Aaws%3Asagemaker%3Aus-east-1%3A123456789012%3Aendpoint%2Fe/converse-stream " },
		{ "amazon.nova-lite-v1:0", "POST /model/amazon.nova-lite-v1%3A0/converse-stream " },
	};
	static const char *const bad[] = { "", ".", "..", "a b", "a?b", "a%b", "a\xc3\xa4", "../x/..//..\n" };
	char longest[2050];

	(void)state;
	(void)aws_world_start();
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct turn turn = { 0 };

		answer_with(simple, 6);
		begin(&turn, (struct bedrock_request){ .model = cases[i].model });
		finish(&turn);
		assert_int_equal(turn.end.err.kind, ERR_NONE);
		assert_ptr_equal(strstr(cloud.asked[i].head, cases[i].path), cloud.asked[i].head);
		forget(&turn);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct turn turn = { 0 };

		begin(&turn, (struct bedrock_request){ .model = bad[i] });
		finish(&turn);
		expect_error(&turn, ERR_REFUSED, "cannot be a model");
		forget(&turn);
	}
	memset(longest, 'a', sizeof(longest));
	longest[2049] = '\0';
	assert_false(bedrock_model_valid(longest));
	longest[2048] = '\0';
	assert_true(bedrock_model_valid(longest));
	assert_int_equal(cloud.count, 3);
}

/* The canonical URI has the path encoded again: botocore signs "...v1%253A0". */
static void paths_are_signed_encoded_twice(void **state)
{
	const struct http_header headers[] = { { "Host", "h" }, { NULL, NULL } };
	const struct sigv4_request request = {
		.method = "POST", .path = "/model/a.b-v1%3A0%2Fx/converse", .headers = headers, .body_hash = "h",
	};
	struct str out;

	(void)state;
	str_init(&out, 4096);
	sigv4_canonical_request(&request, &out);
	assert_ptr_equal(strstr(out.text, "POST\n/model/a.b-v1%253A0%252Fx/converse\n"), out.text);
	str_free(&out);
}

static void a_bearer_key_replaces_the_signature(void **state)
{
	struct turn turn = { 0 };

	(void)state;
	aws_world_env("AWS_BEARER_TOKEN_BEDROCK", "bedrock-api-key-abcdef");
	(void)aws_world_start();
	answer_with(simple, 6);
	run(&turn);
	assert_int_equal(turn.end.err.kind, ERR_NONE);
	assert_string_equal(aws_world_header(0, "Authorization"), "Bearer bedrock-api-key-abcdef");
	assert_string_equal(aws_world_header(0, "X-Amz-Security-Token"), "");
	forget(&turn);
	aws_world_answer(STREAM, 403, "x-amzn-ErrorType: AccessDeniedException\r\n",
	                 "{\"message\":\"Authentication failed: API key bedrock-api-key-abcdef is not valid\"}");
	run(&turn);
	expect_error(&turn, ERR_REFUSED, "refuses the key in AWS_BEARER_TOKEN_BEDROCK");
	forget(&turn);
	assert_null(strstr(cloud.log.text, "bedrock-api-key-abcdef"));
}

static void too_much_is_not_sent(void **state)
{
	struct turn turn = { 0 };
	char *text = malloc((5u << 20) + 1);

	(void)state;
	(void)aws_world_start();
	memset(text, 'x', 5u << 20);
	text[5u << 20] = '\0';
	begin(&turn, (struct bedrock_request){ .system = text });
	finish(&turn);
	expect_error(&turn, ERR_REFUSED, "over 4 MiB");
	assert_int_equal(cloud.count, 0);
	assert_false(turn.charged);
	forget(&turn);
	free(text);
}

/* --- answers --- */

static void text_comes_in_pieces(void **state)
{
	struct turn turn = { 0 };

	(void)state;
	(void)aws_world_start();
	answer_with(simple, 6);
	run(&turn);
	assert_int_equal(turn.end.err.kind, ERR_NONE);
	assert_string_equal(turn.text.text, "Checkout |is slow.|");
	assert_string_equal(turn.content.text, SIMPLE_CONTENT);
	assert_int_equal(turn.stop, BEDROCK_STOP_END);
	assert_true(turn.usage.known);
	assert_int_equal(turn.usage.input, 10);
	assert_int_equal(turn.usage.output, 20);
	assert_int_equal(turn.usage.cache_read, 1);
	assert_int_equal(turn.usage.cache_write, 2);
	assert_int_equal(turn.latency_ms, 345);
	assert_true(turn.streamed);
	assert_int_equal(metrics_value("tocsin_bedrock_turns_total", "outcome", "answered"), 1);
	forget(&turn);
}

static bool has_text(void *arg)
{
	return ((struct turn *)arg)->text.length > 0;
}

static void text_is_told_before_the_end(void **state)
{
	struct turn turn = { 0 };
	struct str first, rest;

	(void)state;
	(void)aws_world_start();
	make(&first, simple, 2);
	make(&rest, simple + 2, 4);
	aws_world_stream(STREAM);
	begin(&turn, (struct bedrock_request){ 0 });
	aws_world_until(1);
	aws_world_send(first.text, first.length);
	turn_until(cloud.loop, has_text, &turn);
	assert_string_equal(turn.text.text, "Checkout |");
	assert_false(turn.end.done);
	aws_world_send(rest.text, rest.length);
	aws_world_close();
	finish(&turn);
	assert_string_equal(turn.content.text, SIMPLE_CONTENT);
	forget(&turn);
	str_free(&first);
	str_free(&rest);
}

static void tools_are_put_together(void **state)
{
	struct turn turn = { 0 };

	(void)state;
	(void)aws_world_start();
	ANSWER(START, TEXT(0, "Let me look."), CLOSE(0), TOOL_START(1, "tooluse_a-1", "read_metric"), TOOL_INPUT(1, ""),
	       TOOL_INPUT(1, "{\\\"name\\\": \\\"la"), TOOL_INPUT(1, "tency\\\"}"), CLOSE(1),
	       TOOL_START(2, "tooluse_b", "list_metrics"), TOOL_INPUT(2, ""), CLOSE(2), STOP("tool_use"), USAGE);
	run(&turn);
	assert_int_equal(turn.stop, BEDROCK_STOP_TOOL);
	assert_string_equal(turn.tools.text, "read_metric list_metrics ");
	assert_string_equal(turn.content.text, "[{\"text\":\"Let me look.\"},"
	                    "{\"toolUse\":{\"toolUseId\":\"tooluse_a-1\",\"name\":\"read_metric\",\"input\":{\"name\":\"latency\"}}},"
	                    "{\"toolUse\":{\"toolUseId\":\"tooluse_b\",\"name\":\"list_metrics\",\"input\":{}}}]");
	forget(&turn);
}

static void malformed_tools_are_left_out(void **state)
{
	struct turn turn = { 0 };

	(void)state;
	(void)aws_world_start();
	ANSWER(START, TEXT(0, " "), TOOL_START(1, "a", "cut"), TOOL_INPUT(1, "{\\\"x\\\":"), TOOL_START(2, "b", "list"),
	       TOOL_INPUT(2, "[1]"), TOOL_START(3, "c", "no name!"), TOOL_START(4, "", "no_id"), STOP("tool_use"), USAGE);
	run(&turn);
	assert_int_equal(turn.end.err.kind, ERR_NONE);
	assert_int_equal(turn.stop, BEDROCK_STOP_MALFORMED);
	assert_string_equal(turn.stop_word, "tool_use");
	assert_string_equal(turn.tools.text, "cut list no_id ");
	assert_string_equal(turn.content.text, "[]");
	forget(&turn);
	ANSWER(START, TOOL_START(0, "a", "cut"), TOOL_INPUT(0, "{"), STOP("max_tokens"), USAGE);
	run(&turn);
	assert_int_equal(turn.stop, BEDROCK_STOP_LENGTH);
	forget(&turn);
}

static void reasoning_is_kept_as_it_is(void **state)
{
	struct turn turn = { 0 };

	(void)state;
	(void)aws_world_start();
	ANSWER(START, THOUGHT(0, "text", "It "), THOUGHT(0, "text", "is."), THOUGHT(0, "signature", "c2ln"), CLOSE(0),
	       THOUGHT(1, "redactedContent", "aGlkZGVu"), CLOSE(1), TEXT(2, "So."), CLOSE(2), STOP("end_turn"), USAGE);
	run(&turn);
	assert_string_equal(turn.text.text, "So.|"); /* thoughts are not told */
	assert_string_equal(turn.content.text, "[{\"reasoningContent\":{\"reasoningText\":{\"text\":\"It is.\","
	                    "\"signature\":\"c2ln\"}}},{\"reasoningContent\":{\"redactedContent\":\"aGlkZGVu\"}},"
	                    "{\"text\":\"So.\"}]");
	forget(&turn);
}

static void every_reason_to_stop(void **state)
{
	static const struct {
		const char *word;
		enum bedrock_stop stop;
	} cases[] = {
		{ "end_turn", BEDROCK_STOP_END }, { "tool_use", BEDROCK_STOP_TOOL }, { "max_tokens", BEDROCK_STOP_LENGTH },
		{ "stop_sequence", BEDROCK_STOP_SEQUENCE }, { "guardrail_intervened", BEDROCK_STOP_GUARDRAIL },
		{ "content_filtered", BEDROCK_STOP_FILTERED }, { "malformed_model_output", BEDROCK_STOP_MALFORMED },
		{ "malformed_tool_use", BEDROCK_STOP_MALFORMED }, { "model_context_window_exceeded", BEDROCK_STOP_CONTEXT },
		{ "bored", BEDROCK_STOP_UNKNOWN },
	};

	(void)state;
	(void)aws_world_start();
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct turn turn = { 0 };
		char json[128];

		(void)snprintf(json, sizeof(json), "{\"stopReason\":\"%s\"}", cases[i].word);
		ANSWER(START, { "messageStop", json }, USAGE);
		run(&turn);
		assert_int_equal(turn.end.err.kind, ERR_NONE);
		assert_int_equal(turn.stop, cases[i].stop);
		assert_string_equal(turn.stop_word, cases[i].word);
		assert_string_equal(turn.content.text, "[]");
		forget(&turn);
	}
}

static void what_is_unknown_is_passed_over(void **state)
{
	struct turn turn = { 0 };

	(void)state;
	(void)aws_world_start();
	ANSWER(START, { "newEvent", "{}" }, { "contentBlockStart", "{\"contentBlockIndex\":0,\"start\":{}}" }, TEXT(0, "a"),
	       { "contentBlockDelta", "{\"contentBlockIndex\":1,\"delta\":{\"citation\":{\"title\":\"t\"}}}" },
	       { "contentBlockDelta", "{\"contentBlockIndex\":2,\"delta\":{\"text\":\"b\\u0000c\"}}" }, STOP("end_turn"), USAGE,
	       { "later", "{}" });
	run(&turn);
	assert_int_equal(turn.end.err.kind, ERR_NONE);
	assert_string_equal(turn.content.text, "[{\"text\":\"a\"},{\"text\":\"bc\"}]");
	forget(&turn);
}

static void the_usage_may_be_missing(void **state)
{
	struct turn turn = { 0 };

	(void)state;
	(void)aws_world_start();
	answer_with(simple, 5);
	run(&turn);
	assert_int_equal(turn.end.err.kind, ERR_NONE);
	assert_false(turn.usage.known);
	assert_string_equal(turn.content.text, SIMPLE_CONTENT);
	forget(&turn);
}

/* --- Converse --- */

#define WHOLE "{\"output\":{\"message\":{\"role\":\"assistant\",\"content\":[{\"reasoningContent\":{\"reasoningText\":" \
	"{\"text\":\"t\",\"signature\":\"s\"}}},{\"text\":\"Slow.\"},{\"text\":\"\"},{\"toolUse\":{\"toolUseId\":\"i\"," \
	"\"name\":\"n\",\"input\":{\"a\":1}}}]}},\"stopReason\":\"tool_use\",\"usage\":{\"inputTokens\":1,\"outputTokens\":2," \
	"\"totalTokens\":3},\"metrics\":{\"latencyMs\":4}}"

static void expect_whole(struct turn *turn)
{
	assert_int_equal(turn->end.err.kind, ERR_NONE);
	assert_string_equal(turn->text.text, "Slow.|");
	assert_string_equal(turn->tools.text, "n ");
	assert_string_equal(turn->content.text, "[{\"reasoningContent\":{\"reasoningText\":{\"text\":\"t\","
	                    "\"signature\":\"s\"}}},{\"text\":\"Slow.\"},{\"toolUse\":{\"toolUseId\":\"i\",\"name\":\"n\","
	                    "\"input\":{\"a\":1}}}]");
	assert_int_equal(turn->usage.output, 2);
	assert_int_equal(turn->latency_ms, 4);
	assert_false(turn->streamed);
}

static void where_streaming_is_refused(void **state)
{
	static const struct {
		int status;
		const char *headers, *body;
	} refusals[] = {
		{ 400, "x-amzn-ErrorType: ValidationException:http://internal.amazon.com/coral/com.amazon.bedrock/\r\n",
		  "{\"message\":\"The model is unsupported for streaming.\"}" },
		{ 400, "x-amzn-ErrorType: ValidationException\r\n",
		  "{\"message\":\"This model doesn't support tool use in streaming mode.\"}" },
		{ 403, "x-amzn-ErrorType: AccessDeniedException\r\n", "{\"message\":\"User: x is not authorized to perform: "
		  "bedrock:InvokeModelWithResponseStream on resource: y\"}" },
	};

	(void)state;
	(void)aws_world_start();
	for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
		struct turn turn = { 0 };

		aws_world_answer(STREAM, refusals[i].status, refusals[i].headers, refusals[i].body);
		aws_world_answer("/converse HTTP/1.1", 200, NULL, WHOLE);
		run(&turn);
		expect_whole(&turn);
		assert_string_equal(cloud.asked[2 * i].body, cloud.asked[2 * i + 1].body);
		forget(&turn);
	}
	assert_non_null(strstr(cloud.log.text, "bedrock.no_streaming"));
}

/* Who may do neither is told of the action that is wanted, not of the second-best. */
static void where_both_are_denied(void **state)
{
	struct turn turn = { 0 };

	(void)state;
	(void)aws_world_start();
	for (int i = 0; i < 2; i++) {
		char body[128];

		(void)snprintf(body, sizeof(body), "{\"message\":\"User: x is not authorized to perform: bedrock:%s\"}",
		               i == 0 ? "InvokeModelWithResponseStream" : "InvokeModel");
		aws_world_answer(NULL, 403, "x-amzn-ErrorType: AccessDeniedException\r\n", body);
	}
	run(&turn);
	expect_error(&turn, ERR_REFUSED, "IAM action bedrock:InvokeModelWithResponseStream in account");
	forget(&turn);
}

static void unstreamed_when_asked(void **state)
{
	struct turn turn = { 0 };

	(void)state;
	(void)aws_world_start();
	aws_world_answer("/converse HTTP/1.1", 200, NULL, WHOLE);
	begin(&turn, (struct bedrock_request){ .unstreamed = true });
	finish(&turn);
	expect_whole(&turn);
	forget(&turn);
	aws_world_answer("/converse HTTP/1.1", 200, NULL, WHOLE);
	turn.stop_at_text = true;
	begin(&turn, (struct bedrock_request){ .unstreamed = true });
	finish(&turn);
	expect_error(&turn, ERR_CANCELLED, "cancelled");
	assert_string_equal(turn.tools.text, "");
	forget(&turn);
	aws_world_answer("/converse HTTP/1.1", 200, NULL, "{\"output\":{}}");
	begin(&turn, (struct bedrock_request){ .unstreamed = true });
	finish(&turn);
	expect_error(&turn, ERR_RETRY, "not as documented: no content");
	forget(&turn);
}

/* --- what goes wrong --- */

static void errors_before_the_answer(void **state)
{
	static const struct {
		int status;
		const char *code, *message;
		enum err_kind kind;
		unsigned tries;
		const char *words;
	} cases[] = {
		{ 403, "AccessDeniedException", "User: arn:aws:iam::1:user/x is not authorized", ERR_REFUSED, 1,
		  "IAM action bedrock:InvokeModelWithResponseStream" },
		{ 403, "AccessDeniedException", "You don't have access to the model with the specified model ID.", ERR_REFUSED, 1,
		  "ask for access to it in Bedrock's console" },
		{ 403, "AccessDeniedException", "Model access is denied due to IAM user ... Marketplace", ERR_REFUSED, 1,
		  "may not be used by this account yet" },
		{ 400, "ValidationException", "The provided model identifier is invalid.", ERR_REFUSED, 1, "correct the model's id" },
		{ 400, "ValidationException", "Invocation of model ID x with on-demand throughput isn\xe2\x80\x99t supported.",
		  ERR_REFUSED, 1, "inference profiles only" },
		{ 400, "ValidationException", "Input is too long for requested model.", ERR_REFUSED, 1, "ask for less" },
		{ 400, "ValidationException", "This model doesn't support tool use.", ERR_REFUSED, 1, "cannot use tools" },
		{ 400, "ValidationException", "roles must alternate", ERR_REFUSED, 1, "ValidationException: roles must alternate" },
		{ 404, "ResourceNotFoundException", "Could not resolve", ERR_REFUSED, 1, "is not known in this account and region" },
		{ 400, "ServiceQuotaExceededException", "q", ERR_REFUSED, 1, "over a quota of the account" },
		{ 429, "ThrottlingException", "Too many tokens", ERR_RETRY, 3, "is throttled: ask again in a minute" },
		{ 429, "ModelNotReadyException", "starting", ERR_RETRY, 6, "is not ready yet" },
		{ 408, "ModelTimeoutException", "t", ERR_RETRY, 1, "took too long" },
		{ 424, "ModelErrorException", "e", ERR_RETRY, 1, "failed: ask again" },
		{ 500, "InternalServerException", "i", ERR_RETRY, 3, "an error of its own" },
		{ 503, "ServiceUnavailableException", "u", ERR_RETRY, 3, "Bedrock is unavailable" },
	};

	(void)state;
	(void)aws_world_start();
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct turn turn = { 0 };
		size_t before = cloud.count;
		char headers[128], body[256];

		(void)snprintf(headers, sizeof(headers), "x-amzn-ErrorType: %s\r\n", cases[i].code);
		(void)snprintf(body, sizeof(body), "{\"message\":\"%s\"}", cases[i].message);
		for (unsigned n = 0; n < cases[i].tries; n++)
			aws_world_answer(STREAM, cases[i].status, headers, body);
		run(&turn);
		expect_error(&turn, cases[i].kind, cases[i].words);
		assert_false(turn.has_result);
		assert_int_equal(turn.charged, cases[i].status >= 500 || strncmp(cases[i].words, "failed", 6) == 0 ||
		                 strcmp(cases[i].words, "took too long") == 0);
		assert_int_equal(cloud.count - before, cases[i].tries);
		forget(&turn);
	}
	assert_int_equal(aws_world_unused(), 0);
}

/* The second may have been worked on, whatever the others were. */
static void a_lost_try_may_be_charged(void **state)
{
	struct turn turn = { 0 };

	(void)state;
	(void)aws_world_start();
	aws_world_answer(STREAM, 429, "x-amzn-ErrorType: ThrottlingException\r\n", "{}");
	aws_world_answer(STREAM, AWS_WORLD_CUT, NULL, NULL);
	aws_world_answer(STREAM, 429, "x-amzn-ErrorType: ThrottlingException\r\n", "{}");
	run(&turn);
	expect_error(&turn, ERR_RETRY, "is throttled");
	assert_true(turn.charged);
	forget(&turn);
	begin(&turn, (struct bedrock_request){ .model = "no model" });
	finish(&turn);
	assert_false(turn.charged);
	forget(&turn);
}

static void a_later_try_may_succeed(void **state)
{
	struct turn turn = { 0 };

	(void)state;
	(void)aws_world_start();
	aws_world_answer(STREAM, 429, "x-amzn-ErrorType: ThrottlingException\r\n", "{}");
	aws_world_answer(STREAM, AWS_WORLD_CUT, NULL, NULL);
	answer_with(simple, 6);
	run(&turn);
	assert_int_equal(turn.end.err.kind, ERR_NONE);
	assert_string_equal(turn.text.text, "Checkout |is slow.|");
	forget(&turn);
}

static void exceptions_in_the_stream(void **state)
{
	static const struct {
		const char *type;
		enum err_kind kind;
		const char *words;
	} cases[] = {
		{ "throttlingException", ERR_RETRY, "is throttled" },
		{ "modelStreamErrorException", ERR_RETRY, "failed in the middle of its answer" },
		{ "internalServerException", ERR_RETRY, "an error of its own" },
		{ "serviceUnavailableException", ERR_RETRY, "Bedrock is unavailable" },
		{ "validationException", ERR_REFUSED, "broke off its answer: ValidationException: why" },
		{ "newException", ERR_RETRY, "broke off its answer: NewException: why" },
	};

	(void)state;
	(void)aws_world_start();
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		for (int told = 0; told < 2; told++) {
			struct turn turn = { 0 };
			struct event events[3] = { START, TEXT(0, "Check"), { cases[i].type, "{\"message\":\"why\"}" } };

			if (!told)
				events[0] = events[2];
			answer_with(events, told ? 3 : 1);
			run(&turn);
			expect_error(&turn, cases[i].kind, cases[i].words);
			assert_int_equal(turn.has_result, told);
			assert_string_equal(turn.content.text, told ? "[{\"text\":\"Check\"}]" : "");
			assert_string_equal(turn.stop_word, "");
			assert_false(turn.usage.known);
			assert_true(turn.charged);
			forget(&turn);
		}
	assert_int_equal(cloud.count, 12); /* none was asked again */
}

static void nothing_spoils_an_answer_that_is_over(void **state)
{
	struct turn turn = { 0 };

	(void)state;
	(void)aws_world_start();
	ANSWER(START, TEXT(0, "Slow."), STOP("end_turn"), { "internalServerException", "{\"message\":\"no usage\"}" });
	run(&turn);
	assert_int_equal(turn.end.err.kind, ERR_NONE);
	assert_false(turn.usage.known);
	assert_string_equal(turn.content.text, "[{\"text\":\"Slow.\"}]");
	forget(&turn);
}

/* Not an exception of the model but of what is before it: a code and a message in headers. */
static void errors_in_headers(void **state)
{
	struct turn turn = { 0 };
	struct made made;
	struct str bytes;

	(void)state;
	(void)aws_world_start();
	str_init(&bytes, 4096);
	made_begin(&made);
	made_header(&made, ":message-type", 7, "\0\5error", 7);
	made_header(&made, ":error-code", 7, "\0\4Oops", 6);
	made_header(&made, ":error-message", 7, "\0\10all\nover", 10);
	made_end(&made, "", 0, &bytes);
	aws_world_answer_bytes(STREAM, 200, NULL, bytes.text, bytes.length);
	run(&turn);
	expect_error(&turn, ERR_RETRY, "broke off its answer: Oops: all");
	assert_null(strchr(turn.end.err.text, '\n'));
	forget(&turn);
	str_free(&bytes);
}

static void the_wish_to_wait_is_passed_on(void **state)
{
	struct turn turn = { 0 };

	(void)state;
	(void)aws_world_start();
	for (int i = 0; i < 3; i++)
		aws_world_answer(STREAM, 429, "x-amzn-ErrorType: ThrottlingException\r\nx-amz-retry-after: 2500\r\n", "{}");
	run(&turn);
	expect_error(&turn, ERR_RETRY, "is throttled");
	assert_int_equal(turn.end.err.retry_after_ms, 2500);
	forget(&turn);
}

static void streams_cut_at_every_byte(void **state)
{
	struct str bytes, upto_stop;

	(void)state;
	(void)aws_world_start();
	make(&bytes, simple, 6);
	make(&upto_stop, simple, 5);
	for (size_t length = 1; length < bytes.length; length += getenv("TOCSIN_UNDER_VALGRIND") ? 97 : 1) {
		struct turn turn = { 0 };

		if (cloud.count == 63)
			aws_world_forget();
		aws_world_answer_bytes(STREAM, 200, NULL, bytes.text, length);
		run(&turn);
		if (length >= upto_stop.length) {
			assert_int_equal(turn.end.err.kind, ERR_NONE); /* all but the usage */
			assert_false(turn.usage.known);
		} else {
			assert_int_equal(turn.end.err.kind, ERR_RETRY);
		}
		forget(&turn);
	}
	str_free(&bytes);
	str_free(&upto_stop);
}

static void damaged_streams_end_at_once(void **state)
{
	struct turn turn = { 0 };
	struct str bytes;

	(void)state;
	(void)aws_world_start();
	make(&bytes, simple, 3);
	bytes.text[bytes.length - 1] ^= 1;
	aws_world_stream(STREAM); /* which never ends by itself */
	begin(&turn, (struct bedrock_request){ 0 });
	aws_world_until(1);
	aws_world_send(bytes.text, bytes.length);
	finish(&turn);
	expect_error(&turn, ERR_RETRY, "the event stream is damaged: the checksum of a message is wrong");
	assert_string_equal(turn.text.text, "Checkout |");
	forget(&turn);
	str_free(&bytes);
	aws_world_answer(STREAM, 200, "Content-Type: text/html\r\n", "<html>a proxy's page</html>");
	run(&turn);
	expect_error(&turn, ERR_RETRY, "damaged");
	forget(&turn);
}

static void undocumented_streams_are_refused(void **state)
{
	static const struct event cases[] = {
		{ "contentBlockDelta", "{\"contentBlockIndex\":64,\"delta\":{\"text\":\"a\"}}" },
		{ "contentBlockDelta", "{\"delta\":{\"text\":\"a\"}}" },
		{ "contentBlockDelta", "{\"contentBlockIndex\":0,\"delta\":{\"toolUse\":{\"input\":\"a\"}}}" },
		{ "contentBlockDelta", "no JSON" },
		{ "messageStop", "{}" },
	};

	(void)state;
	(void)aws_world_start();
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct turn turn = { 0 };

		ANSWER(START, TEXT(0, "a"), cases[i], STOP("end_turn"), USAGE);
		run(&turn);
		expect_error(&turn, ERR_RETRY, "not as documented");
		forget(&turn);
	}
}

static void stalled_streams_end(void **state)
{
	struct turn turn = { 0 };
	struct str bytes;

	(void)state;
	(void)aws_world_start();
	for (int i = 0; i < 3; i++)
		aws_world_answer(STREAM, AWS_WORLD_SILENT, NULL, NULL);
	begin(&turn, (struct bedrock_request){ .first_ms = 50 });
	finish(&turn);
	expect_error(&turn, ERR_RETRY, "within");
	forget(&turn);
	make(&bytes, simple, 3);
	aws_world_stream(STREAM);
	begin(&turn, (struct bedrock_request){ .silence_ms = 200 });
	aws_world_until(cloud.count + 1);
	aws_world_send(bytes.text, bytes.length);
	finish(&turn);
	expect_error(&turn, ERR_RETRY, "silent for 200 ms in the middle of its answer");
	assert_string_equal(turn.content.text, SIMPLE_CONTENT);
	forget(&turn);
	aws_world_stream(STREAM);
	begin(&turn, (struct bedrock_request){ .whole_ms = 200 });
	finish(&turn);
	expect_error(&turn, ERR_RETRY, "no answer within");
	forget(&turn);
	str_free(&bytes);
}

/* --- the stop button --- */

static bool hung_up(void *arg)
{
	(void)arg;
	return aws_world_hung_up();
}

static void stopping_closes_the_connection(void **state)
{
	struct turn turn = { .stop_at_text = true };
	struct str bytes;

	(void)state;
	(void)aws_world_start();
	make(&bytes, simple, 6);
	aws_world_stream(STREAM);
	begin(&turn, (struct bedrock_request){ 0 });
	aws_world_until(1);
	aws_world_send(bytes.text, bytes.length);
	finish(&turn);
	expect_error(&turn, ERR_CANCELLED, "cancelled");
	assert_string_equal(turn.text.text, "Checkout |"); /* nothing behind the button */
	assert_true(turn.has_result);
	turn_until(cloud.loop, hung_up, NULL);
	forget(&turn);
	str_free(&bytes);
}

static void stopping_at_any_time(void **state)
{
	struct turn turn = { 0 };

	(void)state;
	(void)aws_world_start();
	begin(&turn, (struct bedrock_request){ 0 });
	bedrock_cancel(turn.call); /* before anything was sent */
	bedrock_cancel(turn.call);
	finish(&turn);
	expect_error(&turn, ERR_CANCELLED, "cancelled");
	assert_int_equal(cloud.count, 0);
	forget(&turn);
	begin(&turn, (struct bedrock_request){ .model = "?" });
	bedrock_cancel(turn.call);
	finish(&turn);
	expect_error(&turn, ERR_REFUSED, "cannot be a model");
	forget(&turn);
	aws_world_answer(STREAM, AWS_WORLD_SILENT, NULL, NULL);
	begin(&turn, (struct bedrock_request){ 0 });
	aws_world_until(1);
	bedrock_cancel(turn.call);
	finish(&turn);
	assert_false(turn.has_result);
	expect_error(&turn, ERR_CANCELLED, "cancelled");
	assert_true(turn.charged);
	forget(&turn);
	turn.stop_at_tool = true;
	ANSWER(START, TOOL_START(0, "a", "look"), TOOL_START(1, "b", "never"), STOP("tool_use"));
	run(&turn);
	expect_error(&turn, ERR_CANCELLED, "cancelled");
	assert_string_equal(turn.tools.text, "look ");
	forget(&turn);
}

static void the_end_of_everything(void **state)
{
	struct turn turns[3] = { 0 };

	(void)state;
	(void)aws_world_start();
	aws_world_stream(STREAM);
	begin(&turns[0], (struct bedrock_request){ 0 });
	aws_world_until(1);
	begin(&turns[1], (struct bedrock_request){ 0 });
	begin(&turns[2], (struct bedrock_request){ .model = "?" });
	aws_free(cloud.bot.aws);
	cloud.bot.aws = NULL;
	for (int i = 0; i < 3; i++) {
		assert_int_equal(turns[i].end.times, 1);
		expect_error(&turns[i], ERR_CANCELLED, "given up at shutdown");
		forget(&turns[i]);
	}
}

static void turns_are_bounded(void **state)
{
	struct turn turns[10] = { 0 };

	(void)state;
	(void)aws_world_start();
	for (int i = 0; i < 8; i++)
		aws_world_answer(STREAM, AWS_WORLD_SILENT, NULL, NULL);
	for (int i = 0; i < 10; i++)
		begin(&turns[i], (struct bedrock_request){ 0 });
	for (int i = 8; i < 10; i++) {
		finish(&turns[i]);
		expect_error(&turns[i], ERR_RETRY, "8 such calls are under way");
	}
	aws_world_until(8);
	for (int i = 0; i < 8; i++)
		bedrock_cancel(turns[i].call);
	for (int i = 0; i < 8; i++)
		finish(&turns[i]);
	for (int i = 0; i < 10; i++)
		forget(&turns[i]);
	answer_with(simple, 6);
	run(&turns[0]);
	assert_int_equal(turns[0].end.err.kind, ERR_NONE);
	forget(&turns[0]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(test) cmocka_unit_test_setup_teardown(test, aws_world_begin, aws_world_end)
		TEST(a_whole_request), TEST(models_are_encoded_once), TEST(paths_are_signed_encoded_twice),
		TEST(a_bearer_key_replaces_the_signature), TEST(too_much_is_not_sent), TEST(text_comes_in_pieces),
		TEST(text_is_told_before_the_end), TEST(tools_are_put_together), TEST(malformed_tools_are_left_out),
		TEST(reasoning_is_kept_as_it_is), TEST(every_reason_to_stop), TEST(what_is_unknown_is_passed_over),
		TEST(the_usage_may_be_missing), TEST(where_streaming_is_refused), TEST(where_both_are_denied), TEST(unstreamed_when_asked),
		TEST(errors_before_the_answer), TEST(a_later_try_may_succeed), TEST(a_lost_try_may_be_charged), TEST(exceptions_in_the_stream),
		TEST(nothing_spoils_an_answer_that_is_over), TEST(errors_in_headers), TEST(the_wish_to_wait_is_passed_on),
		TEST(streams_cut_at_every_byte), TEST(damaged_streams_end_at_once), TEST(undocumented_streams_are_refused),
		TEST(stalled_streams_end), TEST(stopping_closes_the_connection), TEST(stopping_at_any_time),
		TEST(the_end_of_everything), TEST(turns_are_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
