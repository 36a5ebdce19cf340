#include "bot/health.h"

#include "bot/bot.h"
#include "bot/chat.h"
#include "bot/clock.h"
#include "bot/flow.h"
#include "bot/http_server.h"
#include "bot/incident.h"
#include "bot/journal.h"
#include "bot/json.h"
#include "bot/loop.h"
#include "bot/metrics.h"
#include "bot/seen.h"
#include "bot/str.h"

#define METRICS_MAX (1u << 20)
#define JSON_TYPE "application/json"
#define METRICS_TYPE "text/plain; version=0.0.4; charset=utf-8"

void health_describe_metrics(void)
{
	metrics_describe("tocsin_up_seconds", "gauge", "Seconds since start.");
	metrics_describe("tocsin_loop_passes_total", "counter", "Wake-ups of the loop.");
	metrics_describe("tocsin_loop_longest_pass_microseconds", "gauge",
	                 "CPU time of the loop's longest pass since the last scrape.");
	metrics_describe("tocsin_flows", "gauge", "Flows at work or waiting.");
	metrics_describe("tocsin_seen", "gauge", "Deliveries remembered for deduplication.");
	metrics_describe("tocsin_incidents_open", "gauge", "Open incidents.");
	metrics_describe("tocsin_incidents_opened_total", "counter", "Incidents opened since start.");
	metrics_describe("tocsin_incidents_reopened_total", "counter", "Incidents that fired again since start.");
	metrics_describe("tocsin_silences", "gauge", "Silences that hold.");
	metrics_describe("tocsin_incidents_silenced", "gauge", "Open incidents that nothing is said of.");
	metrics_describe("tocsin_changes_silenced_total", "counter",
	                 "State changes of silenced alarms, which were recorded only.");
	metrics_describe("tocsin_commands_total", "counter", "Commands heard, by command.");
	metrics_describe("tocsin_heard_duplicates_total", "counter", "Deliveries from the chat that were known.");
	metrics_describe("tocsin_events_total", "counter", "Verified events from SNS, by what became of them.");
	metrics_describe("tocsin_runbooks_total", "counter", "Commands sent to instances.");
	metrics_describe("tocsin_responses_held_back_total", "counter",
	                 "Firings without diagnosis and mail, since the alarm flaps.");
	metrics_describe("tocsin_issues_opened_total", "counter", "Issues opened for incidents.");
	metrics_describe("tocsin_mails_total", "counter", "Mails handed to SNS.");
	metrics_describe("tocsin_summaries_total", "counter", "Summaries that were due or asked for.");
	metrics_describe("tocsin_summaries_failed_total", "counter", "Summaries that could not be shown.");
	metrics_describe("tocsin_summary_words_total", "counter", "Summaries that a model was to word, by outcome.");
	metrics_describe("tocsin_dashboards_total", "counter", "Dashboards that were looked at.");
	metrics_describe("tocsin_questions_total", "counter", "Questions in plain words.");
	metrics_describe("tocsin_answers_total", "counter", "Questions that are over, by what became of them.");
	metrics_describe("tocsin_model_calls_total", "counter", "Calls of the model for answers.");
	metrics_describe("tocsin_tools_total", "counter", "Tools that a model called, by outcome.");
	metrics_describe("tocsin_pictures_failed_total", "counter", "Charts that could not be drawn or shown.");
	metrics_describe("tocsin_journal_compacted_bytes_total", "counter", "Free pages given back at the start.");
	metrics_describe("tocsin_storm_waiting", "gauge", "Incidents that wait for their turn in a channel.");
	metrics_describe("tocsin_storm_cards_total", "counter", "Cards that told how many incidents wait.");
	metrics_describe("tocsin_announce_refused_total", "counter", "Incidents that the chat refused to show.");
}

void health_reply_alive(struct http_exchange *exchange)
{
	http_reply(exchange, 200, "text/plain", "ok\n", 3);
}

void health_reply_ready(struct bot *bot, bool stopping, struct http_exchange *exchange)
{
	struct json_object *json = json_new_object(), *missing = json_new_array();
	const char *text;
	struct err why;
	bool ready;

	if (stopping)
		json_append_string(missing, "stopping");
	if (!journal_healthy(bot->journal))
		json_append_string(missing, "journal: cannot write; see the log");
	if (!bot->chat->ops->ready(bot->chat, &why))
		json_append_string(missing, why.text);
	ready = json_count(missing) == 0;
	json_put_bool(json, "ready", ready);
	json_put(json, "missing", missing);
	text = json_print(json);
	http_reply(exchange, ready ? 200 : 503, JSON_TYPE, text, strlen(text));
	json_free(json);
}

static void count_silenced(void *arg, struct incident *incident)
{
	int64_t *count = arg;

	*count += incident->hushed && incident_is_open(incident) ? 1 : 0;
}

void health_reply_metrics(struct bot *bot, struct http_exchange *exchange)
{
	int64_t silenced = 0;
	struct str out;

	incidents_each(bot->incidents, count_silenced, &silenced);
	metrics_gauge("tocsin_incidents_open", NULL, NULL, (int64_t)incidents_open_count(bot->incidents));
	metrics_gauge("tocsin_incidents_silenced", NULL, NULL, silenced);
	metrics_gauge("tocsin_up_seconds", NULL, NULL, (clock_wall_ms() - bot->started_ms) / 1000);
	metrics_gauge("tocsin_loop_passes_total", NULL, NULL, loop_passes(bot->loop));
	metrics_gauge("tocsin_loop_longest_pass_microseconds", NULL, NULL, loop_longest_pass_us(bot->loop));
	metrics_gauge("tocsin_flows", NULL, NULL, (int64_t)flow_count(bot->flows));
	metrics_gauge("tocsin_seen", NULL, NULL, (int64_t)seen_count(bot->seen));
	str_init(&out, METRICS_MAX);
	metrics_print(&out);
	http_reply(exchange, 200, METRICS_TYPE, out.text, out.length);
	str_free(&out);
}
