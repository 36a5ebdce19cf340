/*
 * summary_words.h - a summary in a model's words, checked as answers are; and what a summary's thread knows of it.
 */
#ifndef COMMANDS_SUMMARY_WORDS_H
#define COMMANDS_SUMMARY_WORDS_H

#include "bot/err.h"

struct bot;
struct evidence;
struct str;
struct summary_data;

#define SUMMARY_WORDS_MAX 4000 /* bytes of Markdown */

/* The summary for a model: what stands in it, foreign text fenced. */
void summary_words_add_text(const struct summary_data *data, const char *fence, struct str *out);
void summary_words_add_evidence(const struct summary_data *data, struct evidence *evidence);

/* One wording while it is made; in memory only. What takes long in it is done on the worker. */
struct summary_words;

/* id: for the budget, the same after a crash. data: borrowed until it is freed, and not altered meanwhile. */
struct summary_words *summary_words_new(struct bot *bot, const struct summary_data *data, const char *id);
void summary_words_free(struct summary_words *words); /* not while a token is out; may be NULL */
/* What the model is to be told; then money is set aside for one call, in the open journal batch: ask when that is
 * durable. Success whatever came of it; ERR_CANCELLED: the program ends. */
void summary_words_tell(struct summary_words *words, struct done done);
/*
 * One call of the model, in the configured language, never made twice: a process that does not know what became of it
 * says so instead. *text (owned string, mem_set_string): checked Markdown of at most SUMMARY_WORDS_MAX bytes; *note
 * (likewise): what is to be said about it (figures that were marked, tokens and cost), or why there are no words, a
 * sentence. Both may become NULL: no model is configured. Success also without words; ERR_CANCELLED: the program ends.
 */
void summary_words_ask(struct summary_words *words, char **text, char **note, struct done done);

/* What the thread of the summary's message remembers, so that a reply is a question about it; in the open journal
 * batch. text: the model's words; NULL: none. */
void summary_words_remember(struct bot *bot, const struct summary_data *data, const char *channel, const char *message,
                            const char *text);

#endif
