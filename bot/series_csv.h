/*
 * series_csv.h - a series from a CSV file, row by row, with the rows' own words.
 *
 * The form is documented at series_read_csv (series.h). Beyond it: a byte order mark, CRLF, blank lines,
 * blanks around a field and double quotes (RFC 4180, but not across lines) are understood; a row must have
 * as many fields as the header line, two at least, of which the first two count. A first line that is
 * already a row is read as one. A date alone is its midnight. The error names the line.
 */
#ifndef BOT_SERIES_CSV_H
#define BOT_SERIES_CSV_H

#include <stdbool.h>
#include <stddef.h>

#include "bot/err.h"
#include "bot/series.h"

#define SERIES_CSV_SIZE_MAX (32u << 20) /* bytes of a file */

/* As many of each as `count`; everything is owned. The words hold no comma, quote or control character. */
struct series_csv {
	char *text;               /* the file; the words point into it */
	const char **times;       /* as they stand in the file */
	const char **values;      /* likewise; "" where there is none */
	struct series_point *points;
	size_t count;
};

/* Takes `text` over (malloc'd, `length` bytes and a NUL behind them), also when it fails. */
bool series_csv_parse(struct series_csv *csv, char *text, size_t length, struct err *err) MUST_CHECK;
bool series_csv_read(struct series_csv *csv, const char *path, struct err *err) MUST_CHECK;
void series_csv_free(struct series_csv *csv); /* members; may be all zero */

#endif
