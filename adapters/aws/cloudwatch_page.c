#include "adapters/aws/cloudwatch_page.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bot/json.h"
#include "bot/mem.h"
#include "bot/str.h"

#define NOTE_MAX 200
#define SECONDS_MAX 1e11 /* the year 5138: what is later is no time */

/* "Code: text; Code: text" of a list of messages, in one line; NULL when there is none. */
static char *read_messages(struct json_object *list)
{
	struct str note;

	str_init(&note, NOTE_MAX);
	for (size_t i = 0; i < json_count(list) && !note.cut; i++) {
		const char *code = json_string(json_at(list, i), "Code");
		const char *value = json_string(json_at(list, i), "Value");

		if (code == NULL && value == NULL)
			continue;
		str_addf(&note, "%s%s%s%s", note.length > 0 ? "; " : "", code == NULL ? "" : code,
		         code != NULL && value != NULL ? ": " : "", value == NULL ? "" : value);
	}
	str_utf8_mend(note.text);
	for (char *c = note.text; *c != '\0'; c++)
		if ((unsigned char)*c < ' ' || *c == 0x7f)
			*c = ' ';
	if (note.length > 0)
		return str_take(&note);
	str_free(&note);
	return NULL;
}

static enum cloudwatch_status read_status(struct json_object *result)
{
	static const struct {
		const char *word;
		enum cloudwatch_status status;
	} words[] = { { "Complete", CLOUDWATCH_COMPLETE }, { "PartialData", CLOUDWATCH_PART },
	              { "InternalError", CLOUDWATCH_BROKEN }, { "Forbidden", CLOUDWATCH_DENIED } };
	const char *text = json_string(result, "StatusCode");

	for (size_t i = 0; text != NULL && i < sizeof(words) / sizeof(words[0]); i++)
		if (strcmp(text, words[i].word) == 0)
			return words[i].status;
	return text == NULL ? CLOUDWATCH_COMPLETE : CLOUDWATCH_BROKEN; /* a new word says that something is wrong */
}

/* NaN for a gap; false: it is no value at all. */
static bool read_value(struct json_object *json, double *value)
{
	const char *text;

	if (json_is_string(json)) {
		text = json_string(json, "");
		*value = NAN;
		return strcmp(text, "NaN") == 0 || strcmp(text, "Infinity") == 0 || strcmp(text, "-Infinity") == 0;
	}
	*value = json_number(json, "", NAN);
	return isfinite(*value);
}

static void read_points(struct cloudwatch_piece *piece, struct json_object *result)
{
	struct json_object *times = json_get(result, "Timestamps"), *values = json_get(result, "Values");
	size_t pairs = json_count(times), longer = json_count(values);

	if (pairs > longer) {
		pairs = longer;
		longer = json_count(times);
	}
	piece->odd = longer - pairs;
	piece->points = mem_alloc((pairs + 1) * sizeof(*piece->points));
	for (size_t i = 0; i < pairs; i++) {
		double seconds = json_number(json_at(times, i), "", NAN), value;

		if (!read_value(json_at(values, i), &value) || !(seconds >= 0 && seconds <= SECONDS_MAX))
			piece->odd++;
		else if (!isnan(value))
			piece->points[piece->count++] = (struct series_point){ llround(seconds * 1000), value };
	}
}

static bool is_same(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static void add_piece(struct cloudwatch_page *page, struct json_object *result)
{
	const char *id = json_string(result, "Id"), *label = json_string(result, "Label");
	struct cloudwatch_piece *piece = &page->pieces[page->count];

	if (id == NULL)
		return; /* belongs to nothing */
	for (size_t i = 0; i < page->count; i++)
		if (strcmp(page->pieces[i].id, id) == 0 && is_same(page->pieces[i].label, label))
			piece->repeat++;
	piece->id = mem_copy_string(id);
	piece->label = mem_copy_string(label);
	piece->status = read_status(result);
	piece->note = read_messages(json_get(result, "Messages"));
	read_points(piece, result);
	page->count++;
}

static bool take(struct cloudwatch_page *page, struct json_object *json, struct err *err)
{
	struct json_object *results = json_get(json, "MetricDataResults");
	const char *token = json_string(json, "NextToken");
	size_t count = json_count(results);

	if (!json_is_array(results))
		return err_set(err, ERR_RETRY, "CloudWatch's answer has no MetricDataResults");
	if (count > CLOUDWATCH_RESULTS_MAX)
		return err_set(err, ERR_RETRY, "CloudWatch's answer has more than %d results", CLOUDWATCH_RESULTS_MAX);
	page->pieces = mem_alloc((count + 1) * sizeof(*page->pieces));
	for (size_t i = 0; i < count; i++)
		add_piece(page, json_at(results, i));
	page->token = token == NULL || *token == '\0' ? NULL : mem_copy_string(token);
	page->note = read_messages(json_get(json, "Messages"));
	return true;
}

bool cloudwatch_page_read(struct cloudwatch_page *page, const char *body, size_t length, struct err *err)
{
	struct json_object *json;
	struct err why;
	bool good;

	*page = (struct cloudwatch_page){ 0 };
	json = json_parse(body, length, &why);
	if (json == NULL)
		return err_set(err, ERR_RETRY, "CloudWatch's answer cannot be read: %.150s", why.text);
	good = take(page, json, err);
	json_free(json);
	return good;
}

void cloudwatch_page_free(struct cloudwatch_page *page)
{
	for (size_t i = 0; i < page->count; i++) {
		free(page->pieces[i].id);
		free(page->pieces[i].label);
		free(page->pieces[i].note);
		free(page->pieces[i].points);
	}
	free(page->pieces);
	free(page->token);
	free(page->note);
	*page = (struct cloudwatch_page){ 0 };
}
