/* Rows of keys and values, as a query of logs gives them: "code=451  domain=mx.example.com  count=17203". Each is a
 * sentence of its own; which row is meant is told by what else stands in it. */
#include <stdlib.h>
#include <string.h>

#include "bot/evidence_private.h"
#include "bot/fact_private.h"
#include "bot/mem.h"

#define PAIRS_LEAST 2
#define ROWS_AROUND 50 /* to both sides of a row that it is told from */

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

/* "code=504", "status=451": by such figures rows are called. */
static bool is_code(const char *key, size_t key_size, const char *value, size_t size)
{
	static const char *const keys[] = { "code=", "status=", "status_code=", "error=", "http_status=", "port=" };
	bool digits = size > 0;

	for (size_t i = 0; i < size; i++)
		digits = digits && fact_is_digit(value[i]);
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]) && digits; i++)
		if (strlen(keys[i]) == key_size && strncmp(keys[i], key, key_size) == 0)
			return true;
	return false;
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
		if (is_code(line + at, key, line + at + key, size) || is_dotted(line + at + key, size))
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

struct rows { /* of one text, those around a row */
	size_t from, to;
};

static struct rows rows_around(const struct evidence *evidence, size_t source)
{
	struct rows rows = { source, source + 1 };
	size_t group = evidence->sources[source].group;

	while (rows.from > 0 && evidence->sources[rows.from - 1].group == group && source - rows.from < ROWS_AROUND)
		rows.from--;
	while (rows.to < evidence->source_count && evidence->sources[rows.to].group == group &&
	       rows.to - source < ROWS_AROUND)
		rows.to++;
	return rows;
}

/* Of the words those that some rows have, and others do not. */
static void telling(const struct evidence *evidence, struct rows rows, const struct evidence_words *words,
		    struct evidence_words *apart)
{
	apart->count = 0;
	for (size_t i = 0; words != NULL && i < words->count; i++) {
		bool has = false, lacks = false;

		for (size_t row = rows.from; row < rows.to && !(has && lacks); row++) {
			if (!evidence->sources[row].is_record)
				continue;
			if (source_has(evidence, row, words->words[i]))
				has = true;
			else
				lacks = true;
		}
		if (has && lacks)
			apart->words[apart->count++] = words->words[i];
	}
}

enum evidence_row evidence_record_row(const struct evidence *evidence, size_t source,
				      const struct evidence_words *clause, const struct evidence_words *sentence)
{
	struct rows rows = rows_around(evidence, source);
	struct evidence_words apart;
	size_t own;

	telling(evidence, rows, clause, &apart);
	if (apart.count > 0) {
		own = evidence_shared_words(evidence, source, &apart);
		for (size_t row = rows.from; row < rows.to; row++)
			if (evidence->sources[row].is_record && evidence_shared_words(evidence, row, &apart) > own)
				return EVIDENCE_ROW_OTHER;
		return own == apart.count ? EVIDENCE_ROW_MEANT : EVIDENCE_ROW_OTHER;
	}
	telling(evidence, rows, sentence, &apart);
	if (apart.count == 0)
		return EVIDENCE_ROW_ANY;
	return evidence_shared_words(evidence, source, &apart) > 0 ? EVIDENCE_ROW_MEANT : EVIDENCE_ROW_OTHER;
}

static bool is_of_line(const struct evidence *evidence, uint32_t word)
{
	for (size_t i = 0; i < evidence->subject_count; i++)
		for (size_t j = 0; j < evidence->subjects[i].count && evidence->subjects[i].has_line; j++)
			if (evidence->subjects[i].words[j] == word)
				return true;
	return false;
}

bool evidence_record_is_meant(const struct evidence *evidence, const struct evidence_words *clause)
{
	size_t rows = 0, looked = 0;
	bool meant = false;

	for (size_t i = 0; clause != NULL && i < clause->count; i++)
		if (is_of_line(evidence, clause->words[i]))
			return false;
	for (size_t i = 0; clause != NULL && i < evidence->source_count && looked < ROWS_AROUND; i++) {
		if (!evidence->sources[i].is_record)
			continue;
		looked++;
		if (evidence_shared_words(evidence, i, clause) > 0)
			meant = true;
		else
			rows++;
	}
	return meant && rows > 0;
}
