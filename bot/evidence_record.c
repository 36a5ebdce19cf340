/* Rows of keys and values, as a query of logs gives them: "code=451  domain=mx.example.com  count=17203". Each is a
 * sentence of its own; which row is meant is told by what else stands in it. */
#include <stdlib.h>
#include <string.h>

#include "bot/evidence_private.h"
#include "bot/fact_private.h"
#include "bot/mem.h"

#define PAIRS_LEAST 2

/* The length of "key=" there; 0: none. */
static size_t key_length(const char *text, size_t length)
{
	size_t size = 0;

	while (size < length && (fact_is_letter(text[size]) || (size > 0 && (fact_is_digit(text[size]) ||
									     strchr("_.-", text[size]) != NULL))))
		size++;
	return size > 0 && size + 1 < length && text[size] == '=' && !fact_is_space(text[size + 1]) ? size + 1 : 0;
}

static size_t value_length(const char *text, size_t length)
{
	size_t size = 0;

	while (size < length && !fact_is_space(text[size]) && text[size] != ',')
		size++;
	return size;
}

/* A version: it is no figure. */
static bool is_dotted(const char *text, size_t length)
{
	size_t dots = 0;

	for (size_t i = 0; i < length; i++)
		dots += text[i] == '.' ? 1 : 0;
	return dots > 1;
}

char *evidence_record(struct evidence *evidence, const char *line, size_t length)
{
	char *plain = mem_copy_bytes(line, length);
	size_t pairs = 0;

	for (size_t at = 0; at < length;) {
		size_t key = at == 0 || fact_is_space(line[at - 1]) || line[at - 1] == ','
				 ? key_length(line + at, length - at)
				 : 0,
		       size;

		if (key == 0) {
			at++;
			continue;
		}
		size = value_length(line + at + key, length - at - key);
		if (is_dotted(line + at + key, size))
			evidence_names_add(evidence, line + at + key, size);
		plain[at + key - 1] = ' ';
		pairs++;
		at += key + size;
	}
	if (pairs >= PAIRS_LEAST)
		return plain;
	free(plain);
	return NULL;
}

static bool source_has(const struct evidence *evidence, size_t source, uint32_t word)
{
	const struct evidence_source *s = &evidence->sources[source];

	for (size_t i = 0; i < s->words; i++)
		if (evidence->source_words[s->first_word + i] == word)
			return true;
	return false;
}

/* Whether some rows of the text have that word, and others do not. */
static bool tells_apart(const struct evidence *evidence, size_t group, uint32_t word)
{
	bool has = false, lacks = false;

	for (size_t i = 0; i < evidence->source_count; i++) {
		if (!evidence->sources[i].is_record || evidence->sources[i].group != group)
			continue;
		if (source_has(evidence, i, word))
			has = true;
		else
			lacks = true;
	}
	return has && lacks;
}

/* How many of the words that tell rows apart one has; *all: how many there are. */
static size_t telling(const struct evidence *evidence, size_t source, const struct evidence_words *words, size_t *all)
{
	size_t count = 0;

	*all = 0;
	for (size_t i = 0; words != NULL && i < words->count; i++) {
		if (!tells_apart(evidence, evidence->sources[source].group, words->words[i]))
			continue;
		(*all)++;
		count += source_has(evidence, source, words->words[i]) ? 1 : 0;
	}
	return count;
}

enum evidence_row evidence_record_row(const struct evidence *evidence, size_t source,
				      const struct evidence_words *clause, const struct evidence_words *sentence)
{
	size_t all, own = telling(evidence, source, clause, &all), other;

	if (all > 0) {
		for (size_t i = 0; i < evidence->source_count; i++)
			if (evidence->sources[i].is_record &&
			    evidence->sources[i].group == evidence->sources[source].group &&
			    telling(evidence, i, clause, &other) > own)
				return EVIDENCE_ROW_OTHER;
		return own > 0 ? EVIDENCE_ROW_MEANT : EVIDENCE_ROW_OTHER;
	}
	own = telling(evidence, source, sentence, &all);
	return all == 0 ? EVIDENCE_ROW_ANY : own > 0 ? EVIDENCE_ROW_MEANT : EVIDENCE_ROW_OTHER;
}
