#include "commands/storm.h"

#include <stdlib.h>
#include <string.h>

#include "bot/bot.h"
#include "bot/card.h"
#include "bot/chat.h"
#include "bot/clock.h"
#include "bot/incident.h"
#include "bot/log.h"
#include "bot/mem.h"
#include "bot/message.h"
#include "bot/metrics.h"
#include "commands/announce.h"

#define TURNS 4          /* at a time in one channel: a burst of three, and one that waits in Slack's queue */
#define CARD_FROM 8      /* so many wait: it takes as many seconds until the last of them is seen */
#define EDIT_EVERY_MS 3000
#define LINGER_MS 30000  /* nobody waits any more: what comes so soon is told by the same card */
#define TRY_AGAIN_MS (5 * 60 * 1000) /* after a card that was refused */

/* After all first messages come the lines of threads. */
enum { RANK_LINES = CARD_RANKS, RANKS };

struct queue {
	struct incident *first, *last;
};

struct storm_channel {
	struct storm_channel *next;
	char *name;
	size_t turns;
	size_t posting; /* of these, with a first message */
	size_t waiting; /* for a first message: what the card tells */
	struct queue queues[RANKS]; /* in the order of arrival; by what they were when they came */
	bool has_card;         /* its flow is at work */
	int64_t no_card_until_ms; /* monotonic */
};

struct storm {
	struct storm_channel *channels; /* as many as routes name: never forgotten */
	size_t waiting;
};

/* --- who waits --- */

static struct storm_channel *find_channel(const struct storm *storm, const char *name)
{
	struct storm_channel *channel = storm->channels;

	while (channel != NULL && (name == NULL || strcmp(channel->name, name) != 0))
		channel = channel->next;
	return channel;
}

static struct storm_channel *need_channel(struct storm *storm, const char *name)
{
	struct storm_channel *channel = find_channel(storm, name);

	if (channel != NULL)
		return channel;
	channel = mem_alloc(sizeof(*channel));
	channel->name = mem_copy_string(name);
	channel->next = storm->channels;
	storm->channels = channel;
	return channel;
}

static void count_waiting(struct storm *storm, struct storm_channel *channel, int change)
{
	channel->waiting += (size_t)change;
	storm->waiting += (size_t)change;
	metrics_gauge("tocsin_storm_waiting", NULL, NULL, (int64_t)storm->waiting);
}

/* What is told first, 0 before all others. */
static size_t rank_of(const struct incident *incident)
{
	if (incident->message != NULL)
		return RANK_LINES;
	if (!incident_is_open(incident))
		return CARD_OVER;
	return strcmp(incident->state, INCIDENT_NO_DATA) == 0 ? CARD_NO_DATA : CARD_FIRING;
}

static void append(struct storm *storm, struct storm_channel *channel, struct incident *incident)
{
	struct queue *queue = &channel->queues[rank_of(incident)];

	incident->is_waiting = true;
	incident->next_waiting = NULL;
	if (queue->last == NULL)
		queue->first = incident;
	else
		queue->last->next_waiting = incident;
	queue->last = incident;
	if (incident->message == NULL)
		count_waiting(storm, channel, 1);
}

static struct incident *take_first(struct storm *storm, struct storm_channel *channel, size_t rank)
{
	struct queue *queue = &channel->queues[rank];
	struct incident *incident = queue->first;

	queue->first = incident->next_waiting;
	if (queue->first == NULL)
		queue->last = NULL;
	incident->next_waiting = NULL;
	incident->is_waiting = false;
	if (rank != RANK_LINES)
		count_waiting(storm, channel, -1);
	return incident;
}

/* The most pressing one, the oldest of its kind; NULL: nobody waits. What has changed since it came goes to where it
 * belongs first. */
static struct incident *take_next(struct storm *storm, struct storm_channel *channel)
{
	size_t rank = 0;

	while (rank < RANKS) {
		struct incident *incident;

		if (channel->queues[rank].first == NULL) {
			rank++;
			continue;
		}
		incident = take_first(storm, channel, rank);
		if (rank_of(incident) == rank)
			return incident;
		append(storm, channel, incident);
		rank = 0;
	}
	return NULL;
}

/* --- the card --- */

struct state {
	char *channel;
	char *message; /* id of the card */
	int64_t left;  /* waiting when it was last shown */
	int64_t most;  /* at any time since it is there */
};

static const struct field fields[] = {
	FIELD(FIELD_STRING, state, channel), FIELD(FIELD_STRING, state, message), FIELD(FIELD_INT, state, left),
	FIELD(FIELD_INT, state, most),       FIELDS_END,
};

/* Counts those of this kind, wherever they stand, or names the newest that there is room for. */
static void view_rank(struct card_storm *view, const struct storm_channel *channel, size_t rank, bool name)
{
	size_t room = CARD_STORM_NAMES - view->named_count, others = view->waiting[rank];

	for (size_t queue = 0; queue < RANK_LINES; queue++)
		for (const struct incident *i = channel->queues[queue].first; i != NULL; i = i->next_waiting) {
			if (rank_of(i) != rank)
				continue;
			if (!name)
				view->waiting[rank]++;
			else if (others-- <= room)
				view->named[view->named_count++] = i;
		}
}

/* Also notes in the state what is shown. */
static void build(struct flow *flow, struct message *message)
{
	struct state *s = flow->state;
	const struct storm_channel *channel = find_channel(flow->bot->storm, s->channel);
	struct card_storm view = { .since_ms = flow->started_ms };

	s->left = channel == NULL ? 0 : (int64_t)channel->waiting;
	if (s->left > s->most)
		s->most = s->left;
	view.most = (size_t)s->most;
	for (size_t rank = 0; channel != NULL && rank < CARD_RANKS; rank++) {
		view_rank(&view, channel, rank, false);
		view_rank(&view, channel, rank, true);
	}
	card_build_storm(message, &view, flow->bot->config);
}

static enum flow_next post(struct flow *flow)
{
	struct state *s = flow->state;
	struct message message;
	struct chat_post args = {
		.channel = s->channel,
		.key = flow_key(flow, 0),
		.priority = CHAT_URGENT,
		.message = &message,
	};

	if (s->channel == NULL) /* its document is damaged */
		return FLOW_DONE;
	build(flow, &message);
	flow->bot->chat->ops->post(flow->bot->chat, &args, &s->message, flow_wake(flow));
	message_free(&message);
	return FLOW_WAIT;
}

static enum flow_next find(struct flow *flow)
{
	struct state *s = flow->state;

	if (s->channel == NULL)
		return FLOW_DONE;
	s->left = 1; /* whatever it says, it is edited */
	flow->bot->chat->ops->find(flow->bot->chat, s->channel, NULL, flow_key(flow, 0), flow->intent_ms, &s->message,
	                           flow_wake(flow));
	return FLOW_WAIT;
}

static enum flow_next rest(struct flow *flow)
{
	const struct state *s = flow->state;

	return flow_sleep(flow, s->left == 0 ? LINGER_MS : EDIT_EVERY_MS, "look");
}

static enum flow_next look(struct flow *flow)
{
	const struct state *s = flow->state;
	const struct storm_channel *channel = find_channel(flow->bot->storm, s->channel);

	if (channel != NULL && channel->waiting == 0 && channel->posting > 0) /* the last ones are being posted */
		return flow_sleep(flow, EDIT_EVERY_MS, "look");
	return s->left == 0 && !storm_is_on(flow->bot, s->channel) ? FLOW_DONE : flow_goto(flow, "edit");
}

static enum flow_next edit(struct flow *flow)
{
	struct state *s = flow->state;
	struct message message;

	if (s->channel == NULL)
		return FLOW_DONE;
	build(flow, &message);
	flow->bot->chat->ops->edit(flow->bot->chat, s->channel, s->message, &message, CHAT_URGENT, flow_wake(flow));
	message_free(&message);
	return FLOW_WAIT;
}

static enum flow_next edited(struct flow *flow)
{
	return flow_goto(flow, "rest");
}

static const struct flow_step steps[] = {
	{ "post", post, find },
	{ "rest", rest, NULL },
	{ "look", look, NULL },
	{ "edit", edit, NULL },
	{ "edited", edited, NULL },
	{ NULL, NULL, NULL },
};

/* A card that is refused (deleted, the channel archived) is not forced upon anybody; the incidents go on. */
static void ended(struct flow *flow, const struct err *err)
{
	const struct state *s = flow->state;
	struct storm_channel *channel;

	if (s->channel == NULL)
		return;
	channel = need_channel(flow->bot->storm, s->channel);
	channel->has_card = false;
	if (err == NULL || err->kind == ERR_CANCELLED)
		return;
	channel->no_card_until_ms = clock_mono_ms() + clock_wait_ms(TRY_AGAIN_MS);
	log_event(LOG_WARN, "storm.card_refused", "channel", s->channel, "why", err->text, NULL);
}

const struct flow_plan storm_plan = {
	.name = "storm",
	.state_size = sizeof(struct state),
	.fields = fields,
	.steps = steps,
	.ended = ended,
};

static void note_card(void *arg, struct flow *flow)
{
	struct storm_channel *channel = arg;
	const struct state *s = flow->state;

	if (s->channel != NULL && strcmp(s->channel, channel->name) == 0)
		channel->has_card = true;
}

static void show_card(struct bot *bot, struct storm_channel *channel)
{
	struct flow *flow;

	if (channel->has_card || channel->waiting < CARD_FROM || clock_mono_ms() < channel->no_card_until_ms)
		return;
	flow_each(bot->flows, &storm_plan, note_card, channel); /* one of the process before */
	if (channel->has_card)
		return;
	channel->has_card = true;
	metrics_count("tocsin_storm_cards_total", NULL, NULL);
	log_event(LOG_WARN, "storm.begun", "channel", channel->name, "waiting",
	          LOG_INT(channel->waiting),
	          NULL);
	flow = flow_new(bot->flows, &storm_plan);
	mem_set_string(&((struct state *)flow->state)->channel, channel->name);
	flow_start(flow);
}

/* --- turns --- */

bool storm_enter(struct bot *bot, struct incident *incident)
{
	struct storm_channel *channel;

	if (bot->storm == NULL || incident->has_turn)
		return true;
	if (incident->is_waiting)
		return false;
	channel = need_channel(bot->storm, incident->channel);
	if (channel->turns < TURNS) {
		storm_hold(bot, incident);
		return true;
	}
	append(bot->storm, channel, incident);
	show_card(bot, channel);
	return false;
}

void storm_hold(struct bot *bot, struct incident *incident)
{
	struct storm_channel *channel;

	if (bot->storm == NULL || incident->has_turn)
		return;
	channel = need_channel(bot->storm, incident->channel);
	incident->has_turn = true;
	incident->is_posting = incident->message == NULL;
	channel->turns++;
	channel->posting += incident->is_posting ? 1 : 0;
}

static void give_back(struct storm *storm, struct incident *incident)
{
	struct storm_channel *channel = need_channel(storm, incident->channel);

	channel->turns--;
	channel->posting -= incident->is_posting ? 1 : 0;
	incident->has_turn = incident->is_posting = false;
}

void storm_leave(struct bot *bot, struct incident *incident)
{
	struct storm_channel *channel;
	struct incident *next;

	if (bot->storm == NULL || !incident->has_turn)
		return;
	give_back(bot->storm, incident);
	channel = need_channel(bot->storm, incident->channel);
	while (channel->turns < TURNS && (next = take_next(bot->storm, channel)) != NULL) {
		if (next->flow != NULL) /* it is at something else, and asks when it has come to this */
			continue;
		storm_hold(bot, next);
		announce(bot, next);
		if (next->flow == NULL) /* it has nothing to say any more: its alarm was silenced */
			give_back(bot->storm, next);
	}
}

bool storm_is_on(const struct bot *bot, const char *channel)
{
	const struct storm_channel *found = bot->storm == NULL ? NULL : find_channel(bot->storm, channel);

	return found != NULL && found->waiting > 0;
}

struct storm *storm_new(void)
{
	return mem_alloc(sizeof(struct storm));
}

void storm_free(struct storm *storm)
{
	if (storm == NULL)
		return;
	while (storm->channels != NULL) {
		struct storm_channel *next = storm->channels->next;

		free(storm->channels->name);
		free(storm->channels);
		storm->channels = next;
	}
	free(storm);
}
