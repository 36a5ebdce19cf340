#include "commands/import_print.h"

#include <stdio.h>
#include <stdlib.h>

#include "bot/bot.h"
#include "bot/err.h"
#include "bot/loop.h"
#include "bot/mem.h"
#include "commands/import_read.h"

struct printing {
	struct bot *bot;
	char *yaml;
	bool *failed;
};

static void printed(void *arg, const struct err *err)
{
	struct printing *p = arg;

	if (err != NULL)
		(void)fprintf(stderr, "tocsin: %s\n", err->text);
	else
		(void)printf("%s", p->yaml);
	*p->failed = err != NULL;
	loop_stop(p->bot->loop);
	free(p->yaml);
	free(p);
}

void import_print(struct bot *bot, const char *name, const char *region, bool *failed)
{
	struct printing *p = mem_alloc(sizeof(*p));

	p->bot = bot;
	p->failed = failed;
	import_read(bot, name, region, &p->yaml, (struct done){ printed, p });
}
