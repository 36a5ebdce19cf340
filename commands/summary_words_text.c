/* What a summary tells, in lines: for a model, for the check of its words, for the thread. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bot/budget.h"
#include "bot/clock.h"
#include "bot/fence.h"
#include "bot/incident.h"
#include "bot/mem.h"
#include "bot/str.h"
#include "bot/utf8.h"
#include "bot/zone.h"
#include "commands/dashboard_data.h"
#include "commands/say.h"
#include "commands/series_values.h"
#include "commands/summary_noise.h"
#include "commands/summary_words_private.h"

#define PERCENT(room, part) ((room) * (part) / 100)
#define LINE_MAX_BYTES 900  /* of one line */
#define FOREIGN_MAX 300     /* of one foreign text in it */
#define LEFT_OUT_BYTES 80   /* of the line that counts what is left out */
#define HEAD_BYTES 180      /* of what a fence adds to a piece, with what it says of a cut */

/* --- a piece --- */

/* One piece while it is made: each line whole, or counted. */
struct piece {
	struct str lines;
	size_t room, left_out;
};

static void begin(struct piece *piece, size_t room)
{
	*piece = (struct piece){ .room = room };
	str_init(&piece->lines, room + LEFT_OUT_BYTES);
}

/* line: without its end. */
static void add_line(struct piece *piece, const struct str *line)
{
	char *one = utf8_clean(line->text, true);

	if (piece->lines.length + strlen(one) + 1 <= piece->room)
		str_addf(&piece->lines, "%s\n", one);
	else
		piece->left_out++;
	free(one);
}

struct telling {
	const struct summary_data *data;
	size_t left; /* bytes */
	size_t told; /* series */
	summary_words_piece_fn *piece;
	void *arg;
};

/* what: of the lines, for counting those left out. */
static void end(struct telling *telling, struct piece *piece, const char *label, const char *what)
{
	size_t taken;

	if (piece->left_out > 0)
		str_addf(&piece->lines, "and %zu more %s, which are not shown here\n", piece->left_out, what);
	taken = piece->lines.length + HEAD_BYTES;
	if (piece->lines.length > 0)
		telling->piece(telling->arg, label, piece->lines.text);
	telling->left -= taken < telling->left ? taken : telling->left;
	str_free(&piece->lines);
}

/* A foreign text within a line; nothing where there is none. */
static void add_foreign(struct str *line, const char *before, const char *text)
{
	size_t length = text == NULL ? 0 : strlen(text), kept;

	if (length == 0)
		return;
	kept = str_utf8_prefix(text, length, FOREIGN_MAX);
	str_addf(line, "%s%.*s%s", before, (int)kept, text, kept < length ? "..." : "");
}

static void add_time(struct str *line, const struct summary_data *data, int64_t at_ms)
{
	say_time(line, data->zone, at_ms, data->until_ms);
}

static void add_length(struct str *line, int64_t ms)
{
	char text[CLOCK_TEXT_SIZE];

	clock_format_duration(ms, text);
	str_add(line, text);
}

/* --- time, counts, cost --- */

static const char *kind_of(const struct summary_data *data)
{
	if (data->kind == SUMMARY_WEEKLY)
		return "weekly summary";
	return data->kind == SUMMARY_DAILY ? "daily summary" : "summary";
}

static size_t count_new(const struct summary_data *data, bool open)
{
	size_t from = open ? 0 : data->open_count, until = open ? data->open_count : data->incident_count, count = 0;

	for (size_t i = from; i < until; i++)
		count += data->incidents[i].is_new;
	return count;
}

static size_t count_unheld(const struct summary_data *data)
{
	size_t count = 0;

	for (size_t i = 0; i < data->open_count; i++)
		count += data->incidents[i].holder == NULL;
	return count;
}

static size_t count_looks(const struct summary_data *data, size_t *abnormal, size_t *findings)
{
	size_t read = 0;

	*abnormal = *findings = 0;
	for (size_t i = 0; i < data->look_count; i++) {
		size_t found = data->looks[i].data == NULL ? 0 : dashboard_data_abnormal(data->looks[i].data);

		read += data->looks[i].data != NULL;
		*abnormal += found > 0;
		*findings += found;
	}
	return read;
}

/* Ends the line. */
static void add_resolved_lengths(struct str *line, const struct summary_data *data)
{
	struct summary_firings ended = summary_data_ended(data);
	size_t resolved = data->incident_count - data->open_count;

	if (ended.count != resolved)
		str_addf(line, ". %zu firing%s ended in this time", ended.count, ended.count == 1 ? "" : "s");
	if (ended.count > 0) {
		str_add(line, ", after ");
		add_length(line, summary_firings_mean(&ended));
		str_add(line, " on average, the longest after ");
		add_length(line, ended.longest_ms);
	}
	str_add(line, ".\n");
}

static void add_counts(struct str *line, const struct summary_data *data)
{
	size_t abnormal, findings, read = count_looks(data, &abnormal, &findings);
	size_t resolved = data->incident_count - data->open_count, fresh = count_new(data, true);
	size_t all_new = fresh + count_new(data, false);

	str_addf(line, "%zu incident%s open, %zu of them new in this time, %zu that nobody has acknowledged.\n",
	         data->open_count, data->open_count == 1 ? " is" : "s are", fresh, count_unheld(data));
	str_addf(line, "%zu new incident%s in all, %zu incident%s resolved in this time", all_new,
	         all_new == 1 ? "" : "s", resolved, resolved == 1 ? " was" : "s were");
	add_resolved_lengths(line, data);
	str_addf(line, "%zu silence%s.\n", data->silence_count, data->silence_count == 1 ? "" : "s");
	str_addf(line, "%zu finding%s abnormal, on %zu of %zu dashboard%s that could be read; ", findings,
	         findings == 1 ? " is" : "s are", abnormal, read, read == 1 ? "" : "s");
	str_addf(line, "%zu dashboard%s in all.\n", data->look_count, data->look_count == 1 ? "" : "s");
}

static void add_cost(struct str *line, const struct summary_data *data)
{
	char since[BUDGET_DOLLARS_SIZE], month[BUDGET_DOLLARS_SIZE];

	if (isnan(data->spent_since) || isnan(data->spent_month))
		return;
	budget_dollars(data->spent_since, since);
	budget_dollars(data->spent_month, month);
	str_addf(line, "Cost of the model: %s in this time, %s in this month so far.\n", since, month);
}

static void tell_time(struct telling *telling)
{
	const struct summary_data *data = telling->data;
	struct str text;

	str_init(&text, LINE_MAX_BYTES);
	str_addf(&text, "All times are %s. The %s is of the time from ", zone_name(data->zone), kind_of(data));
	say_date(&text, data->zone, data->since_ms);
	str_add(&text, " to ");
	say_date(&text, data->zone, data->until_ms);
	str_add(&text, ", which is now.\n");
	add_counts(&text, data);
	add_cost(&text, data);
	telling->piece(telling->arg, NULL, text.text);
	telling->left -= text.length < telling->left ? text.length : telling->left;
	str_free(&text);
}

/* --- incidents --- */

static void add_head(struct str *line, const struct summary_incident *incident)
{
	bool both = incident->account != NULL && incident->region != NULL;

	str_addf(line, "incident %s: alarm ", incident->id);
	add_foreign(line, "", incident->alarm == NULL ? "?" : incident->alarm);
	if (incident->account != NULL || incident->region != NULL)
		str_addf(line, " (%s%s%s)", incident->account == NULL ? "" : incident->account, both ? "/" : "",
		         incident->region == NULL ? "" : incident->region);
}

static void add_open(struct str *line, const struct summary_data *data, const struct summary_incident *incident)
{
	bool no_data = strcmp(incident->state, INCIDENT_NO_DATA) == 0;

	add_head(line, incident);
	str_add(line, " is open since ");
	add_time(line, data, incident->fired_ms);
	str_add(line, ", for ");
	add_length(line, data->until_ms - incident->fired_ms);
	if (no_data) {
		str_add(line, ", without data for ");
		add_length(line, data->until_ms - incident->changed_ms);
	}
	str_addf(line, "; %s; %s", incident->is_new ? "began in this time" : "began before this time",
	         incident->holder == NULL ? "nobody has acknowledged it" : "somebody has acknowledged it");
}

static void add_resolved(struct str *line, const struct summary_data *data, const struct summary_incident *incident)
{
	add_head(line, incident);
	str_add(line, " was open from ");
	add_time(line, data, incident->fired_ms);
	str_add(line, " to ");
	add_time(line, data, incident->resolved_ms);
	str_add(line, ", for ");
	add_length(line, incident->resolved_ms - incident->fired_ms);
	if (incident->ended.count > 1) {
		str_addf(line, "; that was the last of %zu firings that ended in this time, after ",
		         incident->ended.count);
		add_length(line, summary_firings_mean(&incident->ended));
		str_add(line, " on average");
	} else if (incident->opened_ms < incident->fired_ms) {
		str_add(line, "; that was its last firing of several, the first began ");
		add_time(line, data, incident->opened_ms);
	}
}

static void add_incident(struct piece *piece, const struct summary_data *data, const struct summary_incident *incident)
{
	struct str line;

	str_init(&line, 2 * LINE_MAX_BYTES);
	if (incident->resolved_ms == 0)
		add_open(&line, data, incident);
	else
		add_resolved(&line, data, incident);
	if (incident->changes > 2)
		str_addf(&line, "; %lld state changes in all", (long long)incident->changes);
	add_foreign(&line, "; issue ", incident->issue_key);
	add_foreign(&line, "; a proposal waits for a decision: ", incident->proposed);
	if (incident->resolved_ms == 0)
		add_foreign(&line, "; reason: ", incident->reason);
	add_line(piece, &line);
	str_free(&line);
}

static void tell_incidents(struct telling *telling, size_t room, bool open)
{
	const struct summary_data *data = telling->data;
	size_t from = open ? 0 : data->open_count, until = open ? data->open_count : data->incident_count;
	struct piece piece;

	begin(&piece, room);
	for (size_t i = from; i < until; i++)
		add_incident(&piece, data, &data->incidents[i]);
	if (from == until)
		str_add(&piece.lines, "none\n");
	end(telling, &piece, open ? "open incidents, the oldest first" : "incidents that were resolved in this time",
	    "incidents");
}

/* --- noise, silences --- */

static void add_report(struct str *line, const struct noise_report *report)
{
	char *now = noise_setting_text(&report->now, NULL);
	char *proposed = noise_setting_text(&report->proposed, &report->now);

	str_addf(line, " Its setting: %s, in ALARM for ", now);
	add_length(line, report->on_before_ms);
	str_add(line, " in all.");
	if (report->outcome == NOISE_PROPOSED) {
		str_addf(line, " Proposed: %s: %zu instead of %zu firings, in ALARM for ", proposed, report->after,
		         report->before);
		add_length(line, report->on_after_ms);
		str_addf(line, "; %zu of %zu episodes hidden.", report->hidden, report->count);
	}
	free(now);
	free(proposed);
}

static void tell_noise(struct telling *telling, size_t room)
{
	const struct summary_noise *noise = telling->data->noise;
	struct piece piece;
	struct str line;

	if (noise == NULL || noise->count == 0)
		return;
	begin(&piece, room);
	str_init(&line, 2 * LINE_MAX_BYTES);
	for (size_t i = 0; i < noise->count; i++) {
		const struct summary_noise_row *row = &noise->rows[i];

		str_clear(&line);
		str_add(&line, row->text == NULL ? row->alarm : row->text);
		if (row->is_judged)
			add_report(&line, &row->report);
		add_line(&piece, &line);
	}
	piece.left_out += noise->left_out;
	end(telling, &piece, "noisy alarms: what fired most, and a quieter setting by the metric's history", "alarms");
	str_free(&line);
}

static void tell_silences(struct telling *telling, size_t room)
{
	const struct summary_data *data = telling->data;
	struct piece piece;
	struct str line;

	if (data->silence_count == 0)
		return;
	begin(&piece, room);
	str_init(&line, 2 * LINE_MAX_BYTES);
	for (size_t i = 0; i < data->silence_count; i++) {
		const struct summary_silence *silence = &data->silences[i];

		str_clear(&line);
		add_foreign(&line, "silenced: ", silence->what);
		str_add(&line, ", until ");
		add_time(&line, data, silence->until_ms);
		str_add(&line, ", for ");
		add_length(&line, silence->until_ms - data->until_ms);
		str_add(&line, " more");
		add_foreign(&line, "; reason: ", silence->reason);
		add_line(&piece, &line);
	}
	end(telling, &piece, "silences", "silences");
	str_free(&line);
}

/* --- dashboards --- */

static void add_findings(struct piece *piece, const struct dashboard_data *data, bool abnormal)
{
	struct str line;

	str_init(&line, 2 * LINE_MAX_BYTES);
	for (size_t i = 0; i < data->findings.count; i++) {
		const struct finding *finding = &data->findings.items[i];

		if (finding_is_abnormal(finding->kind) != abnormal)
			continue;
		str_clear(&line);
		str_addf(&line, "%s %s (%s): %s", data->name, finding->id, finding_kind_name(finding->kind),
		         finding->text);
		add_line(piece, &line);
	}
	str_free(&line);
}

/* What is abnormal everywhere comes before what is only worth knowing. */
static void tell_findings(struct telling *telling, size_t room)
{
	const struct summary_data *data = telling->data;
	struct piece piece;
	struct str quiet;

	begin(&piece, room);
	str_init(&quiet, LINE_MAX_BYTES);
	for (int abnormal = 1; abnormal >= 0; abnormal--)
		for (size_t i = 0; i < data->look_count; i++)
			if (data->looks[i].data != NULL)
				add_findings(&piece, data->looks[i].data, abnormal == 1);
	for (size_t i = 0; i < data->look_count; i++)
		if (data->looks[i].data != NULL && dashboard_data_abnormal(data->looks[i].data) == 0 &&
		    dashboard_data_is_whole(data->looks[i].data))
			str_addf(&quiet, "%s%s", quiet.length == 0 ? "no abnormality: " : ", ", data->looks[i].name);
	if (quiet.length > 0)
		add_line(&piece, &quiet);
	end(telling, &piece, "findings of the dashboards", "findings");
	str_free(&quiet);
}

static void add_unread(struct piece *piece, const char *dashboard, const char *what, const char *why)
{
	struct str line;

	if (why == NULL)
		return;
	str_init(&line, 2 * LINE_MAX_BYTES);
	add_foreign(&line, "", dashboard);
	add_foreign(&line, ", ", what);
	add_foreign(&line, ": ", why);
	add_line(piece, &line);
	str_free(&line);
}

static void tell_unread(struct telling *telling, size_t room)
{
	const struct summary_data *data = telling->data;
	struct piece piece;

	begin(&piece, room);
	for (size_t i = 0; i < data->look_count; i++) {
		const struct summary_look *look = &data->looks[i];

		add_unread(&piece, look->name, NULL, look->why);
		if (look->data == NULL)
			continue;
		add_unread(&piece, look->name, "its table of metrics", look->data->no_table);
		for (size_t k = 0; k < look->data->metric_count; k++) {
			char *title = metric_title(&look->data->metrics[k]);

			add_unread(&piece, look->name, title, dashboard_data_result(look->data, k)->why);
			free(title);
		}
	}
	end(telling, &piece, "what could not be read", "things that could not be read");
}

/* --- values --- */

static bool has_values(const struct dashboard_data *data, size_t subject)
{
	const struct series *series = data->inputs[subject].series;

	return series != NULL && series->count > 0 && !data->metrics[data->subjects[subject].metric].hidden;
}

/* In how many findings; the abnormal ones count more. */
static size_t weight_of(const struct dashboard_data *data, size_t subject)
{
	size_t weight = 0;

	for (size_t i = 0; i < data->findings.count; i++)
		if (data->findings.items[i].subject == subject || data->findings.items[i].other == subject)
			weight = finding_is_abnormal(data->findings.items[i].kind) ? 2 : weight > 1 ? weight : 1;
	return weight;
}

size_t summary_words_series(const struct summary_data *data, struct summary_words_series **list)
{
	size_t all = 0, count = 0;

	for (size_t i = 0; i < data->look_count; i++)
		all += data->looks[i].data == NULL ? 0 : data->looks[i].data->subject_count;
	*list = mem_alloc((all + 1) * sizeof(**list));
	for (size_t weight = 3; weight-- > 0;)
		for (size_t i = 0; i < data->look_count; i++)
			for (size_t k = 0; data->looks[i].data != NULL && k < data->looks[i].data->subject_count; k++)
				if (weight_of(data->looks[i].data, k) == weight && has_values(data->looks[i].data, k))
					(*list)[count++] = (struct summary_words_series){ data->looks[i].data, k };
	return count;
}

static bool is_elsewhere(const struct summary_data *data, const struct dashboard_data *own, const char *title)
{
	for (size_t i = 0; i < data->look_count; i++)
		for (size_t k = 0; data->looks[i].data != NULL && k < data->looks[i].data->subject_count; k++)
			if (data->looks[i].data != own && strcmp(data->looks[i].data->subjects[k].title, title) == 0)
				return true;
	return false;
}

char *summary_words_title(const struct summary_data *data, const struct summary_words_series *series)
{
	const char *title = series->data->subjects[series->subject].title;
	struct str out;

	str_init(&out, 2 * FOREIGN_MAX);
	if (is_elsewhere(data, series->data, title))
		str_addf(&out, "%s ", series->data->name);
	str_add(&out, title);
	return str_take(&out);
}

static void add_values(struct str *line, const struct summary_data *data, const struct summary_words_series *series)
{
	const struct dashboard_data *d = series->data;
	const char *unit = d->inputs[series->subject].unit;
	struct series_values values;

	series_values(&values, d, series->subject, d->zone, d->from_ms, d->until_ms);
	str_addf(line, "%s, ", d->name);
	add_foreign(line, "", d->subjects[series->subject].title);
	str_add(line, ": ");
	say_values(line, data->zone, &values, data->until_ms, unit);
	if (isnan(values.usual))
		return;
	str_add(line, "; usual at these hours: ");
	say_usual(line, &values, unit);
}

static void tell_values(struct telling *telling)
{
	size_t room = telling->left > HEAD_BYTES + LEFT_OUT_BYTES ? telling->left - HEAD_BYTES - LEFT_OUT_BYTES : 0;
	struct summary_words_series *list;
	size_t count = summary_words_series(telling->data, &list);
	struct piece piece;
	struct str line;

	begin(&piece, room);
	str_init(&line, 2 * LINE_MAX_BYTES);
	for (size_t i = 0; i < count; i++) {
		if (piece.left_out > 0) { /* it is full: values are not computed for nothing */
			piece.left_out++;
			continue;
		}
		str_clear(&line);
		add_values(&line, telling->data, &list[i]);
		add_line(&piece, &line);
		telling->told += piece.left_out == 0;
	}
	end(telling, &piece, "values in the time that each dashboard judges", "metrics");
	str_free(&line);
	free(list);
}

/* --- all of it --- */

size_t summary_words_pieces(const struct summary_data *data, size_t room, bool with_values,
                            summary_words_piece_fn *piece, void *arg)
{
	struct telling telling = { .data = data, .left = room, .piece = piece, .arg = arg };

	tell_time(&telling);
	tell_incidents(&telling, PERCENT(room, 20), true);
	tell_findings(&telling, PERCENT(room, 26));
	tell_noise(&telling, PERCENT(room, 12));
	tell_incidents(&telling, PERCENT(room, 12), false);
	tell_silences(&telling, PERCENT(room, 5));
	tell_unread(&telling, PERCENT(room, 6));
	if (with_values)
		tell_values(&telling);
	return telling.told;
}

struct fenced {
	const char *word;
	struct str *out;
};

static void add_fenced(void *arg, const char *label, const char *lines)
{
	const struct fenced *fenced = arg;

	if (label == NULL)
		str_add(fenced->out, lines);
	else
		fence_add(fenced->out, fenced->word, label, lines, strlen(lines)); /* no longer for what is redacted */
}

void summary_words_add_text(const struct summary_data *data, const char *fence, struct str *out)
{
	struct fenced fenced = { fence, out };

	(void)summary_words_pieces(data, SUMMARY_WORDS_TEXT_MAX, true, add_fenced, &fenced);
}
