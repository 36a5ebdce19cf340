#include "adapters/jira/judge.h"

#include <stdlib.h>
#include <string.h>

#include "bot/clock.h"
#include "bot/http_client.h"
#include "bot/json.h"
#include "bot/str.h"
#include "bot/utf8.h"

#define REASON_MAX 150
#define DEFAULT_LIMIT_WAIT_MS 5000  /* a 429 without a word on when */
#define LONGEST_WAIT_MS 3600000

/* --- Jira's own words ---------------------------------------------------------------------- */

static void add_reason(struct str *out, const char *field, const char *text)
{
	char *clean = utf8_clean(text, true);

	if (*clean != '\0') {
		if (out->length > 0)
			str_add(out, "; ");
		if (field != NULL)
			str_addf(out, "%s: ", field);
		str_add(out, clean);
	}
	free(clean);
}

static bool add_field_reason(void *arg, const char *key, struct json_object *value)
{
	char *field = utf8_clean(key, true);

	add_reason(arg, field, json_string(value, ""));
	free(field);
	return true;
}

/* Both lists, and the shapes of what stands before Jira's REST: its gateway, older login filters. */
static void read_reasons(struct str *out, struct json_object *json)
{
	static const char *const others[] = { "message", "errorMessage", "error_description" };
	struct json_object *messages = json_get(json, "errorMessages"), *errors = json_get(json, "errors");

	for (size_t i = 0; i < json_count(messages); i++)
		add_reason(out, NULL, json_string(json_at(messages, i), ""));
	if (json_is_object(errors))
		json_each(errors, add_field_reason, out);
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]) && out->length == 0; i++)
		if (json_string(json, others[i]) != NULL)
			add_reason(out, NULL, json_string(json, others[i]));
}

static char *reason_of(struct json_object *json)
{
	struct str all;
	char *text;

	str_init(&all, (size_t)64 << 10);
	read_reasons(&all, json);
	while (all.length > 0 && all.text[all.length - 1] == '.')
		all.text[--all.length] = '\0'; /* it becomes the middle of our sentence */
	text = utf8_shorten(all.text, REASON_MAX);
	str_free(&all);
	return text;
}

/* --- verdicts ------------------------------------------------------------------------------ */

static void refuse(struct jira_outcome *out, const struct jira_question *question, const char *why,
                   const char *to_do)
{
	char *reason = reason_of(out->json);
	const char *advice = to_do == NULL ? question->advice : to_do;

	(void)err_set(&out->err, ERR_REFUSED, "Jira cannot %s (HTTP %d%s%s)%s%s%s%s", question->what, out->status,
	              why == NULL ? "" : ", ", why == NULL ? "" : why, *reason == '\0' ? "" : ": ", reason,
	              advice == NULL ? "" : *reason == '\0' ? ": " : "; ", advice == NULL ? "" : advice);
	free(reason);
}

static void fail(struct jira_outcome *out, const struct jira_question *question, enum err_kind kind,
                 const char *why)
{
	(void)err_set(&out->err, kind, "Jira could not %s: %s%s", question->what, why,
	              kind == ERR_UNKNOWN ? "; it may have been done all the same" : "");
}

/* May have happened: for what can be repeated without harm that is no different from not. */
static void fail_ambiguous(struct jira_outcome *out, const struct jira_question *question, const char *why)
{
	fail(out, question, question->idempotent ? ERR_RETRY : ERR_UNKNOWN, why);
	out->may_pass = true;
}

/* Seconds or milliseconds since 1970, or ISO 8601, which Atlassian writes without seconds. */
static int64_t reset_ms(const struct http_answer *answer)
{
	const char *text = http_answer_header(answer, "X-RateLimit-Reset");
	int64_t now_ms = answer->date_ms > 0 ? answer->date_ms : clock_wall_ms(), at_ms;
	char *end;

	if (text == NULL)
		return 0;
	at_ms = strtoll(text, &end, 10);
	if (*end == '\0' && end != text)
		at_ms = at_ms < INT64_C(100000000000) ? at_ms * 1000 : at_ms;
	else if (!clock_parse_iso(text, &at_ms))
		return 0;
	return at_ms > now_ms && at_ms - now_ms <= LONGEST_WAIT_MS ? at_ms - now_ms : 0;
}

static void limit(struct jira_outcome *out, const struct jira_question *question,
                  const struct http_answer *answer)
{
	const char *reason = http_answer_header(answer, "RateLimit-Reason");
	int64_t wait_ms = answer->retry_after_ms > 0 ? answer->retry_after_ms : reset_ms(answer);

	fail(out, question, ERR_RETRY, "too many requests (HTTP 429)");
	out->err.retry_after_ms = wait_ms <= 0 ? DEFAULT_LIMIT_WAIT_MS :
	                          wait_ms > LONGEST_WAIT_MS ? LONGEST_WAIT_MS : wait_ms;
	out->limited = out->may_pass = true;
	out->of_issue = reason != NULL && strstr(reason, "per-issue") != NULL;
}

/* Only the host is shown: a login page's address may carry a ticket. */
static void refuse_redirect(struct jira_outcome *out, const struct jira_question *question,
                            const struct http_answer *answer)
{
	const char *to = http_answer_header(answer, "Location"), *host = to == NULL ? NULL : strstr(to, "://");
	size_t length;
	char advice[120];

	if (host == NULL)
		host = "://the login page";
	length = strcspn(host + 3, "/?#");
	(void)snprintf(advice, sizeof(advice), "it sends us to %.*s: set jira.url to where Jira itself answers",
	               length < 60 ? (int)length : 60, host + 3);
	refuse(out, question, "a redirect", advice);
}

static void refuse_login(struct jira_outcome *out, const struct jira_question *question,
                         const struct http_answer *answer)
{
	const char *denied = http_answer_header(answer, "X-Authentication-Denied-Reason");

	if (denied != NULL && strstr(denied, "CAPTCHA") != NULL)
		refuse(out, question, "CAPTCHA wanted",
		       "log in to Jira once in a browser as this user, or use a token");
	else if (out->status == 401)
		refuse(out, question, "login refused",
		       "check jira.user and jira.token (expired?); a scoped token needs "
		       "jira.url https://api.atlassian.com/ex/jira/CLOUD-ID");
	else
		refuse(out, question, "forbidden", NULL);
}

static bool is_html(const struct http_answer *answer)
{
	return str_starts(answer->content_type, "text/html");
}

static void judge_status(struct jira_outcome *out, const struct jira_question *question,
                         const struct http_answer *answer)
{
	char what[40];

	(void)snprintf(what, sizeof(what), "HTTP status %d", answer->status);
	if (answer->status == 429) {
		limit(out, question, answer);
	} else if (answer->status >= 500 || answer->status == 408) {
		fail_ambiguous(out, question, what);
		if (out->err.kind == ERR_RETRY)
			out->err.retry_after_ms = answer->retry_after_ms;
	} else if (answer->status >= 300 && answer->status < 400) {
		refuse_redirect(out, question, answer);
	} else if (answer->status == 401 || answer->status == 403) {
		refuse_login(out, question, answer);
	} else if (is_html(answer)) {
		refuse(out, question, "a web page",
		       "not Jira answered but something before it: check jira.url and proxy");
	} else if (answer->status == 404) {
		refuse(out, question, "not found, or not visible to tocsin's account", NULL);
	} else if (answer->status == 409) {
		fail(out, question, ERR_RETRY, "something else changed it at the same time (HTTP 409)");
		out->may_pass = true;
	} else if (answer->status == 410) {
		refuse(out, question, "this API is gone", "check jira.api");
	} else if (answer->status == 413) {
		refuse(out, question, "too much", "a limit of this issue or of the site is reached");
	} else {
		refuse(out, question, NULL, NULL);
	}
}

static void judge_answer(struct jira_outcome *out, const struct jira_question *question,
                         const struct http_answer *answer)
{
	struct err ignored;

	out->status = answer->status;
	if (answer->body_length > 0 && !is_html(answer))
		out->json = json_parse(answer->body, answer->body_length, &ignored);
	if (answer->status < 200 || answer->status >= 300)
		judge_status(out, question, answer);
	else if (is_html(answer) && answer->status == 200) /* with 201 or 204 Jira did it */
		refuse(out, question, "a web page", "not Jira answered but a login page or proxy: check jira.url");
	else if (question->wants_json && out->json == NULL)
		fail_ambiguous(out, question, "the answer is not what Jira documents");
}

void jira_judge(struct jira_outcome *out, const struct jira_question *question,
                const struct http_answer *answer, const struct err *err)
{
	*out = (struct jira_outcome){ .status = 0 };
	if (answer != NULL) {
		judge_answer(out, question, answer);
		return;
	}
	if (err->kind == ERR_UNKNOWN || err->kind == ERR_RETRY) {
		if (err->kind == ERR_UNKNOWN)
			fail_ambiguous(out, question, err->text);
		else
			fail(out, question, ERR_RETRY, err->text);
		out->err.retry_after_ms = err->retry_after_ms;
		out->may_pass = true;
		return;
	}
	out->err = *err;
	if (err->kind == ERR_REFUSED) /* a certificate, or far too long an answer */
		(void)err_set(&out->err, ERR_REFUSED, "Jira could not %s: %.150s", question->what, err->text);
}
