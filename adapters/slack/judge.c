#include "adapters/slack/judge.h"

#include <stddef.h>
#include <string.h>

#include "bot/http_client.h"
#include "bot/json.h"
#include "bot/str.h"

/* Without Retry-After; what Slack's own Python client waits. */
#define DEFAULT_LIMIT_WAIT_MS 30000
#define LONGEST_LIMIT_WAIT_MS 3600000
#define NOT_SLACK_WAIT_MS 30000 /* a proxy or firewall in between: a person has to mend it */

enum error_class {
	CLASS_REFUSED,
	CLASS_RETRY,     /* did not happen */
	CLASS_AMBIGUOUS, /* may have happened */
	CLASS_LIMITED,
	CLASS_FATAL,
	CLASS_DENIED, /* fatal where it is about the app, else about the one channel or message */
	CLASS_SCOPE, /* fatal for the calls without which the bot is of no use */
	CLASS_JOIN,
	CLASS_BLOCKS,
};

struct known_error {
	const char *code;
	enum error_class class;
	const char *advice; /* %s: the channel; NULL: "Slack refused METHOD: CODE" */
};

/* The texts that a person acts on come first in each group; codes: docs.slack.dev methods, 2026-05. */
static const struct known_error known_errors[] = {
	{ "invalid_auth", CLASS_FATAL, "Slack refuses the token: check it, and whether the app is still installed" },
	{ "not_authed", CLASS_FATAL, "Slack got no token: check the configuration" },
	{ "account_inactive", CLASS_FATAL, "the bot's account is switched off: install the app again" },
	{ "token_revoked", CLASS_FATAL, "the token was revoked: install the app again and configure the new token" },
	{ "token_expired", CLASS_FATAL, "the token has expired: configure a new one, without token rotation" },
	{ "not_allowed_token_type", CLASS_FATAL,
	  "wrong kind of token: app_token begins with xapp-, bot_token with xoxb-" },
	{ "access_denied", CLASS_DENIED, "Slack denies the app access: ask a workspace admin" },
	{ "two_factor_setup_required", CLASS_FATAL, "the workspace wants two-factor set-up for this token" },
	{ "forbidden_team", CLASS_FATAL, "Socket Mode is not allowed for this app in this workspace" },
	{ "missing_scope", CLASS_SCOPE, NULL },

	{ "ratelimited", CLASS_LIMITED, NULL },
	{ "rate_limited", CLASS_LIMITED, NULL },
	{ "message_limit_exceeded", CLASS_LIMITED, NULL },
	{ "service_unavailable", CLASS_RETRY, NULL },
	{ "request_timeout", CLASS_RETRY, NULL },
	{ "team_added_to_org", CLASS_RETRY, NULL },
	{ "org_login_required", CLASS_RETRY, NULL },
	{ "accesslimited", CLASS_RETRY, NULL },
	{ "messaging_processing_failed", CLASS_AMBIGUOUS, NULL },
	{ "internal_error", CLASS_AMBIGUOUS, NULL },
	{ "fatal_error", CLASS_AMBIGUOUS, NULL },

	{ "not_in_channel", CLASS_JOIN, "the bot is not in channel %s: invite it there with /invite @tocsin" },
	{ "invalid_blocks", CLASS_BLOCKS, NULL },
	{ "invalid_blocks_format", CLASS_BLOCKS, NULL },
	{ "msg_blocks_too_long", CLASS_BLOCKS, NULL },
	{ "msg_blocks_too_many", CLASS_BLOCKS, NULL },
	{ "block_mismatch", CLASS_BLOCKS, NULL },
	{ "invalid_attachments", CLASS_BLOCKS, NULL },
	{ "too_many_attachments", CLASS_BLOCKS, NULL },
	{ "attachment_payload_limit_exceeded", CLASS_BLOCKS, NULL },
	{ "cannot_parse_attachment", CLASS_BLOCKS, NULL },

	{ "channel_not_found", CLASS_REFUSED,
	  "Slack knows no channel %s, or the bot may not see it: check the id; to a private channel invite it" },
	{ "is_archived", CLASS_REFUSED, "channel %s is archived: unarchive it or configure another one" },
	{ "is_channel_archived", CLASS_REFUSED, "channel %s is archived: unarchive it or configure another one" },
	{ "restricted_action", CLASS_REFUSED, "a workspace rule forbids the bot to post in %s: ask a workspace admin" },
	{ "restricted_action_read_only_channel", CLASS_REFUSED,
	  "channel %s is read-only for the bot: let it post there, or configure another one" },
	{ "restricted_action_thread_only_channel", CLASS_REFUSED,
	  "channel %s takes replies in threads only: configure another one" },
	{ "restricted_action_non_threadable_channel", CLASS_REFUSED,
	  "channel %s takes no threads: configure another one" },
	{ "restricted_action_thread_locked", CLASS_REFUSED, "the thread in %s is locked" },
	{ "messages_tab_disabled", CLASS_REFUSED, "turn the Messages tab on in the app's App Home settings" },
	{ "thread_not_found", CLASS_REFUSED, "the thread in %s is gone: its first message was deleted" },
	{ "message_not_found", CLASS_REFUSED, "the message in %s is gone: it was deleted" },
	{ "cant_update_message", CLASS_REFUSED, "the message in %s is not the bot's own: it cannot be edited" },
	{ "edit_window_closed", CLASS_REFUSED, "the workspace does not let messages that old be edited" },
	{ "ekm_access_denied", CLASS_REFUSED, "the workspace's admins have suspended posting" },
	{ "used_url", CLASS_REFUSED, "the private answer comes too late: its link was used up" },
	{ "expired_url", CLASS_REFUSED, "the private answer comes too late: its link has expired" },
	{ "method_not_supported_for_channel_type", CLASS_REFUSED,
	  "channel %s is private: invite the bot there with /invite @tocsin" },

	/* Files. One that was just uploaded may be unknown for a moment; a new upload mends the rest. */
	{ "file_not_found", CLASS_RETRY, NULL },
	{ "file_update_failed", CLASS_RETRY, NULL },
	{ "file_deleted", CLASS_RETRY, NULL },
	{ "file_uploads_disabled", CLASS_REFUSED,
	  "the workspace does not let files be uploaded, so there are no pictures: ask a workspace admin" },
	{ "file_type_not_allowed", CLASS_REFUSED,
	  "the workspace does not let PNG files be uploaded, so there are no pictures: ask a workspace admin" },
	{ "file_upload_size_restricted", CLASS_REFUSED, "the workspace does not let files of this size be uploaded" },
	{ "storage_limit_reached", CLASS_REFUSED,
	  "the workspace's storage for files is full, so there are no pictures: delete files or change the plan" },
};

static const struct known_error *find_error(const char *code)
{
	for (size_t i = 0; i < sizeof(known_errors) / sizeof(known_errors[0]); i++)
		if (strcmp(known_errors[i].code, code) == 0)
			return &known_errors[i];
	return NULL;
}

static void fail(struct slack_outcome *out, enum err_kind kind, enum slack_method method, const char *what)
{
	out->verdict = SLACK_FAILED;
	(void)err_set(&out->err, kind, "Slack %s: %s", slack_method_name(method), what);
}

/* May have happened: for a call that can be repeated without harm that is no different from no. */
static void fail_ambiguous(struct slack_outcome *out, enum slack_method method, const char *what)
{
	fail(out, slack_method_facts(method)->idempotent ? ERR_RETRY : ERR_UNKNOWN, method, what);
}

static void limit(struct slack_outcome *out, const struct http_answer *answer)
{
	int64_t wait_ms = answer->retry_after_ms;

	out->verdict = SLACK_LIMITED;
	if (wait_ms <= 0)
		wait_ms = DEFAULT_LIMIT_WAIT_MS;
	out->wait_ms = wait_ms > LONGEST_LIMIT_WAIT_MS ? LONGEST_LIMIT_WAIT_MS : wait_ms;
}

/* An error word or scope list as it may be logged and shown: Slack's are lower-case words. */
static void copy_words(char *out, size_t size, const char *text)
{
	size_t length = text == NULL ? 0 : strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789_.:,");

	if (length >= size)
		length = size - 1;
	if (length > 0)
		memcpy(out, text, length);
	out[length] = '\0';
}

static void refuse(struct slack_outcome *out, enum slack_method method, const char *channel,
                   const struct known_error *known)
{
	const char *advice = known == NULL ? NULL : known->advice;
	const char *slot = advice == NULL ? NULL : strstr(advice, "%s");

	out->verdict = SLACK_FAILED;
	out->err.kind = ERR_REFUSED;
	if (advice == NULL)
		(void)err_set(&out->err, ERR_REFUSED, "Slack refused %s: %s", slack_method_name(method), out->code);
	else if (slot == NULL)
		(void)err_set(&out->err, ERR_REFUSED, "%s (%s)", advice, out->code);
	else
		(void)err_set(&out->err, ERR_REFUSED, "%.*s%.40s%s (%s)", (int)(slot - advice), advice,
		              channel == NULL ? "?" : channel, slot + 2, out->code);
}

static void judge_scope(struct slack_outcome *out, enum slack_method method, struct json_object *json)
{
	char needed[64];

	copy_words(needed, sizeof(needed), json_string(json, "needed"));
	out->verdict = SLACK_FAILED;
	out->fatal = slack_method_facts(method)->vital;
	(void)err_set(&out->err, ERR_REFUSED,
	              "the Slack app lacks the scope %s (for %s): add it under OAuth & Permissions and "
	              "reinstall the app", needed[0] == '\0' ? "it needs" : needed, slack_method_name(method));
}

/* The first complaint about blocks; it quotes our own JSON's places, not foreign text. */
static void copy_place(struct slack_outcome *out, struct json_object *json)
{
	const char *place = json_string(json, "response_metadata.messages[0]");
	size_t length = place == NULL ? 0 : str_utf8_prefix(place, strlen(place), sizeof(out->place) - 1);

	if (length > 0)
		memcpy(out->place, place, length);
	out->place[length] = '\0';
}

/* Where a message is looked for there is nothing: neither is the message. A look that no waiting would answer. */
static bool is_nowhere(const struct slack_outcome *out, enum slack_method method)
{
	return (method == SLACK_HISTORY || method == SLACK_REPLIES) &&
	       (strcmp(out->code, "channel_not_found") == 0 || strcmp(out->code, "thread_not_found") == 0);
}

static void judge_error(struct slack_outcome *out, enum slack_method method, const char *channel,
                        const struct http_answer *answer, struct json_object *json)
{
	const struct known_error *known;

	copy_words(out->code, sizeof(out->code), json_string(json, "error"));
	known = find_error(out->code);
	switch (known == NULL ? CLASS_REFUSED : known->class) {
	case CLASS_RETRY:
		fail(out, ERR_RETRY, method, out->code);
		break;
	case CLASS_AMBIGUOUS:
		fail_ambiguous(out, method, out->code);
		break;
	case CLASS_LIMITED:
		limit(out, answer);
		break;
	case CLASS_SCOPE:
		judge_scope(out, method, json);
		break;
	case CLASS_FATAL:
		refuse(out, method, channel, known);
		out->fatal = method != SLACK_JOIN && method != SLACK_RESPOND;
		break;
	case CLASS_DENIED:
		refuse(out, method, channel, known);
		out->fatal = method == SLACK_AUTH_TEST || method == SLACK_CONNECT;
		break;
	case CLASS_JOIN:
		refuse(out, method, channel, known);
		out->verdict = SLACK_JOIN_FIRST;
		break;
	case CLASS_BLOCKS:
		refuse(out, method, channel, known);
		out->verdict = SLACK_PLAINER;
		copy_place(out, json);
		break;
	case CLASS_REFUSED:
		refuse(out, method, channel, known);
		if (is_nowhere(out, method))
			out->err.kind = ERR_NOT_FOUND;
		break;
	}
}

/* A refusal that is not in Slack's words comes from something in between: Slack saw nothing. */
static void fail_before_slack(struct slack_outcome *out, enum slack_method method, const char *what,
                              int64_t wait_ms)
{
	fail(out, ERR_RETRY, method, what);
	if (wait_ms <= 0)
		wait_ms = NOT_SLACK_WAIT_MS;
	out->err.retry_after_ms = wait_ms > LONGEST_LIMIT_WAIT_MS ? LONGEST_LIMIT_WAIT_MS : wait_ms;
}

static void judge_status(struct slack_outcome *out, enum slack_method method, const struct http_answer *answer)
{
	char what[80];

	(void)snprintf(what, sizeof(what), "HTTP status %d", answer->status);
	if (answer->status == 429)
		limit(out, answer);
	else if (answer->status >= 500)
		fail_ambiguous(out, method, what);
	else if (method == SLACK_RESPOND && answer->status == 404)
		fail(out, ERR_REFUSED, method, "the private answer comes too late");
	else if (answer->status >= 400)
		fail_before_slack(out, method, what, answer->retry_after_ms);
	else
		fail(out, ERR_REFUSED, method, what);
}

static void judge_answer(struct slack_outcome *out, enum slack_method method, const char *channel,
                         const struct http_answer *answer)
{
	struct err ignored;
	struct json_object *json;

	if (answer->status == 429 || answer->status >= 500) {
		judge_status(out, method, answer);
		return;
	}
	if (method == SLACK_UPLOAD_BYTES) { /* answers in words: "OK - 53072" */
		if (answer->status != 200)
			judge_status(out, method, answer);
		return;
	}
	json = json_parse(answer->body, answer->body_length, &ignored);
	if (json_is_object(json) && json_flag(json, "ok", false) && answer->status < 300) {
		out->json = json;
		return;
	}
	if (json_is_object(json) && json_string(json, "error") != NULL)
		judge_error(out, method, channel, answer, json);
	else if (answer->status < 200 || answer->status >= 300)
		judge_status(out, method, answer);
	else if (method != SLACK_RESPOND) /* a response_url may answer a bare "ok" */
		fail_ambiguous(out, method, "the answer is not what Slack documents");
	json_free(json);
}

void slack_judge(struct slack_outcome *out, enum slack_method method, const char *channel,
                 const struct http_answer *answer, const struct err *err)
{
	*out = (struct slack_outcome){ .verdict = SLACK_OK };
	if (answer != NULL) {
		judge_answer(out, method, channel, answer);
		return;
	}
	out->verdict = SLACK_FAILED;
	out->err = *err;
	/* A certificate that does not fit is not Slack's refusal: Slack was not even asked. */
	if (err->kind == ERR_REFUSED || (err->kind == ERR_UNKNOWN && slack_method_facts(method)->idempotent))
		out->err.kind = ERR_RETRY;
}
