#include "adapters/prometheus/judge.h"

#include <stdlib.h>

#include "adapters/aws/fault.h"
#include "bot/http_client.h"
#include "bot/json.h"
#include "bot/utf8.h"

#define BODY_MAX ((size_t)64 << 10) /* a refusal is short; what is longer is somebody else's page */
#define REASON_UNITS 110            /* fits into err.text with the advice */

static void read_fault(const struct http_answer *answer, struct aws_fault *fault)
{
	const struct aws_fault_headers headers = { .error_type = http_answer_header(answer, "x-amzn-ErrorType") };

	aws_fault_read(fault, AWS_JSON_1_1, answer->status, answer->body, answer->body_length, &headers);
}

bool prometheus_judge_expired(const struct http_answer *answer)
{
	struct aws_fault fault;

	if (answer->status < 400 || answer->status > 499)
		return false;
	read_fault(answer, &fault);
	return aws_fault_kind(&fault) == AWS_FAULT_EXPIRED;
}

/* The server's own words, or "". free() it. */
static char *reason_of(const struct http_answer *answer)
{
	struct err ignored;
	struct json_object *json = NULL;
	const char *text = NULL;
	char *clean, *shorter;

	if (answer->body_length <= BODY_MAX)
		json = json_parse(answer->body, answer->body_length, &ignored);
	text = json_string(json, "error");
	if (text == NULL)
		text = json_string(json, "message");
	if (text == NULL)
		text = json_string(json, "Message");
	clean = utf8_clean(text, true);
	shorter = utf8_shorten(clean, REASON_UNITS);
	free(clean);
	json_free(json);
	return shorter;
}

static bool denied(const char *entry, const struct http_answer *answer, struct err *why)
{
	struct aws_fault fault;

	read_fault(answer, &fault);
	if (aws_fault_is_denied(&fault))
		return err_set(why, ERR_REFUSED, "%s: not allowed: IAM action aps:QueryMetrics; add it to the policy "
		               "of tocsin's role (%.60s)", entry, fault.code);
	return err_set(why, ERR_REFUSED, "%s: AWS does not accept the signature (%d %.60s); check the entry's region "
	               "and the credentials", entry, answer->status, fault.code);
}

static const char *advice_of(int status)
{
	switch (status) {
	case 400:
		return "correct the query";
	case 401:
	case 403:
		return "check user and password, or token, of the entry";
	case 404:
	case 405:
		return "its url must be what stands before api/v1/query_range";
	case 422:
		return "change the query";
	case 429:
		return "it limits us: ask less often, or for fewer series";
	case 503:
		return "it timed out or is overloaded: ask for fewer series or a longer period";
	default:
		return status / 100 == 3 ? "it redirects: give the address behind that as the url" :
		                           "look at the server's log";
	}
}

static bool no_answer(const char *entry, const struct err *err, struct err *why)
{
	enum err_kind kind = err->kind == ERR_UNKNOWN ? ERR_RETRY : err->kind; /* reading changes nothing */

	/* Refused by the HTTP client: a certificate that does not fit, or an answer over the ceiling. */
	return err_set(why, kind, "%s: %.120s; %s", entry, err->text, kind == ERR_REFUSED ?
	               "check its certificate, or ask for fewer series: sum by (...), topk()" :
	               "check its url and the network");
}

static enum err_kind kind_of(int status)
{
	if (status == 400 || status == 422) /* the query */
		return ERR_USAGE;
	return status == 429 || status >= 500 ? ERR_RETRY : ERR_REFUSED;
}

bool prometheus_judge(const char *entry, bool signed_, const struct http_answer *answer, const struct err *err,
                      struct err *why)
{
	enum err_kind kind;
	char *reason;

	if (err != NULL)
		return no_answer(entry, err, why);
	if (answer->status >= 200 && answer->status <= 299)
		return true;
	if (signed_ && (answer->status == 401 || answer->status == 403))
		return denied(entry, answer, why);
	kind = kind_of(answer->status);
	reason = reason_of(answer);
	(void)err_set(why, kind, "%s answers %d%s%s; %s", entry, answer->status,
	              *reason == '\0' ? "" : ": ", reason, advice_of(answer->status));
	free(reason);
	return false;
}
