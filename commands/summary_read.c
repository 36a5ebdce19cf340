#include "commands/summary_read.h"

#include <stdlib.h>
#include <string.h>

#include "bot/bot.h"
#include "bot/config.h"
#include "bot/mem.h"
#include "bot/metric.h"
#include "bot/worker.h"
#include "commands/dashboard_data.h"
#include "commands/dashboard_read.h"
#include "commands/summary_data.h"
#include "commands/summary_schedule.h"

#define DAY_MS (24 * 3600 * INT64_C(1000))

struct reading {
	struct bot *bot;
	struct summary_data *data;
	void (*progress)(void *arg, size_t finished, size_t count);
	void *arg;
	struct done done;
	size_t next, under_way, finished;
	size_t values; /* kept so far */
	bool cancelled;
};

/* One dashboard of it. */
struct look {
	struct reading *reading;
	struct summary_look *look;
	struct dashboard_data *data;
};

static void start_some(struct reading *r);

static void end(struct reading *r)
{
	struct done done = r->done;
	bool cancelled = r->cancelled;
	struct err err;

	free(r);
	(void)err_set(&err, ERR_CANCELLED, "stopped while dashboards were read");
	done.fn(done.arg, cancelled ? &err : NULL);
}

static size_t values_of(const struct dashboard_data *data)
{
	size_t count = 0;

	for (size_t i = 0; i < data->metric_count; i++)
		for (size_t k = 0; k < data->reads[i].result.count; k++)
			count += data->reads[i].result.series[k].series.count;
	return count;
}

static void take(struct look *look)
{
	struct reading *r = look->reading;

	look->look->data = look->data;
	r->values += values_of(look->data);
	if (r->values <= SUMMARY_VALUES_MAX)
		return;
	r->values -= values_of(look->data);
	dashboard_data_drop_values(look->data);
}

static void look_done(void *arg, const struct err *err)
{
	struct look *look = arg;
	struct reading *r = look->reading;

	if (err == NULL) {
		take(look);
	} else {
		look->look->why = mem_copy_string(err->text);
		dashboard_data_free(look->data);
	}
	r->cancelled = r->cancelled || (err != NULL && err->kind == ERR_CANCELLED);
	free(look);
	r->under_way--;
	r->finished++;
	if (r->progress != NULL && !r->cancelled)
		r->progress(r->arg, r->finished, r->data->look_count);
	start_some(r);
	if (r->under_way == 0)
		end(r);
}

static const struct config_dashboard *find(const struct config *config, const char *name)
{
	for (size_t i = 0; i < config->dashboards.count; i++)
		if (strcmp(config->dashboards.items[i].name, name) == 0)
			return &config->dashboards.items[i];
	return NULL;
}

/* What the summary tells is judged: a week, or with weekend_aware all since the run before. A borrowed copy. */
static struct config_dashboard as_told(const struct config_dashboard *dashboard, const struct summary_data *data)
{
	struct config_dashboard told = *dashboard;
	int64_t told_ms = data->until_ms - data->since_ms;

	if (data->kind == SUMMARY_ASKED && told_ms <= DAY_MS)
		return told;
	if (data->kind != SUMMARY_DAILY || (told.weekend_aware && told_ms > told.range_ms))
		told.range_ms = told_ms;
	told.weekend_aware = false;
	return told;
}

static void start(struct reading *r, struct summary_look *summary_look)
{
	const struct config_dashboard *dashboard = find(r->bot->config, summary_look->name);
	struct config_dashboard told;
	struct look *look;
	struct err err;

	if (dashboard == NULL) {
		summary_look->why = mem_copy_string("it is gone from the configuration");
		r->finished++;
		return;
	}
	told = as_told(dashboard, r->data);
	look = mem_alloc(sizeof(*look));
	*look = (struct look){ r, summary_look, dashboard_data_new(&told, r->data->until_ms, &err) };
	if (look->data == NULL) {
		summary_look->why = mem_copy_string(err.text);
		r->finished++;
		free(look);
		return;
	}
	r->under_way++;
	dashboard_read(r->bot, &told, look->data, NULL, NULL, (struct done){ look_done, look });
}

static void start_some(struct reading *r)
{
	while (!r->cancelled && r->next < r->data->look_count && r->under_way < SUMMARY_READ_AT_ONCE)
		start(r, &r->data->looks[r->next++]);
}

static bool nothing(void *arg, struct err *err)
{
	(void)arg;
	(void)err;
	return true;
}

static void nothing_done(void *arg, const struct err *err)
{
	struct reading *r = arg;

	r->cancelled = err != NULL;
	end(r);
}

void summary_read(struct bot *bot, struct summary_data *data,
                  void (*progress)(void *arg, size_t finished, size_t count), void *arg, struct done done)
{
	struct reading *r = mem_alloc(sizeof(*r));

	*r = (struct reading){ .bot = bot, .data = data, .progress = progress, .arg = arg, .done = done };
	start_some(r);
	if (r->under_way == 0) /* later, and also when the program ends */
		worker_run(bot->worker, nothing, r, (struct done){ nothing_done, r });
}
