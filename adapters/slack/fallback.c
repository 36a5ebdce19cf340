#include "adapters/slack/fallback.h"

#include <stdlib.h>
#include <string.h>

#include "adapters/slack/blocks.h"
#include "adapters/slack/text.h"
#include "bot/mem.h"
#include "bot/message.h"
#include "bot/utf8.h"

/* The first of the candidates that shows anything at all; Slack refuses an empty text. */
static char *escaped_text(const char *const *candidates, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		char *clean = utf8_clean(candidates[i], false);
		char *escaped = slack_text_escape(clean, SLACK_TEXT_MAX, SLACK_TEXT_MAX * 4);

		free(clean);
		if (escaped[strspn(escaped, " \n\t")] != '\0')
			return escaped;
		free(escaped);
	}
	return mem_copy_string("(empty message)");
}

char *slack_fallback_plain(const struct message *message)
{
	char *plain = message_plain(message);
	char *text = escaped_text((const char *const[]){ plain }, 1);

	free(plain);
	return text;
}

char *slack_fallback_text(const struct message *message)
{
	char *plain = message_plain(message);
	char *text = escaped_text((const char *const[]){ message->text, message->headline, plain }, 3);

	free(plain);
	return text;
}
