#include "commands/announce.h"

#include <string.h>

#include "bot/bot.h"
#include "bot/card.h"
#include "bot/chat.h"
#include "bot/clock.h"
#include "bot/config.h"
#include "bot/incident.h"
#include "bot/journal.h"
#include "bot/log.h"
#include "bot/mem.h"
#include "bot/message.h"
#include "bot/metrics.h"
#include "bot/silence.h"
#include "commands/issue.h"
#include "commands/storm.h"

#define LINES_A_REPLY 20
#define EDIT_EVERY_MS 1000 /* the first change at once, those that follow by the second */
#define TRY_AGAIN_MS (5 * 60 * 1000) /* after a refusal that a person must mend */
#define TRIES_OF_A_TURN 8
#define LOOKS_OF_A_TURN 2 /* without an answer */

struct state {
	char *incident;   /* id */
	char *posted;     /* id of the message that the present step made */
	int64_t revision; /* of the incident in the post or edit under way */
	int64_t lines;    /* pending lines in the reply under way; 0: it is a post or an edit */
	int64_t skipped;  /* changes that the reply only counts */
};

static const struct field fields[] = {
	FIELD(FIELD_STRING, state, incident), FIELD(FIELD_STRING, state, posted),
	FIELD(FIELD_INT, state, revision),    FIELD(FIELD_INT, state, lines),
	FIELD(FIELD_INT, state, skipped),
	FIELDS_END,
};

static struct incident *incident_of(struct flow *flow)
{
	const struct state *s = flow->state;

	return incidents_find(flow->bot->incidents, s->incident);
}

static const char *card_key(struct flow *flow, const struct incident *incident)
{
	return mem_printf(&flow->mem, "%s.card%lld", incident->key, (long long)incident->cards);
}

static const char *reply_key(struct flow *flow, const struct incident *incident)
{
	return mem_printf(&flow->mem, "%s.%lld", incident->key, (long long)incident->replies);
}

static enum chat_priority priority_of(const struct incident *incident)
{
	return incident_is_open(incident) ? CHAT_URGENT : CHAT_NORMAL;
}

/* A refusal that a person must mend: the next try comes by itself. */
static enum flow_next wait(struct flow *flow)
{
	return flow_sleep(flow, TRY_AGAIN_MS, "look");
}

/* While it is hushed, changes wait for what a person did: then they stand before it. */
static bool may_reply(const struct incident *incident)
{
	if (!incident->hushed)
		return incident->pending.count > 0;
	for (size_t i = 0; i < incident->pending.count; i++)
		if (incident->pending.items[i].title != NULL)
			return true;
	return false;
}

/* Changes are one message together; a text that was put out has one of its own. */
static size_t lines_of_next_reply(const struct incident *incident)
{
	const struct incident_lines *lines = &incident->pending; /* at least one */
	size_t taken = 1;

	if (lines->items[0].title != NULL)
		return 1;
	while (taken < lines->count && taken < LINES_A_REPLY && lines->items[taken].title == NULL)
		taken++;
	return taken;
}

/* In ms as flow_sleep takes them: before the time scale. */
static int64_t too_early_by_ms(const struct incident *incident)
{
	int64_t next_ms = incident->edited_ms + clock_wait_ms(EDIT_EVERY_MS);
	int64_t left_ms = next_ms - clock_wall_ms();

	/* A clock that was set back must not hold an edit up. */
	return left_ms > clock_wait_ms(EDIT_EVERY_MS) ? 0 : (int64_t)((double)left_ms / clock_scale());
}

static enum flow_next edit_later(struct flow *flow, const struct incident *incident)
{
	if (incident->shown == incident->revision)
		return FLOW_DONE;
	return flow_sleep(flow, too_early_by_ms(incident), "look");
}

static enum flow_next look(struct flow *flow)
{
	struct state *s = flow->state;
	struct incident *incident = incident_of(flow);

	if (incident == NULL)
		return FLOW_DONE;
	mem_set_string(&s->posted, NULL);
	s->revision = s->lines = s->skipped = 0;
	if (incident->message == NULL)
		return !incident->hushed && storm_enter(flow->bot, incident) ? flow_goto(flow, "post") : FLOW_DONE;
	if (incident->shown != incident->revision && too_early_by_ms(incident) <= 0)
		return flow_goto(flow, "edit");
	if (may_reply(incident)) {
		if (!storm_enter(flow->bot, incident))
			return edit_later(flow, incident);
		s->lines = (int64_t)lines_of_next_reply(incident);
		s->skipped = (size_t)s->lines == incident->pending.count ? incident->pending_skipped : 0;
		return flow_goto(flow, "reply");
	}
	return edit_later(flow, incident);
}

static void build(struct message *message, struct flow *flow, const struct incident *incident)
{
	card_build(message, incident, silences_find(flow->bot->silences, &incident->alarm), flow->bot->config);
}

/* A post that fails again and again does not hold up the others, nor does one that nobody can look for. */
static void keep_turn(struct flow *flow, struct incident *incident)
{
	if (flow->tries < TRIES_OF_A_TURN && flow->unanswered < LOOKS_OF_A_TURN)
		storm_hold(flow->bot, incident);
	else
		storm_leave(flow->bot, incident);
}

static enum flow_next post(struct flow *flow)
{
	struct state *s = flow->state;
	struct incident *incident = incident_of(flow);
	struct message message;

	if (incident == NULL)
		return FLOW_DONE;
	struct chat_post args = {
		.channel = incident->channel,
		.key = card_key(flow, incident),
		.priority = priority_of(incident),
		.message = &message,
	};

	keep_turn(flow, incident);
	build(&message, flow, incident);
	s->revision = incident->revision;
	flow->bot->chat->ops->post(flow->bot->chat, &args, &s->posted, flow_wake(flow));
	message_free(&message);
	return FLOW_WAIT;
}

/* What was found may show an older revision: 0 makes the next look edit it. */
static enum flow_next find_post(struct flow *flow)
{
	struct state *s = flow->state;
	struct incident *incident = incident_of(flow);

	if (incident == NULL)
		return FLOW_DONE;
	s->revision = 0;
	keep_turn(flow, incident);
	flow->bot->chat->ops->find(flow->bot->chat, incident->channel, NULL, card_key(flow, incident),
	                           flow->intent_ms, &s->posted, flow_wake(flow));
	return FLOW_WAIT;
}

static enum flow_next posted(struct flow *flow)
{
	struct state *s = flow->state;
	struct incident *incident = incident_of(flow);

	if (incident == NULL)
		return FLOW_DONE;
	incident_set_message(flow->bot->incidents, incident, s->posted);
	incident->shown = s->revision;
	storm_leave(flow->bot, incident);
	issue_shown(flow->bot, incident);
	return flow_goto(flow, "look");
}

/* The card of a storm is edited before the incidents that have their messages. */
static enum chat_priority edit_priority_of(struct flow *flow, const struct incident *incident)
{
	return storm_is_on(flow->bot, incident->channel) ? CHAT_NORMAL : priority_of(incident);
}

static enum flow_next edit(struct flow *flow)
{
	struct state *s = flow->state;
	struct incident *incident = incident_of(flow);
	struct message message;

	if (incident == NULL || incident->message == NULL)
		return flow_goto(flow, "look");
	build(&message, flow, incident);
	s->revision = incident->revision;
	flow->bot->chat->ops->edit(flow->bot->chat, incident->channel, incident->message, &message,
	                           edit_priority_of(flow, incident), flow_wake(flow));
	message_free(&message);
	return FLOW_WAIT;
}

static enum flow_next edited(struct flow *flow)
{
	struct state *s = flow->state;
	struct incident *incident = incident_of(flow);

	if (incident == NULL)
		return FLOW_DONE;
	incident->shown = s->revision;
	incident->edited_ms = clock_wall_ms();
	incident_save(flow->bot->incidents, incident);
	return flow_goto(flow, "look");
}

static bool any_loud(const struct incident *incident, int64_t lines)
{
	for (size_t i = 0; i < (size_t)lines && i < incident->pending.count; i++)
		if (incident->pending.items[i].loud)
			return true;
	return false;
}

static enum flow_next reply(struct flow *flow)
{
	struct state *s = flow->state;
	struct incident *incident = incident_of(flow);
	struct message message;

	if (incident == NULL)
		return FLOW_DONE;
	struct chat_post args = {
		.channel = incident->channel,
		.thread = incident->message,
		.broadcast = !incident->hushed && any_loud(incident, s->lines),
		.key = reply_key(flow, incident),
		.priority = CHAT_NORMAL,
		.message = &message,
	};

	keep_turn(flow, incident);
	card_build_thread(&message, incident, (size_t)s->lines, s->skipped);
	flow->bot->chat->ops->post(flow->bot->chat, &args, &s->posted, flow_wake(flow));
	message_free(&message);
	return FLOW_WAIT;
}

static enum flow_next find_reply(struct flow *flow)
{
	struct state *s = flow->state;
	struct incident *incident = incident_of(flow);

	if (incident == NULL)
		return FLOW_DONE;
	keep_turn(flow, incident);
	flow->bot->chat->ops->find(flow->bot->chat, incident->channel, incident->message,
	                           reply_key(flow, incident), flow->intent_ms, &s->posted, flow_wake(flow));
	return FLOW_WAIT;
}

static enum flow_next replied(struct flow *flow)
{
	struct state *s = flow->state;
	struct incident *incident = incident_of(flow);

	if (incident == NULL)
		return FLOW_DONE;
	incident->pending_skipped -= s->skipped;
	incident_drop_lines(flow->bot->incidents, incident, INCIDENT_THREAD, (size_t)s->lines);
	incident->replies++;
	incident_save(flow->bot->incidents, incident);
	storm_leave(flow->bot, incident);
	return flow_goto(flow, "look");
}

static const struct flow_step steps[] = {
	{ "look", look, NULL },
	{ "wait", wait, NULL },
	{ "post", post, find_post },
	{ "posted", posted, NULL },
	{ "edit", edit, NULL },
	{ "edited", edited, NULL },
	{ "reply", reply, find_reply },
	{ "replied", replied, NULL },
	{ NULL, NULL, NULL },
};

static void launch(struct bot *bot, struct incident *incident, const char *step)
{
	struct flow *flow = flow_new(bot->flows, &announce_plan);
	struct state *s = flow->state;

	mem_set_string(&s->incident, incident->id);
	mem_set_string(&incident->flow, flow->id);
	incident_save(bot->incidents, incident);
	flow_start_at(flow, step);
}

static bool any_loud_left(const struct incident *incident)
{
	return any_loud(incident, (int64_t)incident->pending.count);
}

/* Its message cannot be edited or answered any more (deleted, too old, channel archived...). */
static void after_lost_message(struct bot *bot, struct incident *incident, const struct state *s)
{
	if (incident_is_open(incident) || any_loud_left(incident)) {
		incident_set_message(bot->incidents, incident, NULL);
		incident->shown = 0;
		incident->linked = false; /* the issue's link led to the lost one */
		incident->cards++;
		launch(bot, incident, "look");
		return;
	}
	/* It is over, and somebody put its message away: what is left to say is not worth a new one. */
	incident->shown = incident->revision;
	incident_drop_lines(bot->incidents, incident, INCIDENT_THREAD, (size_t)s->lines);
	launch(bot, incident, "look");
}

/* Refused for good. A route's channel that refuses is replaced by the default one; when that one
 * refuses as well, a person must mend it, and it is tried again from time to time. */
static void after_refusal(struct flow *flow, struct incident *incident, const struct err *err)
{
	struct bot *bot = flow->bot;

	metrics_count("tocsin_announce_refused_total", NULL, NULL);
	log_event(LOG_ERROR, "incident.cannot_be_shown", "incident", incident->id, "channel",
	          incident->channel, "why", err->text, NULL);
	if (incident->message != NULL) {
		after_lost_message(bot, incident, flow->state);
	} else if (strcmp(incident->channel, bot->config->slack.channel) != 0) {
		mem_set_string(&incident->channel, bot->config->slack.channel);
		launch(bot, incident, "look");
	} else {
		launch(bot, incident, "wait");
	}
}

static void ended(struct flow *flow, const struct err *err)
{
	struct incident *incident = incident_of(flow);

	if (incident == NULL || incident->flow == NULL || strcmp(incident->flow, flow->id) != 0)
		return;
	mem_set_string(&incident->flow, NULL);
	storm_leave(flow->bot, incident);
	if (err != NULL && err->kind != ERR_CANCELLED) {
		after_refusal(flow, incident, err);
		return;
	}
	incident_save(flow->bot->incidents, incident);
	/* It waits for its turn, which may have come meanwhile. */
	if (err == NULL && !incident->is_waiting && (incident->message == NULL || may_reply(incident)))
		announce(flow->bot, incident);
}

const struct flow_plan announce_plan = {
	.name = "announce",
	.state_size = sizeof(struct state),
	.fields = fields,
	.steps = steps,
	.ended = ended,
};

void announce(struct bot *bot, struct incident *incident)
{
	if (incident->flow != NULL || (incident->message == NULL && incident->hushed))
		return;
	/* Straight to the post, so that its intent is in the commit of the alarm itself. */
	if (incident->message != NULL)
		launch(bot, incident, "look");
	else if (storm_enter(bot, incident))
		launch(bot, incident, "post");
}

char *announce_url(struct bot *bot, const struct incident *incident)
{
	if (incident->message == NULL)
		return NULL;
	return bot->chat->ops->permalink(bot->chat, incident->channel, incident->message);
}

static void announce_if_waiting(void *arg, struct incident *incident)
{
	struct bot *bot = arg;

	if (incident->opened_ms == 0 || (incident->flow != NULL && flow_find(bot->flows, incident->flow) != NULL))
		return;
	if (incident->flow == NULL && (incident->message == NULL
	                                       ? incident->hushed
	                                       : incident->shown == incident->revision && !may_reply(incident)))
		return;
	mem_set_string(&incident->flow, NULL);
	announce(bot, incident);
}

void announce_all_waiting(struct bot *bot)
{
	incidents_each(bot->incidents, announce_if_waiting, bot);
	journal_commit(bot->journal, (struct done){ NULL, NULL });
}
