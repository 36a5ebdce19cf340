#include "commands/deed.h"

#include <stdlib.h>
#include <string.h>

#include "bot/bot.h"
#include "bot/chat.h"
#include "bot/incident_act.h"
#include "bot/mem.h"
#include "bot/message.h"
#include "bot/str.h"
#include "commands/announce.h"
#include "commands/answer.h"
#include "commands/issue.h"
#include "commands/permit.h"

#define BLANKS " \t\r\n"
#define DIGITS "0123456789"
#define ID_MAX 18
#define NAME_MAX_BYTES 120
#define REASON_MAX 1000 /* bytes */
#define REASON_CUT " … (the rest is cut)"

const struct field deed_fields[] = {
	ORIGIN_FIELDS(deed),
	FIELD(FIELD_BOOL, deed, clicked), FIELD(FIELD_STRING, deed, words), FIELD(FIELD_STRING, deed, failure),
	FIELD(FIELD_STRING, deed, what),  FIELD(FIELD_STRING, deed, whom),  FIELD(FIELD_STRING, deed, why),
	FIELD(FIELD_INT, deed, at_ms),    FIELD(FIELD_STRING, deed, about), FIELD(FIELD_STRING, deed, silence),
	FIELDS_END,
};

void deed_parse(void *state, const char *words)
{
	struct deed *deed = state;

	if (words[strspn(words, BLANKS)] != '\0')
		mem_set_string(&deed->words, words);
}

enum flow_next deed_do(struct flow *flow, deed_fn *fn)
{
	struct deed *deed = flow->state;
	struct err err;

	if (!fn(flow->bot, deed, &err))
		mem_set_string(&deed->failure, err.text);
	return FLOW_NEXT;
}

static struct incident_act act_of(const struct deed *deed)
{
	return (struct incident_act){
		.by = deed->origin.user, .what = deed->what, .whom = deed->whom, .at_ms = deed->at_ms, .why = deed->why,
	};
}

static void build_answer(struct message *message, const struct deed *deed)
{
	const struct incident_act act = act_of(deed);

	message_init(message, deed->failure == NULL ? TONE_NEUTRAL : TONE_WARNING);
	if (deed->failure != NULL) {
		message_text(message, "%s", deed->failure);
		message_say(message, message_paragraph(message), "⚠️ %s", deed->failure);
		return;
	}
	message_text(message, "%s: %s", deed->about == NULL ? "Done" : deed->about, deed->what);
	incident_act_say(message, message_paragraph(message), &act);
	if (deed->silence != NULL)
		message_action(message, "unsilence", "End the silence", deed->silence, STYLE_PLAIN, NULL);
	if (deed->about != NULL)
		message_say(message, message_context(message), "%s", deed->about);
}

enum flow_next deed_answer(struct flow *flow)
{
	struct message message;
	enum flow_next next;

	build_answer(&message, flow->state);
	next = answer_post(flow, &message);
	message_free(&message);
	return next;
}

bool deed_click(struct bot *bot, const struct chat_heard *heard, deed_fn *fn, struct err *err)
{
	struct deed deed = { .clicked = true };
	bool is_done;

	mem_set_string(&deed.origin.user, heard->user);
	mem_set_string(&deed.origin.channel, heard->channel);
	mem_set_string(&deed.origin.thread, heard->thread);
	mem_set_string(&deed.words, heard->text);
	is_done = fn(bot, &deed, err);
	fields_free(deed_fields, &deed);
	return is_done;
}

bool deed_is_permitted(struct bot *bot, const struct deed *deed, struct err *err)
{
	return permit_operator(bot, (struct permit_act){ deed->origin.user, deed->origin.channel }, err);
}

struct incident *deed_thread(struct bot *bot, const struct deed *deed)
{
	return incidents_find_message(bot->incidents, deed->origin.channel, deed->origin.thread);
}

/* "7" or "#7" in front of the words; false: there is none. *rest: what follows. */
static bool take_number(const char *words, char id[ID_MAX + 1], const char **rest)
{
	size_t length;

	words += *words == '#' ? 1 : 0;
	length = strspn(words, DIGITS);
	if (length == 0 || length > ID_MAX || (words[length] != '\0' && strchr(BLANKS, words[length]) == NULL))
		return false;
	memcpy(id, words, length);
	id[length] = '\0';
	*rest = words + length + strspn(words + length, BLANKS);
	return true;
}

struct only_open {
	struct incident *found;
	size_t count;
};

static void keep_open(void *arg, struct incident *incident)
{
	struct only_open *open = arg;

	if (!incident_is_open(incident))
		return;
	open->found = incident;
	open->count++;
}

static struct incident *only_open(struct bot *bot, struct err *err)
{
	struct only_open open = { 0 };

	incidents_each(bot->incidents, keep_open, &open);
	if (open.count == 1)
		return open.found;
	if (open.count == 0)
		(void)err_set(err, ERR_NOT_FOUND, "No incident is open.");
	else
		(void)err_set(err, ERR_USAGE, "%zu incidents are open: say the number of one, or say it in its "
		              "thread. `incidents` lists them.", open.count);
	return NULL;
}

struct incident *deed_numbered(struct bot *bot, const char *id, struct err *err)
{
	struct incident *named = incidents_find(bot->incidents, id);

	if (named != NULL && named->opened_ms != 0)
		return named;
	(void)err_set(err, ERR_NOT_FOUND, "I know no incident %s (any more). `incidents` lists them.", id);
	return NULL;
}

struct incident *deed_incident(struct bot *bot, const struct deed *deed, const char **rest, struct err *err)
{
	struct incident *here = deed_thread(bot, deed);
	const char *behind;
	char id[ID_MAX + 1];

	*rest = deed->words == NULL ? "" : deed->words + strspn(deed->words, BLANKS);
	if (take_number(*rest, id, &behind) && (deed->clicked || here == NULL || *behind == '\0')) {
		*rest = behind;
		return deed_numbered(bot, id, err);
	}
	return here != NULL ? here : only_open(bot, err);
}

/* It stands behind a few words in the thread, the issue and the answer. */
static void set_reason(struct deed *deed, const char *why)
{
	size_t length = why == NULL ? 0 : strlen(why), kept;
	struct str reason;

	mem_set_string(&deed->why, NULL);
	if (length == 0)
		return;
	kept = str_utf8_prefix(why, length, REASON_MAX);
	str_init(&reason, REASON_MAX + sizeof(REASON_CUT));
	str_add_bytes(&reason, why, kept);
	if (kept < length)
		str_add(&reason, REASON_CUT);
	deed->why = str_take(&reason);
}

void deed_say(struct deed *deed, const char *what, const char *whom, int64_t at_ms, const char *why)
{
	mem_set_string(&deed->what, what);
	mem_set_string(&deed->whom, whom);
	set_reason(deed, why);
	deed->at_ms = at_ms;
}

static void set_about(struct deed *deed, const struct incident *incident)
{
	const char *name = incident->alarm.name == NULL ? "unnamed alarm" : incident->alarm.name;
	struct str about;

	str_init(&about, NAME_MAX_BYTES * 2);
	str_addf(&about, "Incident %s · ", incident->id);
	str_add_bytes(&about, name, str_utf8_prefix(name, strlen(name), NAME_MAX_BYTES));
	free(deed->about);
	deed->about = str_take(&about);
}

void deed_tell(struct bot *bot, struct deed *deed, struct incident *incident)
{
	const struct incident_act act = act_of(deed);

	set_about(deed, incident);
	if (deed->clicked || deed_thread(bot, deed) != incident)
		incident_add_act(bot->incidents, incident, INCIDENT_THREAD, &act);
	issue_tell_act(bot, incident, &act);
	announce(bot, incident);
}
