/* What is as usual, and all values side by side: for a telephone, so narrow. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bot/mem.h"
#include "bot/message.h"
#include "bot/str.h"
#include "bot/utf8.h"
#include "commands/briefing_private.h"

#define ROWS_MAX 10
#define NAME_MAX_UNITS 18
#define TABLE_MAX 4000
#define COLUMNS 4
#define NEARLY_ALL 0.9 /* of the values; 1 of 50 is outside by chance */

/* --- what is as usual ------------------------------------------------------------------------------------ */

static bool is_abnormal(const struct dashboard_data *data, size_t subject)
{
	for (size_t i = 0; i < data->findings.count; i++) {
		const struct finding *finding = &data->findings.items[i];

		if (finding_is_abnormal(finding->kind) && finding->subject == subject)
			return true;
	}
	return false;
}

/* "Within its usual range" is said of the whole range, not of its end alone. */
static bool is_within(const struct briefing *briefing, const struct dashboard_data *data, size_t subject)
{
	const struct series *series = data->inputs[subject].series, *low = &data->subjects[subject].low;
	const struct series *high = &data->subjects[subject].high;
	size_t known = 0, good = 0;
	bool last = false;

	for (size_t i = 0; i < low->count; i++) {
		int64_t at_ms = series_time(low, i);
		size_t k = series_index(series, at_ms);

		if (at_ms < briefing->range.from_ms || k >= series->count || isnan(series->values[k]))
			continue;
		last = series->values[k] >= low->values[i] && series->values[k] <= high->values[i];
		known++;
		good += last;
	}
	return last && (double)good >= NEARLY_ALL * (double)known;
}

size_t briefing_quiet(const struct briefing *briefing, bool suiting, struct briefing_title **titles)
{
	struct briefing_shown *list;
	size_t all = briefing_shown(briefing, &list), count = 0;

	*titles = mem_alloc((all + 1) * sizeof(**titles));
	for (size_t i = 0; i < all; i++) {
		const struct dashboard_data *data = briefing->looks[list[i].look].data;
		const struct dashboard_subject *subject = &data->subjects[list[i].subject];
		struct series_values values;

		briefing_values(briefing, data, list[i].subject, &values);
		if (values.known == 0 || is_abnormal(data, list[i].subject) ||
		    briefing_suits(briefing, list[i].look, subject->metric) != suiting)
			continue;
		(*titles)[count++] = (struct briefing_title){
			.look = list[i].look,
			.subject = list[i].subject,
			.text = subject->title,
			.within = is_within(briefing, data, list[i].subject),
		};
	}
	free(list);
	return count;
}

/* --- the table --------------------------------------------------------------------------------------------- */

struct row {
	char *cells[COLUMNS];
};

/* "×5.3", "+12 %"; "" where there is nothing to compare. */
static char *change_of(double last, double usual)
{
	double ratio = last / usual;
	struct str out;

	str_init(&out, 32);
	if (isnan(ratio) || isinf(ratio) || ratio < 0)
		str_add(&out, "");
	else if (ratio >= 100)
		str_addf(&out, "×%.0f", ratio);
	else if (ratio >= 2)
		str_addf(&out, "×%.2g", ratio);
	else if (fabs(ratio - 1) < 0.005)
		str_add(&out, "0 %");
	else
		str_addf(&out, "%s%.0f %%", ratio > 1 ? "+" : "−", fabs(ratio - 1) * 100);
	return str_take(&out);
}

/* At the time of the last value; where nothing is expected then, of the hours that are asked about. */
static double usual_of(const struct series_values *values)
{
	return isnan(values->low) || isnan(values->high) ? values->usual : (values->low + values->high) / 2;
}

static void make_row(struct row *row, const struct briefing *briefing, const struct briefing_shown *shown)
{
	const struct dashboard_data *data = briefing->looks[shown->look].data;
	const char *unit = data->inputs[shown->subject].unit;
	char *clean = utf8_clean(data->subjects[shown->subject].title, true);
	struct series_values values;
	double usual;

	briefing_values(briefing, data, shown->subject, &values);
	usual = usual_of(&values);
	row->cells[0] = utf8_shorten(clean, NAME_MAX_UNITS);
	row->cells[1] = values.known == 0 ? mem_copy_string("no data") : finding_quantity(values.last, unit);
	row->cells[2] = isnan(usual) ? mem_copy_string("") : finding_quantity(usual, unit);
	row->cells[3] = values.known == 0 ? mem_copy_string("") : change_of(values.last, usual);
	free(clean);
}

static void say_row(struct str *out, char *const cells[COLUMNS], const size_t widths[COLUMNS])
{
	str_add(out, cells[0]);
	for (size_t i = utf8_count(cells[0]); i < widths[0]; i++)
		str_add_char(out, ' ');
	for (size_t column = 1; column < COLUMNS; column++) {
		str_add_char(out, ' ');
		for (size_t i = utf8_count(cells[column]); i < widths[column]; i++)
			str_add_char(out, ' ');
		str_add(out, cells[column]);
	}
	str_add_char(out, '\n');
}

static void say_rows(struct str *out, const struct row *rows, size_t count)
{
	size_t widths[COLUMNS] = { 0 };

	for (size_t i = 0; i < count; i++)
		for (size_t column = 0; column < COLUMNS; column++)
			if (utf8_count(rows[i].cells[column]) > widths[column])
				widths[column] = utf8_count(rows[i].cells[column]);
	for (size_t i = 0; i < count; i++)
		say_row(out, rows[i].cells, widths);
}

void briefing_add_overview(const struct briefing *briefing, struct message *message)
{
	struct briefing_shown *list;
	size_t count = briefing_shown(briefing, &list), shown = count > ROWS_MAX ? ROWS_MAX : count;
	struct row *rows = mem_alloc((shown + 1) * sizeof(*rows));
	struct str out;

	rows[0] = (struct row){ { mem_copy_string(""), mem_copy_string("last"), mem_copy_string("usual"),
		                  mem_copy_string("change") } };
	for (size_t i = 0; i < shown; i++)
		make_row(&rows[i + 1], briefing, &list[i]);
	str_init(&out, TABLE_MAX);
	say_rows(&out, rows, shown + 1);
	if (shown < count)
		str_addf(&out, "and %zu more\n", count - shown);
	if (shown > 0)
		message_code(message, out.text);
	for (size_t i = 0; i <= shown; i++)
		for (size_t column = 0; column < COLUMNS; column++)
			free(rows[i].cells[column]);
	str_free(&out);
	free(rows);
	free(list);
}
