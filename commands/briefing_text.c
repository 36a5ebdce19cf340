/* What is known, as a model reads it: compact, all foreign words fenced, never more than BRIEFING_TEXT_MAX. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bot/clock.h"
#include "bot/fence.h"
#include "bot/json.h"
#include "bot/mem.h"
#include "bot/str.h"
#include "commands/briefing_private.h"

/* Together with the lines of ours these fit BRIEFING_TEXT_MAX. */
#define FINDINGS_MAX (12 * 1024)
#define INCIDENTS_MAX (4 * 1024)
#define UNSEEN_MAX (3 * 1024)
#define METRICS_MAX (28 * 1024)

#define WORDS_MAX 200         /* bytes of one foreign line */
#define HEADS_MAX (12 * 1024) /* longer ones become short ones */
#define SUMMARY_BYTES 260     /* of a series */
#define LINE_BYTES 40         /* "Wed 25 Nov 09:00 0.1234 0.1234 0.1234\n" */
#define FENCE_BYTES 150       /* of its two lines, and of what is said of series left out */
#define LINES_MAX 96          /* of one series */
#define LINES_MIN 6           /* fewer say nothing: the summary alone then */

/* --- heads ------------------------------------------------------------------------------------------------- */

static void say_line(struct str *out, const char *name, const char *text)
{
	size_t length;

	if (text == NULL)
		return;
	length = str_utf8_prefix(text, strlen(text), WORDS_MAX);
	str_addf(out, "%s: %.*s\n", name, (int)length, text);
}

static void say_origin(struct str *out, const struct metric *m)
{
	say_line(out, "source", m->source);
	say_line(out, "namespace", m->namespace_);
	say_line(out, "metric", m->metric);
	say_line(out, "dimensions", m->dimensions == NULL ? NULL : json_print(m->dimensions));
	say_line(out, "query", m->query);
	say_line(out, "expression", m->expression);
}

static void say_head(struct str *out, const struct dashboard_data *data, size_t metric, bool brief)
{
	const struct metric *m = &data->metrics[metric];
	char *title = metric_title(m);
	char period[CLOCK_TEXT_SIZE];

	clock_format_duration(m->period_ms, period);
	say_line(out, "dashboard", data->name);
	say_line(out, "title", title);
	if (!brief)
		say_origin(out, m);
	say_line(out, "statistic", m->stat);
	say_line(out, "unit", m->unit);
	say_line(out, "period", period);
	say_limits(out, m);
	if (!brief)
		say_line(out, "about", m->about);
	free(title);
}

static bool is_shown(const struct briefing_look *look, size_t metric)
{
	return look->why == NULL && !look->data->metrics[metric].hidden &&
	       dashboard_data_result(look->data, metric)->count > 0;
}

static size_t heads_bytes(const struct briefing *briefing, bool brief)
{
	size_t bytes = 0;
	struct str head;

	str_init(&head, METRICS_MAX);
	for (size_t i = 0; i < briefing->look_count; i++)
		for (size_t k = 0; k < briefing->looks[i].data->metric_count; k++) {
			if (!is_shown(&briefing->looks[i], k))
				continue;
			str_clear(&head);
			say_head(&head, briefing->looks[i].data, k, brief);
			bytes += head.length + FENCE_BYTES;
		}
	str_free(&head);
	return bytes;
}

static bool is_brief(const struct briefing *briefing)
{
	return heads_bytes(briefing, false) > HEADS_MAX;
}

static size_t heads_room(const struct briefing *briefing)
{
	size_t bytes = heads_bytes(briefing, is_brief(briefing));

	return bytes < METRICS_MAX / 2 ? bytes : METRICS_MAX / 2;
}

/* --- which series, how fine ------------------------------------------------------------------------------- */

static void add_once(struct briefing_shown *list, size_t *count, size_t look, size_t subject)
{
	for (size_t i = 0; i < *count; i++)
		if (list[i].look == look && list[i].subject == subject)
			return;
	list[(*count)++] = (struct briefing_shown){ .look = look, .subject = subject };
}

/* Room goes to what stands out first, then to what the question is about, then to the rest. */
static size_t list_by_rank(const struct briefing *briefing, struct briefing_shown *list)
{
	struct briefing_finding *findings;
	size_t found = briefing_findings(briefing, &findings), count = 0;

	for (size_t i = 0; i < found; i++) {
		add_once(list, &count, findings[i].look, findings[i].finding->subject);
		if (findings[i].finding->other != FINDING_NONE)
			add_once(list, &count, findings[i].look, findings[i].finding->other);
	}
	for (int suiting = 1; suiting >= 0; suiting--)
		for (size_t i = 0; i < briefing->look_count; i++)
			for (size_t k = 0; k < briefing->looks[i].data->subject_count; k++)
				if (briefing_suits(briefing, i, briefing->looks[i].data->subjects[k].metric) ==
				    (suiting == 1))
					add_once(list, &count, i, k);
	free(findings);
	return count;
}

size_t briefing_shown(const struct briefing *briefing, struct briefing_shown **list)
{
	size_t all = 0, count, summaries, room = METRICS_MAX - heads_room(briefing), tables;

	for (size_t i = 0; i < briefing->look_count; i++)
		all += briefing->looks[i].data->subject_count;
	*list = mem_alloc((all + 1) * sizeof(**list));
	count = list_by_rank(briefing, *list);
	summaries = room / 2 / SUMMARY_BYTES;
	if (count > summaries)
		count = summaries;
	room -= count * SUMMARY_BYTES;
	tables = room / LINE_BYTES / LINES_MIN;
	tables = tables > count ? count : tables;
	for (size_t i = 0; i < tables; i++) {
		size_t lines = room / LINE_BYTES / tables;

		(*list)[i].lines = lines > LINES_MAX ? LINES_MAX : lines;
	}
	return count;
}

/* --- metrics ---------------------------------------------------------------------------------------------- */

static void say_series(struct str *out, const struct briefing *briefing, const struct dashboard_data *data,
                       const struct briefing_shown *shown, bool labelled)
{
	const struct series *series = data->inputs[shown->subject].series;
	struct series_values values;
	struct briefing_grids grids;

	if (labelled)
		say_line(out, "series", data->subjects[shown->subject].title);
	briefing_values(briefing, data, shown->subject, &values);
	briefing_say_summary(out, briefing, &values, data->inputs[shown->subject].unit);
	if (shown->lines == 0)
		return;
	briefing_grids(briefing, series, shown->lines, &grids);
	if (grids.before.from < grids.before.until)
		str_add(out, "before the range, ");
	briefing_say_table(out, briefing, series, &grids.before);
	if (grids.range.from < grids.range.until)
		str_add(out, "the range, ");
	briefing_say_table(out, briefing, series, &grids.range);
}

struct metrics_said {
	const struct briefing *briefing;
	const char *fence;
	struct briefing_shown *list;
	size_t count;
	bool brief;
	size_t bytes, left_out;
};

static void say_metric(struct str *out, const struct metrics_said *said, size_t look, size_t metric)
{
	const struct dashboard_data *data = said->briefing->looks[look].data;
	const struct metric_result *result = dashboard_data_result(data, metric);
	struct str block, label;
	size_t count = 0;

	str_init(&block, METRICS_MAX);
	str_init(&label, WORDS_MAX);
	say_head(&block, data, metric, said->brief);
	for (size_t i = 0; i < said->count; i++) {
		if (said->list[i].look != look || data->subjects[said->list[i].subject].metric != metric)
			continue;
		say_series(&block, said->briefing, data, &said->list[i], result->count > 1);
		count++;
	}
	if (count < result->count)
		str_addf(&block, "%zu more series of it are not shown here\n", result->count - count);
	str_addf(&label, "metric %s", data->metrics[metric].id);
	fence_add(out, said->fence, label.text, block.text, METRICS_MAX);
	str_free(&block);
	str_free(&label);
}

/* A fence is never cut: what does not fit is left out as a whole, and said. */
static void say_if_it_fits(struct str *out, struct metrics_said *said, size_t look, size_t metric)
{
	struct str text;

	str_init(&text, 2 * METRICS_MAX);
	say_metric(&text, said, look, metric);
	if (said->bytes + text.length <= METRICS_MAX) {
		str_add(out, text.text);
		said->bytes += text.length;
	} else {
		said->left_out++;
	}
	str_free(&text);
}

static void say_metrics(struct str *out, const struct briefing *briefing, const char *fence)
{
	struct metrics_said said = { .briefing = briefing, .fence = fence, .brief = is_brief(briefing) };

	said.count = briefing_shown(briefing, &said.list);
	for (size_t i = 0; i < briefing->look_count; i++)
		for (size_t k = 0; k < briefing->looks[i].data->metric_count; k++)
			if (is_shown(&briefing->looks[i], k))
				say_if_it_fits(out, &said, i, k);
	if (said.left_out > 0)
		str_addf(out, "%zu more metrics were read; there is no room for their values here.\n",
		         said.left_out);
	free(said.list);
}

/* --- findings, incidents, what is missing ------------------------------------------------------------------ */

static void say_findings(struct str *out, const struct briefing *briefing, const char *fence)
{
	struct briefing_finding *list;
	size_t count = briefing_findings(briefing, &list);
	struct str block;

	str_init(&block, FINDINGS_MAX * 2);
	for (size_t i = 0; i < count; i++)
		str_addf(&block, "%s (%s): %s\n", list[i].finding->id, finding_kind_name(list[i].finding->kind),
		         list[i].finding->text);
	if (count == 0)
		str_add(&block, "none\n");
	fence_add(out, fence, "findings", block.text, FINDINGS_MAX);
	str_free(&block);
	free(list);
}

static void say_incidents(struct str *out, const struct briefing *briefing, const char *fence)
{
	fence_add(out, fence, "open incidents", briefing->incident_count == 0 ? "none\n" : briefing->incidents,
	          INCIDENTS_MAX);
}

static void say_unseen(struct str *out, const struct briefing *briefing, const char *fence)
{
	struct str block;

	str_init(&block, UNSEEN_MAX * 2);
	briefing_add_unseen(briefing, &block);
	if (block.length > 0)
		fence_add(out, fence, "what could not be seen", block.text, UNSEEN_MAX);
	str_free(&block);
}

void briefing_add_text(const struct briefing *briefing, const char *fence, struct str *out)
{
	str_add(out, "Now it is ");
	briefing_say_date(out, briefing, briefing->now_ms);
	str_addf(out, ". All times are %s.\nThe range that is asked about: %s, ", zone_name(briefing->zone),
	         briefing->range.range_words);
	briefing_say_date(out, briefing, briefing->range.from_ms);
	str_add(out, " to ");
	briefing_say_date(out, briefing, briefing->range.until_ms);
	str_add(out, ".\n");
	say_findings(out, briefing, fence);
	say_incidents(out, briefing, fence);
	say_unseen(out, briefing, fence);
	say_metrics(out, briefing, fence);
}
