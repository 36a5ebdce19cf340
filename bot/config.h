/*
 * config.h - the configuration file (YAML), read and checked as a whole.
 *
 * Every error names file, line, key, what is wrong and what to do. All errors of a file are
 * reported at once (at most 20). ${NAME} and file:PATH are resolved here; secrets live in struct
 * secret and are registered with the log's filter. Paths are absolute after loading. A loaded
 * configuration is immutable; SIGHUP makes a new one.
 */
#ifndef BOT_CONFIG_H
#define BOT_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bot/config_list.h"
#include "bot/err.h"
#include "bot/log.h"
#include "bot/runbook.h"
#include "bot/secret.h"

struct json_object;
struct metric;
struct str;

struct config_route {
	char *alarm;      /* glob of the alarm's name; NULL in this and the next three: any */
	char *account;    /* 12 digits */
	char *namespace_; /* glob, like AWS/R* */
	char *state;      /* "OK", "ALARM", "INSUFFICIENT_DATA" */
	char *channel;    /* id; never NULL */
};

struct config_account {
	char *id;       /* 12 digits */
	char *name;     /* NULL: none */
	char *role_arn; /* NULL: the program's own credentials are used */
};

struct config_argument {
	char *name;
	char *type; /* "path", "unit", "count", "word" */
	bool optional;
};

struct config_runbook {
	char *name, *summary;                /* summary NULL: none */
	char *linux_script, *windows_script; /* one of them may be NULL */
	int64_t timeout_ms;
	char *metric, *alarm, *namespace_, *from, *to; /* `to` NULL: only when asked */
	bool changes, automatic;
	struct config_list roles;
	struct config_argument *arguments;
	size_t argument_count;
	/* All of it in the form that the built-in ones have; made by config.c. */
	struct runbook runbook;
	struct runbook_argument runbook_arguments[RUNBOOK_ARGUMENTS_MAX + 1];
	struct runbook_trigger triggers[2];
};

struct config_prometheus {
	char *name, *url;  /* url ends with '/' */
	char *user;        /* with password: basic auth; NULL: none */
	struct secret password, token; /* token: bearer */
	char *region;      /* signed with SigV4 for Amazon Managed Prometheus; NULL: not signed */
};

struct config_price { /* US dollars for a million tokens */
	char *model;
	double input, output;
	double cache_read, cache_write; /* NaN: as input */
};

struct config_dashboard {
	char *name;
	char *schedule;           /* of its own; NULL: summary.schedule's */
	char *timezone, *channel; /* default: the summary's */
	char *prompt;             /* the text of the file, as bedrock.prompt; NULL: none */
	int64_t range_ms, baseline_ms;
	bool weekend_aware;
	struct metric *metrics;
	size_t metric_count;
	char *metrics_table; /* NULL: none */
	struct config_list alarms; /* globs: the metrics of these alarms are lines, too */
	char *alarms_account, *alarms_region; /* of those; NULL: our own */
};

enum config_jira_api { CONFIG_JIRA_AUTO, CONFIG_JIRA_CLOUD, CONFIG_JIRA_DATACENTER };

struct config_pair {
	char *name, *value;
};

/*
 * Every section of docs/CONFIGURATION.md is checked; the members here are what this version uses.
 * Strings are never empty. A new member is tied to its key in config_schema.c, which also sets its
 * default, frees it and compares it.
 */
struct config {
	char *path; /* of the file itself; absolute */
	struct {
		char *listen;  /* as configured, for people: "[::1]:8080" */
		char *address; /* numeric, without brackets: "::1" */
		int port;      /* 0: the kernel chooses */
		char *certificate, *key; /* NULL: plain */
	} http;
	struct {
		char *api_url; /* ends with '/' */
		bool loopback; /* api_url is a loopback address: ws:// and TOCSIN_TIME_SCALE are allowed */
		struct secret app_token, bot_token;
		char *channel;
		int connections; /* 1 ... 10 */
	} slack;
	struct {
		struct config_list topics;
		int64_t max_age_ms;
	} sns;
	struct {
		char *region; /* default: of the first topic */
		struct config_account *accounts;
		size_t account_count;
	} aws;
	struct {
		char *url;  /* ends with '/'; NULL: no Jira */
		char *user; /* NULL: the token is a bearer token */
		struct secret token;
		char *project, *issue_type;
		int api; /* enum config_jira_api */
		char *resolve_to, *reopen_to; /* NULL: comment only */
		struct config_pair *users;    /* Slack user id: accountId (Cloud) or name (Data Center) */
		size_t user_count;
		char *client;               /* NULL: none */
		struct json_object *fields; /* added to every new issue as they are; NULL: none */
	} jira;
	struct {
		char *topic; /* NULL: no mail */
		bool on_ok;  /* also when an alarm is over */
	} mail;
	struct {
		struct config_route *items;
		size_t count;
	} routes;
	struct {
		struct config_runbook *items;
		size_t count;
	} runbooks;
	struct {
		struct config_list operators, approvers; /* U0123456789, or "@group"; see commands/permit.h */
	} roles;
	struct {
		char *model;   /* NULL: findings speak without a model */
		char *region;  /* NULL: aws.region */
		char *guardrail, *guardrail_version; /* NULL: none; version "1" or "DRAFT" */
		double max_cost_per_answer, max_cost_per_day; /* US dollars; NaN: no ceiling */
		struct config_price *prices;
		size_t price_count;
		char *language; /* "English" */
		char *prompt;   /* the text of the file with own instructions, added to the built-in ones: valid UTF-8,
		                   at most 32 KiB; NULL: none */
		int max_tokens; /* of one turn of the model; 2000 */
	} bedrock;
	struct { /* questions, with or without a model */
		char *timezone;  /* of times in questions and answers; "UTC" */
		bool changes;    /* CloudTrail is asked for recent changes; true */
		struct config_list log_groups; /* globs of CloudWatch log groups that may be read; none: no logs */
		int64_t max_log_bytes; /* that one query may scan; 1 GiB */
		int64_t remember_ms;   /* how long a thread is remembered; 30d */
	} answers;
	struct {
		struct config_prometheus *items;
		size_t count;
	} prometheus;
	struct {
		struct config_dashboard *items;
		size_t count;
	} dashboards;
	struct { /* commands/summary.h */
		char *schedule, *weekly; /* cron lines; NULL: none */
		char *timezone;          /* of both; "UTC" */
		char *channel;           /* default: slack.channel */
	} summary;
	struct {
		int64_t reopen_within_ms; /* a re-fire this soon after the end reopens the incident; 30m */
		bool charts;              /* an incident's message gets its metric's chart; true */
	} incidents;
	struct {
		char *path; /* absolute */
	} state;
	struct {
		char *ca_file; /* NULL: the system's */
		struct config_list connect_to;
		char *proxy; /* http://HOST:PORT; NULL: none */
	} network;
	struct {
		enum log_level level;
	} log;
};

/*
 * NULL and all errors in *problems, in the file's order, each a line that ends with '\n':
 * "FILE:LINE: KEY: what is wrong; what to do" (FILE as in `path`). No secret stands in them, and
 * nothing that came from the environment or another file, except the PATH of file:PATH.
 */
struct config *config_load(const char *path, struct str *problems) MUST_CHECK;
/*
 * The same from memory; `path` names the text in messages and gives relative paths their start.
 * `sealed` (for fuzzing): neither the environment nor other files are looked at.
 */
struct config *config_parse(const char *text, size_t length, const char *path, bool sealed,
                            struct str *problems) MUST_CHECK;
void config_free(struct config *config);
/*
 * The keys that differ and need a restart, comma-separated, added to *keys: http, slack's URL,
 * tokens and connections, aws.region, state.path, network, and jira's connection and shape of
 * issues. The others can change while running.
 */
bool config_needs_restart(const struct config *old, const struct config *now, struct str *keys);
/* A summary comes by itself: the daily or weekly one, or that of a dashboard with a schedule. */
bool config_has_schedule(const struct config *config);
/* Display name of an account id: its configured name, or the id. */
const char *config_account_name(const struct config *config, const char *account);

/* "30s", "5m", "1h", "14d" (at most nine digits) to ms; false on anything else. */
bool config_parse_duration(const char *text, int64_t *ms);
/* "64KiB", "1GiB" (at most six digits) to bytes; false on anything else. */
bool config_parse_size(const char *text, int64_t *bytes);

#endif
