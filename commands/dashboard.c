/*
 * dashboard [name] - reads a dashboard's metrics, says what is abnormal, then shows the pictures.
 *
 * Text first: one message says "reading", then what was found; the small multiples are added to it, and each
 * finding's own chart goes into the thread. What was read lives in memory only: after a crash it is read again,
 * over the same range, and the flow goes on where it was.
 */
#include <stdlib.h>
#include <string.h>

#include "bot/bot.h"
#include "bot/chat.h"
#include "bot/clock.h"
#include "bot/config.h"
#include "bot/mem.h"
#include "bot/message.h"
#include "bot/metrics.h"
#include "bot/worker.h"
#include "commands/answer.h"
#include "commands/command.h"
#include "commands/dashboard_data.h"
#include "commands/dashboard_message.h"
#include "commands/dashboard_read.h"

#define MAX_TRIES 6
#define PROGRESS_EVERY_MS 2000
#define CHARTS_MAX 10 /* findings with a chart in the thread */

struct dashboard {
	struct origin origin;
	char *name;
	int64_t until_ms;     /* what is judged ends here; the same after a crash */
	char *trouble;        /* what else the reader must know */
	char *failure;        /* a sentence: there is no result */
	int64_t readable;     /* metrics, when the result was shown */
	bool overview_over;   /* its picture is there, or cannot be */
	char *image, *alt;    /* of the small multiples */
	int64_t told;         /* findings in the thread so far */
	char *chart, *chart_alt; /* of the next one; scratch, as is all below */
	char *told_message;
	struct dashboard_data *data; /* NULL: to be read (again) */
	int64_t progress_ms;  /* when it was last told; monotonic */
};

static const struct field fields[] = {
	ORIGIN_FIELDS(dashboard),
	FIELD(FIELD_STRING, dashboard, name),     FIELD(FIELD_INT, dashboard, until_ms),
	FIELD(FIELD_STRING, dashboard, trouble),  FIELD(FIELD_STRING, dashboard, failure),
	FIELD(FIELD_INT, dashboard, readable),    FIELD(FIELD_BOOL, dashboard, overview_over),
	FIELD(FIELD_STRING, dashboard, image),    FIELD(FIELD_STRING, dashboard, alt),
	FIELD(FIELD_INT, dashboard, told),        FIELD(FIELD_SCRATCH, dashboard, chart),
	FIELD(FIELD_SCRATCH, dashboard, chart_alt), FIELD(FIELD_SCRATCH, dashboard, told_message),
	FIELDS_END,
};

static void release(void *state)
{
	struct dashboard *d = state;

	dashboard_data_free(d->data);
}

static void parse(void *state, const char *words)
{
	struct dashboard *d = state;
	const char *begin = words + strspn(words, " \t\r\n");
	char *name = mem_copy_bytes(begin, strcspn(begin, " \t\r\n"));

	if (name[0] != '\0')
		mem_set_string(&d->name, name);
	free(name);
}

static const struct config_dashboard *find(const struct config *config, const char *name)
{
	for (size_t i = 0; i < config->dashboards.count; i++)
		if (name == NULL ? config->dashboards.count == 1 : strcmp(config->dashboards.items[i].name, name) == 0)
			return &config->dashboards.items[i];
	return NULL;
}

/* --- what is asked --------------------------------------------------------------------------- */

static enum flow_next give_up(struct flow *flow, const char *why)
{
	struct dashboard *d = flow->state;

	mem_set_string(&d->failure, why);
	return flow_goto(flow, d->origin.posted == NULL ? "answer" : "tell failure");
}

static enum flow_next begin(struct flow *flow)
{
	struct dashboard *d = flow->state;
	const struct config *config = flow->bot->config;
	const struct config_dashboard *dashboard = find(config, d->name);

	if (config->dashboards.count == 0)
		return give_up(flow, "No dashboard is configured. Add one under dashboards in my configuration: a "
		                     "name, and metrics with namespace, metric and dimensions, or a query for "
		                     "Prometheus.");
	if (dashboard == NULL && d->name == NULL)
		return give_up(flow, "Which dashboard? Say its name behind the word.");
	if (dashboard == NULL)
		return give_up(flow, mem_printf(&flow->mem, "There is no dashboard %.100s.", d->name));
	mem_set_string(&d->name, dashboard->name);
	d->until_ms = clock_wall_ms();
	metrics_count("tocsin_dashboards_total", NULL, NULL);
	return FLOW_NEXT;
}

static enum flow_next tell(struct flow *flow)
{
	const struct dashboard *d = flow->state;
	struct message message;
	enum flow_next next;

	dashboard_message_reading(&message, d->name, 0, 0);
	next = answer_post(flow, &message);
	message_free(&message);
	return next;
}

static enum flow_next edit(struct flow *flow, const struct message *message)
{
	const struct dashboard *d = flow->state;
	struct chat *chat = flow->bot->chat;

	chat->ops->edit(chat, d->origin.channel, d->origin.posted, message, CHAT_URGENT, flow_wake(flow));
	return FLOW_WAIT;
}

/* --- reading --------------------------------------------------------------------------------- */

static void progress_shown(void *arg, const struct err *err)
{
	(void)arg; /* the result follows anyhow */
	(void)err;
}

static void tell_progress(void *arg, size_t finished, size_t count)
{
	struct flow *flow = arg;
	struct dashboard *d = flow->state;
	struct chat *chat = flow->bot->chat;
	int64_t now_ms = clock_mono_ms();
	struct message message;

	if (finished == count || now_ms - d->progress_ms < clock_wait_ms(PROGRESS_EVERY_MS))
		return;
	d->progress_ms = now_ms;
	dashboard_message_reading(&message, d->name, finished, count);
	chat->ops->edit(chat, d->origin.channel, d->origin.posted, &message, CHAT_NORMAL,
	                (struct done){ progress_shown, NULL });
	message_free(&message);
}

static enum flow_next read_and_judge(struct flow *flow)
{
	struct dashboard *d = flow->state;
	const struct config_dashboard *dashboard = find(flow->bot->config, d->name);
	struct err err;

	if (dashboard == NULL)
		return give_up(flow, mem_printf(&flow->mem, "%s is gone from the configuration.", d->name));
	dashboard_data_free(d->data);
	d->data = dashboard_data_new(dashboard, d->until_ms, &err);
	if (d->data == NULL)
		return give_up(flow, err.text);
	if (d->progress_ms == 0)
		d->progress_ms = clock_mono_ms();
	dashboard_read(flow->bot, dashboard, d->data, tell_progress, flow, flow_wake(flow));
	return FLOW_WAIT;
}

/* --- showing --------------------------------------------------------------------------------- */

/* What was shown stays when less can be read after a crash: only the pictures are missing then. */
static enum flow_next show(struct flow *flow)
{
	struct dashboard *d = flow->state;
	struct message message;
	enum flow_next next;
	size_t readable, visible;

	if (d->data == NULL)
		return flow_goto(flow, "read");
	dashboard_data_count(d->data, &readable, &visible);
	if ((int64_t)readable < d->readable)
		return FLOW_DONE;
	d->readable = (int64_t)readable;
	dashboard_message_result(&message, d->data, d->image, d->alt, d->trouble);
	next = edit(flow, &message);
	message_free(&message);
	return next;
}

static enum flow_next draw(struct flow *flow)
{
	struct dashboard *d = flow->state;

	if (d->overview_over)
		return flow_goto(flow, "next chart");
	if (d->data == NULL)
		return flow_goto(flow, "read");
	if (d->data->subject_count == 0) {
		d->overview_over = true;
		return flow_goto(flow, "next chart");
	}
	d->data->drawn = DASHBOARD_OVERVIEW;
	worker_run(flow->bot->worker, dashboard_data_draw, d->data, flow_wake(flow));
	return FLOW_WAIT;
}

static enum flow_next upload(struct flow *flow, char **image, char **alt)
{
	struct dashboard *d = flow->state;
	struct chat *chat = flow->bot->chat;

	if (d->data == NULL || d->data->png == NULL)
		return flow_goto(flow, "read");
	mem_set_string(alt, d->data->alt);
	chat->ops->upload(chat, mem_printf(&flow->mem, "%s.png", d->name), d->data->alt, d->data->png,
	                  d->data->png_size, image, flow_wake(flow));
	return FLOW_WAIT;
}

static enum flow_next upload_overview(struct flow *flow)
{
	struct dashboard *d = flow->state;

	return upload(flow, &d->image, &d->alt);
}

static enum flow_next overview_done(struct flow *flow)
{
	struct dashboard *d = flow->state;

	d->overview_over = true;
	return flow_goto(flow, "picture");
}

/* One chart a finding, in the thread. */
static enum flow_next next_chart(struct flow *flow)
{
	struct dashboard *d = flow->state;

	mem_set_string(&d->chart, NULL);
	mem_set_string(&d->chart_alt, NULL);
	if (d->told >= CHARTS_MAX)
		return FLOW_DONE;
	if (d->data == NULL)
		return flow_goto(flow, "read");
	if ((size_t)d->told >= d->data->findings.count)
		return FLOW_DONE;
	d->data->drawn = (size_t)d->told;
	worker_run(flow->bot->worker, dashboard_data_draw, d->data, flow_wake(flow));
	return FLOW_WAIT;
}

static enum flow_next upload_chart(struct flow *flow)
{
	struct dashboard *d = flow->state;

	return upload(flow, &d->chart, &d->chart_alt);
}

static enum flow_next post_chart(struct flow *flow)
{
	struct dashboard *d = flow->state;
	struct message message;
	enum flow_next next;

	if (d->data == NULL || (size_t)d->told >= d->data->findings.count)
		return flow_goto(flow, "read");
	dashboard_message_finding(&message, &d->data->findings.items[d->told], d->chart, d->chart_alt);
	next = answer_reply(flow, d->told, CHAT_NORMAL, &message, &d->told_message);
	message_free(&message);
	return next;
}

static enum flow_next find_chart(struct flow *flow)
{
	struct dashboard *d = flow->state;

	return answer_find_reply(flow, d->told, &d->told_message);
}

static enum flow_next chart_told(struct flow *flow)
{
	struct dashboard *d = flow->state;

	d->told++;
	return flow_goto(flow, "next chart");
}

/* --- when it does not go well ------------------------------------------------------------------ */

static enum flow_next answer(struct flow *flow)
{
	const struct dashboard *d = flow->state;
	struct message message;
	enum flow_next next;

	dashboard_message_failure(&message, flow->bot->config, d->failure);
	next = answer_post(flow, &message);
	message_free(&message);
	return next;
}

static enum flow_next end(struct flow *flow)
{
	(void)flow;
	return FLOW_DONE;
}

static enum flow_next tell_failure(struct flow *flow)
{
	const struct dashboard *d = flow->state;
	struct message message;
	enum flow_next next;

	if (d->readable > 0) /* see show */
		return FLOW_DONE;
	dashboard_message_failure(&message, flow->bot->config, d->failure);
	next = edit(flow, &message);
	message_free(&message);
	return next;
}

static bool is_step(const char *step, const char *a, const char *b)
{
	return strcmp(step, a) == 0 || strcmp(step, b) == 0;
}

/* The text goes on without its pictures or their charts. */
static const char *rescue(struct flow *flow, const struct err *err)
{
	struct dashboard *d = flow->state;
	const char *step = flow_step_name(flow);

	if (is_step(step, "draw", "upload")) {
		metrics_count("tocsin_pictures_failed_total", NULL, NULL);
		if (d->trouble == NULL)
			mem_set_string(&d->trouble, mem_printf(&flow->mem, "There is no picture: %s", err->text));
		return "overview done";
	}
	if (strcmp(step, "picture") == 0)
		return "next chart";
	if (is_step(step, "next chart", "upload chart")) {
		metrics_count("tocsin_pictures_failed_total", NULL, NULL);
		return "post chart";
	}
	if (strcmp(step, "read") == 0) {
		mem_set_string(&d->failure, err->text);
		return "tell failure";
	}
	return NULL;
}

static const struct flow_step steps[] = {
	{ "begin", begin, NULL },
	{ "tell", tell, answer_find },
	{ "read", read_and_judge, NULL },
	{ "show", show, NULL },
	{ "draw", draw, NULL },
	{ "upload", upload_overview, NULL },
	{ "overview done", overview_done, NULL },
	{ "picture", show, NULL },
	{ "next chart", next_chart, NULL },
	{ "upload chart", upload_chart, NULL },
	{ "post chart", post_chart, find_chart },
	{ "chart told", chart_told, NULL },
	{ "answer", answer, answer_find },
	{ "answered", end, NULL },
	{ "tell failure", tell_failure, NULL },
	{ NULL, NULL, NULL },
};

static const struct flow_plan plan = {
	.name = "dashboard",
	.state_size = sizeof(struct dashboard),
	.fields = fields,
	.steps = steps,
	.max_tries = MAX_TRIES,
	.rescue = rescue,
	.ended = answer_ended,
	.release = release,
};

extern const struct command command_dashboard_import;

const struct command command_dashboard = {
	.name = "dashboard",
	.own_slash = true,
	.usage = "dashboard [name]",
	.summary = "What is abnormal in a dashboard's metrics, with charts",
	.parse = parse,
	.plan = &plan,
	.sub = &command_dashboard_import,
};
