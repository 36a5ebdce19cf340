#include "bot/metric_math.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

static size_t word_length(const char *text)
{
	size_t length = 0;

	while (isalnum((unsigned char)text[length]) || text[length] == '_')
		length++;
	return length;
}

/* Past a text in quotes, or to the end when it is not closed. */
static const char *skip_quoted(const char *text)
{
	const char *end = strchr(text + 1, *text);

	return end == NULL ? text + strlen(text) : end + 1;
}

bool metric_math_is_query(const char *expression)
{
	expression += strspn(expression, " \t\r\n");
	return strncasecmp(expression, "SELECT", 6) == 0 && word_length(expression) == 6;
}

/* The next word outside quotes; numbers count as words. */
static const char *next_word(const char **at, size_t *length)
{
	while (**at != '\0') {
		const char *word = *at;

		*length = word_length(word);
		if (*length > 0) {
			*at += *length;
			return word;
		}
		*at = *word == '\'' || *word == '"' ? skip_quoted(word) : word + 1;
	}
	return NULL;
}

static bool has_word(const char *expression, const char *wanted)
{
	const char *word;
	size_t length;

	while ((word = next_word(&expression, &length)) != NULL)
		if (length == strlen(wanted) && strncasecmp(word, wanted, length) == 0)
			return true;
	return false;
}

bool metric_math_uses_all(const char *expression)
{
	return !metric_math_is_query(expression) && has_word(expression, "METRICS");
}

bool metric_math_is_many(const char *expression)
{
	if (metric_math_is_query(expression))
		return has_word(expression, "GROUP");
	return has_word(expression, "SEARCH") || has_word(expression, "METRICS");
}

const char *metric_math_next(const char **at, size_t *length)
{
	const char *word;

	if (metric_math_is_query(*at))
		return NULL;
	while ((word = next_word(at, length)) != NULL)
		if (islower((unsigned char)word[0]) && (*at)[strspn(*at, " \t\r\n")] != '(')
			return word;
	return NULL;
}

bool metric_math_uses(const char *expression, const char *id)
{
	const char *at = expression, *name;
	size_t length;

	while ((name = metric_math_next(&at, &length)) != NULL)
		if (strlen(id) == length && strncmp(name, id, length) == 0)
			return true;
	return metric_math_uses_all(expression);
}
