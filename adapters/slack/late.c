#include "adapters/slack/late.h"

#include <stdlib.h>

#include "bot/loop.h"
#include "bot/mem.h"

struct late {
	slack_web_fn *done;
	void *arg;
	struct err err;
};

static void complete(void *arg)
{
	struct late *late = arg;

	late->done(late->arg, NULL, late->err.kind == ERR_NONE ? NULL : &late->err);
	free(late);
}

struct err *slack_late(struct loop *loop, slack_web_fn *done, void *arg)
{
	struct late *late = mem_alloc(sizeof(*late));

	late->done = done;
	late->arg = arg;
	loop_defer(loop, complete, late);
	return &late->err;
}
