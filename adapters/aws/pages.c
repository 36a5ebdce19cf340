#include "adapters/aws/pages.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bot/bot.h"
#include "bot/clock.h"
#include "bot/json.h"
#include "bot/loop.h"
#include "bot/mem.h"
#include "bot/str.h"

#define WHOLE_MS 30000
#define LEAST_MS 1000 /* with less left, no further page is begun */
#define SECONDS_MAX 1e11 /* the year 5138 */

struct reading {
	struct aws *aws;
	struct aws_pages pages;
	char *account, *region, *token;
	unsigned seen; /* pages */
	int64_t deadline_ms;
	struct loop_timer *timer; /* until its turn */
	struct aws_guard guard;   /* while no call is under way */
};

static void finish(struct reading *r, bool more, const struct aws_answer *answer, const struct err *err)
{
	aws_guard_remove(r->aws, &r->guard);
	loop_timer_free(r->timer);
	r->pages.done(r->pages.arg, more, answer, err);
	json_free(r->pages.body);
	free(r->account);
	free(r->region);
	free(r->token);
	free(r);
}

/* There is more to come, which will not be seen. */
static void give_up(struct reading *r, const struct aws_answer *answer, const struct err *err)
{
	if (r->seen > 0 && err->kind != ERR_CANCELLED)
		finish(r, true, NULL, NULL);
	else
		finish(r, false, answer, err);
}

/* Whether there is a next page that is worth asking for. */
static bool leads_on(struct reading *r, const char *token)
{
	if (r->token != NULL && strcmp(r->token, token) == 0)
		return false;
	return r->seen < r->pages.max && r->deadline_ms - clock_mono_ms() >= LEAST_MS;
}

static void wait_for_turn(struct reading *r);

static void answered(void *arg, const struct aws_answer *answer, const struct err *err)
{
	struct reading *r = arg;
	struct err wrong = { .kind = ERR_NONE };
	const char *token;
	bool goes_on;

	if (err != NULL) {
		give_up(r, answer, err);
		return;
	}
	goes_on = r->pages.page(r->pages.arg, answer->json, &wrong);
	if (wrong.kind != ERR_NONE) {
		give_up(r, NULL, &wrong);
		return;
	}
	r->seen++;
	token = json_string(answer->json, r->pages.token);
	if (token == NULL || *token == '\0') {
		finish(r, !goes_on, NULL, NULL);
	} else if (!goes_on || !leads_on(r, token)) {
		finish(r, true, NULL, NULL);
	} else {
		mem_set_string(&r->token, token);
		wait_for_turn(r);
	}
}

static void ask(void *arg)
{
	struct reading *r = arg;
	int64_t left_ms = r->deadline_ms - clock_mono_ms();

	aws_guard_remove(r->aws, &r->guard);
	json_put_string(r->pages.body, r->pages.token, r->token);
	aws_call(r->aws, &(struct aws_request){
		.service = r->pages.service, .operation = r->pages.operation, .target = { r->account, r->region },
		.body = json_print(r->pages.body), .idempotent = true, .expected_code = r->pages.expected_code,
		.timeout_ms = left_ms > 0 ? left_ms : 1,
	}, answered, r);
}

static void gone(void *arg)
{
	struct reading *r = arg;
	struct err err;

	(void)err_set(&err, ERR_CANCELLED, "%s:%s: given up at shutdown", r->pages.service->iam, r->pages.operation);
	finish(r, false, NULL, &err);
}

static void too_many(void *arg)
{
	struct reading *r = arg;
	struct err err;

	(void)err_set(&err, ERR_RETRY, "%s:%s: too many such calls are waiting for their turn", r->pages.service->iam,
	              r->pages.operation);
	give_up(r, NULL, &err);
}

static void wait_for_turn(struct reading *r)
{
	int64_t now_ms = clock_mono_ms(), *turn_ms = r->pages.turn_ms, wait_ms;

	if (turn_ms == NULL || *turn_ms <= now_ms) {
		if (turn_ms != NULL)
			*turn_ms = now_ms + clock_wait_ms(r->pages.every_ms);
		ask(r);
		return;
	}
	wait_ms = *turn_ms - now_ms;
	aws_guard_add(r->aws, &r->guard);
	if (now_ms + wait_ms + LEAST_MS > r->deadline_ms) {
		loop_timer_free(r->timer);
		r->timer = loop_timer_new(aws_bot(r->aws)->loop, too_many, r);
		loop_timer_set(r->timer, 1);
		return;
	}
	*turn_ms += clock_wait_ms(r->pages.every_ms);
	loop_timer_set(r->timer, wait_ms);
}

void aws_pages_read(struct aws *aws, const struct aws_pages *pages)
{
	struct reading *r = mem_alloc(sizeof(*r));

	r->aws = aws;
	r->pages = *pages;
	r->account = mem_copy_string(pages->target.account);
	r->region = mem_copy_string(pages->target.region);
	r->deadline_ms = clock_mono_ms() + WHOLE_MS;
	r->timer = loop_timer_new(aws_bot(aws)->loop, ask, r);
	r->guard = (struct aws_guard){ .gone = gone, .arg = r };
	wait_for_turn(r);
}

char *aws_text(struct json_object *json, const char *path, size_t max)
{
	const char *text = json_string(json, path);
	size_t length = text == NULL ? 0 : strlen(text);

	return length == 0 ? NULL : mem_copy_bytes(text, str_utf8_prefix(text, length, max));
}

int64_t aws_time_ms(struct json_object *json, const char *path)
{
	double seconds = json_number(json, path, NAN);
	const char *text = json_string(json, path);
	int64_t ms;

	if (seconds >= 0 && seconds <= SECONDS_MAX)
		return llround(seconds * 1000);
	return text != NULL && clock_parse_iso(text, &ms) ? ms : 0;
}
