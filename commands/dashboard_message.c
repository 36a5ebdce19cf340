#include "commands/dashboard_message.h"

#include <stdlib.h>
#include <string.h>

#include "bot/clock.h"
#include "bot/config.h"
#include "bot/mem.h"
#include "bot/message.h"
#include "bot/zone.h"
#include "commands/dashboard_data.h"

#define DAY_MS (24 * 3600 * 1000LL)
#define FINDINGS_SHOWN 15
#define TROUBLES_SHOWN 10

void dashboard_message_reading(struct message *message, const char *name, size_t finished, size_t count)
{
	message_init(message, TONE_NEUTRAL);
	message_headline(message, "%s: reading", name);
	if (count == 0)
		message_text(message, "I am reading %s …", name);
	else
		message_text(message, "I am reading %s: %zu of %zu metrics …", name, finished, count);
	message_say(message, message_paragraph(message), "⏳ %s", message->text);
}

const char *dashboard_message_symbol(const struct finding *finding)
{
	if (finding_is_abnormal(finding->kind))
		return finding->strength >= 0.8 ? "🔴" : "🟠";
	return finding->kind == FINDING_RECURRING ? "🔁" : "🔗";
}

static void add_findings(struct message *message, const struct dashboard_data *data)
{
	for (size_t i = 0; i < data->findings.count && i < FINDINGS_SHOWN; i++) {
		const struct finding *finding = &data->findings.items[i];
		struct message_line *line = message_paragraph(message);

		message_say(message, line, "%s ", dashboard_message_symbol(finding));
		message_bold(message, line, finding->id);
		message_say(message, line, "  %s", finding->text);
	}
	if (data->findings.count > FINDINGS_SHOWN)
		message_say(message, message_paragraph(message), "and %zu weaker ones.",
		            data->findings.count - FINDINGS_SHOWN);
}

static void add_trouble(struct message *message, const char *what, const char *why)
{
	struct message_line *line = message_paragraph(message);

	message_say(message, line, "⚠️ ");
	if (what != NULL) {
		message_bold(message, line, what);
		message_say(message, line, "  ");
	}
	message_say(message, line, "%s", why);
}

static void add_metric_trouble(struct message *message, const struct metric *metric, const char *why)
{
	char *title = metric_title(metric);

	add_trouble(message, title, why);
	free(title);
}

/* What is missing is named metric by metric. */
static void add_troubles(struct message *message, const struct dashboard_data *data, const char *trouble)
{
	size_t count = 0;

	if (data->no_table != NULL)
		add_trouble(message, NULL, data->no_table);
	if (data->no_alarms != NULL)
		add_trouble(message, NULL, data->no_alarms);
	if (trouble != NULL)
		add_trouble(message, NULL, trouble);
	for (size_t i = 0; i < data->metric_count; i++) {
		const struct metric_result *result = dashboard_data_result(data, i);

		if (result->why != NULL && count++ < TROUBLES_SHOWN)
			add_metric_trouble(message, &data->metrics[i], result->why);
		if (result->count > 0 && result->no_band != NULL && count++ < TROUBLES_SHOWN)
			add_metric_trouble(message, &data->metrics[i], result->no_band);
	}
	for (size_t i = 0; i < data->table.problem_count; i++)
		if (count++ < TROUBLES_SHOWN)
			add_trouble(message, NULL, data->table.problems[i]);
	for (size_t i = 0; i < data->alarms.problem_count; i++)
		if (count++ < TROUBLES_SHOWN)
			add_trouble(message, NULL, data->alarms.problems[i]);
	if (count > TROUBLES_SHOWN)
		add_trouble(message, NULL,
		            mem_printf(&message->mem, "and %zu more like these.", count - TROUBLES_SHOWN));
}

/* Of a query with very many series only the first ones are judged, and that is said. */
static void add_left_out(struct message *message, const struct dashboard_data *data)
{
	for (size_t i = 0; i < data->metric_count; i++) {
		const struct metric_result *result = dashboard_data_result(data, i);
		char *title;

		if (result->left_out == 0)
			continue;
		title = metric_title(&data->metrics[i]);
		add_trouble(message, title,
		            mem_printf(&message->mem, "has %zu series; the first %zu are judged. Let the query give "
		                                      "fewer, by sum or topk.",
		                       result->count + result->left_out, result->count));
		free(title);
	}
}

static const char *duration(struct message *message, int64_t ms)
{
	char text[CLOCK_TEXT_SIZE];

	if (ms % DAY_MS == 0)
		return mem_printf(&message->mem, "%lld day%s", (long long)(ms / DAY_MS), ms == DAY_MS ? "" : "s");
	clock_format_duration(ms, text);
	return mem_strdup(&message->mem, text);
}

const char *dashboard_message_verdict(struct mem *mem, const struct dashboard_data *data)
{
	size_t abnormal = dashboard_data_abnormal(data), readable, visible;

	dashboard_data_count(data, &readable, &visible);
	if (abnormal > 0)
		return mem_printf(mem, "%zu finding%s", abnormal, abnormal == 1 ? "" : "s");
	if (readable == 0)
		return "nothing could be read";
	if (readable < visible)
		return mem_printf(mem, "no abnormality in the %zu of %zu metrics that have data", readable, visible);
	return dashboard_data_is_whole(data) ? "no abnormality" : "no abnormality in what could be read";
}

static void add_small_print(struct message *message, const struct dashboard_data *data)
{
	struct message_line *line = message_context(message);
	size_t readable, visible;

	dashboard_data_count(data, &readable, &visible);
	message_say(message, line, "Judged ");
	message_time(message, line, data->from_ms);
	message_say(message, line, " to ");
	message_time(message, line, data->until_ms);
	message_say(message, line, " against the %s before · %zu metric%s · times in the texts are %s",
	            duration(message, data->baseline_ms), visible, visible == 1 ? "" : "s", zone_name(data->zone));
}

void dashboard_message_result(struct message *message, const struct dashboard_data *data, const char *image,
                              const char *alt, const char *trouble)
{
	const char *said;

	message_init(message, dashboard_data_abnormal(data) > 0 || !dashboard_data_is_whole(data) ? TONE_WARNING
	                                                                                         : TONE_RESOLVED);
	said = dashboard_message_verdict(&message->mem, data);
	message_headline(message, "%s: %s", data->name, said);
	message_text(message, "%s: %s in %s.%s%s", data->name, said, duration(message, data->until_ms - data->from_ms),
	             dashboard_data_abnormal(data) > 0 ? " " : "",
	             dashboard_data_abnormal(data) > 0 ? data->findings.items[0].text : "");
	add_findings(message, data);
	if (data->findings.count == 0 && data->subject_count > 0 && dashboard_data_is_whole(data))
		message_say(message, message_paragraph(message), "✅ No abnormality.");
	add_troubles(message, data, trouble);
	add_left_out(message, data);
	if (image != NULL)
		message_image(message, image, data->name, alt == NULL ? data->name : alt);
	add_small_print(message, data);
}

void dashboard_message_finding(struct message *message, const struct finding *finding, const char *image,
                               const char *alt)
{
	struct message_line *line;

	message_init(message, TONE_NEUTRAL);
	message_text(message, "%s: %s", finding->id, finding->text);
	line = message_paragraph(message);
	message_say(message, line, "%s ", dashboard_message_symbol(finding));
	message_bold(message, line, finding->id);
	message_say(message, line, "  %s", finding->text);
	if (image != NULL)
		message_image(message, image, NULL, alt == NULL ? finding->text : alt);
}

void dashboard_message_failure(struct message *message, const struct config *config, const char *why)
{
	struct message_line *line;

	message_init(message, TONE_WARNING);
	message_text(message, "%s", why);
	message_say(message, message_paragraph(message), "%s", why);
	if (config->dashboards.count == 0)
		return;
	line = message_paragraph(message);
	message_say(message, line, "There %s ", config->dashboards.count == 1 ? "is" : "are");
	for (size_t i = 0; i < config->dashboards.count; i++) {
		message_say(message, line, "%s", i == 0 ? "" : ", ");
		message_inline_code(message, line, config->dashboards.items[i].name);
	}
}
