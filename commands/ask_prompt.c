#include "commands/ask_prompt.h"

#include "bot/config.h"
#include "bot/str.h"

#define PROMPT_MAX (64u << 10)

/* The assembler reads the file, from the repository's root; the Makefile knows of it. */
extern const char ask_prompt_answer[];
__asm__(".pushsection .rodata\nask_prompt_answer:\n.incbin \"prompts/answer.md\"\n.byte 0\n.popsection\n");

char *ask_prompt(const struct config *config)
{
	struct str out;

	str_init(&out, PROMPT_MAX);
	str_add(&out, ask_prompt_answer);
	if (config->bedrock.language != NULL)
		str_addf(&out, "\n# Language\n\nAnswer in %s, whatever language the question is in.\n",
		         config->bedrock.language);
	if (config->bedrock.prompt != NULL)
		str_addf(&out, "\n# Instructions of this team\n\n%s\n", config->bedrock.prompt);
	return str_take(&out);
}
