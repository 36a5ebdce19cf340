#include "adapters/aws/call.h"

#include <stdlib.h>
#include <string.h>

#include "adapters/aws/sign.h"
#include "adapters/aws/xml.h"
#include "bot/bot.h"
#include "bot/clock.h"
#include "bot/http_client.h"
#include "bot/json.h"
#include "bot/log.h"
#include "bot/loop.h"
#include "bot/mem.h"
#include "bot/metrics.h"
#include "bot/str.h"

#define MAX_BODY ((size_t)4 << 20)
#define MAX_ANSWER ((size_t)4 << 20)
#define MAX_STREAM ((size_t)32 << 20) /* most of it is framing */
#define MAX_HEADERS 12
#define MAX_URL ((size_t)16 << 10)
#define MAX_AUTHORIZATION ((size_t)16 << 10)
#define SKEW_MS (4 * 60 * 1000) /* signatures are good for five minutes */

static bool is_json(const struct aws_service *service)
{
	return service->protocol == AWS_JSON_1_0 || service->protocol == AWS_JSON_1_1 ||
	       service->protocol == AWS_REST_JSON;
}

static const char *content_type(const struct aws_service *service)
{
	if (service->protocol == AWS_REST_JSON)
		return "application/json";
	return service->protocol == AWS_JSON_1_0 ? "application/x-amz-json-1.0" :
	       service->protocol == AWS_JSON_1_1 ? "application/x-amz-json-1.1" :
	                                           "application/x-www-form-urlencoded; charset=utf-8";
}

char *aws_call_body(const struct aws_request *request, size_t *length)
{
	struct str body;

	str_init(&body, MAX_BODY);
	if (is_json(request->service))
		str_add(&body, request->body);
	else
		str_addf(&body, "Action=%s&Version=%s%s", request->operation, request->service->version,
		         request->body);
	*length = body.length;
	return str_take(&body);
}

/* --- the request --- */

struct headers {
	struct http_header items[MAX_HEADERS + 1];
	unsigned count;
	char date[SIGV4_DATE_SIZE], attempt[40], target[128];
	struct str host, path, authorization;
};

static void add(struct headers *headers, const char *name, const char *value)
{
	headers->items[headers->count++] = (struct http_header){ name, value };
}

static void sign(struct aws_call *call, struct headers *headers)
{
	const struct aws_credentials *credentials = call->credentials;
	const struct sigv4_scope scope = { headers->date, call->region, call->service->signing };
	char hash[SIGV4_HEX_SIZE];
	const struct sigv4_request request = {
		.method = "POST", .path = headers->path.text, .headers = headers->items, .body_hash = hash,
	};

	if (secret_reveal(&credentials->token) != NULL)
		add(headers, "X-Amz-Security-Token", secret_reveal(&credentials->token));
	sigv4_hash(call->body, call->body_length, hash);
	sigv4_authorization(&call->aws->keys, &request, &scope, credentials->key_id,
	                    secret_reveal(&credentials->key), &headers->authorization);
	add(headers, "Authorization", headers->authorization.text);
}

static void make_headers(struct aws_call *call, struct headers *headers)
{
	const struct aws_service *service = call->service;

	memset(headers, 0, sizeof(*headers));
	str_init(&headers->host, 1024);
	str_init(&headers->path, MAX_URL);
	str_init(&headers->authorization, MAX_AUTHORIZATION);
	aws_sign_split_url(call->endpoint, &headers->host, &headers->path);
	str_addf(&headers->path, "/%s", call->path);
	add(headers, "Host", headers->host.text);
	add(headers, "Content-Type", content_type(service));
	if (is_json(service) && service->protocol != AWS_REST_JSON) {
		(void)snprintf(headers->target, sizeof(headers->target), "%s.%s", service->version, call->operation);
		add(headers, "X-Amz-Target", headers->target);
	}
	if (service->spoke_query)
		add(headers, "X-Amzn-Query-Mode", "true");
	(void)snprintf(headers->attempt, sizeof(headers->attempt), "attempt=%u; max=%u", call->retry.tries,
	               call->aws->bucket.tries);
	add(headers, "amz-sdk-invocation-id", call->id);
	add(headers, "amz-sdk-request", headers->attempt);
	sigv4_date(call->signed_ms, headers->date);
	add(headers, "X-Amz-Date", headers->date);
	if (secret_reveal(&call->bearer) != NULL) {
		str_addf(&headers->authorization, "Bearer %s", secret_reveal(&call->bearer));
		add(headers, "Authorization", headers->authorization.text);
	} else if (!call->unsigned_) {
		sign(call, headers);
	}
}

static void free_headers(struct headers *headers)
{
	str_free(&headers->host);
	str_free(&headers->path);
	explicit_bzero(headers->authorization.text, headers->authorization.length);
	str_free(&headers->authorization);
}

static struct aws_ticket *new_ticket(struct aws_call *call)
{
	struct aws_ticket *ticket = mem_alloc(sizeof(*ticket));

	ticket->call = call;
	call->ticket = ticket;
	return ticket;
}

/* The call behind a ticket that is given back, or NULL when it has ended. */
static struct aws_call *take_ticket(struct aws_ticket *ticket)
{
	struct aws_call *call = ticket->call;

	free(ticket);
	if (call != NULL)
		call->ticket = NULL;
	return call;
}

void aws_call_detach(struct aws_call *call)
{
	if (call->ticket != NULL)
		call->ticket->call = NULL;
	call->ticket = NULL;
	if (call->http != NULL) {
		call->maybe_done = true;
		http_client_cancel(call->http);
	}
	call->http = NULL;
}

static void answered(void *arg, const struct http_answer *http, const struct err *err);

static void on_piece(void *arg, const char *bytes, size_t length)
{
	struct aws_call *call = ((struct aws_ticket *)arg)->call;

	if (call == NULL)
		return;
	call->told = call->maybe_done = true;
	call->piece(call->arg, bytes, length);
}

static void send_try(struct aws_call *call)
{
	int64_t left_ms = call->deadline_ms - clock_mono_ms();
	struct headers headers;
	struct str url;

	call->state = AWS_CALL_SENT;
	loop_timer_stop(call->timer); /* the HTTP client's deadline is sooner */
	call->retry.tries++;
	call->signed_ms = aws_now_ms(call->aws);
	make_headers(call, &headers);
	str_init(&url, MAX_URL);
	str_addf(&url, "%s/%s", call->endpoint, call->path);
	call->http = http_client_send(call->aws->http, &(struct http_request_out){
		.method = "POST", .url = url.text, .headers = headers.items,
		.body = call->body, .body_length = call->body_length,
		.timeout_ms = left_ms < call->try_ms ? left_ms : call->try_ms,
		.max_answer = call->piece != NULL ? MAX_STREAM : MAX_ANSWER, .idempotent = call->idempotent,
		.piece = call->piece != NULL ? on_piece : NULL, .first_ms = call->first_ms,
		.silence_ms = call->silence_ms, .metric = call->service->prefix,
	}, answered, new_ticket(call));
	str_free(&url);
	free_headers(&headers);
}

static void got_credentials(void *arg, struct aws_credentials *credentials, const struct err *err)
{
	struct aws_call *call = take_ticket(arg);

	if (call == NULL)
		return;
	if (err != NULL) {
		aws_call_fail(call, err);
		return;
	}
	aws_credentials_drop(call->credentials);
	call->credentials = aws_credentials_keep(credentials);
	send_try(call);
}

void aws_call_start(void *arg)
{
	struct aws_call *call = arg;

	if (call->makes_credentials || secret_reveal(&call->bearer) != NULL) {
		send_try(call);
		return;
	}
	call->state = AWS_CALL_ASKING;
	loop_timer_set(call->timer, call->deadline_ms - clock_mono_ms());
	aws_accounts_get(call->aws->accounts, call->account, got_credentials, new_ticket(call));
}

/* --- words --- */

static const char *account_for_people(const struct aws_call *call, const struct aws_fault *fault, char out[32])
{
	const char *arn = strstr(fault->message, "arn:aws");
	const char *own = aws_accounts_own(call->aws->accounts);
	unsigned colons = 0;

	if (call->account != NULL || own != NULL)
		return call->account != NULL ? call->account : own;
	while (arn != NULL && *arn != '\0' && colons < 4)
		colons += *arn++ == ':';
	(void)snprintf(out, 32, "%.12s", arn != NULL && strspn(arn, "0123456789") == 12 ? arn : "of our own");
	return out;
}

static void denied_text(const struct aws_call *call, const struct aws_fault *fault, struct err *err)
{
	char account[32];

	(void)err_set(err, ERR_REFUSED, "not allowed: IAM action %s:%s in account %s, %s; add it to the policy of "
	              "tocsin's role (%.90s)", call->service->iam, call->operation,
	              account_for_people(call, fault, account), call->region, fault->code);
}

/* It was not done, or may be done twice. */
static bool may_repeat(const struct aws_call *call, enum aws_fault_kind kind)
{
	return kind == AWS_FAULT_THROTTLED || kind == AWS_FAULT_NOT_READY ||
	       (kind == AWS_FAULT_TRANSIENT && call->idempotent);
}

static void fault_text(const struct aws_call *call, const struct aws_fault *fault, enum aws_fault_kind kind,
                       struct err *err)
{
	enum err_kind outcome = ERR_REFUSED;
	const char *code = fault->code[0] != '\0' ? fault->code : "no error code";

	if (may_repeat(call, kind))
		outcome = ERR_RETRY;
	else if (kind == AWS_FAULT_TRANSIENT)
		outcome = ERR_UNKNOWN;
	if (aws_fault_is_denied(fault))
		denied_text(call, fault, err);
	else if (kind == AWS_FAULT_EXPIRED || kind == AWS_FAULT_SIGNATURE)
		(void)err_set(err, outcome, "AWS does not accept our credentials, which come from %.90s: "
		              "%.40s for %s:%s; renew them",
		              call->credentials != NULL ? call->credentials->source : "a token", code,
		              call->service->iam, call->operation);
	else if (kind == AWS_FAULT_SKEWED)
		(void)err_set(err, outcome, "AWS refuses %s:%s: %.40s; set this machine's clock",
		              call->service->iam, call->operation, code);
	else
		(void)err_set(err, outcome, "%s:%s in %s: AWS answers %d %.60s%s%.100s", call->service->iam,
		              call->operation, call->region, fault->status, code,
		              fault->message[0] != '\0' ? ": " : "", fault->message);
}

static void log_failure(const struct aws_call *call, const struct aws_fault *fault, const struct err *err)
{
	log_event(LOG_WARN, "aws.call_failed", "service", call->service->prefix, "operation", call->operation,
	          "account", call->account != NULL ? call->account : "own", "region", call->region,
	          "code", fault != NULL ? fault->code : NULL, "request", fault != NULL ? fault->request_id : NULL,
	          "tries", LOG_INT(call->retry.tries), "why", err->text, NULL);
}

void aws_call_fail(struct aws_call *call, const struct err *err)
{
	log_failure(call, NULL, err);
	aws_call_end(call, NULL, err);
}

/* --- answers --- */

/* True when another try is under way. */
static bool again(struct aws_call *call, bool timed_out, int64_t asked_ms)
{
	int64_t wait_ms;

	if (call->aws->closing || !aws_retry_again(&call->aws->bucket, &call->retry, timed_out, asked_ms, &wait_ms))
		return false;
	if (clock_mono_ms() + wait_ms >= call->deadline_ms)
		return false;
	metrics_count("tocsin_aws_retries_total", "service", call->service->prefix);
	call->state = AWS_CALL_PAUSED;
	loop_timer_set(call->timer, wait_ms);
	return true;
}

/* What is put right at once is tried at once, one time each. */
static bool mend(struct aws_call *call, enum aws_fault_kind kind, int64_t date_ms)
{
	int64_t off_ms = date_ms > 0 ? date_ms - call->signed_ms : 0;
	bool off = off_ms >= SKEW_MS || off_ms <= -SKEW_MS;

	if ((kind == AWS_FAULT_SKEWED || kind == AWS_FAULT_SIGNATURE) && off && !call->corrected) {
		call->corrected = true;
		call->aws->ahead_ms = date_ms - clock_mono_ms();
		log_event(LOG_WARN, "aws.clock_skew", "ms", LOG_INT(date_ms - clock_true_ms()), NULL);
	} else if ((kind == AWS_FAULT_EXPIRED || kind == AWS_FAULT_SKEWED) && !call->refreshed &&
	           call->credentials != NULL) {
		call->refreshed = true;
		aws_accounts_refused(call->aws->accounts, call->credentials);
		if (call->makes_credentials)
			return false; /* the next question begins with new ones */
	} else {
		return false;
	}
	metrics_count("tocsin_aws_retries_total", "service", call->service->prefix);
	aws_call_start(call);
	return true;
}

static void read_fault(const struct aws_call *call, const struct http_answer *http, struct aws_fault *fault)
{
	struct aws_fault_headers headers = {
		.error_type = http_answer_header(http, "x-amzn-ErrorType"),
		.query_error = http_answer_header(http, "x-amzn-query-error"),
		.request_id = http_answer_header(http, "x-amzn-RequestId"),
	};

	if (headers.request_id == NULL)
		headers.request_id = http_answer_header(http, "x-amz-request-id");
	aws_fault_read(fault, call->service->protocol, http->status, http->body, http->body_length, &headers);
}

static void on_fault(struct aws_call *call, const struct http_answer *http)
{
	struct aws_fault fault;
	enum aws_fault_kind kind;
	struct err err;
	int64_t asked_ms = aws_retry_asked_ms(http_answer_header(http, "x-amz-retry-after"));
	bool safe;

	read_fault(call, http, &fault);
	kind = aws_fault_kind(&fault);
	call->maybe_done = call->maybe_done || kind == AWS_FAULT_TRANSIENT;
	safe = may_repeat(call, kind);
	call->retry.patient = kind == AWS_FAULT_NOT_READY;
	if (kind == AWS_FAULT_THROTTLED)
		metrics_count("tocsin_aws_throttled_total", "service", call->service->prefix);
	if (mend(call, kind, http->date_ms) || (safe && again(call, false, asked_ms)))
		return;
	fault_text(call, &fault, kind, &err);
	err.retry_after_ms = err.kind == ERR_RETRY ? asked_ms : 0;
	if (call->expected_code == NULL || strcmp(fault.code, call->expected_code) != 0)
		log_failure(call, &fault, &err);
	aws_call_end(call, &(struct aws_answer){ .fault = &fault }, &err);
}

/* A proxy's page may be good XML. */
static bool is_answer_to(const struct aws_call *call, const struct xml *xml, struct err *err)
{
	const char *name = xml_name(xml_root(xml));
	size_t length = strlen(call->operation);

	if (strncmp(name, call->operation, length) == 0 && strcmp(name + length, "Response") == 0)
		return true;
	return err_set(err, ERR_UNKNOWN, "the answer is no %.60sResponse but <%.40s>", call->operation, name);
}

/* False when the body is not what the protocol says. */
static bool on_success(struct aws_call *call, const struct http_answer *http, struct err *err)
{
	struct json_object *json = NULL;
	struct xml *xml = NULL;
	struct aws_answer answer = { 0 };

	if (call->piece != NULL) {
		aws_retry_worked(&call->aws->bucket, &call->retry);
		aws_call_end(call, &answer, NULL);
		return true;
	}
	if (call->raw) {
		aws_retry_worked(&call->aws->bucket, &call->retry);
		answer.body_length = http->body_length;
		answer.body = http_answer_take(http);
		aws_call_end(call, &answer, NULL);
		return true;
	}
	if (is_json(call->service) && http->body_length == 0)
		json = json_new_object(); /* nothing to say: CancelCommand */
	else if (is_json(call->service))
		json = json_parse(http->body, http->body_length, err);
	else
		xml = xml_parse(http->body, http->body_length, err);
	if (json == NULL && (xml == NULL || !is_answer_to(call, xml, err))) {
		xml_free(xml);
		return false;
	}
	aws_retry_worked(&call->aws->bucket, &call->retry);
	answer.json = json;
	answer.xml = xml != NULL ? xml_root(xml) : NULL;
	aws_call_end(call, &answer, NULL);
	json_free(json);
	xml_free(xml);
	return true;
}

/* No answer, or none that can be read. Nothing was done when `err` says ERR_RETRY. */
static void on_no_answer(struct aws_call *call, const struct err *err, bool timed_out)
{
	bool certain = err->kind == ERR_RETRY;
	struct err why = *err;

	if (!call->told && (certain || (call->idempotent && err->kind == ERR_UNKNOWN)) && again(call, timed_out, 0))
		return;
	if (err->kind == ERR_UNKNOWN && call->idempotent)
		why.kind = ERR_RETRY;
	else if (err->kind == ERR_USAGE)
		why.kind = ERR_REFUSED;
	(void)err_set(&why, why.kind, "%s:%s: %.200s", call->service->iam, call->operation, err->text);
	aws_call_fail(call, &why);
}

static void answered(void *arg, const struct http_answer *http, const struct err *err)
{
	struct aws_call *call = take_ticket(arg);
	struct err why;

	if (call == NULL)
		return;
	call->http = NULL;
	call->maybe_done = call->maybe_done || (err != NULL ? err->kind == ERR_UNKNOWN : http->status < 300);
	if (err != NULL) {
		on_no_answer(call, err, err->kind == ERR_UNKNOWN);
	} else if (http->status < 200 || http->status > 299) {
		on_fault(call, http);
	} else if (!on_success(call, http, &why)) {
		why.kind = ERR_UNKNOWN;
		on_no_answer(call, &why, false);
	}
}
