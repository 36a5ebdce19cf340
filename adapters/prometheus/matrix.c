#include "adapters/prometheus/matrix.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "adapters/prometheus/labels.h"
#include "adapters/prometheus/scan.h"
#include "bot/mem.h"
#include "bot/metric.h"
#include "bot/str.h"
#include "bot/utf8.h"

#define TEXT_MAX ((size_t)64 << 10) /* of a label's name or value; Prometheus itself sets no limit */
#define NOTES_MAX 800               /* bytes of all notes */
#define NOTE_UNITS 250              /* of one */

struct member {
	struct prometheus_labels labels; /* sorted */
	double *values;                  /* of the whole grid */
};

struct prometheus_matrix {
	int64_t from_ms, step_ms;
	size_t count;
	struct member kept[METRIC_SERIES_MAX]; /* ordered */
	size_t kept_count;
	uint64_t *seen; /* a hash of each label set, of one that several answers hold more than once */
	size_t seen_count, seen_room;
	size_t histograms; /* series without values, because theirs are native histograms */
	struct str notes;
};

struct prometheus_matrix *prometheus_matrix_new(int64_t from_ms, int64_t step_ms, size_t count)
{
	struct prometheus_matrix *matrix = mem_alloc(sizeof(*matrix));

	matrix->from_ms = from_ms;
	matrix->step_ms = step_ms;
	matrix->count = count;
	str_init(&matrix->notes, NOTES_MAX);
	return matrix;
}

static void free_member(struct member *member)
{
	prometheus_labels_free(&member->labels);
	free(member->values);
}

void prometheus_matrix_free(struct prometheus_matrix *matrix)
{
	if (matrix == NULL)
		return;
	for (size_t i = 0; i < matrix->kept_count; i++)
		free_member(&matrix->kept[i]);
	free(matrix->seen);
	str_free(&matrix->notes);
	free(matrix);
}

void prometheus_matrix_note(struct prometheus_matrix *matrix, const char *note)
{
	char *clean = utf8_clean(note, true), *shorter = utf8_shorten(clean, NOTE_UNITS);

	if (strstr(matrix->notes.text, shorter) == NULL) /* parts of a range often say the same */
		str_addf(&matrix->notes, "%s%s", matrix->notes.length > 0 ? "; " : "", shorter);
	free(shorter);
	free(clean);
}

/* --- which series are kept --- */

/* FNV-1a over names and values, their ends included. */
static uint64_t hash_of(const struct prometheus_labels *labels)
{
	uint64_t hash = 14695981039346656037u;

	for (size_t i = 0; i < labels->count * 2; i++) {
		const char *text = i % 2 == 0 ? labels->items[i / 2].name : labels->items[i / 2].value;

		do
			hash = (hash ^ (unsigned char)*text) * 1099511628211u;
		while (*text++ != '\0');
	}
	return hash;
}

static void note_seen(struct prometheus_matrix *matrix, const struct prometheus_labels *labels)
{
	if (matrix->seen_count == matrix->seen_room) {
		matrix->seen_room = matrix->seen_room * 2 + 16;
		matrix->seen = mem_resize(matrix->seen, matrix->seen_room * sizeof(matrix->seen[0]));
	}
	matrix->seen[matrix->seen_count++] = hash_of(labels);
}

static int by_hash(const void *a, const void *b)
{
	uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;

	return (left > right) - (left < right);
}

static size_t distinct_seen(struct prometheus_matrix *matrix)
{
	size_t count = 0;

	if (matrix->seen_count > 1)
		qsort(matrix->seen, matrix->seen_count, sizeof(matrix->seen[0]), by_hash);
	for (size_t i = 0; i < matrix->seen_count; i++)
		count += i == 0 || matrix->seen[i] != matrix->seen[i - 1];
	return count;
}

/* The kept series with these labels, which are taken over; NULL when enough others come before it. */
static struct member *keep(struct prometheus_matrix *matrix, struct prometheus_labels *labels)
{
	size_t at = 0;
	int order = 1;

	while (at < matrix->kept_count && (order = prometheus_labels_compare(labels, &matrix->kept[at].labels)) > 0)
		at++;
	if (at < matrix->kept_count && order == 0)
		return &matrix->kept[at];
	if (at == METRIC_SERIES_MAX)
		return NULL;
	if (matrix->kept_count == METRIC_SERIES_MAX)
		free_member(&matrix->kept[--matrix->kept_count]);
	memmove(&matrix->kept[at + 1], &matrix->kept[at], (matrix->kept_count - at) * sizeof(matrix->kept[0]));
	matrix->kept_count++;
	matrix->kept[at] = (struct member){ .labels = *labels, .values = mem_alloc(matrix->count * sizeof(double)) };
	*labels = (struct prometheus_labels){ 0 };
	for (size_t i = 0; i < matrix->count; i++)
		matrix->kept[at].values[i] = NAN;
	return &matrix->kept[at];
}

/* --- one series --- */

struct points {
	const struct prometheus_matrix *matrix;
	double *values;
};

static void put(struct points *points, double seconds, double value)
{
	const struct prometheus_matrix *matrix = points->matrix;
	double at = round((seconds * 1000 - (double)matrix->from_ms) / (double)matrix->step_ms);

	if (isfinite(value) && at >= 0 && at < (double)matrix->count)
		points->values[(size_t)at] = value;
}

static bool point(void *arg, const char *name, struct prometheus_scan *scan)
{
	double seconds, value;

	(void)name;
	if (!prometheus_scan_take(scan, '[') || !prometheus_scan_number(scan, &seconds) ||
	    !prometheus_scan_take(scan, ',') || !prometheus_scan_quoted_number(scan, &value) ||
	    !prometheus_scan_take(scan, ']'))
		return false;
	put(arg, seconds, value);
	return true;
}

static bool label(void *labels, const char *name, struct prometheus_scan *scan)
{
	struct str value;
	bool good;

	str_init(&value, TEXT_MAX);
	good = prometheus_scan_string(scan, &value);
	if (good)
		prometheus_labels_add(labels, name, value.text);
	str_free(&value);
	return good;
}

struct found {
	struct prometheus_labels labels;
	struct prometheus_scan values; /* where they stand; at NULL: none */
	bool histograms;
};

static bool member_of_series(void *arg, const char *name, struct prometheus_scan *scan)
{
	struct found *found = arg;

	if (strcmp(name, "metric") == 0)
		return prometheus_scan_object(scan, label, &found->labels);
	if (strcmp(name, "values") == 0) {
		(void)prometheus_scan_peek(scan);
		found->values = *scan;
	}
	found->histograms = found->histograms || strcmp(name, "histograms") == 0;
	return prometheus_scan_skip(scan);
}

static bool take_found(struct prometheus_matrix *matrix, struct found *found)
{
	struct member *member;
	struct points points = { .matrix = matrix };

	matrix->histograms += found->histograms && found->values.at == NULL;
	if (found->values.at == NULL)
		return found->histograms;
	prometheus_labels_sort(&found->labels);
	note_seen(matrix, &found->labels);
	member = keep(matrix, &found->labels);
	if (member == NULL)
		return true;
	points.values = member->values;
	return prometheus_scan_array(&found->values, point, &points);
}

static bool series(void *arg, const char *name, struct prometheus_scan *scan)
{
	struct found found = { 0 };
	bool good;

	(void)name;
	good = prometheus_scan_object(scan, member_of_series, &found) && take_found(arg, &found);
	prometheus_labels_free(&found.labels);
	return good;
}

/* --- the envelope --- */

struct envelope {
	struct prometheus_matrix *matrix;
	struct str status, type;
	struct prometheus_scan result; /* where it stands; at NULL: nowhere */
};

static bool member_of_data(void *arg, const char *name, struct prometheus_scan *scan)
{
	struct envelope *envelope = arg;

	if (strcmp(name, "resultType") == 0)
		return prometheus_scan_string(scan, &envelope->type);
	if (strcmp(name, "result") == 0) {
		(void)prometheus_scan_peek(scan);
		envelope->result = *scan;
	}
	return prometheus_scan_skip(scan);
}

static bool warning(void *matrix, const char *name, struct prometheus_scan *scan)
{
	struct str text;
	bool good;

	(void)name;
	str_init(&text, TEXT_MAX);
	good = prometheus_scan_string(scan, &text);
	if (good)
		prometheus_matrix_note(matrix, text.text);
	str_free(&text);
	return good;
}

static bool member_of_envelope(void *arg, const char *name, struct prometheus_scan *scan)
{
	struct envelope *envelope = arg;

	if (strcmp(name, "status") == 0)
		return prometheus_scan_string(scan, &envelope->status);
	if (strcmp(name, "data") == 0 && prometheus_scan_peek(scan) == '{')
		return prometheus_scan_object(scan, member_of_data, envelope);
	if (strcmp(name, "warnings") == 0 && prometheus_scan_peek(scan) == '[')
		return prometheus_scan_array(scan, warning, envelope->matrix);
	return prometheus_scan_skip(scan);
}

static bool wrong_type(const char *type, struct err *err)
{
	char *clean = utf8_clean(type, true);

	(void)err_set(err, ERR_REFUSED, "the answer's type is \"%.30s\", not \"matrix\"; check the url", clean);
	free(clean);
	return false;
}

static bool read_envelope(struct envelope *envelope, struct prometheus_scan *scan, struct err *err)
{
	if (!prometheus_scan_object(scan, member_of_envelope, envelope) || prometheus_scan_peek(scan) != '\0' ||
	    scan->at != scan->end || strcmp(envelope->status.text, "success") != 0)
		return err_set(err, ERR_REFUSED, "the answer is not that of Prometheus' API; check the url");
	if (strcmp(envelope->type.text, "matrix") != 0)
		return wrong_type(envelope->type.text, err);
	if (envelope->result.at == NULL || !prometheus_scan_array(&envelope->result, series, envelope->matrix))
		return err_set(err, ERR_REFUSED, "the answer's series cannot be read; check the url");
	return true;
}

bool prometheus_matrix_add(struct prometheus_matrix *matrix, const char *body, size_t length, struct err *err)
{
	struct prometheus_scan scan = { body, body + length };
	struct envelope envelope = { .matrix = matrix };
	bool good;

	str_init(&envelope.status, 32);
	str_init(&envelope.type, 32);
	good = read_envelope(&envelope, &scan, err);
	str_free(&envelope.status);
	str_free(&envelope.type);
	return good;
}

/* --- the result --- */

/* Series without any value at all: of those that were asked for, none is worth a line. */
static bool has_values(const struct prometheus_matrix *matrix)
{
	for (size_t i = 0; i < matrix->kept_count; i++)
		for (size_t at = 0; at < matrix->count; at++)
			if (!isnan(matrix->kept[i].values[at]))
				return true;
	return false;
}

static int by_label(const void *a, const void *b)
{
	return strcmp(((const struct metric_series *)a)->label, ((const struct metric_series *)b)->label);
}

/* Two that lost what tells them apart with their middles are numbered. */
static void number_equal(struct metric_result *result)
{
	size_t first = 0;

	for (size_t i = 1; i < result->count; i++) {
		struct str text;

		if (strcmp(result->series[i].label, result->series[first].label) != 0) {
			first = i;
			continue;
		}
		str_init(&text, TEXT_MAX);
		str_addf(&text, "%s #%zu", result->series[i].label, i - first + 1);
		free(result->series[i].label);
		result->series[i].label = str_take(&text);
	}
}

static void label_all(const struct prometheus_matrix *matrix, struct metric_result *result)
{
	const struct prometheus_labels *all[METRIC_SERIES_MAX];

	if (result->count < 2)
		return;
	for (size_t i = 0; i < result->count; i++)
		all[i] = &matrix->kept[i].labels;
	for (size_t i = 0; i < result->count; i++)
		result->series[i].label = prometheus_labels_short(all[i], all, result->count);
	qsort(result->series, result->count, sizeof(result->series[0]), by_label);
	number_equal(result);
}

static void move_series(struct prometheus_matrix *matrix, struct metric_result *result)
{
	result->series = mem_alloc(matrix->kept_count * sizeof(result->series[0]));
	result->count = matrix->kept_count;
	result->left_out = distinct_seen(matrix) - matrix->kept_count;
	for (size_t i = 0; i < matrix->kept_count; i++) {
		result->series[i].series = (struct series){
			.start_ms = matrix->from_ms, .step_ms = matrix->step_ms, .count = matrix->count,
			.values = matrix->kept[i].values,
		};
		matrix->kept[i].values = NULL;
	}
	label_all(matrix, result);
}

static void note_histograms(struct prometheus_matrix *matrix)
{
	char note[200];

	if (matrix->histograms == 0)
		return;
	(void)snprintf(note, sizeof(note), "%zu series are native histograms, which have no single value: use "
	               "histogram_quantile() or histogram_avg() in the query", matrix->histograms);
	prometheus_matrix_note(matrix, note);
}

static void say_empty(const struct prometheus_matrix *matrix, const char *query, struct metric_result *result)
{
	char *shorter = utf8_shorten(query, NOTE_UNITS);
	struct str why;

	str_init(&why, NOTES_MAX + NOTE_UNITS * 4 + 100);
	str_addf(&why, "Prometheus has no values in this time for %s", shorter);
	if (matrix->notes.length > 0)
		str_addf(&why, "; %s", matrix->notes.text);
	str_utf8_mend(why.text);
	result->outcome = METRIC_EMPTY;
	result->why = str_take(&why);
	free(shorter);
}

void prometheus_matrix_finish(struct prometheus_matrix *matrix, const char *query, struct metric_result *result)
{
	bool values = has_values(matrix);

	metric_result_free(result);
	note_histograms(matrix);
	str_utf8_mend(matrix->notes.text);
	if (!values && matrix->histograms > 0) {
		metric_result_fail(result, "%s", matrix->notes.text);
	} else if (!values) {
		say_empty(matrix, query, result);
	} else {
		result->outcome = matrix->notes.length > 0 ? METRIC_PARTIAL : METRIC_COMPLETE;
		result->why = matrix->notes.length > 0 ? mem_copy_string(matrix->notes.text) : NULL;
		move_series(matrix, result);
	}
	for (size_t i = 0; i < matrix->kept_count; i++)
		free_member(&matrix->kept[i]);
	matrix->kept_count = matrix->seen_count = 0;
}
