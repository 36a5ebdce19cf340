#include "commands/model_note.h"

#include <math.h>
#include <stdio.h>

#include "bot/bot.h"
#include "bot/budget.h"
#include "bot/config.h"
#include "bot/str.h"

#define SENTENCE_MAX 160

void model_note_checks(const struct fact_check_counts *counts, void (*say)(void *arg, const char *sentence), void *arg)
{
	bool one_marked = counts->marked == 1, one_softened = counts->softened == 1;
	char sentence[SENTENCE_MAX];

	if (counts->marked > 0) {
		(void)snprintf(sentence, sizeof(sentence), "%lld figure%s or name%s not in the data, and marked.",
		               (long long)counts->marked, one_marked ? "" : "s", one_marked ? " is" : "s are");
		say(arg, sentence);
	}
	if (counts->softened > 0) {
		(void)snprintf(sentence, sizeof(sentence),
		               "%lld cause%s had no change or correlation behind %s: worded as possible.",
		               (long long)counts->softened, one_softened ? "" : "s", one_softened ? "it" : "them");
		say(arg, sentence);
	}
	if (counts->withheld > 0)
		say(arg, "Words of my instructions were held back.");
}

/* "1,234" */
static void add_grouped(struct str *out, int64_t value)
{
	if (value < 1000) {
		str_add_int(out, value);
		return;
	}
	add_grouped(out, value / 1000);
	str_addf(out, ",%03lld", (long long)(value % 1000));
}

static void add_dollars(struct str *out, double dollars)
{
	char text[BUDGET_DOLLARS_SIZE];

	budget_dollars(dollars, text);
	str_add(out, text);
}

void model_note_cost(struct str *out, const struct bot *bot, const char *answer, const struct budget_tokens *tokens,
                     bool known, int64_t tool_calls)
{
	int64_t all = tokens->input + tokens->output + tokens->cache_read + tokens->cache_write;

	if (!known && all == 0) {
		str_add(out, "the tokens were not told");
	} else {
		str_add(out, known ? "" : "at least ");
		add_grouped(out, all);
		str_add(out, " tokens");
	}
	if (tool_calls > 0)
		str_addf(out, " · %lld tool call%s", (long long)tool_calls, tool_calls == 1 ? "" : "s");
	if (isnan(budget_price(bot->config, tokens)))
		return;
	str_addf(out, " · %s", known ? "" : "at most ");
	add_dollars(out, budget_answer(bot->budget, answer));
	str_add(out, " · today ");
	add_dollars(out, budget_today(bot->budget));
	if (isnan(bot->config->bedrock.max_cost_per_day))
		return;
	str_add(out, " of ");
	add_dollars(out, bot->config->bedrock.max_cost_per_day);
}
