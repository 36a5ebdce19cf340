/*
 * list_log_groups, query_logs - CloudWatch Logs, within what answers.log_groups allows and answers.max_log_bytes pays.
 *
 * A query is the model's own words, and reads whatever it names. SOURCE would name log groups by itself, past the list
 * that was checked; unmask() shows what the owner of the logs has masked: both are refused.
 *
 * Facts: the User Guide's "CloudWatch Logs Insights language query syntax": commands are separated by '|', lines that
 * begin with '#' are comments, keywords are in any case.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "adapters/aws/logs.h"
#include "bot/bot.h"
#include "bot/config.h"
#include "bot/findings.h"
#include "bot/json.h"
#include "bot/mem.h"
#include "commands/tool_call.h"

#define DAY_MS (24 * 3600 * INT64_C(1000))
#define QUERY_MAX 2000
#define ROWS_MAX 100
#define ROWS 30 /* where the model does not say */
#define VALUE_MAX 600 /* bytes of one field */

static bool is_offered(const struct config *config)
{
	return config->answers.log_groups.count > 0;
}

static bool may_be_read(const struct config *config, const char *group)
{
	for (size_t i = 0; i < config->answers.log_groups.count; i++)
		if (str_glob(config->answers.log_groups.items[i], group))
			return true;
	return false;
}

static void add_allowed(const struct config *config, struct str *out)
{
	for (size_t i = 0; i < config->answers.log_groups.count; i++)
		str_addf(out, "%s%s", i == 0 ? " " : ", ", config->answers.log_groups.items[i]);
}

/* --- list_log_groups --- */

struct listing { /* one glob after the other */
	size_t glob;
	char **groups; /* of this glob */
	char **found;
	size_t count;
};

static void ask_next(struct tool_call *call);

static bool is_found(const struct listing *listing, const char *group)
{
	for (size_t i = 0; i < listing->count; i++)
		if (strcmp(listing->found[i], group) == 0)
			return true;
	return false;
}

static void take_groups(struct tool_call *call, struct listing *listing)
{
	for (size_t i = 0; listing->groups != NULL && listing->groups[i] != NULL; i++) {
		const char *group = listing->groups[i];

		if (!may_be_read(call->context->bot->config, group) || is_found(listing, group))
			continue;
		listing->found = mem_resize(listing->found, (listing->count + 1) * sizeof(*listing->found));
		listing->found[listing->count++] = mem_copy_string(group);
		tool_call_add(call, group, VALUE_MAX);
		str_add_char(&call->found, '\n');
		tool_call_learn(call, group);
	}
}

static void free_groups(struct listing *listing)
{
	for (size_t i = 0; listing->groups != NULL && listing->groups[i] != NULL; i++)
		free(listing->groups[i]);
	free(listing->groups);
	listing->groups = NULL;
}

static void end_listing(struct tool_call *call, const struct err *err)
{
	struct listing *listing = call->state;

	str_addf(&call->said, "%zu log groups may be read.\n", listing->count);
	for (size_t i = 0; i < listing->count; i++)
		free(listing->found[i]);
	free(listing->found);
	free(listing);
	tool_call_end(call, err);
}

static void groups_read(void *arg, const struct err *err)
{
	struct tool_call *call = arg;
	struct listing *listing = call->state;

	if (err != NULL) {
		free_groups(listing);
		end_listing(call, err);
		return;
	}
	take_groups(call, listing);
	free_groups(listing);
	listing->glob++;
	ask_next(call);
}

static void ask_next(struct tool_call *call)
{
	const struct config *config = call->context->bot->config;
	struct listing *listing = call->state;
	const char *glob;
	char *prefix;

	if (listing->glob >= config->answers.log_groups.count) {
		end_listing(call, NULL);
		return;
	}
	glob = config->answers.log_groups.items[listing->glob];
	prefix = mem_copy_bytes(glob, strcspn(glob, "*?"));
	logs_groups(call->context->bot->aws, &call->target, prefix[0] == '\0' ? NULL : prefix, &listing->groups,
	            (struct done){ groups_read, call });
	free(prefix);
}

static void list(struct tool_call *call)
{
	call->state = mem_alloc(sizeof(struct listing));
	ask_next(call);
}

static const struct tool_argument list_arguments[] = { { .name = NULL } };

const struct tool tool_list_log_groups = {
	.name = "list_log_groups",
	.about = "The CloudWatch log groups that query_logs may read.",
	.title = "looking for log groups",
	.arguments = list_arguments,
	.placed = true,
	.offered = is_offered,
	.run = list,
};

/* --- query_logs --- */

static bool is_word(char c)
{
	return isalnum((unsigned char)c) || c == '_' || c == '@' || c == '.';
}

/* A field may be called "source" too: then something compares it. */
static bool is_field(const char *behind)
{
	static const char *const words[] = { "like", "in", "not", "as", "=~" };

	behind += strspn(behind, " \t");
	if (*behind == '\0' || strchr("=!<>,)+-*/%^|\n\r", *behind) != NULL)
		return true;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strncasecmp(behind, words[i], strlen(words[i])) == 0 && !is_word(behind[strlen(words[i])]))
			return true;
	return false;
}

/* "source" where a command may stand: at the beginning, of a line too, and behind '|', '(' or ','. */
static bool names_groups(const char *query)
{
	for (const char *at = query; (at = strcasestr(at, "source")) != NULL; at++) {
		const char *before = at;

		while (before > query && strchr(" \t", before[-1]) != NULL)
			before--;
		if ((before == query || strchr("\n\r|(,", before[-1]) != NULL) && !is_word(at[strlen("source")]) &&
		    !is_field(at + strlen("source")))
			return true;
	}
	return strcasestr(query, "loggroups") != NULL || strcasestr(query, "loggroupidentifiers") != NULL;
}

static bool refuses_query(struct tool_call *call, const char *query)
{
	if (names_groups(query))
		tool_call_refuse(call, "query: SOURCE is not allowed; name the log groups in `groups`.");
	else if (strcasestr(query, "unmask") != NULL)
		tool_call_refuse(call, "query: unmask is not allowed.");
	else
		return false;
	return true;
}

/* Which ones is foreign text, so it stands in the fence. */
static bool refuses_groups(struct tool_call *call, struct json_object *groups)
{
	const struct config *config = call->context->bot->config;
	struct str allowed;
	size_t refused = 0;

	for (size_t i = 0; i < json_count(groups); i++)
		if (!may_be_read(config, json_string(json_at(groups, i), ""))) {
			refused++;
			tool_call_add(call, json_string(json_at(groups, i), ""), VALUE_MAX);
			str_add_char(&call->found, '\n');
		}
	if (refused == 0)
		return false;
	str_init(&allowed, 1000);
	add_allowed(config, &allowed);
	tool_call_refuse(call, "groups: only%s may be read (answers.log_groups of the configuration), not these:\n",
	                 allowed.text);
	str_free(&allowed);
	return true;
}

struct row {
	struct tool_call *call;
	bool begun;
};

static bool add_field(void *arg, const char *name, struct json_object *value)
{
	struct row *row = arg;
	struct tool_call *call = row->call;
	const char *text = json_text(value, "");

	if (row->begun)
		str_add(&call->found, "  ");
	row->begun = true;
	if (strcmp(name, "@message") != 0 && strcmp(name, "@timestamp") != 0) {
		tool_call_add(call, name, VALUE_MAX);
		str_add_char(&call->found, '=');
	}
	tool_call_add(call, text == NULL ? "" : text, VALUE_MAX);
	return true;
}

static void add_rows(struct tool_call *call, const struct logs_result *result)
{
	char *scanned = finding_quantity((double)result->scanned_bytes, "Bytes");

	str_addf(&call->said, "%zu rows of %lld that match; %s scanned, which is charged. Times are UTC.\n",
	         json_count(result->rows), (long long)result->matched, scanned);
	if (result->stopped)
		str_add(&call->said, "The query was stopped, because it scanned too much or took too long: not all was "
		                     "seen. Ask for less time, or fewer groups.\n");
	if (result->cut)
		str_add(&call->said, "Rows or long values were left out.\n");
	for (size_t i = 0; i < json_count(result->rows); i++) {
		json_each(json_at(result->rows, i), add_field, &(struct row){ .call = call });
		str_add_char(&call->found, '\n');
	}
	free(scanned);
}

static void query_read(void *arg, const struct err *err)
{
	struct tool_call *call = arg;
	struct logs_result *result = call->state;
	bool malformed = result->malformed;

	if (err == NULL)
		add_rows(call, result);
	logs_result_free(result);
	free(result);
	if (malformed) { /* the model's own mistake, which it puts right: nothing for whoever asked */
		tool_call_add(call, err->text, VALUE_MAX);
		tool_call_refuse(call, "This did not work:\n");
	} else {
		tool_call_end(call, err);
	}
}

static void query(struct tool_call *call)
{
	struct json_object *groups = json_get(call->input, "groups");
	const char *text = json_string(call->input, "query"), **names;

	if (refuses_query(call, text) || refuses_groups(call, groups))
		return;
	names = mem_alloc((json_count(groups) + 1) * sizeof(*names));
	for (size_t i = 0; i < json_count(groups); i++)
		names[i] = json_string(json_at(groups, i), "");
	call->state = mem_alloc(sizeof(struct logs_result));
	logs_read(call->context->bot->aws, &call->target, &(struct logs_query){
		.groups = names,
		.query = text,
		.from_ms = call->from_ms,
		.until_ms = call->until_ms,
		.limit = json_int(call->input, "limit", ROWS),
		.max_bytes = call->context->bot->config->answers.max_log_bytes,
	}, call->state, (struct done){ query_read, call });
	free(names);
}

static const struct tool_argument query_arguments[] = {
	{ "groups", TOOL_LIST, TOOL_KNOWN, true, 512, "Names of log groups, as list_log_groups gives them.", NULL },
	{ "query", TOOL_TEXT, TOOL_FREE, true, QUERY_MAX, "Logs Insights QL, for instance: fields @timestamp, "
	  "@message | filter @message like /ERROR/ | sort @timestamp desc", NULL },
	{ "limit", TOOL_COUNT, TOOL_FREE, false, ROWS_MAX, "Rows; 30.", NULL },
	{ .name = NULL },
};

const struct tool tool_query_logs = {
	.name = "query_logs",
	.about = "Runs a Logs Insights query. What it scans costs money: keep the range short, prefer counts (stats) "
	         "over lines.",
	.title = "reading logs",
	.arguments = query_arguments,
	.range_max_ms = 7 * DAY_MS,
	.placed = true,
	.offered = is_offered,
	.run = query,
};
