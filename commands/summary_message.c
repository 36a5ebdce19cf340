#include "commands/summary_message.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bot/budget.h"
#include "bot/clock.h"
#include "bot/config.h"
#include "bot/incident.h"
#include "bot/mem.h"
#include "bot/message.h"
#include "bot/zone.h"
#include "commands/dashboard_data.h"
#include "commands/dashboard_message.h"
#include "commands/summary_noise.h"
#include "commands/summary_page.h"

/* Characters of foreign texts. */
#define NAME_SHOWN 80
#define REASON_SHOWN 200
#define PROPOSAL_SHOWN 120
#define NOISE_SHOWN 500
#define FINDING_SHOWN 240
#define WHY_SHOWN 160
#define CLEAN_SHOWN 600

#define FINDINGS_SHOWN 3 /* of one dashboard; all stand in the thread */
#define MANY_CHANGES 4   /* state changes of an incident that are worth telling */

static const char *const titles[] = { "Daily summary", "Weekly summary", "Summary" }; /* by enum summary_kind */

const char *summary_message_title(enum summary_kind kind)
{
	return titles[kind];
}

static const char *plural(size_t count)
{
	return count == 1 ? "" : "s";
}

static const char *duration(struct message *message, int64_t ms)
{
	char text[CLOCK_TEXT_SIZE];

	clock_format_duration(ms, text);
	return mem_strdup(&message->mem, text);
}

/* --- what it is about ------------------------------------------------------------------------- */

static size_t resolved_count(const struct summary_data *data)
{
	return data->incident_count - data->open_count;
}

/* "2 open, 5 resolved, 3 findings" */
static const char *news(struct message *message, const struct summary_data *data)
{
	size_t findings = summary_data_findings(data), unread = summary_data_unread(data);
	const char *open = "nothing open", *resolved = "", *found = "", *missing = "";

	if (data->open_count > 0)
		open = mem_printf(&message->mem, "%zu open", data->open_count);
	if (resolved_count(data) > 0)
		resolved = mem_printf(&message->mem, ", %zu resolved", resolved_count(data));
	if (findings > 0)
		found = mem_printf(&message->mem, ", %zu finding%s", findings, plural(findings));
	else if (unread < data->look_count)
		found = ", no abnormality";
	if (unread > 0)
		missing = mem_printf(&message->mem, ", %zu dashboard%s not read whole", unread, plural(unread));
	return mem_printf(&message->mem, "%s%s%s%s", open, resolved, found, missing);
}

/* --- incidents -------------------------------------------------------------------------------- */

static void say_name(struct message *message, struct message_line *item, const struct config *config,
                     const struct summary_incident *incident)
{
	const char *name = summary_page_clip(message, incident->alarm, NAME_SHOWN);

	message_say(message, item, "• ");
	if (incident->link != NULL)
		message_link(message, item, incident->link, name);
	else
		message_bold(message, item, name);
	if (incident->account != NULL || incident->region != NULL)
		message_say(message, item, "  %s%s%s",
		            incident->account == NULL ? "" : config_account_name(config, incident->account),
		            incident->account != NULL && incident->region != NULL ? "/" : "",
		            incident->region == NULL ? "" : incident->region);
}

static void say_issue(struct message *message, struct message_line *item, const struct summary_incident *incident)
{
	if (incident->issue_key == NULL)
		return;
	message_say(message, item, " · ");
	if (incident->issue_url != NULL)
		message_link(message, item, incident->issue_url, incident->issue_key);
	else
		message_say(message, item, "%s", summary_page_clip(message, incident->issue_key, NAME_SHOWN));
}

static void say_open(struct message *message, struct message_line *item, const struct config *config,
                     const struct summary_data *data, const struct summary_incident *incident)
{
	bool no_data = strcmp(incident->state, INCIDENT_NO_DATA) == 0;
	bool had_data = no_data && incident->changed_ms > incident->fired_ms; /* it fired first */

	say_name(message, item, config, incident);
	message_say(message, item, " · %s%s for %s", incident->is_new ? "new, " : "",
	            had_data ? "open" : no_data ? "without data" : "firing",
	            duration(message, data->until_ms - incident->fired_ms));
	if (had_data)
		message_say(message, item, ", without data for %s",
		            duration(message, data->until_ms - incident->changed_ms));
	if (incident->holder != NULL) {
		message_say(message, item, " · ");
		message_person(message, item, incident->holder);
		message_say(message, item, " has it");
	} else {
		message_say(message, item, " · nobody has it");
	}
	say_issue(message, item, incident);
}

static void say_resolved(struct message *message, struct message_line *item, const struct config *config,
                         const struct summary_incident *incident)
{
	say_name(message, item, config, incident);
	message_say(message, item, " · after %s", duration(message, incident->resolved_ms - incident->fired_ms));
	if (incident->ended.count > 1) {
		message_say(message, item, ", the last of %zu firings, %s on average", incident->ended.count,
		            duration(message, summary_firings_mean(&incident->ended)));
	} else if (incident->opened_ms < incident->fired_ms) {
		message_say(message, item, ", the last firing of several since ");
		message_time(message, item, incident->opened_ms);
	}
	if (incident->changes >= MANY_CHANGES)
		message_say(message, item, " · %lld changes of state", (long long)incident->changes);
	say_issue(message, item, incident);
}

static size_t add_open(struct summary_page *page, const struct config *config, const struct summary_data *data,
                       unsigned percent)
{
	struct message *message = page->message;
	struct summary_section section;

	if (data->open_count == 0) {
		summary_section_begin(&section, page, percent, "✅", "No incident is open");
		return 0;
	}
	summary_section_begin(&section, page, percent, "🔔",
	                      mem_printf(&message->mem, "%zu open", data->open_count));
	for (size_t i = 0; i < data->open_count; i++) {
		struct message_line item = { NULL, NULL };

		say_open(message, &item, config, data, &data->incidents[i]);
		(void)summary_section_add(&section, &item);
	}
	summary_section_end(&section, ", in the thread");
	return section.left_out;
}

/* "after 12 min on average (the longest 40 min)" */
static const char *lengths(struct message *message, const struct summary_firings *ended)
{
	const char *longest = duration(message, ended->longest_ms);

	if (ended->count == 1)
		return mem_printf(&message->mem, "after %s", longest);
	return mem_printf(&message->mem, "after %s on average (the longest %s)",
	                  duration(message, summary_firings_mean(ended)), longest);
}

/* "5 resolved, after ...", or where there were more firings than that "1 resolved; 14 firings ended, after ..." */
static const char *resolved_news(struct message *message, const struct summary_data *data)
{
	struct summary_firings ended = summary_data_ended(data);
	size_t count = resolved_count(data);
	const char *resolved = count == 0 ? "none resolved" : mem_printf(&message->mem, "%zu resolved", count);

	if (ended.count == 0)
		return resolved;
	if (ended.count == count)
		return mem_printf(&message->mem, "%s, %s", resolved, lengths(message, &ended));
	return mem_printf(&message->mem, "%s; %zu firing%s ended, %s", resolved, ended.count, plural(ended.count),
	                  lengths(message, &ended));
}

static size_t add_resolved(struct summary_page *page, const struct config *config, const struct summary_data *data,
                           unsigned percent)
{
	struct message *message = page->message;
	struct summary_section section;
	size_t fresh = 0;

	for (size_t i = 0; i < data->incident_count; i++)
		fresh += data->incidents[i].is_new;
	if (fresh == 0 && resolved_count(data) == 0 && summary_data_ended(data).count == 0)
		return 0;
	summary_section_begin(&section, page, percent, "📋",
	                      mem_printf(&message->mem, "%zu new, %s", fresh, resolved_news(message, data)));
	for (size_t i = data->open_count; i < data->incident_count; i++) {
		struct message_line item = { NULL, NULL };

		say_resolved(message, &item, config, &data->incidents[i]);
		(void)summary_section_add(&section, &item);
	}
	summary_section_end(&section, ", in the thread");
	return section.left_out;
}

void summary_message_incidents(struct message *message, const struct config *config, const struct summary_data *data)
{
	struct summary_page page = { message, SUMMARY_BYTES };
	struct summary_section section;

	message_init(message, TONE_NEUTRAL);
	message_text(message, "All incidents of the summary: %zu open, %zu resolved", data->open_count,
	             resolved_count(data));
	summary_section_begin(&section, &page, 100, "🔔", message->text);
	for (size_t i = 0; i < data->incident_count; i++) {
		const struct summary_incident *incident = &data->incidents[i];
		struct message_line item = { NULL, NULL };

		if (i < data->open_count)
			say_open(message, &item, config, data, incident);
		else
			say_resolved(message, &item, config, incident);
		if (incident->proposed != NULL)
			message_say(message, &item, " · asks: %s",
			            summary_page_clip(message, incident->proposed, PROPOSAL_SHOWN));
		if (incident->reason != NULL)
			message_say(message, &item, "\n   %s",
			            summary_page_clip(message, incident->reason, REASON_SHOWN));
		(void)summary_section_add(&section, &item);
	}
	summary_section_end(&section, "");
}

/* --- noise ------------------------------------------------------------------------------------ */

static void add_noise(struct summary_page *page, const struct summary_noise *noise, unsigned percent)
{
	struct message *message = page->message;
	struct summary_section section;

	if (noise == NULL || noise->count == 0)
		return;
	summary_section_begin(&section, page, percent, "🔁", "Noisiest alarms");
	for (size_t i = 0; i < noise->count; i++) {
		const struct summary_noise_row *row = &noise->rows[i];
		struct message_line item = { NULL, NULL };

		if (row->text == NULL)
			message_say(message, &item, "• %s fired %zu times.",
			            summary_page_clip(message, row->alarm, NAME_SHOWN), row->firings);
		else
			message_say(message, &item, "• %s", summary_page_clip(message, row->text, NOISE_SHOWN));
		(void)summary_section_add(&section, &item);
	}
	section.left_out += noise->left_out;
	summary_section_end(&section, " that fired three times or more");
}

/* --- dashboards ------------------------------------------------------------------------------- */

static bool is_clean(const struct summary_look *look)
{
	return look->data != NULL && dashboard_data_abnormal(look->data) == 0 && dashboard_data_is_whole(look->data);
}

/* The worst first: those with the strongest finding, then those that could not be read. */
static double weight(const struct summary_look *look)
{
	if (look->data != NULL && dashboard_data_abnormal(look->data) > 0)
		return 1 + look->data->findings.items[0].strength;
	return is_clean(look) ? 0 : 1;
}

static int heavier(const void *left, const void *right)
{
	const struct summary_look *const *a = left, *const *b = right;
	double x = weight(*a), y = weight(*b);

	if (x > y || x < y)
		return x > y ? -1 : 1;
	return (*a > *b) - (*a < *b); /* the configuration's order */
}

static void add_look(struct summary_section *section, const struct summary_look *look)
{
	struct message *message = section->page->message;
	size_t abnormal = look->data == NULL ? 0 : dashboard_data_abnormal(look->data);
	const char *why = look->why == NULL ? "it is not known why" : look->why, *partly = "";
	struct message_line item = { NULL, NULL };

	if (abnormal > 0 && !dashboard_data_is_whole(look->data))
		partly = ", and some metrics were not read";
	message_say(message, &item, "%s", abnormal > 0 ? "• " : "⚠️ ");
	message_bold(message, &item, look->name);
	if (look->data == NULL)
		message_say(message, &item, ": could not be read: %s", summary_page_clip(message, why, WHY_SHOWN));
	else
		message_say(message, &item, ": %s%s", dashboard_message_verdict(&message->mem, look->data), partly);
	for (size_t i = 0; i < abnormal && i < FINDINGS_SHOWN; i++) {
		const struct finding *finding = &look->data->findings.items[i];

		message_say(message, &item, "\n   %s %s  %s", dashboard_message_symbol(finding), finding->id,
		            summary_page_clip(message, finding->text, FINDING_SHOWN));
	}
	if (abnormal > FINDINGS_SHOWN)
		message_say(message, &item, "\n   … and %zu weaker ones", abnormal - FINDINGS_SHOWN);
	(void)summary_section_add(section, &item);
}

/* Behind what is not well, as far as there is room. */
static void add_clean(struct summary_section *section, const struct summary_data *data)
{
	struct message *message = section->page->message;
	const char *names = NULL;
	struct message_line item = { NULL, NULL };
	size_t count = 0;

	for (size_t i = 0; i < data->look_count; i++) {
		if (!is_clean(&data->looks[i]))
			continue;
		names = count == 0 ? data->looks[i].name
		                   : mem_printf(&message->mem, "%s, %s", names, data->looks[i].name);
		count++;
	}
	if (count == 0)
		return;
	message_say(message, &item, "✅ No abnormality in %s", summary_page_clip(message, names, CLEAN_SHOWN));
	if (!summary_section_add(section, &item))
		section->left_out = 0; /* those are counted that have news */
}

static void add_looks(struct summary_page *page, const struct summary_data *data, unsigned percent)
{
	struct message *message = page->message;
	const struct summary_look **looks = mem_zalloc(&message->mem, (data->look_count + 1) * sizeof(*looks));
	struct summary_section section;

	if (data->look_count == 0)
		return;
	for (size_t i = 0; i < data->look_count; i++)
		looks[i] = &data->looks[i];
	qsort(looks, data->look_count, sizeof(*looks), heavier);
	summary_section_begin(&section, page, percent, "📈",
	                      mem_printf(&message->mem, "%zu dashboard%s", data->look_count,
	                                 plural(data->look_count)));
	for (size_t i = 0; i < data->look_count; i++)
		if (!is_clean(looks[i]))
			add_look(&section, looks[i]);
	if (section.left_out == 0)
		add_clean(&section, data);
	summary_section_end(&section, " with findings or trouble");
}

/* --- what waits ------------------------------------------------------------------------------- */

static void add_silences(struct summary_section *section, const struct summary_data *data)
{
	struct message *message = section->page->message;

	for (size_t i = 0; i < data->silence_count; i++) {
		const struct summary_silence *silence = &data->silences[i];
		struct message_line item = { NULL, NULL };

		message_say(message, &item, "🔕 ");
		message_bold(message, &item, summary_page_clip(message, silence->what, NAME_SHOWN));
		message_say(message, &item, " is silenced until ");
		message_time(message, &item, silence->until_ms);
		if (silence->by != NULL) {
			message_say(message, &item, " by ");
			message_person(message, &item, silence->by);
		}
		if (silence->reason != NULL)
			message_say(message, &item, ": %s", summary_page_clip(message, silence->reason, WHY_SHOWN));
		(void)summary_section_add(section, &item);
	}
}

static void add_waiting(struct summary_page *page, const struct summary_data *data, unsigned percent)
{
	struct message *message = page->message;
	struct summary_section section;
	size_t proposals = 0;

	for (size_t i = 0; i < data->incident_count; i++)
		proposals += data->incidents[i].proposed != NULL;
	if (data->silence_count == 0 && proposals == 0)
		return;
	summary_section_begin(&section, page, percent, "⏳",
	                      mem_printf(&message->mem, "%zu silence%s, %zu proposal%s waiting for a decision",
	                                 data->silence_count, plural(data->silence_count), proposals,
	                                 plural(proposals)));
	for (size_t i = 0; i < data->incident_count; i++) {
		const struct summary_incident *incident = &data->incidents[i];
		struct message_line item = { NULL, NULL };

		if (incident->proposed == NULL)
			continue;
		message_say(message, &item, "🖐 %s: %s", summary_page_clip(message, incident->alarm, NAME_SHOWN),
		            summary_page_clip(message, incident->proposed, PROPOSAL_SHOWN));
		(void)summary_section_add(&section, &item);
	}
	add_silences(&section, data);
	summary_section_end(&section, "");
}

/* --- the whole -------------------------------------------------------------------------------- */

static void add_small_print(struct message *message, const struct summary_data *data)
{
	struct message_line *line = message_context(message);
	char since[BUDGET_DOLLARS_SIZE], month[BUDGET_DOLLARS_SIZE];

	message_say(message, line, "From ");
	message_time(message, line, data->since_ms);
	message_say(message, line, " to ");
	message_time(message, line, data->until_ms);
	message_say(message, line, " · schedule and days are %s", zone_name(data->zone));
	if (isnan(data->spent_month))
		return;
	budget_dollars(data->spent_since, since);
	budget_dollars(data->spent_month, month);
	message_say(message, line, " · the model cost %s since then (whole days, UTC), %s this month", since, month);
}

static size_t room_beside(const struct summary_extra *extra)
{
	size_t words = extra->words == NULL ? 0 : strlen(extra->words);

	words += words / 5; /* what is escaped in it */
	return words < SUMMARY_BYTES / 2 ? SUMMARY_BYTES - words : SUMMARY_BYTES / 2;
}

static void add_trouble(struct message *message, const char *trouble)
{
	if (trouble != NULL)
		message_say(message, message_paragraph(message), "⚠️ %s", trouble);
}

size_t summary_message(struct message *message, const struct config *config, const struct summary_data *data,
                       const struct summary_extra *extra)
{
	struct summary_page page = { message, room_beside(extra) };
	bool calm = data->open_count == 0 && summary_data_findings(data) == 0 && summary_data_unread(data) == 0;
	const char *said;
	size_t left_out;

	message_init(message, calm ? TONE_RESOLVED : TONE_WARNING);
	said = news(message, data);
	message_headline(message, "%s: %s", titles[data->kind], said);
	message_text(message, "%s: %s", titles[data->kind], said);
	if (extra->words != NULL)
		message_markdown(message, extra->words);
	left_out = add_open(&page, config, data, 35);
	left_out += add_resolved(&page, config, data, 30);
	add_noise(&page, data->noise, 35);
	add_looks(&page, data, 80);
	if (extra->image != NULL)
		message_image(message, extra->image, titles[data->kind], extra->alt == NULL ? said : extra->alt);
	add_waiting(&page, data, 100);
	add_trouble(message, extra->trouble);
	if (extra->note != NULL)
		message_say(message, message_context(message), "%s", extra->note);
	add_small_print(message, data);
	return left_out;
}

void summary_message_reading(struct message *message, enum summary_kind kind, size_t finished, size_t count)
{
	message_init(message, TONE_NEUTRAL);
	message_headline(message, "%s: reading", titles[kind]);
	if (count == 0)
		message_text(message, "I am reading …");
	else
		message_text(message, "I am reading: %zu of %zu dashboards …", finished, count);
	message_say(message, message_paragraph(message), "⏳ %s", message->text);
}

void summary_message_unknown(struct message *message, const char *asked)
{
	message_init(message, TONE_NEUTRAL);
	message_text(message, "There is no summary \"%s\".", summary_page_clip(message, asked, NAME_SHOWN));
	message_say(message, message_paragraph(message),
	            "%s `summary` tells of the last day, `summary weekly` of the last seven.", message->text);
}

void summary_message_failure(struct message *message, enum summary_kind kind, const char *why)
{
	message_init(message, TONE_WARNING);
	message_text(message, "%s: %s", titles[kind], why);
	message_say(message, message_paragraph(message), "%s: %s", titles[kind], why);
}
