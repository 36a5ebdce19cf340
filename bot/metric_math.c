#include "bot/metric_math.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "bot/str.h"

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

static const char *skip_spaces(const char *text)
{
	return text + strspn(text, " \t\r\n");
}

bool metric_math_is_band(const char *expression, const char **id, size_t *length, double *width)
{
	static const size_t name = sizeof(METRIC_MATH_BAND) - 1;
	const char *at = skip_spaces(expression);
	char *end;

	*width = METRIC_MATH_BAND_WIDTH;
	if (strncasecmp(at, METRIC_MATH_BAND, name) != 0 || word_length(at) != name)
		return false;
	at = skip_spaces(at + name);
	if (*at != '(')
		return false;
	*id = skip_spaces(at + 1);
	*length = word_length(*id);
	at = skip_spaces(*id + *length);
	if (!islower((unsigned char)**id))
		return false;
	if (*at == ',') {
		*width = strtod(at + 1, &end);
		at = skip_spaces(end);
	}
	return *at == ')' && *skip_spaces(at + 1) == '\0' && isfinite(*width) && *width > 0;
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

/* --- renaming --- */

#define RENAMED_MAX ((size_t)64 << 10)
#define PART_MAX 256

static const struct metric_math_name *find_name(const struct metric_math_name *names, size_t count, const char *id,
                                                size_t length)
{
	for (size_t i = 0; i < count; i++)
		if (strlen(names[i].old) == length && strncmp(names[i].old, id, length) == 0)
			return &names[i];
	return NULL;
}

/* Behind METRICS: "()" or "('part of an id')". NULL: it is something else. */
static const char *all_argument(const char *at, char part[PART_MAX])
{
	const char *end;

	part[0] = '\0';
	at += strspn(at, " \t\r\n");
	if (*at++ != '(')
		return NULL;
	at += strspn(at, " \t\r\n");
	if (*at == '\'' || *at == '"') {
		end = strchr(at + 1, *at);
		if (end == NULL || (size_t)(end - at) > PART_MAX)
			return NULL;
		memcpy(part, at + 1, (size_t)(end - at - 1));
		part[end - at - 1] = '\0';
		at = end + 1;
	}
	at += strspn(at, " \t\r\n");
	return *at == ')' ? at + 1 : NULL;
}

/* "[a, b]"; false: there is none. */
static bool add_all(struct str *out, const struct metric_math_name *names, size_t count, const char *part)
{
	bool some = false;

	for (size_t i = 0; i < count; i++) {
		if (!names[i].plain || strstr(names[i].old, part) == NULL)
			continue;
		str_addf(out, "%s%s", some ? ", " : "[", names[i].now);
		some = true;
	}
	if (some)
		str_add_char(out, ']');
	return some;
}

/* One word of the formula, which *at stands behind; false: it means nothing here. */
static bool rename_word(struct str *out, const char *word, size_t length, const char **at,
                        const struct metric_math_name *names, size_t count)
{
	const struct metric_math_name *name;
	const char *behind;
	char part[PART_MAX];

	if (length == strlen("METRICS") && strncasecmp(word, "METRICS", length) == 0) {
		behind = all_argument(*at, part);
		if (behind == NULL || !add_all(out, names, count, part))
			return false;
		*at = behind;
		return true;
	}
	if (!islower((unsigned char)word[0]) || (*at)[strspn(*at, " \t\r\n")] == '(') {
		str_add_bytes(out, word, length);
		return true;
	}
	name = find_name(names, count, word, length);
	if (name != NULL)
		str_add(out, name->now);
	return name != NULL;
}

char *metric_math_rename(const char *expression, const struct metric_math_name *names, size_t count,
                         const char **unknown, size_t *length)
{
	const char *at = expression, *copied = expression, *word;
	bool query = metric_math_is_query(expression);
	struct str out;

	str_init(&out, RENAMED_MAX);
	while (!query && (word = next_word(&at, length)) != NULL) {
		str_add_bytes(&out, copied, (size_t)(word - copied));
		if (!rename_word(&out, word, *length, &at, names, count)) {
			*unknown = word;
			str_free(&out);
			return NULL;
		}
		copied = at;
	}
	str_add(&out, copied);
	return str_take(&out);
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
