/* import_rows.c - the rows of a metric widget: their shorthand, their properties, and the limits beside them. */
#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bot/config_types.h"
#include "bot/json.h"
#include "bot/metric_math.h"
#include "commands/import_private.h"

#define WORDS_MAX (2 + 2 * METRIC_DIMENSIONS_MAX)
#define TOO_LONG "a row has more dimensions than a metric can have"
#define NAME_MAX_BYTES 1024 /* of a dimension's value; the other names are shorter */
#define TITLE_UNITS 160
#define NAME_UNITS 80
#define DAY_MS (24 * 3600 * 1000LL)
#define LINE_ROOM 300 /* bytes of a line besides its texts */

/* A row, written out. */
struct row {
	const char *words[WORDS_MAX]; /* namespace, name, dimensions; of a formula none */
	size_t count;
	struct json_object *properties; /* NULL: none */
	const char *why;                /* it cannot be read; NULL: it can */
};

/* --- the shorthand --- */

/* "..." at this place: what the row above has from there on, but for the words that follow. */
static void repeat_rest(struct row *row, const struct row *above, size_t behind)
{
	for (size_t i = row->count; i + behind < above->count; i++)
		row->words[row->count++] = above->words[i];
}

/* How many texts stand behind the i-th element. */
static size_t words_behind(struct json_object *json, size_t i)
{
	size_t count = 0;

	for (i++; i < json_count(json) && json_is_string(json_at(json, i)); i++)
		count++;
	return count;
}

static void add_word(struct row *row, const struct row *above, struct json_object *json, size_t i)
{
	const char *word = json_string(json_at(json, i), "");

	if (strcmp(word, "...") == 0) {
		repeat_rest(row, above, words_behind(json, i));
	} else if (row->count == WORDS_MAX) {
		row->why = TOO_LONG;
	} else if (strcmp(word, ".") != 0) {
		row->words[row->count++] = word;
	} else if (row->count < above->count) {
		row->words[row->count] = above->words[row->count];
		row->count++;
	} else {
		row->why = "a row repeats something that the one above it does not have";
	}
}

static void read_row(struct row *row, const struct row *above, struct json_object *json)
{
	*row = (struct row){ .count = 0 };
	if (!json_is_array(json))
		row->why = "a row is no list";
	else if (json_count(json) > WORDS_MAX + 1) /* and its properties */
		row->why = TOO_LONG;
	for (size_t i = 0; i < json_count(json) && row->why == NULL; i++) {
		if (json_is_string(json_at(json, i)) && row->properties == NULL)
			add_word(row, above, json, i);
		else if (json_is_object(json_at(json, i)))
			row->properties = json_at(json, i);
		else
			row->why = "a row has something that is neither a text nor its properties";
	}
}

static const char *expression_of(const struct row *row)
{
	return json_string(row->properties, "expression");
}

/* --- one line --- */

struct taking {
	struct import *import;
	const struct import_widget *widget;
	bool several; /* visible rows */
	const struct row *row;
	struct import_line *line;
};

static bool refuse(struct taking *t, const char *what, const char *why)
{
	import_note(t->import, t->widget, "%s: %s", import_shown(t->import, what, NAME_UNITS), why);
	metric_free(&t->line->metric);
	return false;
}

/* A property of the row, else of the widget. */
static const char *text_of(const struct taking *t, const char *name)
{
	const char *own = json_string(t->row->properties, name);

	return own != NULL ? own : json_string(t->widget->properties, name);
}

static int64_t period_of(const struct taking *t)
{
	int64_t seconds = json_int(t->row->properties, "period", json_int(t->widget->properties, "period", 300));
	int64_t ms = metric_fit_period_ms(seconds > 0 ? seconds : 300);

	return ms > DAY_MS ? DAY_MS : ms;
}

/* A label may hold what CloudWatch computes (${LAST}): then it is no title of ours. */
static const char *label_of(const struct taking *t)
{
	const char *label = json_string(t->row->properties, "label");

	return label == NULL || *label == '\0' || strstr(label, "${") != NULL ? NULL : label;
}

/* "RequestCount app/web/1", or the formula. */
static char *content_of(struct taking *t)
{
	const struct row *row = t->row;
	struct str words;

	if (expression_of(row) != NULL)
		return import_shown(t->import, expression_of(row), NAME_UNITS);
	str_init(&words, 4 * NAME_MAX_BYTES);
	str_add(&words, row->words[1]);
	for (size_t i = 3; i < row->count; i += 2)
		str_addf(&words, " %s", row->words[i]);
	str_utf8_mend(words.text);
	char *content = import_shown(t->import, words.text, NAME_UNITS);
	str_free(&words);
	return content;
}

/* NULL: what is read says enough. */
static const char *title_of(struct taking *t)
{
	const char *title = t->widget->title, *label = label_of(t);
	struct mem *mem = &t->import->mem;

	if (*title == '\0')
		return label == NULL ? NULL : import_shown(t->import, label, TITLE_UNITS);
	if (!t->several)
		return title;
	return import_shown(t->import, mem_printf(mem, "%s: %s", title, label != NULL ? label : content_of(t)),
	                    TITLE_UNITS);
}

static bool set_place(struct taking *t, const char *what)
{
	const char *region = text_of(t, "region"), *account = text_of(t, "accountId");
	struct metric *metric = &t->line->metric;

	if (region == NULL)
		region = t->import->source->region;
	if (region != NULL && !config_is_region(region))
		return refuse(t, what, "it is of a region that is none");
	if (account != NULL && !config_is_account(account))
		return refuse(t, what, "it is of an account that is none");
	if (account != NULL && t->import->source->account != NULL && strcmp(account, t->import->source->account) == 0)
		account = NULL;
	metric->region = mem_copy_string(region);
	metric->account = mem_copy_string(account);
	return true;
}

static bool set_dimensions(struct taking *t)
{
	const struct row *row = t->row;
	struct metric *metric = &t->line->metric;

	for (size_t i = 2; i < row->count; i += 2) {
		size_t before = json_count(metric->dimensions);

		if (row->words[i][0] == '\0' || row->words[i + 1][0] == '\0')
			return false;
		if (metric->dimensions == NULL)
			metric->dimensions = json_new_object();
		json_put_string(metric->dimensions, row->words[i], row->words[i + 1]);
		if (json_count(metric->dimensions) == before)
			return false;
	}
	return true;
}

static bool set_metric(struct taking *t)
{
	const struct row *row = t->row;
	struct metric *metric = &t->line->metric;
	const char *stat = text_of(t, "stat");

	if (row->count < 2 || row->count % 2 != 0 || row->words[0][0] == '\0' || row->words[1][0] == '\0')
		return refuse(t, row->count > 0 ? row->words[row->count > 1] : "a row", "it names no metric");
	for (size_t i = 0; i < row->count; i++)
		if (strlen(row->words[i]) > NAME_MAX_BYTES || !import_is_clean(row->words[i]))
			return refuse(t, row->words[1], "a name in it is none of CloudWatch's");
	if (stat == NULL)
		stat = "Average";
	if (!config_is_statistic(stat) || !import_is_clean(stat))
		return refuse(t, row->words[1], "its statistic is not known");
	if (!set_dimensions(t))
		return refuse(t, row->words[1], "its dimensions are none");
	metric->namespace_ = mem_copy_string(row->words[0]);
	metric->metric = mem_copy_string(row->words[1]);
	metric->stat = mem_copy_string(stat);
	return set_place(t, row->words[1]);
}

/* As the configuration takes it: lines may break. */
static bool is_text(const char *expression)
{
	for (; *expression != '\0'; expression++)
		if (*expression != '\n' && *expression != '\t' && iscntrl((unsigned char)*expression))
			return false;
	return true;
}

static bool set_formula(struct taking *t)
{
	const char *expression = expression_of(t->row);

	if (*expression == '\0' || !is_text(expression) || strlen(expression) > METRIC_MATH_MAX)
		return refuse(t, expression, "it is no formula, or a very long one");
	t->line->metric.expression = mem_copy_string(expression);
	t->line->state = IMPORT_OPEN;
	return set_place(t, expression);
}

/* --- lines --- */

static bool is_same(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static bool is_same_metric(const struct metric *a, const struct metric *b)
{
	return a->metric != NULL && b->metric != NULL && strcmp(a->metric, b->metric) == 0 &&
	       is_same(a->namespace_, b->namespace_) && is_same(a->stat, b->stat) && a->period_ms == b->period_ms &&
	       is_same(a->region, b->region) && is_same(a->account, b->account) &&
	       metric_same_dimensions(a->dimensions, b->dimensions);
}

/* A number beside its graph: dashboards show many metrics twice. */
static void find_same(struct import *import, struct import_line *line)
{
	for (size_t i = 0; i < import->count; i++) {
		struct import_line *other = &import->lines[i];

		if (other->state != IMPORT_TAKEN || !is_same_metric(&other->metric, &line->metric))
			continue;
		line->same = i;
		line->state = IMPORT_LEFT;
		if (other->metric.hidden && !line->metric.hidden) {
			other->metric.hidden = false;
			mem_set_string(&other->metric.title, line->metric.title);
		}
		return;
	}
}

static size_t size_of(const struct import_line *line)
{
	const struct metric *m = &line->metric;
	const char *const texts[] = { m->title, m->namespace_, m->metric, m->stat, m->expression };
	size_t size = LINE_ROOM + (m->dimensions == NULL ? 0 : strlen(json_print(m->dimensions)));

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		size += texts[i] == NULL ? 0 : strlen(texts[i]);
	return size;
}

static void give_id(struct taking *t)
{
	const char *label = label_of(t), *name = label;

	if (name == NULL)
		name = t->row->count > 1 ? t->row->words[1] : t->line->old[0] != '\0' ? t->line->old : "formula";
	t->line->metric.id = import_id(t->import, name);
}

static void add_line(struct taking *t)
{
	struct import *import = t->import;
	struct import_line *line = t->line;
	size_t size;

	line->same = import->count;
	if (line->metric.expression == NULL)
		find_same(import, line);
	size = size_of(line);
	if (size > import->room) {
		(void)refuse(t, content_of(t), "there is too much else");
		return;
	}
	import->room -= size;
	if (line->state != IMPORT_LEFT)
		give_id(t);
	import->count++;
}

static void take_row(struct taking *t)
{
	const char *id = json_string(t->row->properties, "id");
	const char *axis = json_string(t->row->properties, "yAxis");

	*t->line = (struct import_line){
		.metric = { .normal_below = NAN, .normal_above = NAN, .period_ms = period_of(t),
			.hidden = !json_flag(t->row->properties, "visible", true) },
		.old = mem_strdup(&t->import->mem, id == NULL ? "" : id),
		.widget = t->widget->number,
		.right = axis != NULL && strcmp(axis, "right") == 0,
		.state = IMPORT_TAKEN,
	};
	t->line->metric.source = mem_copy_string(METRIC_SOURCE_CLOUDWATCH);
	if (expression_of(t->row) != NULL ? !set_formula(t) : !set_metric(t))
		return;
	t->line->metric.title = mem_copy_string(title_of(t));
	add_line(t);
}

static size_t count_visible(struct json_object *rows)
{
	size_t count = 0;

	for (size_t i = 0; i < json_count(rows); i++) {
		struct json_object *row = json_at(rows, i);
		size_t length = json_count(row);

		count += length == 0 || json_flag(json_at(row, length - 1), "visible", true);
	}
	return count;
}

/* --- limits --- */

static void set_limit(struct import_line *line, double value, bool above, const char *note)
{
	struct metric *metric = &line->metric;

	if (above && !(metric->normal_below <= value) && !(metric->normal_above >= value))
		metric->normal_below = value;
	else if (!above && !(metric->normal_above >= value) && !(metric->normal_below <= value))
		metric->normal_above = value;
	else
		return;
	line->limits_from = note;
}

/* The side that is shaded is the one that is not normal. An annotation that shades nothing says nothing of it. */
static void take_annotation(struct import *import, const struct import_widget *widget, struct json_object *json)
{
	const char *fill = json_string(json, "fill"), *axis = json_string(json, "yAxis");
	const char *label = json_string(json, "label");
	double value = json_number(json, "value", NAN);
	bool right = axis != NULL && strcmp(axis, "right") == 0, above = fill != NULL && strcmp(fill, "above") == 0;
	const char *shown = import_shown(import, label == NULL ? "an annotation" : label, NAME_UNITS);

	if (!isfinite(value) || !json_flag(json, "visible", true))
		return;
	if (!above && (fill == NULL || strcmp(fill, "below") != 0)) {
		import_note(import, widget, "%s at %g: neither side of it is shaded; add `normal` if it is a limit",
		            shown, value);
		return;
	}
	for (size_t i = 0; i < import->count; i++) {
		const struct import_line *line = &import->lines[i];

		if (line->widget == widget->number && !line->metric.hidden && line->right == right)
			set_limit(&import->lines[line->same], value, above, shown);
	}
}

static void take_annotations(struct import *import, const struct import_widget *widget)
{
	struct json_object *list = json_get(widget->properties, "annotations.horizontal");

	for (size_t i = 0; i < json_count(list) && i < IMPORT_NOTES_MAX; i++)
		if (json_is_object(json_at(list, i)))
			take_annotation(import, widget, json_at(list, i));
		else
			import_note(import, widget, "an annotation between two values: add `normal` if it is a limit");
}

void import_rows(struct import *import, const struct import_widget *widget)
{
	struct json_object *rows = json_get(widget->properties, "metrics");
	struct row above = { .count = 0 }, row;
	struct taking taking = { .import = import, .widget = widget, .several = count_visible(rows) > 1, .row = &row };

	for (size_t i = 0; i < json_count(rows); i++) {
		if (import->count == IMPORT_LINES_MAX) {
			import_note(import, widget, "%zu of its rows: there are %d lines already", json_count(rows) - i,
			            IMPORT_LINES_MAX);
			break;
		}
		read_row(&row, &above, json_at(rows, i));
		if (row.why != NULL) {
			import_note(import, widget, "%s", row.why);
			continue;
		}
		taking.line = &import->lines[import->count];
		take_row(&taking);
		if (expression_of(&row) == NULL)
			above = row;
	}
	take_annotations(import, widget);
}
