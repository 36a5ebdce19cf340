#include "commands/model_call.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "bot/bot.h"
#include "bot/budget.h"
#include "bot/config.h"
#include "bot/json.h"

/* The last model that was seen to refuse streaming. */
static char unstreamed_model[2049];

struct bedrock_request model_call_request(const struct config *config)
{
	const char *model = config->bedrock.model;

	return (struct bedrock_request){
		.model = model == NULL ? "" : model,
		.target = { NULL, config->bedrock.region },
		.max_tokens = config->bedrock.max_tokens,
		.temperature = (double)NAN,
		.guardrail = config->bedrock.guardrail,
		.guardrail_version = config->bedrock.guardrail_version,
		.unstreamed = model != NULL && strcmp(model, unstreamed_model) == 0,
	};
}

void model_call_note(const struct config *config, const struct bedrock_result *result)
{
	if (!result->streamed && config->bedrock.model != NULL)
		(void)snprintf(unstreamed_model, sizeof(unstreamed_model), "%s", config->bedrock.model);
}

int64_t model_call_bytes(const char *system, struct json_object *messages, struct json_object *tools)
{
	size_t bytes = strlen(system) + strlen(json_print(messages));

	return (int64_t)(bytes + (tools == NULL ? 0 : strlen(json_print(tools))));
}

void model_call_settle(struct bot *bot, const char *id, const struct bedrock_usage *usage, bool maybe_charged)
{
	const struct budget_tokens tokens = { usage->input, usage->output, usage->cache_read, usage->cache_write };

	if (usage->known)
		budget_settle(bot->budget, id, &tokens);
	else if (!maybe_charged)
		budget_release(bot->budget, id);
	else
		budget_settle(bot->budget, id, NULL);
}

struct json_object *model_call_message(const char *role, struct json_object *content)
{
	struct json_object *message = json_new_object();

	json_put_string(message, "role", role);
	json_put(message, "content", content);
	return message;
}

void model_call_append_text(struct json_object *content, const char *text)
{
	struct json_object *block = json_new_object();

	json_put_string(block, "text", text);
	json_append(content, block);
}
