#include "adapters/aws/bedrock_answer.h"

#include <stdlib.h>
#include <string.h>

#include "bot/json.h"
#include "bot/mem.h"
#include "bot/str.h"

#define NAME_SIZE 65 /* of tools and their calls, with the NUL */
#define STOP_WORD_SIZE 64

enum kind { NOTHING_YET, TEXT, TOOL, REASONING, REDACTED };

struct block {
	enum kind kind;
	struct str text;      /* or the tool's arguments, or the reasoning */
	struct str signature; /* of the reasoning */
	char id[NAME_SIZE], name[NAME_SIZE]; /* of the tool; "": not as they must be */
};

struct bedrock_answer {
	const struct bedrock_listener *listener;
	void *arg;
	bool muted, begun, over;
	struct block blocks[BEDROCK_BLOCKS_MAX];
	size_t block_count, size;
	bool malformed; /* a toolUse block was left out */
	struct json_object *content;
	char stop_word[STOP_WORD_SIZE];
	struct bedrock_usage usage;
	int64_t latency_ms;
};

struct bedrock_answer *bedrock_answer_new(const struct bedrock_listener *listener, void *arg)
{
	struct bedrock_answer *answer = mem_alloc(sizeof(*answer));

	answer->listener = listener;
	answer->arg = arg;
	return answer;
}

void bedrock_answer_free(struct bedrock_answer *answer)
{
	if (answer == NULL)
		return;
	for (size_t i = 0; i < answer->block_count; i++) {
		str_free(&answer->blocks[i].text);
		str_free(&answer->blocks[i].signature);
	}
	json_free(answer->content);
	free(answer);
}

void bedrock_answer_mute(struct bedrock_answer *answer)
{
	answer->muted = true;
}

bool bedrock_answer_begun(const struct bedrock_answer *answer)
{
	return answer->begun;
}

bool bedrock_answer_over(const struct bedrock_answer *answer)
{
	return answer->over;
}

static void tell_text(struct bedrock_answer *answer, const char *text, size_t length)
{
	if (!answer->muted && length > 0 && answer->listener->text != NULL)
		answer->listener->text(answer->arg, text, length);
}

static void tell_tool(struct bedrock_answer *answer, const char *name)
{
	if (!answer->muted && *name != '\0' && answer->listener->tool != NULL)
		answer->listener->tool(answer->arg, name);
}

/* --- names --- */

static bool is_name_char(char c, const char *also)
{
	return ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || (c >= '0' && c <= '9') ||
	       (c != '\0' && strchr(also, c) != NULL);
}

/* At most 64 of these characters, as the API wants them back; anything else becomes "". */
static void copy_name(char out[NAME_SIZE], const char *name, const char *also)
{
	size_t length = 0;

	out[0] = '\0';
	while (name != NULL && is_name_char(name[length], also))
		length++;
	if (name != NULL && name[length] == '\0' && length < NAME_SIZE)
		memcpy(out, name, length + 1);
}

static bool is_blank(const char *text)
{
	return text[strspn(text, " \t\r\n")] == '\0';
}

/* --- blocks of a stream --- */

static bool unfit(struct err *err, const char *what)
{
	return err_set(err, ERR_UNKNOWN, "Bedrock's answer is not as documented: %s", what);
}

/* The block that an event is about; NULL and why. */
static struct block *block_of(struct bedrock_answer *answer, struct json_object *event, struct err *err)
{
	int64_t index = json_int(event, "contentBlockIndex", -1);

	if (index < 0 || index >= BEDROCK_BLOCKS_MAX) {
		(void)unfit(err, "contentBlockIndex");
		return NULL;
	}
	while (answer->block_count <= (size_t)index) {
		struct block *block = &answer->blocks[answer->block_count++];

		str_init(&block->text, BEDROCK_ANSWER_SIZE);
		str_init(&block->signature, BEDROCK_ANSWER_SIZE);
	}
	return &answer->blocks[index];
}

static bool becomes(struct block *block, enum kind kind, struct err *err)
{
	if (block->kind == NOTHING_YET)
		block->kind = kind;
	return block->kind == kind || unfit(err, "a block of two kinds");
}

/* A string of the event at the end of a text; absent: nothing. NULs are left out: nobody could send them back. */
static bool add_string(struct bedrock_answer *answer, struct str *text, struct json_object *event, const char *path,
                       struct err *err)
{
	const char *string = json_string(event, path);
	size_t length = string != NULL ? json_string_length(event, path) : 0;

	answer->size += length;
	if (answer->size > BEDROCK_ANSWER_SIZE)
		return unfit(err, "it has no end");
	for (size_t at = 0; at < length;) {
		size_t run = strlen(string + at);

		str_add_bytes(text, string + at, run);
		at += run + 1;
	}
	return true;
}

static bool on_block_start(struct bedrock_answer *answer, struct json_object *event, struct err *err)
{
	struct block *block = block_of(answer, event, err);

	if (block == NULL)
		return false;
	if (!json_is_object(json_get(event, "start.toolUse")))
		return true; /* of text it may come, and says nothing */
	if (!becomes(block, TOOL, err))
		return false;
	copy_name(block->id, json_string(event, "start.toolUse.toolUseId"), "_.:-");
	copy_name(block->name, json_string(event, "start.toolUse.name"), "_-");
	tell_tool(answer, block->name);
	return true;
}

static bool on_reasoning(struct bedrock_answer *answer, struct block *block, struct json_object *event,
                         struct err *err)
{
	if (json_has(event, "delta.reasoningContent.redactedContent"))
		return becomes(block, REDACTED, err) &&
		       add_string(answer, &block->text, event, "delta.reasoningContent.redactedContent", err);
	return becomes(block, REASONING, err) &&
	       add_string(answer, &block->text, event, "delta.reasoningContent.text", err) &&
	       add_string(answer, &block->signature, event, "delta.reasoningContent.signature", err);
}

static bool on_block_delta(struct bedrock_answer *answer, struct json_object *event, struct err *err)
{
	struct block *block = block_of(answer, event, err);
	size_t before;

	if (block == NULL)
		return false;
	if (json_has(event, "delta.toolUse"))
		return becomes(block, TOOL, err) && add_string(answer, &block->text, event, "delta.toolUse.input", err);
	if (json_has(event, "delta.reasoningContent"))
		return on_reasoning(answer, block, event, err);
	if (!json_has(event, "delta.text"))
		return true; /* a kind that is not asked for: citations, pictures */
	before = block->text.length;
	if (!becomes(block, TEXT, err) || !add_string(answer, &block->text, event, "delta.text", err))
		return false;
	tell_text(answer, block->text.text + before, block->text.length - before);
	return true;
}

static bool take_stop(struct bedrock_answer *answer, struct json_object *json, struct err *err)
{
	const char *word = json_string(json, "stopReason");

	if (word == NULL)
		return unfit(err, "no stopReason");
	(void)snprintf(answer->stop_word, sizeof(answer->stop_word), "%s", word);
	str_utf8_mend(answer->stop_word);
	answer->over = true;
	return true;
}

static int64_t count_at(struct json_object *json, const char *path)
{
	int64_t count = json_int(json, path, 0);

	return count > 0 ? count : 0;
}

static void take_numbers(struct bedrock_answer *answer, struct json_object *json)
{
	answer->usage = (struct bedrock_usage){
		.known = json_is_object(json_get(json, "usage")),
		.input = count_at(json, "usage.inputTokens"),
		.output = count_at(json, "usage.outputTokens"),
		.cache_read = count_at(json, "usage.cacheReadInputTokens"),
		.cache_write = count_at(json, "usage.cacheWriteInputTokens"),
	};
	answer->latency_ms = count_at(json, "metrics.latencyMs");
}

static bool take_event(struct bedrock_answer *answer, const char *type, struct json_object *event, struct err *err)
{
	if (strcmp(type, "contentBlockStart") == 0)
		return on_block_start(answer, event, err);
	if (strcmp(type, "contentBlockDelta") == 0)
		return on_block_delta(answer, event, err);
	if (strcmp(type, "messageStop") == 0)
		return take_stop(answer, event, err);
	if (strcmp(type, "metadata") == 0)
		take_numbers(answer, event);
	return true;
}

bool bedrock_answer_event(struct bedrock_answer *answer, const char *type, const char *json, size_t length,
                          struct err *err)
{
	struct json_object *event = json_parse(json, length, err);
	bool good;

	answer->begun = true;
	if (event == NULL)
		return unfit(err, "an event is no JSON");
	good = take_event(answer, type, event, err);
	json_free(event);
	return good;
}

/* --- the content --- */

/* The arguments as JSON: "" is {}; NULL when they are none, or no object. */
static struct json_object *arguments(const struct block *block)
{
	struct err err;
	struct json_object *json;

	if (is_blank(block->text.text))
		return json_new_object();
	json = json_parse(block->text.text, block->text.length, &err);
	if (json_is_object(json))
		return json;
	json_free(json);
	return NULL;
}

static struct json_object *wrapped(const char *name, struct json_object *value)
{
	struct json_object *object = json_new_object();

	json_put(object, name, value);
	return object;
}

/* NULL: it is left out. */
static struct json_object *tool_block(struct bedrock_answer *answer, const struct block *block)
{
	struct json_object *input = arguments(block), *use;

	if (input == NULL || block->id[0] == '\0' || block->name[0] == '\0') {
		answer->malformed = true;
		json_free(input);
		return NULL;
	}
	use = json_new_object();
	json_put_string(use, "toolUseId", block->id);
	json_put_string(use, "name", block->name);
	json_put(use, "input", input);
	return wrapped("toolUse", use);
}

static struct json_object *reasoning_block(const struct block *block)
{
	struct json_object *reasoning = json_new_object();

	json_put_string(reasoning, "text", block->text.text);
	if (block->signature.length > 0)
		json_put_string(reasoning, "signature", block->signature.text);
	return wrapped("reasoningContent", wrapped("reasoningText", reasoning));
}

static struct json_object *block_json(struct bedrock_answer *answer, const struct block *block)
{
	switch (block->kind) {
	case TEXT:
		return is_blank(block->text.text) ? NULL : wrapped("text", json_new_string(block->text.text));
	case TOOL:
		return tool_block(answer, block);
	case REASONING:
		return reasoning_block(block);
	case REDACTED:
		return wrapped("reasoningContent", wrapped("redactedContent", json_new_string(block->text.text)));
	case NOTHING_YET:
		break;
	}
	return NULL;
}

/* --- Converse --- */

/* False: it is to be left out. */
static bool tell_block(struct bedrock_answer *answer, struct json_object *block)
{
	char id[NAME_SIZE], name[NAME_SIZE];
	const char *text = json_string(block, "text");

	if (text != NULL) {
		tell_text(answer, text, strlen(text));
		return !is_blank(text);
	}
	if (!json_has(block, "toolUse"))
		return true;
	copy_name(id, json_string(block, "toolUse.toolUseId"), "_.:-");
	copy_name(name, json_string(block, "toolUse.name"), "_-");
	tell_tool(answer, name);
	if (id[0] != '\0' && name[0] != '\0' && json_is_object(json_get(block, "toolUse.input")))
		return true;
	answer->malformed = true;
	return false;
}

bool bedrock_answer_whole(struct bedrock_answer *answer, struct json_object *json, struct err *err)
{
	struct json_object *content = json_get(json, "output.message.content");

	answer->begun = true;
	if (!json_is_array(content))
		return unfit(err, "no content");
	if (!take_stop(answer, json, err))
		return false;
	take_numbers(answer, json);
	answer->content = json_new_array();
	for (size_t i = 0; i < json_count(content); i++)
		if (tell_block(answer, json_at(content, i)))
			json_append(answer->content, json_keep(json_at(content, i)));
	return true;
}

/* --- the result --- */

static enum bedrock_stop stop_of(const struct bedrock_answer *answer)
{
	static const struct {
		const char *word;
		enum bedrock_stop stop;
	} known[] = {
		{ "end_turn", BEDROCK_STOP_END }, { "tool_use", BEDROCK_STOP_TOOL },
		{ "max_tokens", BEDROCK_STOP_LENGTH },
		{ "stop_sequence", BEDROCK_STOP_SEQUENCE }, { "guardrail_intervened", BEDROCK_STOP_GUARDRAIL },
		{ "content_filtered", BEDROCK_STOP_FILTERED }, { "malformed_model_output", BEDROCK_STOP_MALFORMED },
		{ "malformed_tool_use", BEDROCK_STOP_MALFORMED },
		{ "model_context_window_exceeded", BEDROCK_STOP_CONTEXT },
	};

	if (answer->malformed && strcmp(answer->stop_word, "tool_use") == 0)
		return BEDROCK_STOP_MALFORMED;
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (strcmp(answer->stop_word, known[i].word) == 0)
			return known[i].stop;
	return BEDROCK_STOP_UNKNOWN;
}

void bedrock_answer_result(struct bedrock_answer *answer, struct bedrock_result *result)
{
	if (answer->content == NULL) {
		answer->content = json_new_array();
		for (size_t i = 0; i < answer->block_count; i++) {
			struct json_object *block = block_json(answer, &answer->blocks[i]);

			if (block != NULL)
				json_append(answer->content, block);
		}
	}
	*result = (struct bedrock_result){
		.content = answer->content, .stop = stop_of(answer), .stop_word = answer->stop_word,
		.usage = answer->usage, .latency_ms = answer->latency_ms,
	};
}
