/* What the thread of a summary remembers of it: what it told, but no values, which a question reads anew. */
#include <stdlib.h>
#include <string.h>

#include "bot/bot.h"
#include "bot/redact.h"
#include "bot/str.h"
#include "commands/conversation.h"
#include "commands/dashboard_data.h"
#include "commands/summary_words_private.h"

static void add_piece(void *arg, const char *label, const char *lines)
{
	struct str *text = arg;

	if (label != NULL)
		str_addf(text, "%s:\n", label);
	str_add(text, lines);
}

static char *text_of(const struct summary_data *data)
{
	struct str text;
	char *safe;

	str_init(&text, SUMMARY_WORDS_TEXT_MAX);
	(void)summary_words_pieces(data, CONVERSATION_TOPIC_TEXT_MAX, false, add_piece, &text);
	safe = redact(text.text, NULL);
	str_free(&text);
	return safe;
}

/* A name from a configuration has no line's end in it; who knows what comes one day. */
static bool is_one_line(const char *text)
{
	return strpbrk(text, "\t\n") == NULL;
}

static void add_line(struct str *places, const char *name, const char *id)
{
	size_t length = strlen(name) + (id == NULL ? 0 : strlen(id) + 1) + 1;

	if (places->length + length > CONVERSATION_TOPIC_PLACES_MAX || !is_one_line(name) ||
	    (id != NULL && !is_one_line(id)))
		return;
	str_addf(places, "%s%s%s\n", name, id == NULL ? "" : "\t", id == NULL ? "" : id);
}

static bool is_abnormal(const struct dashboard_data *data, size_t metric)
{
	for (size_t i = 0; i < data->findings.count; i++)
		if (finding_is_abnormal(data->findings.items[i].kind) &&
		    data->subjects[data->findings.items[i].subject].metric == metric)
			return true;
	return false;
}

/* The dashboards, so that none is missing, then the metrics that stand out. */
static char *places_of(const struct summary_data *data)
{
	struct str places;

	str_init(&places, CONVERSATION_TOPIC_PLACES_MAX);
	for (size_t i = 0; i < data->look_count; i++)
		add_line(&places, data->looks[i].name, NULL);
	for (size_t i = 0; i < data->look_count; i++)
		for (size_t k = 0; data->looks[i].data != NULL && k < data->looks[i].data->metric_count; k++)
			if (is_abnormal(data->looks[i].data, k))
				add_line(&places, data->looks[i].name, data->looks[i].data->metrics[k].id);
	return str_take(&places);
}

void summary_words_remember(struct bot *bot, const struct summary_data *data, const char *channel, const char *message,
                            const char *text)
{
	struct conversation_topic topic = {
		.text = text_of(data), .words = text == NULL ? NULL : redact(text, NULL), .places = places_of(data),
		.from_ms = data->since_ms, .until_ms = data->until_ms,
	};

	conversation_begin(bot->conversations, channel, message, &topic);
	free(topic.text);
	free(topic.words);
	free(topic.places);
}
