#include "bot/card.h"

#include <stdlib.h>
#include <string.h>

#include "bot/alarm.h"
#include "bot/clock.h"
#include "bot/config.h"
#include "bot/incident.h"
#include "bot/incident_act.h"
#include "bot/json.h"
#include "bot/mem.h"
#include "bot/message.h"
#include "bot/runbook.h"
#include "bot/silence.h"
#include "bot/str.h"

#define NAME_MAX_BYTES 120 /* of an alarm's name in the headline; the whole name is in the thread */

static enum message_tone tone_of(const struct incident *incident, const struct silence *silence)
{
	if (!incident_is_open(incident))
		return TONE_RESOLVED;
	if (incident->holder != NULL)
		return TONE_ACKNOWLEDGED;
	if (silence != NULL)
		return TONE_SILENCED;
	return strcmp(incident->state, INCIDENT_NO_DATA) == 0 ? TONE_NO_DATA : TONE_FIRING;
}

static const char *word_of(const char *state)
{
	if (strcmp(state, INCIDENT_RESOLVED) == 0)
		return "RESOLVED";
	return strcmp(state, INCIDENT_NO_DATA) == 0 ? "NO DATA" : "ALARM";
}

static const char *shortened(struct mem *mem, const char *text, size_t max)
{
	size_t length = strlen(text), kept = str_utf8_prefix(text, length, max);
	char *cut = mem_copy_bytes(text, kept);

	mem_adopt(mem, cut);
	return kept == length ? cut : mem_printf(mem, "%s…", cut);
}

static const char *place(struct mem *mem, const struct alarm *alarm, const struct config *config)
{
	const char *account = alarm->account == NULL ? "unknown account"
	                                             : config_account_name(config, alarm->account);

	return mem_printf(mem, "%s/%s", account, alarm->region == NULL ? "unknown region" : alarm->region);
}

static const char *duration(struct mem *mem, int64_t ms)
{
	char text[CLOCK_TEXT_SIZE];

	clock_format_duration(ms, text);
	return mem_strdup(mem, text);
}

/* "A → B" for the value of a Dimensions object: InstanceId=i-1, Path=/ */
struct dimension_line {
	struct message *message;
	struct message_line *line;
	size_t count;
};

static bool add_dimension(void *arg, const char *key, struct json_object *value)
{
	struct dimension_line *d = arg;
	const char *text = json_text(value, "");

	message_say(d->message, d->line, "%s%s ", d->count++ == 0 ? "" : ", ", key);
	message_inline_code(d->message, d->line, text == NULL ? "?" : text);
	return d->count < 10;
}

static void add_resource(struct message *message, const struct alarm *alarm)
{
	struct dimension_line d = { .message = message };

	if (json_count(alarm->dimensions) == 0)
		return;
	d.line = message_field(message, "Resource");
	json_each(alarm->dimensions, add_dimension, &d);
}

static void add_children(struct message *message, const struct alarm *alarm)
{
	struct message_line *line;
	size_t count = json_count(alarm->children);

	if (count == 0)
		return;
	line = message_field(message, "Triggered by");
	for (size_t i = 0; i < count; i++) {
		const char *arn = json_string(json_at(alarm->children, i), "arn");
		const char *name = arn == NULL ? NULL : strstr(arn, ":alarm:");

		message_say(message, line, "%s", i == 0 ? "" : ", ");
		message_inline_code(message, line, name != NULL ? name + strlen(":alarm:") : arn == NULL ? "?" : arn);
	}
}

static void add_times(struct message *message, const struct incident *incident)
{
	struct message_line *line = message_field(message, incident_is_open(incident) ? "Since" : "Fired");

	message_time(message, line, incident->fired_ms);
	if (incident->fired_ms != incident->opened_ms) {
		message_say(message, line, ", first ");
		message_time(message, line, incident->opened_ms);
	}
	if (incident_is_open(incident))
		return;
	line = message_field(message, "Resolved");
	message_time(message, line, incident->resolved_ms);
	message_say(message, line, " after %s", duration(&message->mem, incident->resolved_ms - incident->fired_ms));
	if (incident->resolved_by != NULL) {
		message_say(message, line, ", by ");
		message_person(message, line, incident->resolved_by);
	} else if (incident->decided_by == NULL) { /* else the proposal's line tells who did what */
		message_say(message, line, ", by the alarm itself");
	}
}

/* Who looks after it, and whether anybody is to hear of it. */
static void add_attention(struct message *message, const struct incident *incident, const struct silence *silence)
{
	struct message_line *line;

	if (incident->holder != NULL) {
		line = message_field(message, "Acknowledged");
		message_person(message, line, incident->holder);
		message_say(message, line, " has it since ");
		message_time(message, line, incident->held_ms);
	}
	if (silence != NULL) {
		line = message_field(message, "Silenced");
		message_say(message, line, "until ");
		message_time(message, line, silence->until_ms);
		message_say(message, line, " by ");
		message_person(message, line, silence->by);
		if (silence->reason != NULL)
			message_say(message, line, ": %s", silence->reason);
	}
}

static void add_history(struct message *message, const struct incident *incident)
{
	if (incident->changes > 2) {
		struct message_line *line = message_field(message, "Flapping");

		message_say(message, line, "%lld state changes", (long long)incident->changes);
		if (incident->reopened > 0)
			message_say(message, line, ", fired again %lld time%s", (long long)incident->reopened,
			            incident->reopened == 1 ? "" : "s");
	}
	if (incident->late) {
		struct message_line *line = message_field(message, "Late");

		message_say(message, line, "this alarm reached me long after it happened; nothing was run by itself");
	}
}

static const char *symbol_of(const struct incident_stage *stage)
{
	if (incident_stage_is(stage, STAGE_DONE))
		return "✅";
	if (incident_stage_is(stage, STAGE_FAILED))
		return "⚠️";
	return incident_stage_is(stage, STAGE_SKIPPED) ? "➖" : "⏳";
}

static void add_stage(struct message *message, const char *name, const struct incident_stage *stage,
                      const struct incident *incident)
{
	struct message_line *line;

	if (stage->state == NULL)
		return;
	line = message_field(message, name);
	message_say(message, line, "%s ", symbol_of(stage));
	if (stage == &incident->issue && incident->issue_key != NULL) {
		message_link(message, line, incident->issue_url, incident->issue_key);
		message_say(message, line, stage->note[0] == '\0' ? "" : "  ");
	}
	message_say(message, line, "%s", stage->note);
}

static void add_decision(struct message *message, const struct incident *incident)
{
	struct message_line *line;

	if (incident->proposed == NULL)
		return;
	line = message_field(message, "Proposal");
	message_say(message, line, "%s", incident->proposed);
	if (incident->decision == NULL)
		return;
	message_say(message, line, "  %s", incident->decision);
	if (incident->decided_by != NULL) {
		message_say(message, line, " by ");
		message_person(message, line, incident->decided_by);
	}
}

static void add_silence_menu(struct message *message, const struct incident *incident,
                             const struct silence *silence, const struct config *config)
{
	const char *zone = config->answers.timezone;
	const struct message_choice choices[] = {
		{ "for 1 hour", mem_printf(&message->mem, "%s 1h", incident->id) },
		{ "for 4 hours", mem_printf(&message->mem, "%s 4h", incident->id) },
		{ mem_printf(&message->mem, "until tomorrow 09:00 %s", zone == NULL ? "" : zone),
		  mem_printf(&message->mem, "%s tomorrow", incident->id) },
	};

	if (silence != NULL) {
		message_action(message, "unsilence", "End the silence", silence->id, STYLE_PLAIN, NULL);
		return;
	}
	message_menu(message, "silence", "Silence…", choices, sizeof(choices) / sizeof(choices[0]), NULL);
}

/* Who looks after it; whoever presses takes it over. */
static void add_attention_buttons(struct message *message, const struct incident *incident,
                                  const struct silence *silence, const struct config *config)
{
	bool held = incident->holder != NULL;

	if (!incident_is_open(incident))
		return;
	message_action(message, "ack", held ? "Take over" : "Acknowledge", incident->id,
	               held || incident->proposal != NULL ? STYLE_PLAIN : STYLE_PRIMARY, NULL);
	add_silence_menu(message, incident, silence, config);
}

/* Below three dots: seldom needed, and not to be pressed by mistake. */
static void add_resolve_menu(struct message *message, const struct incident *incident)
{
	const struct message_choice choice = { "Mark as resolved", incident->id };

	if (incident_is_open(incident))
		message_menu(message, "resolve", NULL, &choice, 1,
		             "For alarms that will not say OK any more. If it fires again, it is open again.");
}

/* What a person can do next, and nothing else. */
static void add_buttons(struct message *message, const struct incident *incident,
                        const struct silence *silence, const struct config *config)
{
	if (incident->proposal != NULL) {
		message_action(message, "approve", "Approve", incident->proposal, STYLE_PRIMARY, incident->proposed);
		message_action(message, "reject", "Reject", incident->proposal, STYLE_PLAIN, NULL);
	}
	add_attention_buttons(message, incident, silence, config);
	if (incident_is_open(incident) && incident->run == NULL && incident_stage_is_over(&incident->diagnosis) &&
	    runbook_instance_of(&incident->alarm) != NULL)
		message_action(message, "diagnose", "Diagnose again", incident->id, STYLE_PLAIN, NULL);
	if (incident_stage_is(&incident->issue, STAGE_FAILED))
		message_action(message, "ticket", "Try the ticket again", incident->id, STYLE_PLAIN, NULL);
	add_resolve_menu(message, incident);
}

/* Its chart, as soon as there is one; or why there is none. */
static void add_image(struct message *message, const struct incident *incident)
{
	const char *alt = incident->image_alt == NULL ? "chart" : incident->image_alt;

	if (incident->image_trouble != NULL)
		message_say(message, message_field(message, "Chart"), "⚠️ %s: %s",
		            incident->image == NULL ? "none" : "no newer one than below", incident->image_trouble);
	if (incident->image != NULL)
		message_image(message, incident->image, NULL, alt);
}

static void add_response(struct message *message, const struct incident *incident,
                         const struct silence *silence, const struct config *config)
{
	add_stage(message, "Diagnosis", &incident->diagnosis, incident);
	add_stage(message, "Ticket", &incident->issue, incident);
	add_stage(message, "Mail", &incident->mail, incident);
	add_decision(message, incident);
	add_image(message, incident);
	add_buttons(message, incident, silence, config);
}

static void add_small_print(struct message *message, const struct incident *incident)
{
	struct message_line *line = message_context(message);
	char *url = alarm_console_url(&incident->alarm);

	message_say(message, line, "Incident %s", incident->id);
	if (incident->alarm.via != NULL)
		message_say(message, line, " · by %s", incident->alarm.via);
	if (url != NULL) {
		message_say(message, line, " · ");
		message_link(message, line, url, "CloudWatch console");
	}
	free(url);
}

void card_build(struct message *message, const struct incident *incident, const struct silence *silence,
                const struct config *config)
{
	const struct alarm *alarm = &incident->alarm;
	const char *word = word_of(incident->state), *name, *where;
	char *condition = alarm_condition(alarm);
	char since[CLOCK_TEXT_SIZE];

	message_init(message, tone_of(incident, silence));
	name = shortened(&message->mem, alarm->name == NULL ? "unnamed alarm" : alarm->name, NAME_MAX_BYTES);
	where = place(&message->mem, alarm, config);
	clock_format_iso(incident->fired_ms, since);
	if (incident_is_open(incident)) {
		message_headline(message, "%s  %s  %s", word, name, where);
		message_text(message, "%s: %s in %s since %s. %s", word, name, where, since,
		             condition == NULL ? "" : condition);
	} else {
		const char *lasted = duration(&message->mem, incident->resolved_ms - incident->fired_ms);

		message_headline(message, "%s  %s  %s  after %s", word, name, where, lasted);
		message_text(message, "%s: %s in %s after %s (fired %s).", word, name, where, lasted, since);
	}
	if (condition != NULL)
		message_say(message, message_field(message, incident_is_open(incident) ? "Why" : "Now"), "%s",
		            shortened(&message->mem, condition, 600));
	add_times(message, incident);
	if (incident_is_open(incident)) {
		add_attention(message, incident, silence);
		add_resource(message, alarm);
		add_children(message, alarm);
		if (alarm->description != NULL && alarm->description[0] != '\0')
			message_say(message, message_field(message, "About"), "%s",
			            shortened(&message->mem, alarm->description, 600));
		if (alarm->suppressed_by != NULL)
			message_say(message, message_field(message, "Suppressed"), "%s", alarm->suppressed_by);
	}
	add_history(message, incident);
	add_response(message, incident, silence, config);
	add_small_print(message, incident);
	free(condition);
}

static void add_thread_line(struct message *message, const struct incident_line *change)
{
	struct message_line *line = message_paragraph(message);

	message_time(message, line, change->at_ms);
	message_say(message, line, "  ");
	if (change->old_state != NULL)
		message_say(message, line, "%s → ", alarm_state_word(change->old_state));
	message_bold(message, line, alarm_state_word(change->state));
	if (change->late)
		message_say(message, line, " (arrived late)");
	if (change->reason != NULL)
		message_say(message, line, "  %s", change->reason);
}

/* What was run, and what came of it; what a person did. */
static void build_output(struct message *message, const struct incident_line *line, const char *name)
{
	const struct incident_act act = incident_act_of(line);

	message_init(message, TONE_NEUTRAL);
	if (act.by != NULL || act.loud)
		message_text(message, "%s: %s", name, act.what);
	else
		message_text(message, "%s", act.what);
	if (act.loud)
		message_headline(message, "STILL FIRING  %s", name);
	incident_act_say(message, message_paragraph(message), &act);
	if (line->code != NULL)
		message_code(message, line->code);
}

void card_build_thread(struct message *message, const struct incident *incident, size_t count,
                       int64_t skipped)
{
	const struct incident_lines *lines = &incident->pending;
	const char *name = incident->alarm.name == NULL ? "unnamed alarm" : incident->alarm.name;
	bool loud = false;

	if (count > lines->count)
		count = lines->count;
	if (count > 0 && lines->items[0].title != NULL) {
		build_output(message, &lines->items[0], name);
		return;
	}
	message_init(message, TONE_NEUTRAL);
	for (size_t i = 0; i < count; i++)
		loud = loud || lines->items[i].loud;
	name = shortened(&message->mem, name, NAME_MAX_BYTES);
	/* What it is now is the incident's to say: the lines may be old news. */
	message_text(message, "%s: %s, %zu change%s; it is %s now.", loud ? "Fired again" : "History", name,
	             count, count == 1 ? "" : "s", word_of(incident->state));
	if (loud)
		message_headline(message, "FIRED AGAIN  %s", name);
	for (size_t i = 0; i < count; i++)
		add_thread_line(message, &lines->items[i]);
	if (skipped > 0)
		message_say(message, message_context(message), "and %lld more changes, too many to list",
		            (long long)skipped);
}

/* "7 firing, 2 without data, 1 over already" */
static void say_waiting(struct message *message, struct message_line *line, const struct card_storm *storm)
{
	const char *const words[CARD_RANKS] = { "firing", "without data", "over already" };
	size_t said = 0;

	for (size_t rank = 0; rank < CARD_RANKS; rank++)
		if (storm->waiting[rank] > 0)
			message_say(message, line, "%s%zu %s", said++ > 0 ? ", " : "", storm->waiting[rank],
			            words[rank]);
}

static void say_named(struct message *message, const struct card_storm *storm, size_t all,
                      const struct config *config)
{
	for (size_t i = 0; i < storm->named_count; i++) {
		const struct alarm *alarm = &storm->named[i]->alarm;
		struct message_line *line = message_paragraph(message);

		message_bold(message, line, word_of(storm->named[i]->state));
		message_say(message, line, "  %s  %s · incident %s",
		            shortened(&message->mem, alarm->name == NULL ? "unnamed alarm" : alarm->name,
		                      NAME_MAX_BYTES),
		            place(&message->mem, alarm, config), storm->named[i]->id);
	}
	if (all > storm->named_count)
		message_say(message, message_paragraph(message), "and %zu more", all - storm->named_count);
}

static void build_storm_over(struct message *message, const struct card_storm *storm)
{
	struct message_line *line;

	message_init(message, TONE_RESOLVED);
	message_headline(message, "Many alarms at once: all are posted");
	message_text(message, "All alarms of this channel have their messages now.");
	line = message_paragraph(message);
	message_say(message, line, "Each has its message. At most %zu waited at one time, since ", storm->most);
	message_time(message, line, storm->since_ms);
}

void card_build_storm(struct message *message, const struct card_storm *storm, const struct config *config)
{
	size_t all = storm->waiting[CARD_FIRING] + storm->waiting[CARD_NO_DATA] + storm->waiting[CARD_OVER];

	if (all == 0) {
		build_storm_over(message, storm);
		return;
	}
	message_init(message, TONE_WARNING);
	message_headline(message, "Many alarms at once: %zu %s message", all,
	                 all == 1 ? "waits for its" : "wait for their");
	message_text(message, "%zu %s message here: the chat takes about one a second.", all,
	             all == 1 ? "alarm waits for its" : "alarms wait for their");
	say_waiting(message, message_field(message, "Waiting"), storm);
	message_say(message, message_field(message, "Takes"), "about %s, one message a second",
	            duration(&message->mem, (int64_t)all * 1000));
	say_named(message, storm, all, config);
	message_say(message, message_context(message), "Nothing is lost: each gets its message, those that fire "
	                                               "first. incidents lists what is open.");
}

static enum message_tone tone_of_severity(const char *severity)
{
	if (severity != NULL && strcmp(severity, "critical") == 0)
		return TONE_FIRING;
	return severity != NULL && strcmp(severity, "warning") == 0 ? TONE_WARNING : TONE_NEUTRAL;
}

void card_build_notice(struct message *message, const struct notice *notice, const struct config *config)
{
	struct message_line *line;
	const char *title;

	message_init(message, tone_of_severity(notice->severity));
	title = shortened(&message->mem, notice->title == NULL ? "Message" : notice->title, NAME_MAX_BYTES);
	message_headline(message, "%s", title);
	message_text(message, "%s: %s", notice->source == NULL ? "AWS" : notice->source, title);
	if (notice->text != NULL)
		message_say(message, message_paragraph(message), "%s", notice->text);
	for (size_t i = 0; i < json_count(notice->details) && i < 12; i++) {
		struct json_object *detail = json_at(notice->details, i);
		const char *name = json_string(detail, "name"), *value = json_string(detail, "value");

		if (name != NULL && value != NULL)
			message_say(message, message_field(message, name), "%s", value);
	}
	if (notice->raw != NULL)
		message_code(message, notice->raw);
	line = message_context(message);
	message_say(message, line, "%s", notice->source == NULL ? "AWS" : notice->source);
	if (notice->account != NULL)
		message_say(message, line, " · %s", config_account_name(config, notice->account));
	if (notice->region != NULL)
		message_say(message, line, "/%s", notice->region);
	if (notice->at_ms != 0) {
		message_say(message, line, " · ");
		message_time(message, line, notice->at_ms);
	}
	if (notice->late)
		message_say(message, line, " · late: this reached me long after it was sent");
}
