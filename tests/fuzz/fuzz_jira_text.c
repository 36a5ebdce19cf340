/*
 * Any bytes as the words of a message: its ADF keeps the rules of Jira, its wiki text never leaves a block of code, both
 * hold their mark and their limit. The input is cut at bytes 0x1E into parts of changing kinds. The same bytes are
 * also judged as an answer of Jira, and taken for a URL and an issue key.
 */
#include <stddef.h>
#include <stdint.h>

#include "adapters/jira/address.h"
#include "adapters/jira/body.h"
#include "adapters/jira/judge.h"
#include "bot/http_client.h"
#include "bot/json.h"
#include "bot/mem.h"
#include "bot/message.h"
#include "bot/str.h"
#include "bot/utf8.h"

#define MARK "5f2a-1"
#define NOFORMAT "{noformat}"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool so)
{
	if (!so)
		abort();
}

static void add_part(struct message *message, const char *text, unsigned kind)
{
	switch (kind % 7) {
	case 0:
		message_say(message, message_paragraph(message), "%s", text);
		break;
	case 1:
		message_say(message, message_field(message, text), "%s", text);
		break;
	case 2:
		message_code(message, text);
		break;
	case 3:
		message_bold(message, message_context(message), text);
		break;
	case 4:
		message_inline_code(message, message_paragraph(message), text);
		break;
	case 5:
		message_link(message, message_paragraph(message), text, text);
		break;
	default:
		message_headline(message, "%s", text);
		break;
	}
}

static void fill(struct message *message, char *text, size_t size)
{
	unsigned kind = size > 0 ? (unsigned char)text[0] : 0;

	for (char *end = text + size, *at = text; at < end; kind++) {
		char *stop = memchr(at, 0x1E, (size_t)(end - at));

		stop = stop == NULL ? end : stop;
		*stop = '\0'; /* the byte behind the text is a NUL already */
		add_part(message, at, kind);
		at = stop + 1;
	}
}

static void check_texts(struct json_object *block)
{
	struct json_object *content = json_get(block, "content");
	bool code = strcmp(json_string(block, "type"), "codeBlock") == 0;

	must(json_count(content) > 0);
	for (size_t i = 0; i < json_count(content); i++) {
		struct json_object *node = json_at(content, i);
		const char *text = json_string(node, "text");

		if (strcmp(json_string(node, "type"), "hardBreak") == 0)
			continue;
		must(text != NULL && *text != '\0' && str_utf8_valid(text, strlen(text)));
		must(code ? !json_has(node, "marks") : strchr(text, '\n') == NULL);
	}
}

static void check_adf(const struct message *message)
{
	struct json_object *adf = jira_body_adf(message, MARK), *content = json_get(adf, "content");
	char *words = jira_body_words(adf);

	must(json_count(content) > 0);
	for (size_t i = 0; i < json_count(content); i++)
		check_texts(json_at(content, i));
	must(utf8_units(json_print(adf)) <= JIRA_BODY_MAX);
	must(jira_body_has_mark(words, MARK));
	free(words);
	json_free(adf);
}

/* The next tag of that name, with or without parameters, NULL: none. */
static const char *next_tag(const char *text, const char *name)
{
	while ((text = strcasestr(text, name)) != NULL) {
		const char *end = text + strlen(name);

		if (*end != '\0' && strchr("}:|", *end) != NULL)
			return text;
		text = end;
	}
	return NULL;
}

/* Every tag is at the beginning of a line of its own, and they come in pairs. */
static void check_wiki(const struct message *message)
{
	char *wiki = jira_body_wiki(message, MARK);
	unsigned tags = 0;

	must(str_utf8_valid(wiki, strlen(wiki)) && utf8_units(wiki) <= JIRA_BODY_MAX);
	must(jira_body_has_mark(wiki, MARK));
	for (const char *at = wiki; (at = next_tag(at, "{noformat")) != NULL; at++, tags++) {
		must(at == wiki || at[-1] == '\n');
		must(str_starts(at, NOFORMAT) && (at[strlen(NOFORMAT)] == '\n' || at[strlen(NOFORMAT)] == '\0'));
	}
	must(tags % 2 == 0);
	must(next_tag(wiki, "{code") == NULL);
	free(wiki);
}

static void judge(const char *text, size_t size)
{
	static const int statuses[] = { 200, 201, 302, 400, 401, 403, 404, 409, 410, 413, 422, 429, 500 };
	const struct jira_question question = { .what = "do it", .wants_json = true };

	for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++) {
		const struct http_answer answer = {
			.status = statuses[i], .body = text, .body_length = size, .content_type = "application/json",
		};
		struct jira_outcome outcome;

		jira_judge(&outcome, &question, &answer, NULL);
		must(outcome.err.kind == ERR_NONE ? statuses[i] < 300 : outcome.err.text[0] != '\0');
		json_free(outcome.json);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = mem_copy_bytes(data, size);
	struct jira_address address;
	struct message message;
	struct err err;

	judge(text, size);
	(void)jira_address_is_issue(text);
	if (jira_address_read(&address, text, &err))
		must(address.base[strlen(address.base) - 1] != '/');
	jira_address_free(&address);
	message_init(&message, TONE_NEUTRAL);
	fill(&message, text, size);
	check_adf(&message);
	check_wiki(&message);
	message_free(&message);
	free(text);
	return 0;
}
