/* The model's instructions for a summary. */
#include <string.h>

#include "bot/config.h"
#include "bot/log.h"
#include "bot/str.h"
#include "commands/summary_words_private.h"

#define PROMPT_MAX (64u << 10)
#define OWN_MAX (32u << 10) /* bytes of all dashboards' own */

/* The assembler reads the file, from the repository's root; the Makefile knows of it. */
extern const char summary_words_instructions[];
__asm__(".pushsection .rodata\nsummary_words_instructions:\n.incbin \"prompts/summary.md\"\n.byte 0\n.popsection\n");

static const char *own_wording(const struct config *config, const char *name)
{
	for (size_t i = 0; i < config->dashboards.count; i++)
		if (strcmp(config->dashboards.items[i].name, name) == 0)
			return config->dashboards.items[i].prompt;
	return NULL;
}

/* Whole, or not at all. */
static void add_own(const struct config *config, const struct summary_data *data, struct str *out)
{
	size_t left = OWN_MAX;

	for (size_t i = 0; i < data->look_count; i++) {
		const char *own = own_wording(config, data->looks[i].name);

		if (own == NULL)
			continue;
		if (strlen(own) > left) {
			log_event(LOG_WARN, "summary.prompt_left_out", "dashboard", data->looks[i].name, "why",
			          "the dashboards' own instructions are longer than 32 KiB together", NULL);
			continue;
		}
		left -= strlen(own);
		str_addf(out, "\n# Instructions of this team for the dashboard %s\n\n", data->looks[i].name);
		str_add(out, own);
		str_add_char(out, '\n');
	}
}

char *summary_words_prompt(const struct config *config, const struct summary_data *data)
{
	struct str out;

	str_init(&out, PROMPT_MAX);
	str_add(&out, summary_words_instructions);
	if (config->bedrock.language != NULL)
		str_addf(&out, "\n# Language\n\nWrite in %s.\n", config->bedrock.language);
	add_own(config, data, &out);
	return str_take(&out);
}
