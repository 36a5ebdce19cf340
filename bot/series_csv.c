#include "bot/series_csv.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "bot/clock.h"
#include "bot/mem.h"
#include "bot/utf8.h"

#define LATEST_S 253402300799.0 /* 9999-12-31T23:59:59Z */
#define BLANKS " \t"
#define SHOWN_UNITS 40          /* of a word that is quoted in an error */

struct reader {
	struct series_csv *csv;
	size_t capacity;
	size_t line;    /* from 1 */
	size_t columns; /* 0: no line was read yet */
	struct err *err;
};

static bool wrong(struct reader *reader, const char *what, const char *word)
{
	char *clean = utf8_clean(word, true);
	char *shown = utf8_shorten(clean, SHOWN_UNITS);

	(void)err_set(reader->err, ERR_USAGE, "line %zu: %s%s%s", reader->line, what, *shown != '\0' ? ": " : "",
	              shown);
	free(shown);
	free(clean);
	return false;
}

static char *trim(char *word)
{
	size_t length;

	word += strspn(word, BLANKS);
	length = strlen(word);
	while (length > 0 && strchr(BLANKS, word[length - 1]) != NULL)
		word[--length] = '\0';
	return word;
}

/* Behind a quoted field whose first quote is at `word`: undoubles the quotes in place. NULL: it never ends. */
static char *unquote(char *word)
{
	char *to = word;

	for (char *from = word + 1; *from != '\0'; from++) {
		if (*from == '"' && from[1] != '"') {
			*to = '\0';
			return from + 1;
		}
		from += *from == '"';
		*to++ = *from;
	}
	return NULL;
}

/* Splits off one field. *rest: the next one, NULL behind the last. False: wrong quotes. */
static bool next_field(char *line, char **field, char **rest)
{
	char *behind;

	line += strspn(line, BLANKS);
	*field = line;
	if (*line == '"') {
		behind = unquote(line);
		if (behind == NULL)
			return false;
		behind += strspn(behind, BLANKS);
		if (*behind != ',' && *behind != '\0')
			return false;
	} else {
		behind = line + strcspn(line, ",");
	}
	*rest = *behind == ',' ? behind + 1 : NULL;
	*behind = '\0';
	*field = trim(*field);
	return true;
}

/* Digits, sign, point and exponent only: strtod alone would take hexadecimal and words too. */
static bool read_number(const char *word, double *value)
{
	char *end;

	if (*word == '\0' || word[strspn(word, "0123456789+-.eE")] != '\0')
		return false;
	*value = strtod(word, &end);
	return *end == '\0' && end != word;
}

static bool read_value(const char *word, double *value)
{
	static const char *const gaps[] = { "", "nan", "inf", "+inf", "-inf" };

	*value = NAN;
	for (size_t i = 0; i < sizeof(gaps) / sizeof(*gaps); i++)
		if (strcasecmp(word, gaps[i]) == 0)
			return true;
	return read_number(word, value);
}

static bool read_time(struct reader *reader, char *word, int64_t *at_ms)
{
	char midnight[CLOCK_TEXT_SIZE];
	char *comma = strchr(word, ',');
	double seconds;

	if (comma != NULL) /* ISO 8601 allows it before a fraction; whoever prints the word wants a plain one */
		*comma = '.';
	if (clock_parse_iso(word, at_ms))
		return true;
	if (strlen(word) == sizeof("2026-11-21") - 1 && strchr(word, '-') == word + 4) {
		(void)snprintf(midnight, sizeof(midnight), "%sT00:00Z", word);
		if (clock_parse_iso(midnight, at_ms))
			return true;
	}
	if (!read_number(word, &seconds))
		return wrong(reader, "the first field must be a time (2026-11-21T03:00:00Z, Unix seconds)", word);
	if (!(fabs(seconds) <= LATEST_S))
		return wrong(reader, "the time is no Unix time in seconds (in milliseconds, perhaps?)", word);
	*at_ms = (int64_t)llround(seconds * 1000.0);
	return true;
}

static void keep(struct reader *reader, const char *time, const char *word, struct series_point point)
{
	struct series_csv *csv = reader->csv;

	if (csv->count == reader->capacity) {
		reader->capacity = reader->capacity == 0 ? 1024 : reader->capacity * 2;
		csv->times = mem_resize(csv->times, reader->capacity * sizeof(*csv->times));
		csv->values = mem_resize(csv->values, reader->capacity * sizeof(*csv->values));
		csv->points = mem_resize(csv->points, reader->capacity * sizeof(*csv->points));
	}
	csv->times[csv->count] = time;
	csv->values[csv->count] = word;
	csv->points[csv->count++] = point;
}

static bool read_row(struct reader *reader, char *time, const char *word)
{
	struct series_point point = { 0 };

	if (!read_time(reader, time, &point.at_ms))
		return false;
	if (!read_value(word, &point.value))
		return wrong(reader, "the second field must be a number, or empty for a gap", word);
	if (!isfinite(point.value))
		point.value = NAN;
	if (reader->csv->count == SERIES_COUNT_MAX)
		return wrong(reader, "the file has more rows than are read at once (200000): give a shorter range", "");
	keep(reader, time, word, point);
	return true;
}

static bool is_header(char *time)
{
	struct err ignored;
	struct reader reader = { .err = &ignored };
	int64_t at_ms;

	return !read_time(&reader, time, &at_ms);
}

static bool read_line(struct reader *reader, char *line)
{
	char *fields[2] = { NULL, NULL };
	size_t count = 0;

	if (line[strspn(line, BLANKS)] == '\0')
		return true;
	for (char *rest = line; rest != NULL; count++) {
		char *field;

		if (!next_field(rest, &field, &rest))
			return wrong(reader, "a field has a quote that does not end", "");
		if (count < 2)
			fields[count] = field;
	}
	if (count < 2)
		return wrong(reader, "there must be two fields, timestamp,value", fields[0]);
	if (reader->columns == 0) {
		reader->columns = count;
		if (is_header(fields[0]))
			return true;
	}
	if (count != reader->columns)
		return wrong(reader, "the row has not as many fields as the first line", "");
	return read_row(reader, fields[0], fields[1]);
}

static bool read_lines(struct reader *reader, char *at, char *end)
{
	while (at < end) {
		char *line = at;
		char *stop = memchr(at, '\n', (size_t)(end - at));

		stop = stop == NULL ? end : stop;
		at = stop + 1;
		reader->line++;
		if (memchr(line, '\0', (size_t)(stop - line)) != NULL)
			return wrong(reader, "there is a NUL byte: this is no CSV file", "");
		if (stop > line && stop[-1] == '\r')
			stop--;
		*stop = '\0';
		if (!read_line(reader, line))
			return false;
	}
	if (reader->csv->count == 0)
		return err_set(reader->err, ERR_USAGE, "there are no rows; expected are lines timestamp,value");
	return true;
}

bool series_csv_parse(struct series_csv *csv, char *text, size_t length, struct err *err)
{
	struct reader reader = { .csv = csv, .err = err };
	bool marked = length >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0;

	memset(csv, 0, sizeof(*csv));
	csv->text = text;
	if (read_lines(&reader, text + (marked ? 3 : 0), text + length))
		return true;
	series_csv_free(csv);
	return false;
}

bool series_csv_read(struct series_csv *csv, const char *path, struct err *err)
{
	FILE *file = fopen(path, "re");
	size_t capacity = 1 << 16, length = 0;
	char *text;
	bool failed;

	memset(csv, 0, sizeof(*csv));
	if (file == NULL)
		return err_set(err, ERR_USAGE, "cannot be read: %s", strerror(errno));
	text = mem_alloc(capacity + 1);
	while ((length += fread(text + length, 1, capacity - length, file)) == capacity &&
	       length < SERIES_CSV_SIZE_MAX) {
		capacity *= 2;
		text = mem_resize(text, capacity + 1);
	}
	failed = ferror(file) != 0;
	(void)fclose(file);
	text[length] = '\0';
	if (!failed && length < SERIES_CSV_SIZE_MAX)
		return series_csv_parse(csv, text, length, err);
	free(text);
	if (failed)
		return err_set(err, ERR_USAGE, "cannot be read: is it a file?");
	return err_set(err, ERR_USAGE, "has more than %u MiB: give a shorter range", SERIES_CSV_SIZE_MAX >> 20);
}

void series_csv_free(struct series_csv *csv)
{
	free(csv->text);
	free(csv->times);
	free(csv->values);
	free(csv->points);
	memset(csv, 0, sizeof(*csv));
}

bool series_read_csv(const char *path, struct series_point **points, size_t *count, struct err *err)
{
	struct series_csv csv;

	*points = NULL;
	*count = 0;
	if (!series_csv_read(&csv, path, err))
		return false;
	*points = csv.points;
	*count = csv.count;
	csv.points = NULL;
	series_csv_free(&csv);
	return true;
}
