/*
 * fence.h - foreign text on its way to a model: data, never instructions.
 *
 * Each piece stands between two lines that name it and carry a random word of this answer, so that no text can end its
 * own fence; secrets are redacted, control and invisible characters taken out, the length is bounded (what is cut is
 * said). The two lines and what stands between them:
 *
 *	<<<data 0123456789abcdef question
 *	...
 *	>>>end 0123456789abcdef
 */
#ifndef BOT_FENCE_H
#define BOT_FENCE_H

#include <stddef.h>

struct str;

#define FENCE_WORD_SIZE 17 /* 16 hex digits, NUL */

void fence_word(char word[FENCE_WORD_SIZE]); /* a new random one */
/* label: ours: "question", "log lines". At most `most` bytes of text (NULL: ""), cut between characters. The word
 * within the text is taken out. Begins at the start of a line. */
void fence_add(struct str *out, const char *word, const char *label, const char *text, size_t most);
/* The text as it stands in a fence, on one line, for a table or a list that is fenced as a whole. free() it. */
char *fence_clean_line(const char *word, const char *text, size_t most);

#endif
