#include "commands/on_event.h"

#include "bot/alarm.h"
#include "bot/bot.h"
#include "bot/incident.h"
#include "bot/journal.h"
#include "bot/loop.h"
#include "bot/mem.h"
#include "bot/metrics.h"
#include "bot/seen.h"
#include "commands/announce.h"
#include "commands/notify.h"
#include "commands/respond.h"

/* SNS repeats within an hour, people redrive dead-letter queues within 14 days. */
#define REMEMBER_MS (15LL * 24 * 3600 * 1000)

static const char *const change_names[] = {
	[INCIDENT_NOTHING] = "nothing_open", [INCIDENT_DUPLICATE] = "same_change",
	[INCIDENT_OPENED] = "opened",        [INCIDENT_REOPENED] = "reopened",
	[INCIDENT_UPDATED] = "updated",      [INCIDENT_CLOSED] = "resolved",
};

static void apply_alarm(struct bot *bot, const struct alarm *alarm, bool late)
{
	struct incident *incident;
	enum incident_change change = incidents_apply(bot->incidents, alarm, late, &incident);

	metrics_count("tocsin_events_total", "as", change_names[change]);
	if (incident == NULL || incident->opened_ms == 0)
		return;
	respond(bot, incident, change, alarm);
	announce(bot, incident);
}

/* False: this delivery is known already. sent_ms < 0: not known. */
static bool remember(struct bot *bot, const char *id, int64_t sent_ms)
{
	if (seen_before(bot->seen, "sns", id)) {
		metrics_count("tocsin_events_total", "as", "redelivered");
		return false;
	}
	seen_remember_at(bot->seen, "sns", id, sent_ms, REMEMBER_MS);
	return true;
}

struct refusal {
	struct done durable;
	struct err err;
};

static void refuse(void *arg)
{
	struct refusal *refusal = arg;

	refusal->durable.fn(refusal->durable.arg, &refusal->err);
	free(refusal);
}

/* The disk has failed for so long that nothing more can be kept in memory: SNS must try again. */
static bool refuse_when_full(struct bot *bot, struct done durable)
{
	struct refusal *refusal;

	if (!journal_full(bot->journal))
		return false;
	refusal = mem_alloc(sizeof(*refusal));
	refusal->durable = durable;
	(void)err_set(&refusal->err, ERR_LOCAL, "the journal is full");
	loop_defer(bot->loop, refuse, refusal);
	return true;
}

void on_event(struct bot *bot, const struct arrival *arrival, struct done durable)
{
	struct event event;

	if (refuse_when_full(bot, durable))
		return;
	if (remember(bot, arrival->id, arrival->sent_ms)) {
		event_parse(&event, arrival->text, arrival->length, arrival->subject, arrival->topic,
		            arrival->sent_ms);
		if (event.alarm != NULL) {
			apply_alarm(bot, event.alarm, arrival->late);
		} else {
			metrics_count("tocsin_events_total", "as", "notice");
			event.notice->late = arrival->late;
			notify(bot, event.notice);
		}
		event_free(&event);
	}
	journal_commit(bot->journal, durable);
}

void on_unsubscribed(struct bot *bot, const char *id, const char *topic, struct done durable)
{
	struct mem mem = { 0 };

	if (refuse_when_full(bot, durable))
		return;
	if (remember(bot, id, -1))
		notify_warning(bot, "Alarms from a topic were cut off",
		               mem_printf(&mem, "Somebody unsubscribed tocsin from %s. Its alarms no longer reach "
		                                "this channel. If that was not intended, subscribe the endpoint again.",
		                          topic));
	mem_free_all(&mem);
	journal_commit(bot->journal, durable);
}
