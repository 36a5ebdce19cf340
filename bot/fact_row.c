/* "8,420 used `kuromoji-v6`": a figure of a row of keys and values, beside a value of another row under the same key,
 * is not in the data. */
#include <string.h>
#include <strings.h>

#include "bot/fact_judge_private.h"
#include "bot/fact_private.h"

#define ROWS_MAX 64    /* of one text */
#define COUNT_LEAST 11 /* what is less may be a row's figure by chance */

struct part { /* of the sentence: from a semicolon to the next one, or to an "and" behind the figure */
	const char *text;
	size_t from, to;
};

bool fact_row_next(const char **at, struct fact_pair *pair)
{
	const char *equals;

	*at += strspn(*at, " ,\t");
	equals = *at + strcspn(*at, " =,\t");
	if (**at == '\0' || *equals != '=')
		return false;
	*pair = (struct fact_pair) { *at, equals + 1, (size_t)(equals - *at), strcspn(equals + 1, " ,\t") };
	*at = equals + 1 + pair->value_length;
	return true;
}

/* Whether the part has that value: as a name, not a word of prose. */
static bool says(const struct part *part, const struct fact_pair *pair)
{
	bool shaped = false;

	for (size_t i = 0; i < pair->value_length; i++)
		shaped = shaped || strchr("-_.", pair->value[i]) != NULL;
	for (size_t at = part->from; at + pair->value_length <= part->to; at++) {
		char before = at > 0 ? part->text[at - 1] : ' ', behind = part->text[at + pair->value_length];

		if (strncasecmp(part->text + at, pair->value, pair->value_length) != 0 || pair->value_length < 2)
			continue;
		if ((before == '`' && behind == '`') ||
		    (shaped && !fact_is_letter(before) && !fact_is_digit(before) && strchr("-_", before) == NULL &&
		     !fact_is_letter(behind) && !fact_is_digit(behind) && strchr("-_", behind) == NULL))
			return true;
	}
	return false;
}

/* Whether the part has another row's value under that key. */
static bool says_other(const struct evidence *evidence, size_t source, const struct fact_pair *own,
		       const struct part *part)
{
	size_t group = evidence->sources[source].group, looked = 0;

	for (size_t i = 0; i < evidence->source_count && looked < ROWS_MAX; i++) {
		const char *at = evidence->sources[i].row;
		struct fact_pair pair;

		if (at == NULL || evidence->sources[i].group != group)
			continue;
		looked++;
		while (fact_row_next(&at, &pair))
			if (pair.key_length == own->key_length && memcmp(pair.key, own->key, own->key_length) == 0 &&
			    says(part, &pair))
				return true;
	}
	return false;
}

static bool is_other(const struct evidence *evidence, size_t source, const struct part *part, const struct part *near)
{
	const char *at = evidence->sources[source].row;
	struct fact_pair pair;

	while (fact_row_next(&at, &pair))
		if (!says(part, &pair) && says_other(evidence, source, &pair, near))
			return true;
	return false;
}

/* Whether the data has the figure in rows only, each of which is another than the part speaks of. */
static bool is_of_other(const struct evidence *evidence, const struct fact *figure, const struct part *part,
			const struct part *near)
{
	bool other = false;

	for (size_t i = 0; i < evidence->figure_count; i++) {
		const struct evidence_figure *f = &evidence->figures[i];

		if (f->unit != FACT_PLAIN || f->value != figure->readings[0].value)
			continue;
		if (f->source == EVIDENCE_NO_SOURCE || evidence->sources[f->source].row == NULL ||
		    !is_other(evidence, f->source, part, near))
			return false;
		other = true;
	}
	return other;
}

static bool is_of_row(const struct evidence *evidence, const struct fact *figure)
{
	for (size_t i = 0; i < evidence->figure_count; i++) {
		const struct evidence_figure *f = &evidence->figures[i];

		if (f->unit == FACT_PLAIN && f->value == figure->readings[0].value && f->source != EVIDENCE_NO_SOURCE &&
		    evidence->sources[f->source].row != NULL)
			return true;
	}
	return false;
}

/* "2,406 with `hsm_timeout` and 124 with `out_of_memory`": what stands beyond the next counts is theirs. */
static void keep_near(const struct fact_judge *judge, size_t index, struct part *part)
{
	for (size_t i = 0; i < judge->count; i++) {
		const struct fact *other = &judge->facts[i];

		if (i == index || other->kind != FACT_FIGURE || other->unit != FACT_PLAIN ||
		    !is_of_row(judge->evidence, other))
			continue;
		if (i < index && other->to > part->from)
			part->from = other->to;
		if (i > index && other->from < part->to)
			part->to = other->from;
	}
}

void fact_row(struct fact_judge *judge, const char *text, size_t length)
{
	for (size_t i = 0; i < judge->count; i++) {
		const struct fact *figure = &judge->facts[i];
		struct part part = { text, figure->from, figure->to }, near;

		if (figure->kind != FACT_FIGURE || figure->unit != FACT_PLAIN || figure->change || !judge->found[i] ||
		    figure->readings[0].value < COUNT_LEAST)
			continue;
		while (part.from > 0 && strchr(";:", text[part.from - 1]) == NULL)
			part.from--;
		while (part.to < length && text[part.to] != ';' && strncmp(text + part.to, " and ", 5) != 0)
			part.to++;
		near = part;
		keep_near(judge, i, &near);
		judge->found[i] = !is_of_other(judge->evidence, figure, &part, &near);
	}
}
