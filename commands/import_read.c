#include "commands/import_read.h"

#include <stdlib.h>

#include "adapters/aws/dashboards.h"
#include "bot/bot.h"
#include "bot/mem.h"
#include "bot/worker.h"
#include "commands/import.h"

struct importing {
	struct bot *bot;
	char *name, *region;
	struct aws_dashboard dashboard;
	char *made, **yaml;
	struct done done;
};

static void finish(void *arg, const struct err *err)
{
	struct importing *i = arg;

	if (err == NULL) {
		free(*i->yaml);
		*i->yaml = i->made;
		i->made = NULL;
	}
	i->done.fn(i->done.arg, err);
	aws_dashboard_free(&i->dashboard);
	free(i->made);
	free(i->name);
	free(i->region);
	free(i);
}

/* On the worker: a body may be long. */
static bool convert(void *arg, struct err *err)
{
	struct importing *i = arg;
	const struct import_source source = {
		.name = i->name, .body = i->dashboard.body, .length = i->dashboard.length, .region = i->region,
		.account = i->dashboard.account,
	};

	i->made = import_yaml(&source, err);
	return i->made != NULL;
}

static void got(void *arg, const struct err *err)
{
	struct importing *i = arg;

	if (err != NULL)
		finish(i, err);
	else
		worker_run(i->bot->worker, convert, i, (struct done){ finish, i });
}

void import_read(struct bot *bot, const char *name, const char *region, char **yaml, struct done done)
{
	const struct aws_target target = { NULL, region };
	struct importing *i = mem_alloc(sizeof(*i));

	i->bot = bot;
	i->name = mem_copy_string(name);
	i->region = mem_copy_string(region);
	i->yaml = yaml;
	i->done = done;
	dashboards_get(bot->aws, &target, name, &i->dashboard, (struct done){ got, i });
}
