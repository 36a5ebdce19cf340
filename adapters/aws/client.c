#include "adapters/aws/client.h"

#include <stdlib.h>
#include <string.h>

#include "adapters/aws/account.h"
#include "adapters/aws/call.h"
#include "adapters/aws/endpoint.h"
#include "adapters/aws/log_memory.h"
#include "adapters/aws/profile.h"
#include "adapters/aws/sts.h"
#include "bot/arn.h"
#include "bot/bot.h"
#include "bot/clock.h"
#include "bot/config.h"
#include "bot/http_client.h"
#include "bot/loop.h"
#include "bot/mem.h"
#include "bot/metrics.h"
#include "bot/random.h"

#define TIMEOUT_MS 30000
#define TRY_SHARE 2 /* one try may take this part of the whole, so that a second has a chance */
#define MAX_RUNNING 16
#define MAX_CALLS 512
#define MAX_SLOW 8

/* --- the list --- */

static void list_add(struct aws_call *call)
{
	struct aws *aws = call->aws;

	call->previous = aws->last;
	if (aws->last != NULL)
		aws->last->next = call;
	else
		aws->first = call;
	aws->last = call;
	aws->count++;
}

static void list_remove(struct aws_call *call)
{
	struct aws *aws = call->aws;

	if (call->previous != NULL)
		call->previous->next = call->next;
	else
		aws->first = call->next;
	if (call->next != NULL)
		call->next->previous = call->previous;
	else
		aws->last = call->previous;
	aws->count--;
}

static void free_call(struct aws_call *call)
{
	loop_defer_cancel(call->aws->bot->loop, call);
	loop_timer_free(call->timer);
	aws_credentials_drop(call->credentials);
	free(call->account);
	free(call->region);
	free(call->endpoint);
	free(call->path);
	secret_free(&call->bearer);
	if (call->body != NULL)
		explicit_bzero(call->body, call->body_length);
	free(call->body);
	free(call);
}

/* --- the end --- */

static void start_waiting(void *arg)
{
	struct aws *aws = arg;

	for (struct aws_call *call = aws->first; call != NULL && aws->running < MAX_RUNNING; call = call->next)
		if (call->state == AWS_CALL_WAITING && call->early.kind == ERR_NONE) {
			call->state = AWS_CALL_STARTING;
			call->has_slot = true;
			aws->running++;
			loop_defer(aws->bot->loop, aws_call_start, call);
		}
}

void aws_call_end(struct aws_call *call, const struct aws_answer *answer, const struct err *err)
{
	struct aws *aws = call->aws;
	bool had_slot = call->has_slot;

	aws_call_detach(call);
	list_remove(call);
	aws->running -= had_slot;
	aws->slow -= call->slow;
	metrics_count("tocsin_aws_calls_total", "service", call->service->prefix);
	if (err != NULL)
		metrics_count("tocsin_aws_failures_total", "kind", err_kind_name(err->kind));
	call->done(call->arg, answer, err);
	free_call(call);
	if (had_slot && !aws->closing)
		loop_defer(aws->bot->loop, start_waiting, aws);
}

bool aws_call_maybe_done(const struct aws_call *call)
{
	return call->maybe_done;
}

static void end_early(void *arg)
{
	struct aws_call *call = arg;

	if (call->early.kind == ERR_CANCELLED)
		aws_call_end(call, NULL, &call->early);
	else
		aws_call_fail(call, &call->early);
}

void aws_call_cancel(struct aws_call *call)
{
	struct loop *loop = call->aws->bot->loop;

	if (call->early.kind != ERR_NONE)
		return; /* it is ending already */
	(void)err_set(&call->early, ERR_CANCELLED, "%s:%s: cancelled", call->service->iam, call->operation);
	loop_defer_cancel(loop, call);
	loop_timer_stop(call->timer);
	aws_call_detach(call);
	loop_defer(loop, end_early, call);
}

static void on_timer(void *arg)
{
	struct aws_call *call = arg;
	struct err err;

	if (call->state == AWS_CALL_PAUSED && clock_mono_ms() < call->deadline_ms) {
		aws_call_start(call);
		return;
	}
	(void)err_set(&err, ERR_RETRY, "%s:%s waited too long for %s", call->service->iam, call->operation,
	              call->state == AWS_CALL_ASKING ? "credentials" : "its turn");
	aws_call_fail(call, &err);
}

/* --- a new call --- */

static bool prepare(struct aws_call *call, const struct aws_request *request, struct err *err)
{
	struct aws *aws = call->aws;
	const char *region = aws_region(aws, &request->target, err);

	if (region == NULL)
		return false;
	if (request->target.account != NULL && (strlen(request->target.account) != 12 ||
	    strspn(request->target.account, "0123456789") != 12))
		return err_set(err, ERR_REFUSED, "\"%.20s\" is no AWS account: 12 digits are",
		               request->target.account);
	call->region = mem_copy_string(region);
	if (!aws_endpoint(call->service->prefix, region, &call->endpoint, err)) {
		err->kind = ERR_REFUSED;
		return false;
	}
	if (aws->slow > MAX_SLOW)
		return err_set(err, ERR_RETRY, "%s:%s: %d such calls are under way already", call->service->iam,
		               call->operation, MAX_SLOW);
	if (aws->count > MAX_CALLS)
		return err_set(err, ERR_RETRY, "%s:%s: too many calls to AWS are waiting", call->service->iam,
		               call->operation);
	return true;
}

/* "12345678-..." without a library's help: 128 random bits in the usual spelling. */
static void make_id(char out[AWS_ID_SIZE])
{
	char hex[33];

	random_hex(hex, 16);
	(void)snprintf(out, AWS_ID_SIZE, "%.8s-%.4s-4%.3s-a%.3s-%.12s", hex, hex + 8, hex + 13, hex + 17, hex + 20);
}

static void copy_request(struct aws_call *call, const struct aws_request *request)
{
	call->service = request->service;
	call->operation = request->operation;
	call->expected_code = request->expected_code;
	call->idempotent = request->idempotent;
	call->unsigned_ = request->unsigned_;
	call->raw = request->raw;
	call->makes_credentials = request->unsigned_ || request->credentials != NULL;
	call->account = mem_copy_string(request->target.account);
	if (request->credentials != NULL)
		call->credentials = aws_credentials_keep(request->credentials);
	if (request->bearer != NULL)
		secret_set(&call->bearer, secret_reveal(request->bearer));
	call->path = mem_copy_string(request->path != NULL ? request->path : "");
	call->body = aws_call_body(request, &call->body_length);
	call->piece = request->piece;
	call->first_ms = request->first_ms;
	call->silence_ms = request->silence_ms;
	call->slow = request->slow;
}

struct aws_call *aws_call(struct aws *aws, const struct aws_request *request, aws_answer_fn *done, void *arg)
{
	struct aws_call *call = mem_alloc(sizeof(*call));
	int64_t timeout_ms = request->timeout_ms > 0 ? request->timeout_ms : TIMEOUT_MS;

	call->aws = aws;
	call->done = done;
	call->arg = arg;
	copy_request(call, request);
	call->try_ms = request->slow ? timeout_ms : timeout_ms / TRY_SHARE;
	call->deadline_ms = clock_mono_ms() + timeout_ms;
	call->timer = loop_timer_new(aws->bot->loop, on_timer, call);
	make_id(call->id);
	list_add(call);
	aws->slow += call->slow;
	if (!prepare(call, request, &call->early)) {
		loop_defer(aws->bot->loop, end_early, call);
		return call;
	}
	loop_timer_set(call->timer, timeout_ms);
	if (call->makes_credentials || request->ahead || call->slow) {
		call->state = AWS_CALL_STARTING;
		loop_defer(aws->bot->loop, aws_call_start, call);
	} else if (aws->running < MAX_RUNNING) {
		loop_defer(aws->bot->loop, start_waiting, aws);
	}
	return call;
}

/* --- the whole --- */

static void describe_metrics(void)
{
	metrics_describe("tocsin_aws_calls_total", "counter", "Finished calls to AWS by service");
	metrics_describe("tocsin_aws_failures_total", "counter", "Calls to AWS that failed, by kind of error");
	metrics_describe("tocsin_aws_retries_total", "counter", "Repeated tries of calls to AWS by service");
	metrics_describe("tocsin_aws_throttled_total", "counter", "Tries that AWS throttled, by service");
	metrics_describe("tocsin_bedrock_turns_total", "counter", "Turns of conversations with models, by outcome");
	metrics_describe("tocsin_logs_queries_total", "counter", "Queries of CloudWatch Logs, by outcome");
	metrics_describe("tocsin_logs_scanned_bytes_total", "counter", "Bytes that queries of CloudWatch Logs scanned");
	metrics_describe("tocsin_aws_credentials_total", "counter",
	                 "Times that credentials were asked for, by outcome");
}

/* AWS_CA_BUNDLE is for AWS alone: Slack's authorities need not be in it. */
static bool take_ca_bundle(struct aws *aws, struct err *err)
{
	const struct config *config = aws->bot->config;
	const struct aws_profiles *profiles = aws_profiles(err);
	const char *file = aws_env("AWS_CA_BUNDLE");

	if (profiles == NULL)
		return false;
	if (file == NULL)
		file = aws_profile_get(profiles, aws_profile_name(), "ca_bundle");
	if (file == NULL || config->network.ca_file != NULL)
		return true;
	if (access(file, R_OK) != 0)
		return err_set(err, ERR_USAGE, "AWS_CA_BUNDLE (or ca_bundle of the profile): %.120s cannot be read; "
		               "correct or unset it", file);
	aws->own_http = http_client_new(aws->bot->loop, &(struct http_client_options){
		.ca_file = file, .connect_to = (const char *const *)config->network.connect_to.items,
		.proxy = config->network.proxy,
	}, err);
	aws->http = aws->own_http;
	return aws->http != NULL;
}

struct aws *aws_new(struct bot *bot, struct err *err)
{
	struct aws *aws = mem_alloc(sizeof(*aws));

	aws->bot = bot;
	aws->http = bot->http;
	aws_retry_init(&aws->bucket);
	aws_profiles_reload();
	describe_metrics();
	if (!take_ca_bundle(aws, err)) {
		free(aws);
		return NULL;
	}
	aws->accounts = aws_accounts_new(aws);
	return aws;
}

static void cancel_all(struct aws *aws)
{
	struct err gone;

	while (aws->first != NULL) {
		struct aws_call *call = aws->first;

		(void)err_set(&gone, ERR_CANCELLED, "%s:%s: given up at shutdown", call->service->iam,
		              call->operation);
		aws_call_end(call, NULL, &gone);
	}
}

void aws_guard_add(struct aws *aws, struct aws_guard *guard)
{
	guard->next = aws->guards;
	if (guard->next != NULL)
		guard->next->previous = guard;
	aws->guards = guard;
}

void aws_guard_remove(struct aws *aws, struct aws_guard *guard)
{
	if (guard->previous != NULL)
		guard->previous->next = guard->next;
	else if (aws->guards == guard)
		aws->guards = guard->next;
	if (guard->next != NULL)
		guard->next->previous = guard->previous;
	guard->previous = guard->next = NULL;
}

struct aws_shared *aws_shared(struct aws *aws)
{
	return &aws->shared;
}

void aws_stop(struct aws *aws)
{
	struct aws_guard *next;

	for (struct aws_guard *guard = aws->guards; guard != NULL; guard = next) {
		next = guard->next;
		if (guard->stop != NULL)
			guard->stop(guard->arg);
	}
}

static void tell_guards(struct aws *aws)
{
	while (aws->guards != NULL) {
		struct aws_guard *guard = aws->guards;

		aws_guard_remove(aws, guard);
		guard->gone(guard->arg);
	}
}

void aws_free(struct aws *aws)
{
	if (aws == NULL)
		return;
	aws->closing = true;
	loop_defer_cancel(aws->bot->loop, aws);
	cancel_all(aws);
	tell_guards(aws);
	aws_accounts_free(aws->accounts);
	cancel_all(aws); /* who was told may have asked again */
	http_client_free(aws->own_http);
	sigv4_keys_clear(&aws->keys);
	if (aws->shared.log_memory != NULL)
		log_memory_free(aws->shared.log_memory);
	free(aws->shared.log_memory);
	free(aws);
}

void aws_whoami(struct aws *aws, const struct aws_target *target, char **arn, struct done done)
{
	sts_caller_identity(aws, target, NULL, NULL, arn, done);
}

const char *aws_region(struct aws *aws, const struct aws_target *target, struct err *err)
{
	const char *region = target->region;

	if (region == NULL)
		region = aws->bot->config->aws.region;
	if (region == NULL)
		region = aws_default_region();
	if (region == NULL) {
		(void)err_set(err, ERR_REFUSED, "no AWS region is known: set aws.region or AWS_REGION");
		return NULL;
	}
	if (region_is_plausible(region))
		return region;
	(void)err_set(err, ERR_REFUSED, "\"%.40s\" cannot be an AWS region", region);
	return NULL;
}

int64_t aws_now_ms(const struct aws *aws)
{
	return aws->ahead_ms != 0 ? clock_mono_ms() + aws->ahead_ms : clock_true_ms();
}

const int64_t *aws_ahead_ms(const struct aws *aws)
{
	return &aws->ahead_ms;
}

struct bot *aws_bot(const struct aws *aws)
{
	return aws->bot;
}
