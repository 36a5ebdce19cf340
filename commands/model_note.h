/*
 * model_note.h - the small print below a model's words: what the check did to them, what they cost.
 */
#ifndef COMMANDS_MODEL_NOTE_H
#define COMMANDS_MODEL_NOTE_H

#include <stdbool.h>
#include <stdint.h>

#include "bot/fact_check.h"

struct bot;
struct budget_tokens;
struct str;

/* A sentence for each kind of thing that it did; none when it left the words alone. */
void model_note_checks(const struct fact_check_counts *counts, void (*say)(void *arg, const char *sentence), void *arg);
/* "1,234 tokens · 2 tool calls · $0.0042 · today $0.10 of $5.00". answer: as the budget knows it. known: these are all
 * the tokens. */
void model_note_cost(struct str *out, const struct bot *bot, const char *answer, const struct budget_tokens *tokens,
                     bool known, int64_t tool_calls);

#endif
