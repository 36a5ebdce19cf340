#include "commands/ask_prompt.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "bot/config.h"
#include "bot/log.h"
#include "bot/str.h"

#define PROMPT_MAX (64u << 10)

/* The assembler reads the file, from the repository's root; the Makefile knows of it. */
extern const char ask_prompt_answer[];
__asm__(".pushsection .rodata\nask_prompt_answer:\n.incbin \"prompts/answer.md\"\n.byte 0\n.popsection\n");

static void add_own(struct str *out, const char *path)
{
	char text[ASK_PROMPT_OWN_MAX + 1];
	FILE *file = fopen(path, "re");
	size_t length;

	if (file == NULL) {
		log_event(LOG_ERROR, "prompt.unreadable", "file", path, "why", strerror(errno), NULL);
		return;
	}
	length = fread(text, 1, sizeof(text), file);
	(void)fclose(file);
	if (length > ASK_PROMPT_OWN_MAX) {
		log_event(LOG_WARN, "prompt.cut", "file", path, "bytes", LOG_INT(ASK_PROMPT_OWN_MAX), NULL);
		length = str_utf8_prefix(text, length, ASK_PROMPT_OWN_MAX);
	}
	if (!str_utf8_valid(text, length) || memchr(text, '\0', length) != NULL) {
		log_event(LOG_ERROR, "prompt.unreadable", "file", path, "why", "it is no text in UTF-8", NULL);
		return;
	}
	str_add(out, "\n# Instructions of this team\n\n");
	str_add_bytes(out, text, length);
}

char *ask_prompt(const struct config *config)
{
	struct str out;

	str_init(&out, PROMPT_MAX);
	str_add(&out, ask_prompt_answer);
	if (config->bedrock.language != NULL)
		str_addf(&out, "\n# Language\n\nAnswer in %s, whatever language the question is in.\n",
		         config->bedrock.language);
	if (config->bedrock.prompt != NULL)
		add_own(&out, config->bedrock.prompt);
	return str_take(&out);
}
