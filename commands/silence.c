/*
 * silence - nobody is to hear of an alarm, or of all whose names match a pattern, for a while. In an incident's thread
 * its own alarm is meant.
 */
#include "bot/silence.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bot/bot.h"
#include "bot/chat.h"
#include "bot/clock.h"
#include "bot/config.h"
#include "bot/mem.h"
#include "bot/zone.h"
#include "commands/answer.h"
#include "commands/deed.h"
#include "commands/respond.h"
#include "commands/silence_words.h"

#define DIGITS "0123456789"
#define ABOUT_MAX 200

/* Whose alarm is meant: *incident, NULL where it is a name or a pattern. False: *err says why it is neither. */
static bool find_incident(struct bot *bot, const struct deed *deed, const char *what, struct incident **incident,
                          struct err *err)
{
	*incident = NULL;
	if (what == NULL) {
		*incident = deed_thread(bot, deed);
		return *incident != NULL ||
		       err_set(err, ERR_USAGE, "Say which alarms: silence checkout-* 2h deploy, or say it in an "
		               "incident's thread.");
	}
	what += what[0] == '#' ? 1 : 0;
	if (what[strspn(what, DIGITS)] != '\0')
		return true;
	*incident = deed_numbered(bot, what, err);
	return *incident != NULL;
}

struct matching {
	const struct silence *silence;
	size_t count;
};

static void count_matching(void *arg, struct incident *incident)
{
	struct matching *matching = arg;

	if (incident_is_open(incident) && silence_is_for(matching->silence, &incident->alarm))
		matching->count++;
}

static void tell_several(struct bot *bot, struct deed *deed, const struct silence *silence)
{
	struct matching matching = { .silence = silence };
	struct mem mem = { 0 };

	incidents_each(bot->incidents, count_matching, &matching);
	deed_say(deed, mem_printf(&mem, "silenced alarms named %s until", silence->pattern), NULL, silence->until_ms,
	         silence->reason);
	mem_set_string(&deed->about,
	               mem_printf(&mem, "Silence %s · %zu open incident%s of such alarms now · it ends earlier with: "
	                                "unsilence %s",
	                          silence->id, matching.count, matching.count == 1 ? "" : "s", silence->id));
	mem_free_all(&mem);
}

static bool begin(struct bot *bot, struct deed *deed, const struct silence_words *words,
                  struct incident *incident, struct err *err)
{
	const struct silence draft = {
		.pattern = incident == NULL ? words->what : incident->alarm.name,
		.fingerprint = incident == NULL ? NULL : incident->fingerprint,
		.by = deed->origin.user,
		.reason = words->reason,
		.until_ms = words->until_ms,
	};
	const struct silence *silence;

	if (incident != NULL && draft.pattern == NULL)
		return err_set(err, ERR_REFUSED, "The alarm of incident %s has no name.", incident->id);
	silence = silences_add(bot->silences, &draft, err);
	if (silence == NULL)
		return false;
	mem_set_string(&deed->silence, silence->id);
	if (incident == NULL) {
		tell_several(bot, deed, silence);
	} else {
		deed_say(deed, "silenced it until", NULL, silence->until_ms, silence->reason);
		deed_tell(bot, deed, incident);
	}
	respond_to_silence(bot, silence);
	return true;
}

static bool silence(struct bot *bot, struct deed *deed, struct err *err)
{
	struct silence_words words = { 0 };
	struct incident *incident;
	struct zone *zone;
	bool is_read, has_begun;

	if (!deed_is_permitted(bot, deed, err))
		return false;
	zone = zone_load(bot->config->answers.timezone, err);
	if (zone == NULL)
		return false;
	is_read = silence_words_read(&words, deed->words == NULL ? "" : deed->words, zone, clock_wall_ms(), err);
	zone_free(zone);
	if (!is_read)
		return false;
	has_begun = find_incident(bot, deed, words.what, &incident, err) &&
	            begin(bot, deed, &words, incident, err);
	silence_words_free(&words);
	return has_begun;
}

bool silence_click(struct bot *bot, const struct chat_heard *heard, struct err *err)
{
	return deed_click(bot, heard, silence, err);
}

static enum flow_next do_silence(struct flow *flow)
{
	return deed_do(flow, silence);
}

static const struct flow_step steps[] = {
	{ "do", do_silence, NULL }, { "answer", deed_answer, answer_find }, { NULL, NULL, NULL },
};

static const struct flow_plan plan = {
	.name = "silence",
	.state_size = sizeof(struct deed),
	.fields = deed_fields,
	.steps = steps,
	.ended = answer_ended,
};

const struct command command_silence = {
	.name = "silence",
	.usage = "silence [alarm, pattern or incident] <2h or until 14:00> [reason]",
	.summary = "Nothing is said of these alarms for that long; what still fires then is announced",
	.parse = deed_parse,
	.plan = &plan,
};
