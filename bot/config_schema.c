/* config_schema.c - the tables, and finding one's way in them. */
#include "bot/config_schema.h"

#include <ctype.h>
#include <strings.h>

#include "bot/config.h"
#include "bot/config_rules.h"
#include "bot/metric.h"
#include "bot/str.h"

#define SECOND INT64_C(1000)
#define MINUTE (60 * SECOND)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)
#define END { .name = NULL }
#define WORDS(...) .words = (const char *const[]){ __VA_ARGS__, NULL }
#define VALUE(of) .shape = CONFIG_VALUE, .type = &(of)
#define VALUES(of) .shape = CONFIG_VALUES, .type = &(of)
#define MAP(members) .shape = CONFIG_MAP, .keys = (members)
#define MAPS(members) .shape = CONFIG_MAPS, .keys = (members)
#define IN(struct_, member) .stored = true, .offset = offsetof(struct struct_, member)
#define REQUIRED .flags = CONFIG_REQUIRED
#define RESTART .flags = CONFIG_RESTART
#define FROM(low, high) .least = (low), .most = (high)
#define MIB (INT64_C(1) << 20)
#define TIB (INT64_C(1) << 40)

#define ALARM_STATES WORDS("OK", "ALARM", "INSUFFICIENT_DATA")

static const struct config_key tls[] = {
	{ "certificate", VALUE(config_file), .flags = CONFIG_REQUIRED | CONFIG_RESTART,
	  IN(config, http.certificate), .help = "name the PEM file of the certificate chain" },
	{ "key", VALUE(config_file), .flags = CONFIG_REQUIRED | CONFIG_RESTART, IN(config, http.key),
	  .help = "name the PEM file of the private key" },
	END
};

static const struct config_key http[] = {
	{ "listen", VALUE(config_listen), RESTART, .fallback = "127.0.0.1:8080", IN(config, http.listen) },
	{ "tls", MAP(tls) },
	END
};

static const struct config_key slack[] = {
	{ "api_url", VALUE(config_secure_url), RESTART, .fallback = "https://slack.com/api/",
	  IN(config, slack.api_url) },
	{ "app_token", VALUE(config_app_token), .flags = CONFIG_REQUIRED | CONFIG_RESTART,
	  IN(config, slack.app_token), .help = "add the token that begins with xapp-, from "
	  "api.slack.com/apps, your app, Basic Information, App-Level Tokens (scope connections:write)" },
	{ "bot_token", VALUE(config_bot_token), .flags = CONFIG_REQUIRED | CONFIG_RESTART,
	  IN(config, slack.bot_token), .help = "add the token that begins with xoxb-, from "
	  "api.slack.com/apps, your app, OAuth & Permissions" },
	{ "channel", VALUE(config_channel), REQUIRED, IN(config, slack.channel),
	  .help = "add the id of the channel for incidents (in Slack click the channel's name: the id "
	  "stands at the bottom of About)" },
	{ "connections", VALUE(config_integer), RESTART, .fallback = "2", FROM(1, 10),
	  IN(config, slack.connections) },
	END
};

static const struct config_key sns[] = {
	{ "topics", VALUES(config_topic), .flags = CONFIG_REQUIRED | CONFIG_NO_DUPLICATE,
	  IN(config, sns.topics), .help = "list the ARNs of the topics that alarms are sent to" },
	{ "max_age", VALUE(config_duration), .fallback = "1h", FROM(SECOND, 14 * DAY),
	  IN(config, sns.max_age_ms) },
	END
};

static const struct config_key account[] = {
	{ "id", VALUE(config_account_id), REQUIRED, IN(config_account, id),
	  .help = "add the 12 digits of the account" },
	{ "name", VALUE(config_string), IN(config_account, name) },
	{ "role_arn", VALUE(config_role), IN(config_account, role_arn) },
	END
};

static const struct config_key aws[] = {
	{ "region", VALUE(config_region), RESTART, IN(config, aws.region) },
	{ "accounts", MAPS(account), .identity = "id", .rule = config_rule_account,
	  IN(config, aws.accounts), .count_offset = offsetof(struct config, aws.account_count),
	  .size = sizeof(struct config_account) },
	END
};

static const struct config_key jira[] = {
	{ "url", VALUE(config_secure_url), .flags = CONFIG_REQUIRED | CONFIG_RESTART,
	  IN(config, jira.url), .help = "add the base URL of the Jira site" },
	{ "user", VALUE(config_string), RESTART, IN(config, jira.user) },
	{ "token", VALUE(config_secret), .flags = CONFIG_REQUIRED | CONFIG_RESTART,
	  IN(config, jira.token),
	  .help = "add an API token (Cloud) or a personal access token (Data Center)" },
	{ "project", VALUE(config_project), .flags = CONFIG_REQUIRED | CONFIG_RESTART,
	  IN(config, jira.project), .help = "add the key of the project, like OPS" },
	{ "issue_type", VALUE(config_string), RESTART, .fallback = "Incident",
	  IN(config, jira.issue_type) },
	{ "api", VALUE(config_word), RESTART, .fallback = "auto", IN(config, jira.api),
	  WORDS("auto", "cloud", "datacenter") }, /* in the order of enum config_jira_api */
	{ "resolve_to", VALUE(config_string), .flags = CONFIG_EMPTY_OK, IN(config, jira.resolve_to) },
	{ "reopen_to", VALUE(config_string), .flags = CONFIG_EMPTY_OK, IN(config, jira.reopen_to) },
	{ "users", .shape = CONFIG_NAMED, .named = &config_slack_user, .type = &config_string,
	  IN(config, jira.users), .count_offset = offsetof(struct config, jira.user_count) },
	{ "client", VALUE(config_string), IN(config, jira.client) },
	{ "fields", .shape = CONFIG_ANYTHING, RESTART, IN(config, jira.fields) },
	END
};

static const struct config_key mail[] = {
	{ "topic", VALUE(config_topic), REQUIRED, IN(config, mail.topic),
	  .help = "add the ARN of the topic that sends the mail" },
	{ "on_ok", VALUE(config_boolean), .fallback = "false", IN(config, mail.on_ok) },
	END
};

static const struct config_key price[] = {
	{ "input", VALUE(config_number), REQUIRED, FROM(0, 100000), IN(config_price, input),
	  .help = "add the dollars for a million tokens" },
	{ "output", VALUE(config_number), REQUIRED, FROM(0, 100000), IN(config_price, output),
	  .help = "add the dollars for a million tokens" },
	{ "cache_read", VALUE(config_number), FROM(0, 100000), IN(config_price, cache_read) },
	{ "cache_write", VALUE(config_number), FROM(0, 100000), IN(config_price, cache_write) },
	END
};

static const struct config_key guardrail[] = {
	{ "id", VALUE(config_guardrail), REQUIRED, IN(config, bedrock.guardrail),
	  .help = "add the id or ARN of the guardrail" },
	{ "version", VALUE(config_guardrail_version), REQUIRED, IN(config, bedrock.guardrail_version),
	  .help = "add the number of a version, or DRAFT" },
	END
};

static const struct config_key bedrock[] = {
	{ "model", VALUE(config_model), REQUIRED, IN(config, bedrock.model),
	  .help = "add the id of the model, or remove bedrock" },
	{ "region", VALUE(config_region), IN(config, bedrock.region) },
	{ "guardrail", MAP(guardrail) },
	{ "max_cost_per_answer", VALUE(config_number), FROM(0, 1000000),
	  IN(config, bedrock.max_cost_per_answer) },
	{ "max_cost_per_day", VALUE(config_number), FROM(0, 1000000), IN(config, bedrock.max_cost_per_day) },
	{ "prices", .shape = CONFIG_NAMED, .named = &config_model, .keys = price,
	  IN(config, bedrock.prices), .count_offset = offsetof(struct config, bedrock.price_count),
	  .size = sizeof(struct config_price) },
	{ "language", VALUE(config_string), .fallback = "English", IN(config, bedrock.language) },
	{ "prompt", VALUE(config_prompt), IN(config, bedrock.prompt) },
	{ "max_tokens", VALUE(config_integer), .fallback = "2000", FROM(100, 200000),
	  IN(config, bedrock.max_tokens) },
	END
};

static const struct config_key answers[] = {
	{ "timezone", VALUE(config_timezone), .fallback = "UTC", IN(config, answers.timezone) },
	{ "changes", VALUE(config_boolean), .fallback = "true", IN(config, answers.changes) },
	{ "log_groups", VALUES(config_log_group), .flags = CONFIG_NO_DUPLICATE,
	  IN(config, answers.log_groups) },
	{ "max_log_scan", VALUE(config_size), .fallback = "1GiB", FROM(MIB, TIB),
	  IN(config, answers.max_log_bytes) },
	{ "remember", VALUE(config_duration), .fallback = "30d", FROM(HOUR, 365 * DAY),
	  IN(config, answers.remember_ms) },
	END
};

static const struct config_key prometheus[] = {
	{ "name", VALUE(config_name), REQUIRED, IN(config_prometheus, name),
	  .help = "add the name that metrics give as their source" },
	{ "url", VALUE(config_url), REQUIRED, IN(config_prometheus, url),
	  .help = "add the base URL, like http://127.0.0.1:9090" },
	{ "user", VALUE(config_string), IN(config_prometheus, user) },
	{ "password", VALUE(config_secret), IN(config_prometheus, password) },
	{ "token", VALUE(config_secret), IN(config_prometheus, token) },
	{ "region", VALUE(config_region), IN(config_prometheus, region) },
	END
};

static const struct config_key match[] = {
	{ "alarm", VALUE(config_string), IN(config_route, alarm) },
	{ "account", VALUE(config_account_id), IN(config_route, account) },
	{ "namespace", VALUE(config_string), IN(config_route, namespace_) },
	{ "state", VALUE(config_choice), IN(config_route, state), ALARM_STATES },
	END
};

static const struct config_key route[] = {
	{ "match", MAP(match) },
	{ "channel", VALUE(config_channel), REQUIRED, IN(config_route, channel),
	  .help = "add the id of the channel that these alarms go to" },
	END
};

static const struct config_key trigger[] = {
	{ "metric", VALUE(config_string), IN(config_runbook, metric) },
	{ "alarm", VALUE(config_string), IN(config_runbook, alarm) },
	{ "namespace", VALUE(config_string), IN(config_runbook, namespace_) },
	{ "from", VALUE(config_choice), IN(config_runbook, from), ALARM_STATES },
	{ "to", VALUE(config_choice), REQUIRED, IN(config_runbook, to), ALARM_STATES,
	  .help = "add the state, like ALARM" },
	END
};

static const struct config_key argument[] = {
	{ "name", VALUE(config_name), REQUIRED, IN(config_argument, name),
	  .help = "add the name that the script has as {{name}}" },
	{ "type", VALUE(config_choice), REQUIRED, IN(config_argument, type),
	  WORDS("path", "unit", "count", "word"), .help = "add path, unit, count or word" },
	{ "optional", VALUE(config_boolean), .fallback = "false", IN(config_argument, optional) },
	END
};

static const struct config_key runbook[] = {
	{ "name", VALUE(config_name), REQUIRED, IN(config_runbook, name),
	  .help = "add the name that people type to run it" },
	{ "summary", VALUE(config_string), IN(config_runbook, summary) },
	{ "linux", VALUE(config_text), IN(config_runbook, linux_script) },
	{ "windows", VALUE(config_text), IN(config_runbook, windows_script) },
	{ "arguments", MAPS(argument), .identity = "name", IN(config_runbook, arguments),
	  .count_offset = offsetof(struct config_runbook, argument_count),
	  .size = sizeof(struct config_argument) },
	{ "timeout", VALUE(config_duration), .fallback = "60s", FROM(SECOND, 2 * DAY),
	  IN(config_runbook, timeout_ms) },
	{ "on", MAP(trigger), .rule = config_rule_trigger },
	{ "changes", VALUE(config_boolean), .fallback = "false", IN(config_runbook, changes) },
	{ "automatic", VALUE(config_boolean), .fallback = "false", IN(config_runbook, automatic) },
	{ "roles", VALUES(config_word), IN(config_runbook, roles), WORDS("operator", "approver") },
	END
};

static const struct config_key roles[] = {
	{ "operator", VALUES(config_member), IN(config, roles.operators) },
	{ "approver", VALUES(config_member), IN(config, roles.approvers) },
	END
};

static const struct config_key normal[] = {
	{ "below", VALUE(config_number), IN(metric, normal_below) },
	{ "above", VALUE(config_number), IN(metric, normal_above) },
	END
};

static const struct config_key metric[] = {
	{ "id", VALUE(config_metric_id), REQUIRED, IN(metric, id),
	  .help = "add a short name, like latency" },
	{ "title", VALUE(config_string), IN(metric, title) },
	{ "source", VALUE(config_name), .fallback = METRIC_SOURCE_CLOUDWATCH, IN(metric, source) },
	{ "query", VALUE(config_text), IN(metric, query) },
	{ "log_groups", VALUES(config_log_group), .flags = CONFIG_NO_DUPLICATE, IN(metric, log_groups) },
	{ "baseline", VALUE(config_duration), FROM(HOUR, 31 * DAY), IN(metric, baseline_ms) },
	{ "max_scan", VALUE(config_size), FROM(MIB, TIB), IN(metric, max_scan) },
	{ "namespace", VALUE(config_string), IN(metric, namespace_) },
	{ "metric", VALUE(config_string), IN(metric, metric) },
	{ "dimensions", .shape = CONFIG_NAMED, .flags = CONFIG_AS_JSON, .type = &config_string,
	  IN(metric, dimensions) },
	{ "stat", VALUE(config_statistic), .fallback = "Average", IN(metric, stat) },
	{ "expression", VALUE(config_text), IN(metric, expression) },
	{ "account", VALUE(config_account_id), IN(metric, account) },
	{ "region", VALUE(config_region), IN(metric, region) },
	{ "period", VALUE(config_duration), .fallback = "5m", FROM(SECOND, DAY), IN(metric, period_ms) },
	{ "unit", VALUE(config_string), IN(metric, unit) },
	{ "normal", MAP(normal), .rule = config_rule_normal },
	{ "anomaly_band", VALUE(config_band), FROM(0, 100), IN(metric, anomaly_band) },
	{ "about", VALUE(config_text), IN(metric, about) },
	{ "hidden", VALUE(config_boolean), .fallback = "false", IN(metric, hidden) },
	END
};

static const struct config_key alarms_from[] = {
	{ "account", VALUE(config_account_id), IN(config_dashboard, alarms_account) },
	{ "region", VALUE(config_region), IN(config_dashboard, alarms_region) },
	END
};

static const struct config_key dashboard[] = {
	{ "name", VALUE(config_name), REQUIRED, IN(config_dashboard, name), .help = "add a name, like web" },
	{ "schedule", VALUE(config_cron), IN(config_dashboard, schedule) },
	{ "timezone", VALUE(config_timezone), IN(config_dashboard, timezone) },
	{ "channel", VALUE(config_channel), IN(config_dashboard, channel) },
	{ "range", VALUE(config_duration), .fallback = "1d", FROM(HOUR, 31 * DAY),
	  IN(config_dashboard, range_ms) },
	{ "weekend_aware", VALUE(config_boolean), .fallback = "false", IN(config_dashboard, weekend_aware) },
	{ "baseline", VALUE(config_duration), .fallback = "14d", FROM(HOUR, 455 * DAY),
	  IN(config_dashboard, baseline_ms) },
	{ "prompt", VALUE(config_prompt), IN(config_dashboard, prompt) },
	{ "metrics", MAPS(metric), .identity = "id", .rule = config_rule_metric,
	  IN(config_dashboard, metrics), .count_offset = offsetof(struct config_dashboard, metric_count),
	  .size = sizeof(struct metric) },
	{ "metrics_table", VALUE(config_table), IN(config_dashboard, metrics_table) },
	{ "alarms", VALUES(config_string), .flags = CONFIG_NO_DUPLICATE, IN(config_dashboard, alarms) },
	{ "alarms_from", MAP(alarms_from) },
	END
};

static const struct config_key summary[] = {
	{ "schedule", VALUE(config_cron), IN(config, summary.schedule) },
	{ "weekly", VALUE(config_cron), IN(config, summary.weekly) },
	{ "timezone", VALUE(config_timezone), .fallback = "UTC", IN(config, summary.timezone) },
	{ "channel", VALUE(config_channel), IN(config, summary.channel) },
	END
};

static const struct config_key incidents[] = {
	{ "reopen_within", VALUE(config_duration), .fallback = "30m", FROM(0, 7 * DAY),
	  IN(config, incidents.reopen_within_ms) },
	{ "charts", VALUE(config_boolean), .fallback = "true", IN(config, incidents.charts) },
	END
};

static const struct config_key state[] = {
	{ "path", VALUE(config_path), RESTART, .fallback = "tocsin.db", IN(config, state.path) },
	END
};

static const struct config_key network[] = {
	{ "ca_file", VALUE(config_file), RESTART, IN(config, network.ca_file) },
	{ "connect_to", VALUES(config_connect_to), RESTART, IN(config, network.connect_to) },
	{ "proxy", VALUE(config_proxy), .flags = CONFIG_RESTART | CONFIG_EMPTY_OK,
	  IN(config, network.proxy) },
	END
};

static const struct config_key log_keys[] = {
	{ "level", VALUE(config_word), .fallback = "info", WORDS("debug", "info", "warn", "error"),
	  IN(config, log.level) },
	END
};

const struct config_key config_schema[] = {
	{ "http", MAP(http) },
	{ "slack", MAP(slack), REQUIRED },
	{ "sns", MAP(sns), REQUIRED },
	{ "aws", MAP(aws) },
	{ "jira", MAP(jira) },
	{ "mail", MAP(mail) },
	{ "bedrock", MAP(bedrock), .rule = config_rule_bedrock },
	{ "answers", MAP(answers) },
	{ "prometheus", MAPS(prometheus), .identity = "name", .rule = config_rule_prometheus,
	  IN(config, prometheus.items), .count_offset = offsetof(struct config, prometheus.count),
	  .size = sizeof(struct config_prometheus) },
	{ "routes", MAPS(route), IN(config, routes.items),
	  .count_offset = offsetof(struct config, routes.count), .size = sizeof(struct config_route) },
	{ "runbooks", MAPS(runbook), .identity = "name", .rule = config_rule_runbook,
	  IN(config, runbooks.items), .count_offset = offsetof(struct config, runbooks.count),
	  .size = sizeof(struct config_runbook) },
	{ "roles", MAP(roles) },
	{ "dashboards", MAPS(dashboard), .identity = "name", .rule = config_rule_dashboard,
	  IN(config, dashboards.items), .count_offset = offsetof(struct config, dashboards.count),
	  .size = sizeof(struct config_dashboard) },
	{ "summary", MAP(summary), .rule = config_rule_summary },
	{ "incidents", MAP(incidents) },
	{ "state", MAP(state) },
	{ "network", MAP(network) },
	{ "log", MAP(log_keys) },
	END
};

const struct config_key *config_schema_find(const struct config_key *keys, const char *name)
{
	for (; keys->name != NULL; keys++)
		if (strcmp(keys->name, name) == 0)
			return keys;
	return NULL;
}

struct each {
	bool (*fn)(void *arg, const char *path, const struct config_key *key);
	void *arg;
};

static bool each_in(const struct each *each, const struct config_key *keys, const char *parent)
{
	for (; keys->name != NULL; keys++) {
		const char *infix = keys->shape == CONFIG_MAPS ? "[]" : keys->shape == CONFIG_NAMED ? ".*" : "";
		char path[128], below[160];

		(void)snprintf(path, sizeof(path), "%s%s", parent, keys->name);
		(void)snprintf(below, sizeof(below), "%s%s.", path, infix);
		if (!each->fn(each->arg, path, keys))
			return false;
		if (keys->keys != NULL && !each_in(each, keys->keys, below))
			return false;
	}
	return true;
}

void config_schema_each(bool (*fn)(void *arg, const char *path, const struct config_key *key),
                        void *arg)
{
	(void)each_in(&(struct each){ fn, arg }, config_schema, "");
}

#define NAME_SIZE 40 /* longer than any key: what is longer resembles none */

/* Another section's key of exactly this name: the indentation is wrong. Lists cannot be meant. */
struct namesake {
	const char *name;
	char path[128];
};

static bool find_namesake(void *arg, const char *path, const struct config_key *key)
{
	struct namesake *wanted = arg;

	if (strcmp(key->name, wanted->name) != 0 || strpbrk(path, "[*") != NULL)
		return true;
	(void)snprintf(wanted->path, sizeof(wanted->path), "%s", path);
	return false;
}

static const struct config_key *nearest(const struct config_key *keys, const char *name)
{
	size_t best = 2 + (size_t)(strlen(name) > 3) + (size_t)(strlen(name) > 8);
	const struct config_key *found = NULL;

	for (; keys->name != NULL; keys++) {
		size_t now = str_distance(name, keys->name);
		if (now >= best || now >= strlen(keys->name))
			continue;
		best = now;
		found = keys;
	}
	return found;
}

void config_schema_advice(const struct config_key *keys, const char *name, const char *parent,
                          char advice[CONFIG_ADVICE_SIZE])
{
	struct namesake same = { .name = name };
	const char *dot = parent[0] == '\0' ? "" : ".";
	char plain[NAME_SIZE] = "";
	size_t length = 0;

	if (strlen(name) < sizeof(plain))
		for (; name[length] != '\0'; length++)
			plain[length] = name[length] == '-' ? '_' : (char)tolower((unsigned char)name[length]);
	const struct config_key *near = nearest(keys, plain);
	config_schema_each(find_namesake, &same);
	if (strchr(name, ':') != NULL) {
		(void)snprintf(advice, CONFIG_ADVICE_SIZE, "put a space after the colon");
	} else if (near != NULL) {
		(void)snprintf(advice, CONFIG_ADVICE_SIZE, "did you mean %s%s%s?", parent, dot, near->name);
	} else if (same.path[0] != '\0') {
		(void)snprintf(advice, CONFIG_ADVICE_SIZE, "did you mean %s?", same.path);
	} else {
		struct str known;
		str_init(&known, CONFIG_ADVICE_SIZE - 32);
		for (const struct config_key *key = keys; key->name != NULL; key++)
			str_addf(&known, "%s%s", key == keys ? "" : ", ", key->name);
		(void)snprintf(advice, CONFIG_ADVICE_SIZE, "known here: %s", known.text);
		str_free(&known);
	}
}
