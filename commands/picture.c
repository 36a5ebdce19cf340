#include "commands/picture.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "adapters/aws/cloudwatch.h"
#include "bot/alarm.h"
#include "bot/bot.h"
#include "bot/chart.h"
#include "bot/chat.h"
#include "bot/clock.h"
#include "bot/config.h"
#include "bot/incident.h"
#include "bot/log.h"
#include "bot/mem.h"
#include "bot/metric.h"
#include "bot/metrics.h"
#include "bot/random.h"
#include "bot/worker.h"
#include "bot/zone.h"
#include "commands/alarm_metrics.h"
#include "commands/announce.h"

#define MAX_TRIES 6
#define MINUTE_MS (60 * 1000LL)
/* Of the time before the breach. */
#define BEFORE_MS (3 * 60 * MINUTE_MS)
#define BEFORE_FINE_MS (30 * MINUTE_MS) /* with periods below a minute */
#define BEFORE_PERIODS 20               /* at least */
#define SHOWN_PERIODS 5                 /* at least, of a metric that has only begun */
#define WHOLE_MS (3 * 24 * 60 * MINUTE_MS) /* at most; of a longer incident, its end */
#define AGAIN_MS MINUTE_MS             /* a change while one was made: the next one */
#define AT_ONCE 8                      /* pictures: diagnosis needs AWS, too, and each holds its values */
#define TURN_MS 10000                  /* so long, and up to twice as long, the others wait before they look again */

/* What is read and drawn; in memory only. */
struct canvas {
	struct metric *metrics;
	struct metric_read *reads;
	size_t count;
	int64_t from_ms, until_ms, fired_ms, ended_ms;
	double threshold;
	char *title, *threshold_label, *unit;
	struct zone *zone;
	unsigned char *png;
	size_t png_size;
	char *alt;
};

static size_t canvas_count; /* that there are: thousands of incidents may wait for theirs */

struct picture {
	char *incident;     /* id */
	int64_t changed_ms; /* of the change that is drawn */
	char *image;
	struct canvas *canvas;
};

static const struct field fields[] = {
	FIELD(FIELD_STRING, picture, incident),
	FIELD(FIELD_INT, picture, changed_ms),
	FIELD(FIELD_SCRATCH, picture, image),
	FIELDS_END,
};

static void free_canvas(struct canvas *canvas)
{
	if (canvas == NULL)
		return;
	canvas_count--;
	for (size_t i = 0; i < canvas->count; i++) {
		metric_result_free(&canvas->reads[i].result);
		metric_free(&canvas->metrics[i]);
	}
	free(canvas->metrics);
	free(canvas->reads);
	free(canvas->title);
	free(canvas->threshold_label);
	free(canvas->unit);
	zone_free(canvas->zone);
	free(canvas->png);
	free(canvas->alt);
	free(canvas);
}

static void release(void *state)
{
	struct picture *p = state;

	free_canvas(p->canvas);
}

static struct incident *incident_of(struct flow *flow)
{
	const struct picture *p = flow->state;

	return incidents_find(flow->bot->incidents, p->incident);
}

/* --- what is read ------------------------------------------------------------------------------ */

static int64_t longest_period_ms(const struct canvas *canvas)
{
	int64_t longest = 0;

	for (size_t i = 0; i < canvas->count; i++)
		if (canvas->metrics[i].period_ms > longest)
			longest = canvas->metrics[i].period_ms;
	return longest;
}

static void set_range(struct canvas *canvas, const struct incident *incident, int64_t now_ms)
{
	int64_t period_ms = longest_period_ms(canvas), before_ms = period_ms < MINUTE_MS ? BEFORE_FINE_MS : BEFORE_MS;

	if (before_ms < BEFORE_PERIODS * period_ms)
		before_ms = BEFORE_PERIODS * period_ms;
	canvas->fired_ms = incident->fired_ms;
	canvas->ended_ms = incident_is_open(incident) ? now_ms : incident->resolved_ms;
	canvas->until_ms = now_ms;
	canvas->from_ms = incident->fired_ms - before_ms;
	if (canvas->until_ms - canvas->from_ms > WHOLE_MS + before_ms)
		canvas->from_ms = canvas->until_ms - WHOLE_MS - before_ms;
	for (size_t i = 0; i < canvas->count; i++) {
		/* The alarm has seen the newest bucket, so it is there. */
		metric_range(&canvas->metrics[i], canvas->from_ms, canvas->until_ms, now_ms, 0, &canvas->reads[i]);
		canvas->reads[i].metric = &canvas->metrics[i];
	}
}

/* Where a zone is configured for a dashboard, the team lives there. */
static const char *zone_of(const struct config *config)
{
	return config->dashboards.count > 0 ? config->dashboards.items[0].timezone : "UTC";
}

static struct canvas *new_canvas(const struct bot *bot, const struct incident *incident)
{
	const struct alarm *alarm = &incident->alarm;
	struct canvas *canvas = mem_alloc(sizeof(*canvas));
	struct mem mem = { 0 };
	const char *word;
	struct err err;
	char *limit;

	canvas_count++;
	canvas->metrics = alarm_metrics_take(alarm, &canvas->count);
	canvas->reads = mem_alloc((canvas->count + 1) * sizeof(struct metric_read));
	set_range(canvas, incident, clock_wall_ms());
	word = incident_is_open(incident) ? alarm_state_word(alarm->state) : "RESOLVED";
	canvas->title = mem_copy_string(mem_printf(&mem, "%s  %s", word, alarm->name == NULL ? "?" : alarm->name));
	canvas->unit = mem_copy_string(alarm->unit);
	canvas->threshold = alarm->threshold;
	if (!isnan(alarm->threshold) && alarm->comparison != NULL) {
		limit = alarm_quantity(alarm->threshold, alarm->unit);
		canvas->threshold_label = mem_copy_string(mem_printf(&mem, "%s %s", alarm->comparison, limit));
		free(limit);
	}
	canvas->zone = zone_load(zone_of(bot->config), &err); /* NULL: UTC */
	mem_free_all(&mem);
	return canvas;
}

/* --- drawing, on the worker -------------------------------------------------------------------- */

static size_t count_lines(const struct canvas *canvas)
{
	size_t count = 0;

	for (size_t i = 0; i < canvas->count; i++)
		if (!canvas->metrics[i].hidden)
			count += canvas->reads[i].result.count;
	return count;
}

/* A metric that is younger than the range begins the picture; some buckets are shown in any case. */
static int64_t shown_from(const struct canvas *canvas)
{
	int64_t first_ms = canvas->until_ms, least_ms = SHOWN_PERIODS * longest_period_ms(canvas);

	for (size_t i = 0; i < canvas->count; i++) {
		const struct metric_result *result = &canvas->reads[i].result;

		for (size_t k = 0; k < result->count && !canvas->metrics[i].hidden; k++) {
			const struct series *series = &result->series[k].series;
			size_t first = 0;

			while (first < series->count && isnan(series->values[first]))
				first++;
			if (series_time(series, first) < first_ms)
				first_ms = series_time(series, first);
		}
	}
	if (first_ms > canvas->until_ms - least_ms)
		first_ms = canvas->until_ms - least_ms;
	return first_ms > canvas->from_ms ? first_ms : canvas->from_ms;
}

static void set_lines(const struct canvas *canvas, struct mem *mem, struct chart_panel *panel)
{
	struct chart_line *lines = mem_zalloc(mem, (count_lines(canvas) + 1) * sizeof(*lines));

	for (size_t i = 0; i < canvas->count; i++) {
		const struct metric_result *result = &canvas->reads[i].result;
		char *title = metric_title(&canvas->metrics[i]);

		mem_adopt(mem, title);
		if (canvas->metrics[i].hidden || result->count == 0)
			continue;
		if (panel->title == NULL)
			panel->title = title;
		for (size_t k = 0; k < result->count; k++)
			lines[panel->line_count++] = (struct chart_line){
				.label = result->series[k].label != NULL ? result->series[k].label
				         : count_lines(canvas) > 1       ? title
				                                         : NULL, /* the panel says it */
				.series = &result->series[k].series,
			};
	}
	panel->lines = lines;
}

static bool draw_canvas(void *arg, struct err *err)
{
	struct canvas *canvas = arg;
	struct mem mem = { 0 };
	const struct chart_mark mark = {
		.id = "ALARM",
		.from_ms = canvas->fired_ms,
		.to_ms = canvas->ended_ms,
		.at_ms = canvas->fired_ms,
		.value = NAN,
		.abnormal = true,
	};
	struct chart_panel panel = {
		.unit = canvas->unit,
		.normal_below = NAN,
		.normal_above = NAN,
		.threshold = canvas->threshold,
		.threshold_label = canvas->threshold_label,
		.marks = &mark,
		.mark_count = 1,
	};
	const struct chart chart = {
		.title = canvas->title,
		.from_ms = shown_from(canvas),
		.to_ms = canvas->until_ms,
		.zone = canvas->zone,
		.panels = &panel,
		.panel_count = 1,
	};
	bool drawn;

	set_lines(canvas, &mem, &panel);
	canvas->alt = chart_describe(&chart);
	drawn = chart_draw(&chart, &canvas->png, &canvas->png_size, err);
	mem_free_all(&mem);
	return drawn;
}

/* --- the steps --------------------------------------------------------------------------------- */

static bool has_turn(const struct picture *p)
{
	return p->canvas != NULL || canvas_count < AT_ONCE;
}

static enum flow_next read_metrics(struct flow *flow)
{
	struct picture *p = flow->state;
	struct incident *incident = incident_of(flow);

	if (incident == NULL || !alarm_metrics_are_known(&incident->alarm))
		return FLOW_DONE;
	if (!has_turn(p))
		return flow_sleep(flow, TURN_MS + random_up_to(TURN_MS), "read");
	p->changed_ms = incident->changed_ms;
	free_canvas(p->canvas);
	p->canvas = new_canvas(flow->bot, incident);
	cloudwatch_read(flow->bot->aws, p->canvas->reads, p->canvas->count, NULL, NULL, flow_wake(flow));
	return FLOW_WAIT;
}

/* Of the metrics; NULL: all could be read. */
static const char *trouble_of(const struct picture *p)
{
	for (size_t i = p->canvas->count; i > 0; i--)
		if (p->canvas->reads[i - 1].result.outcome == METRIC_FAILED)
			return p->canvas->reads[i - 1].result.why;
	return NULL;
}

/* What there is to see of it, and beside the incident's other stages what is wrong (NULL: nothing): one edit of the
 * card. The picture stays as it is when there is no new one. */
static void tell(struct flow *flow, const char *image, const char *why)
{
	const struct picture *p = flow->state;
	struct incident *incident = incident_of(flow);

	if (incident == NULL || (image == NULL && why == NULL && incident->image_trouble == NULL))
		return;
	if (image != NULL) {
		mem_set_string(&incident->image, image);
		mem_set_string(&incident->image_alt, p->canvas->alt);
	}
	mem_set_string(&incident->image_trouble, why);
	incident->revision++;
	incident_save(flow->bot->incidents, incident);
	announce(flow->bot, incident);
}

static enum flow_next draw(struct flow *flow)
{
	const struct picture *p = flow->state;

	if (p->canvas == NULL)
		return flow_goto(flow, "read");
	if (trouble_of(p) != NULL)
		log_event(LOG_WARN, "picture.metric_failed", "incident", p->incident, "why", trouble_of(p), NULL);
	if (count_lines(p->canvas) == 0) {
		tell(flow, NULL, trouble_of(p));
		return flow_goto(flow, "look again");
	}
	worker_run(flow->bot->worker, draw_canvas, p->canvas, flow_wake(flow));
	return FLOW_WAIT;
}

static enum flow_next upload(struct flow *flow)
{
	struct picture *p = flow->state;
	struct chat *chat = flow->bot->chat;

	if (p->canvas == NULL || p->canvas->png == NULL)
		return flow_goto(flow, "read");
	chat->ops->upload(chat, "alarm.png", p->canvas->alt, p->canvas->png, p->canvas->png_size, &p->image,
	                  flow_wake(flow));
	return FLOW_WAIT;
}

static enum flow_next show(struct flow *flow)
{
	const struct picture *p = flow->state;

	if (p->canvas == NULL || p->image == NULL)
		return flow_goto(flow, "read");
	tell(flow, p->image, trouble_of(p));
	return FLOW_NEXT;
}

/* The alarm may have changed meanwhile: its end belongs into the picture. */
static enum flow_next look_again(struct flow *flow)
{
	struct picture *p = flow->state;
	const struct incident *incident = incident_of(flow);

	free_canvas(p->canvas);
	p->canvas = NULL;
	if (incident == NULL || incident->changed_ms == p->changed_ms)
		return FLOW_DONE;
	return flow_sleep(flow, AGAIN_MS, "read");
}

static const char *rescue(struct flow *flow, const struct err *err)
{
	const struct picture *p = flow->state;

	metrics_count("tocsin_pictures_failed_total", NULL, NULL);
	log_event(LOG_WARN, "picture.failed", "incident", p->incident, "why", err->text, NULL);
	tell(flow, NULL, err->text);
	return "look again";
}

static void ended(struct flow *flow, const struct err *err)
{
	struct incident *incident = incident_of(flow);

	(void)err;
	if (incident == NULL || incident->picture_flow == NULL || strcmp(incident->picture_flow, flow->id) != 0)
		return;
	mem_set_string(&incident->picture_flow, NULL);
	incident_save(flow->bot->incidents, incident);
}

static const struct flow_step steps[] = {
	{ "read", read_metrics, NULL },
	{ "draw", draw, NULL },
	{ "upload", upload, NULL },
	{ "show", show, NULL },
	{ "look again", look_again, NULL },
	{ NULL, NULL, NULL },
};

const struct flow_plan picture_plan = {
	.name = "picture",
	.state_size = sizeof(struct picture),
	.fields = fields,
	.steps = steps,
	.max_tries = MAX_TRIES,
	.rescue = rescue,
	.ended = ended,
	.release = release,
};

void picture_start(struct bot *bot, struct incident *incident)
{
	struct flow *flow;
	struct picture *p;

	if (!bot->config->incidents.charts || incident->picture_flow != NULL ||
	    !alarm_metrics_are_known(&incident->alarm))
		return;
	flow = flow_new(bot->flows, &picture_plan);
	p = flow->state;
	mem_set_string(&p->incident, incident->id);
	mem_set_string(&incident->picture_flow, flow->id);
	flow_start(flow);
}
