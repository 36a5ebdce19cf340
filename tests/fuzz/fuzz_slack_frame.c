/*
 * Any bytes as a frame of Slack's: no crash, no leak, and what is heard keeps its promises. The same
 * bytes are also judged as an answer of the Web API, cleaned and escaped as foreign text, and taken
 * for a URL.
 */
#include <stddef.h>
#include <stdint.h>

#include "adapters/slack/inbound.h"
#include "adapters/slack/judge.h"
#include "adapters/slack/text.h"
#include "adapters/slack/url.h"
#include "bot/http_client.h"
#include "bot/json.h"
#include "bot/mem.h"
#include "bot/str.h"
#include "bot/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void hear(const char *text, size_t size, const struct slack_self *self)
{
	struct err err;
	struct json_object *json = json_parse(text, size, &err);
	struct slack_inbound in;

	slack_inbound_read(&in, json, self);
	if ((in.count == 0) == (in.ignored == NULL) || in.count > SLACK_ACTIONS_HEARD_MAX)
		abort();
	for (size_t i = 0; i < in.count; i++)
		if (in.heard[i].key == NULL || strlen(in.heard[i].key) > 600 || in.heard[i].user == NULL)
			abort();
	slack_inbound_free(&in);
	json_free(json);
}

static void judge(const char *text, size_t size)
{
	const struct http_answer answer = { .status = 200, .body = text, .body_length = size, .content_type = "" };

	for (int method = 0; method < SLACK_METHODS; method++) {
		struct slack_outcome outcome;

		slack_judge(&outcome, (enum slack_method)method, "C1", &answer, NULL);
		if (outcome.verdict == SLACK_FAILED && (outcome.err.kind == ERR_NONE || outcome.err.text[0] == '\0'))
			abort();
		json_free(outcome.json);
	}
}

static void rewrite(const char *text)
{
	char *typed = slack_text_typed(text, "U0BOT");
	char *clean = utf8_clean(text, false);
	char *escaped = slack_text_escape(clean, 100, 300);
	char *fit = slack_text_fit(clean, 300, 100);

	if (!str_utf8_valid(clean, strlen(clean)) || !str_utf8_valid(escaped, strlen(escaped)) ||
	    !str_utf8_valid(fit, strlen(fit)) || utf8_units(escaped) > 100 || strlen(fit) > 100 ||
	    strpbrk(escaped, "<>") != NULL)
		abort();
	free(fit);
	free(escaped);
	free(clean);
	free(typed);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char user[] = "U0BOT", bot[] = "B0BOT";
	const struct slack_self self = { .user_id = user, .bot_id = bot }, unknown = { 0 };
	char *text = mem_copy_bytes(data, size);
	struct slack_url url;
	struct err err;

	hear(text, size, &self);
	hear(text, size, &unknown);
	judge(text, size);
	rewrite(text);
	if (slack_url_parse(&url, text, &err) && (url.host[0] == '\0' || url.port < 1 || url.port > 65535 || url.path[0] != '/'))
		abort();
	free(text);
	return 0;
}
