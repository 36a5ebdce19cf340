#include "bot/run.h"

#include <errno.h>
#include <signal.h>
#include <sys/resource.h>

#include "adapters/aws/aws.h"
#include "adapters/jira/jira.h"
#include "adapters/prometheus/prometheus.h"
#include "adapters/slack/slack.h"
#include "adapters/sns/intake.h"
#include "bot/bot.h"
#include "bot/budget.h"
#include "bot/chat.h"
#include "bot/clock.h"
#include "bot/config.h"
#include "bot/flow.h"
#include "bot/health.h"
#include "bot/http_client.h"
#include "bot/http_server.h"
#include "bot/incident.h"
#include "bot/journal.h"
#include "bot/journal_damage.h"
#include "bot/kept_memory.h"
#include "bot/log.h"
#include "bot/loop.h"
#include "bot/mem.h"
#include "bot/schedule.h"
#include "bot/seen.h"
#include "bot/silence.h"
#include "bot/str.h"
#include "bot/worker.h"
#include "commands/announce.h"
#include "commands/check_jira.h"
#include "commands/check_live.h"
#include "commands/command.h"
#include "commands/import_print.h"
#include "commands/conversation.h"
#include "commands/issue.h"
#include "commands/notify.h"
#include "commands/on_event.h"
#include "commands/respond.h"
#include "commands/router.h"
#include "commands/storm.h"
#include "commands/summary.h"

#define PROBLEMS_MAX (64u << 10)
#define DESCRIPTORS 4096
/* Within the 10 s that a supervisor grants: flows get five to come to rest, all else the rest. */
#define FLOWS_REST_MS 5000
#define STOP_AT_LAST_MS 8000

struct daemon {
	struct bot bot;
	struct config *config;
	struct config *first; /* tokens and addresses in use since start point into it */
	struct http_server *server;
	struct sns_intake *intake;
	struct loop_timer *last_timer;
	struct kept_memory *kept_memory;
	enum log_format log_format;
	bool stopping, chat_quiet, flows_quiet;
	int status;
};

/* --- requests from outside --- */

static void on_request(void *arg, const struct http_request_in *request, struct http_exchange *exchange)
{
	struct daemon *d = arg;
	bool get = strcmp(request->method, "GET") == 0;

	if (strcmp(request->path, "/sns") == 0)
		sns_intake_handle(d->intake, request, exchange);
	else if (get && strcmp(request->path, "/healthz") == 0)
		health_reply_alive(exchange);
	else if (get && strcmp(request->path, "/readyz") == 0)
		health_reply_ready(&d->bot, d->stopping, exchange);
	else if (get && strcmp(request->path, "/metrics") == 0)
		health_reply_metrics(&d->bot, exchange);
	else
		http_reply(exchange, 404, "text/plain", "not found\n", 10);
}

static void on_sns_message(void *arg, const struct sns_message *message, bool late, struct done durable)
{
	struct daemon *d = arg;
	const struct arrival arrival = {
		.id = message->id,
		.topic = message->topic,
		.subject = message->subject,
		.text = message->text,
		.length = message->text_length,
		.sent_ms = message->sent_ms,
		.late = late,
	};

	on_event(&d->bot, &arrival, durable);
}

static void on_sns_notice(void *arg, const struct sns_message *message, struct done durable)
{
	struct daemon *d = arg;

	on_unsubscribed(&d->bot, message->id, message->topic, durable);
}

/* --- the end --- */

static void stop_when_quiet(struct daemon *d)
{
	if (d->chat_quiet && d->flows_quiet)
		loop_stop(d->bot.loop);
}

static void on_chat_quiet(void *arg, const struct err *err)
{
	struct daemon *d = arg;

	(void)err;
	d->chat_quiet = true;
	stop_when_quiet(d);
}

static void on_flows_quiet(void *arg)
{
	struct daemon *d = arg;

	d->flows_quiet = true;
	/* Last of all: flows at work may still need to say something. */
	d->bot.chat->ops->quiesce(d->bot.chat, (struct done){ on_chat_quiet, d });
}

static void stop_at_last(void *arg)
{
	struct daemon *d = arg;

	log_event(LOG_WARN, "stop.forced", NULL);
	loop_stop(d->bot.loop);
}

static void stop(struct daemon *d, int status)
{
	if (d->stopping)
		return;
	d->stopping = true;
	d->status = status;
	log_event(LOG_INFO, "stop.begun", "flows", LOG_INT(flow_count(d->bot.flows)), NULL);
	if (d->server != NULL)
		http_server_quiesce(d->server);
	loop_timer_set(d->last_timer, STOP_AT_LAST_MS);
	schedule_stop(d->bot.schedules);
	aws_stop(d->bot.aws);
	flow_engine_quiesce(d->bot.flows, FLOWS_REST_MS, on_flows_quiet, d);
}

static void on_stop_signal(void *arg)
{
	stop(arg, 0);
}

/* The chat will never work like this (a wrong token...): a daemon that cannot be heard must say so by ending. */
static void on_chat_fatal(void *arg, const struct err *err)
{
	log_event(LOG_ERROR, "slack.fatal", "why", err->text, NULL);
	stop(arg, 1);
}

/* --- configuration --- */

static void log_problems(const char *event, char *lines)
{
	char *rest = lines;

	for (char *line; (line = strsep(&rest, "\n")) != NULL;)
		if (*line != '\0')
			log_event(LOG_ERROR, event, "problem", line, NULL);
}

/* Both kinds of roles may name groups of the chat. */
static void watch_groups(struct daemon *d)
{
	const struct config *config = d->config;
	const struct config_list *lists[] = { &config->roles.operators, &config->roles.approvers };
	char **groups = mem_alloc((lists[0]->count + lists[1]->count + 1) * sizeof(char *));
	size_t count = 0;

	for (size_t i = 0; i < 2; i++)
		for (size_t k = 0; k < lists[i]->count; k++)
			if (lists[i]->items[k][0] == '@')
				groups[count++] = lists[i]->items[k];
	d->bot.chat->ops->watch_groups(d->bot.chat, groups);
	free(groups);
}

static void take_config(struct daemon *d, struct config *config)
{
	struct config *old = d->config;
	struct str keys;
	struct err err;

	str_init(&keys, 1000);
	if (config_needs_restart(old, config, &keys))
		log_event(LOG_WARN, "config.needs_restart", "keys", keys.text, NULL);
	str_free(&keys);
	d->config = config;
	d->bot.config = config;
	watch_groups(d);
	log_setup(d->log_format, config->log.level);
	sns_intake_set_topics(d->intake, &config->sns.topics, config->sns.max_age_ms);
	if (!summary_set_schedules(&d->bot, d->bot.schedules, &err))
		log_event(LOG_ERROR, "config.schedules_kept", "why", err.text, NULL);
	if (old->http.certificate != NULL && !http_server_reload_tls(d->server, &err))
		log_event(LOG_ERROR, "config.certificate_kept", "why", err.text, NULL);
	if (old != d->first)
		config_free(old);
	log_event(LOG_INFO, "config.reloaded", "file", config->path, NULL);
}

static void on_reload_signal(void *arg)
{
	struct daemon *d = arg;
	struct config *config;
	struct str problems;

	str_init(&problems, PROBLEMS_MAX);
	config = config_load(d->config->path, &problems);
	if (config != NULL) {
		take_config(d, config);
	} else {
		log_problems("config.refused", problems.text);
		log_event(LOG_ERROR, "config.old_one_kept", "file", d->config->path, NULL);
	}
	str_free(&problems);
}

/* Waits are shortened for tests only where nobody outside can be hit by it. */
static void set_time_scale(const struct config *config)
{
	const char *text = getenv("TOCSIN_TIME_SCALE");
	double scale;

	if (text == NULL)
		return;
	scale = strtod(text, NULL);
	if (!config->slack.loopback || !(scale > 0) || scale > 1) {
		log_event(LOG_WARN, "time_scale.ignored", "value", text, NULL);
		return;
	}
	clock_set_scale(scale);
	log_event(LOG_WARN, "time_scale.in_force", "value", text, NULL);
}

/* --- the beginning --- */

static void raise_descriptor_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= DESCRIPTORS)
		return;
	limit.rlim_cur = limit.rlim_max < DESCRIPTORS ? limit.rlim_max : DESCRIPTORS;
	(void)setrlimit(RLIMIT_NOFILE, &limit);
}

static void on_parked(struct bot *bot, const char *flow_id, const char *plan, const char *step,
                      struct json_object *state)
{
	struct mem mem = { 0 };

	(void)state;
	notify_warning(bot, "Unfinished work was parked",
	               mem_printf(&mem, "Work %s stood at step \"%s\" of \"%s\", which this version of tocsin does "
	                                "not know. It is kept, and goes on when a version that knows it runs again.",
	                          flow_id, step, plan));
	mem_free_all(&mem);
}

/* The alarms that it is about may be the ones of this minute: better a start with a gap that is told than none. */
static void tell_damage(struct daemon *d)
{
	struct mem mem = { 0 };
	const char *text = journal_damage_text(&mem);

	if (text != NULL)
		notify_warning(&d->bot, "What I remember is damaged", text);
	mem_free_all(&mem);
}

static bool start_jira(struct daemon *d, struct err *err)
{
	const struct config *config = d->config;
	const struct jira_options options = {
		.loop = d->bot.loop,
		.http = d->bot.http,
		.url = config->jira.url,
		.user = config->jira.user,
		.token = &config->jira.token,
		.project = config->jira.project,
		.issue_type = config->jira.issue_type,
		.api = (enum jira_api)config->jira.api,
		.fields = config->jira.fields,
	};

	if (config->jira.url == NULL)
		return true;
	d->bot.jira = jira_new(&options, err);
	return d->bot.jira != NULL;
}

static struct slack_options slack_options(struct daemon *d)
{
	const struct config *config = d->config;

	return (struct slack_options){
		.loop = d->bot.loop,
		.http = d->bot.http,
		.api_url = config->slack.api_url,
		.loopback = config->slack.loopback,
		.app_token = &config->slack.app_token,
		.bot_token = &config->slack.bot_token,
		.connections = (unsigned)config->slack.connections,
		.ca_file = config->network.ca_file,
		.proxy = config->network.proxy,
		.ears = router_ears(&d->bot),
		.fatal = on_chat_fatal,
		.fatal_arg = d,
	};
}

static bool start_http(struct daemon *d, struct err *err)
{
	const struct config *config = d->config;
	const struct http_client_options http = {
		.ca_file = config->network.ca_file,
		.connect_to = (const char *const *)config->network.connect_to.items,
		.proxy = config->network.proxy,
	};

	d->bot.http = http_client_new(d->bot.loop, &http, err);
	return d->bot.http != NULL;
}

static bool start_aws(struct daemon *d, struct err *err)
{
	d->bot.worker = worker_new(d->bot.loop); /* reads what it answers */
	d->bot.aws = aws_new(&d->bot, err);
	return d->bot.aws != NULL;
}

/* AWS, Prometheus and Jira. */
static bool start_systems(struct daemon *d, struct err *err)
{
	if (!start_aws(d, err))
		return false;
	d->bot.prometheus = prometheus_new(&d->bot);
	return start_jira(d, err);
}

static bool start_remote(struct daemon *d, struct err *err)
{
	struct slack_options slack;

	if (!start_http(d, err))
		return false;
	slack = slack_options(d);
	d->bot.chat = slack_new(&slack, err);
	if (d->bot.chat == NULL)
		return false;
	watch_groups(d);
	return start_systems(d, err);
}

static void on_silence_over(void *arg, const struct silence *silence)
{
	struct daemon *d = arg;

	respond_to_silence(&d->bot, silence);
}

static bool start_memory(struct daemon *d, struct err *err)
{
	struct bot *bot = &d->bot;

	bot->journal = journal_open(bot->loop, d->config->state.path, err);
	if (bot->journal == NULL)
		return false;
	bot->seen = seen_new(bot->loop, bot->journal, err);
	if (bot->seen == NULL)
		return false;
	bot->incidents = incidents_new(bot);
	bot->silences = silences_new(bot);
	silences_on_end(bot->silences, on_silence_over, d);
	bot->conversations = conversations_new(bot);
	bot->budget = budget_new(bot);
	bot->storm = storm_new();
	bot->flows = flow_engine_new(bot, bot->loop, bot->journal, all_plans());
	bot->schedules = schedule_new(bot->loop, bot->journal, summary_due, bot, err);
	if (bot->schedules == NULL)
		return false;
	return incidents_load(bot->incidents, err) && silences_load(bot->silences, err) &&
	       conversations_load(bot->conversations, err) && budget_load(bot->budget, err);
}

static bool start_listening(struct daemon *d, struct err *err)
{
	const struct http_server_options server = {
		.address = d->config->http.address,
		.port = d->config->http.port,
		.certificate = d->config->http.certificate,
		.key = d->config->http.key,
	};
	const struct sns_intake_options intake = {
		.client = d->bot.http,
		.topics = &d->config->sns.topics,
		.max_age_ms = d->config->sns.max_age_ms,
		.deliver = on_sns_message,
		.notice = on_sns_notice,
		.arg = d,
	};

	d->intake = sns_intake_new(&intake);
	d->server = http_server_new(d->bot.loop, &server, on_request, d, err);
	if (d->server == NULL)
		return false;
	log_event(LOG_INFO, "http.listening", "address", d->config->http.address, "port",
	          LOG_INT(http_server_port(d->server)), NULL);
	return true;
}

static bool start(struct daemon *d, struct err *err)
{
	d->bot.loop = loop_new(err);
	if (d->bot.loop == NULL || !start_memory(d, err) || !start_remote(d, err))
		return false;
	d->last_timer = loop_timer_new(d->bot.loop, stop_at_last, d);
	d->kept_memory = kept_memory_new(d->bot.loop, d->bot.worker);
	loop_on_signal(d->bot.loop, SIGTERM, on_stop_signal, d);
	loop_on_signal(d->bot.loop, SIGINT, on_stop_signal, d);
	loop_on_signal(d->bot.loop, SIGHUP, on_reload_signal, d);
	if (!flow_engine_resume(d->bot.flows, on_parked, err))
		return false;
	tell_damage(d);
	respond_forget_lost(&d->bot);
	respond_to_silence(&d->bot, NULL);
	announce_all_waiting(&d->bot);
	issue_all_waiting(&d->bot);
	check_jira(&d->bot);
	return summary_set_schedules(&d->bot, d->bot.schedules, err) && start_listening(d, err);
}

/* Each part before those it uses. */
static void free_all(struct daemon *d)
{
	sns_intake_free(d->intake);
	http_server_free(d->server);
	/* What is under way is given back to its flows, so these go after it. */
	if (d->bot.chat != NULL)
		d->bot.chat->ops->free(d->bot.chat);
	jira_free(d->bot.jira);
	prometheus_free(d->bot.prometheus);
	aws_free(d->bot.aws);
	http_client_free(d->bot.http);
	worker_free(d->bot.worker);
	schedule_free(d->bot.schedules);
	flow_engine_free(d->bot.flows);
	conversations_free(d->bot.conversations);
	storm_free(d->bot.storm);
	budget_free(d->bot.budget);
	silences_free(d->bot.silences);
	incidents_free(d->bot.incidents);
	seen_free(d->bot.seen);
	journal_close(d->bot.journal);
	loop_timer_free(d->last_timer);
	kept_memory_free(d->kept_memory);
	loop_free(d->bot.loop);
	if (d->config != d->first)
		config_free(d->config);
	config_free(d->first);
}

int run(const char *config_path, enum log_format log_format)
{
	struct daemon d = { .bot.started_ms = clock_wall_ms() };
	struct str problems;
	struct err err;

	str_init(&problems, PROBLEMS_MAX);
	d.config = config_load(config_path, &problems);
	if (d.config == NULL) {
		(void)fprintf(stderr, "%s", problems.text);
		str_free(&problems);
		return 2;
	}
	str_free(&problems);
	d.bot.config = d.first = d.config;
	d.log_format = log_format;
	log_setup(log_format, d.config->log.level);
	(void)signal(SIGPIPE, SIG_IGN);
	(void)signal(SIGXFSZ, SIG_IGN); /* a file at its limit is a full disk, not the end */
	/* Dead name servers must not hold up the stop: a resolver thread cannot be interrupted. */
	(void)setenv("RES_OPTIONS", "timeout:2 attempts:2", 0);
	raise_descriptor_limit();
	kept_memory_begin();
	set_time_scale(d.config);
	health_describe_metrics();
	if (start(&d, &err)) {
		log_event(LOG_INFO, "started", "version", TOCSIN_VERSION, NULL);
		loop_run(d.bot.loop);
		log_event(LOG_INFO, "stopped", NULL);
	} else {
		log_event(LOG_ERROR, "start.failed", "why", err.text, NULL);
		d.status = 1;
	}
	free_all(&d);
	return d.status;
}

int run_live_check(struct config *config)
{
	struct daemon d = { .bot.config = config, .config = config, .first = config };
	struct slack_options slack;
	unsigned failed = 0;
	struct err err;

	log_setup(LOG_TEXT, LOG_ERROR);
	set_time_scale(config);
	d.bot.loop = loop_new(&err);
	if (d.bot.loop == NULL || !start_http(&d, &err) || !start_systems(&d, &err)) {
		(void)fprintf(stderr, "tocsin: %s\n", err.text);
		failed = 1;
	} else {
		slack = slack_options(&d);
		check_live(&d.bot, &slack, &failed);
		loop_run(d.bot.loop);
	}
	free_all(&d);
	return failed == 0 ? 0 : 1;
}

/* Only AWS is asked, so a configuration without anything else will do. */
int run_import(struct config *config, const char *name, const char *region)
{
	struct daemon d = { .bot.config = config, .config = config, .first = config };
	bool failed = true;
	struct err err;

	log_setup(LOG_TEXT, LOG_ERROR);
	set_time_scale(config);
	d.bot.loop = loop_new(&err);
	if (d.bot.loop == NULL || !start_http(&d, &err) || !start_aws(&d, &err)) {
		(void)fprintf(stderr, "tocsin: %s\n", err.text);
	} else {
		import_print(&d.bot, name, region, &failed);
		loop_run(d.bot.loop);
	}
	free_all(&d);
	return failed ? 1 : 0;
}
