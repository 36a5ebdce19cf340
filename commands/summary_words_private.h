/*
 * summary_words_private.h - what the parts of a summary's wording share; for commands/summary_words*.c alone, and
 * their tests.
 *
 * summary_words_text.c says what the summary tells, piece by piece; summary_words_evidence.c gives the same to the
 * check; summary_words.c asks the model; summary_words_thread.c is what the thread remembers.
 */
#ifndef COMMANDS_SUMMARY_WORDS_PRIVATE_H
#define COMMANDS_SUMMARY_WORDS_PRIVATE_H

#include <stdbool.h>
#include <stddef.h>

#include "commands/summary_data.h"
#include "commands/summary_words.h"

struct config;
struct dashboard_data;

#define SUMMARY_WORDS_TEXT_MAX (48 * 1024)  /* bytes for the model */

/* label: what the lines are; NULL: they are ours alone. lines: foreign text as it came, but on its line. */
typedef void summary_words_piece_fn(void *arg, const char *label, const char *lines);
/* All that the summary tells, in at most so many bytes; what is left out is counted in its piece. Returns how many of
 * summary_words_series had their values told. */
size_t summary_words_pieces(const struct summary_data *data, size_t room, bool with_values,
                            summary_words_piece_fn *piece, void *arg);

/* A series whose values are told. */
struct summary_words_series {
	const struct dashboard_data *data;
	size_t subject;
};
/* Those that have values, what stands out first. How many; the list is the caller's to free(). */
size_t summary_words_series(const struct summary_data *data, struct summary_words_series **list);
/* "Checkout latency"; where other dashboards have a series of that title: "web Checkout latency". free() it. */
char *summary_words_title(const struct summary_data *data, const struct summary_words_series *series);

/* The instructions: prompts/summary.md, the language, the dashboards' own. free() it. */
char *summary_words_prompt(const struct config *config, const struct summary_data *data);

#endif
