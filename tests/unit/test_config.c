/* A good configuration: what is stored, where its values come from, its bounds, its manual. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>

#include "bot/config.h"
#include "bot/config_schema.h"
#include "bot/config_yaml.h"
#include "bot/json.h"
#include "bot/metric.h"
#include "bot/str.h"
#include "tests/unit/support/config_cases.h"
#include "tests/unit/support/turn.h"

#define MINUTE_MS 60000

static void defaults_are_complete(void **state)
{
	struct config *config = config_good(GOOD);

	(void)state;
	assert_string_equal(config->path, scratch_path("t.yaml"));
	assert_string_equal(config->http.listen, "127.0.0.1:8080");
	assert_string_equal(config->http.address, "127.0.0.1");
	assert_int_equal(config->http.port, 8080);
	assert_null(config->http.certificate);
	assert_null(config->http.key);
	assert_string_equal(config->slack.api_url, "https://slack.com/api/");
	assert_false(config->slack.loopback);
	assert_string_equal(secret_reveal(&config->slack.app_token), "xapp-1");
	assert_string_equal(secret_reveal(&config->slack.bot_token), "xoxb-1");
	assert_string_equal(config->slack.channel, "C0123456789");
	assert_int_equal(config->slack.connections, 2);
	assert_int_equal(config->sns.topics.count, 1);
	assert_string_equal(config->sns.topics.items[0], "arn:aws:sns:us-east-1:123456789012:alarms");
	assert_null(config->sns.topics.items[1]);
	assert_int_equal(config->sns.max_age_ms, 60 * MINUTE_MS);
	assert_string_equal(config->aws.region, "us-east-1");
	assert_int_equal(config->aws.account_count, 0);
	assert_null(config->jira.url);
	assert_null(config->jira.fields);
	assert_int_equal(config->jira.user_count, 0);
	assert_null(config->mail.topic);
	assert_int_equal(config->runbooks.count, 0);
	assert_int_equal(config->roles.operators.count, 0);
	assert_int_equal(config->roles.approvers.count, 0);
	assert_int_equal(config->routes.count, 0);
	assert_int_equal(config->incidents.reopen_within_ms, 30 * MINUTE_MS);
	assert_true(config->incidents.charts);
	assert_string_equal(config->state.path, scratch_path("tocsin.db"));
	assert_null(config->network.ca_file);
	assert_null(config->network.proxy);
	assert_int_equal(config->network.connect_to.count, 0);
	assert_int_equal(config->log.level, LOG_INFO);
	assert_null(config->bedrock.model);
	assert_string_equal(config->bedrock.language, "English");
	assert_int_equal(config->bedrock.max_tokens, 2000);
	assert_true(isnan(config->bedrock.max_cost_per_answer) && isnan(config->bedrock.max_cost_per_day));
	assert_string_equal(config->answers.timezone, "UTC");
	assert_true(config->answers.changes);
	assert_int_equal(config->answers.log_groups.count, 0);
	assert_int_equal(config->answers.max_log_bytes, 1 << 30);
	assert_int_equal(config->answers.remember_ms, INT64_C(30) * 1440 * MINUTE_MS);
	config_free(config);
}

static void every_member_is_stored(void **state)
{
	struct config *config = config_good(
		"slack: {app_token: xapp-2, bot_token: xoxb-2, channel: G0123456789, connections: 10,\n"
		"        api_url: 'http://127.0.0.1:9000/api'}\n"
		"sns: {topics: [arn:aws-cn:sns:cn-north-1:123456789012:a,\n"
		"               arn:aws:sns:us-east-1:123456789012:b], max_age: 2d}\n"
		"http: {listen: '[::1]:0', tls: {certificate: here.pem, key: ./here.pem}}\n"
		"aws:\n"
		"  region: eu-central-1\n"
		"  accounts: [{id: 012345678901, name: prod}, {id: '210987654321',\n"
		"              role_arn: 'arn:aws:iam::210987654321:role/a/b'}]\n"
		"routes:\n"
		"  - match: {alarm: 'web-*', account: '123456789012', namespace: AWS/RDS, state: OK}\n"
		"    channel: C0CHECKOUT\n"
		"  - channel: D01234567\n"
		"incidents: {reopen_within: 0s, charts: false}\n"
		"state: {path: /var/lib/t.db}\n"
		"network: {ca_file: here.pem, proxy: 'http://[::1]:3128',\n"
		"          connect_to: [':::8443', 'slack.com:443:[::1]:1']}\n"
		"log: {level: error}\n");

	(void)state;
	assert_string_equal(config->http.address, "::1");
	assert_int_equal(config->http.port, 0);
	assert_string_equal(config->http.certificate, scratch_path("here.pem"));
	assert_string_equal(config->http.key, scratch_path("./here.pem"));
	assert_string_equal(config->slack.api_url, "http://127.0.0.1:9000/api/");
	assert_true(config->slack.loopback);
	assert_int_equal(config->slack.connections, 10);
	assert_int_equal(config->sns.max_age_ms, INT64_C(2) * 24 * 60 * MINUTE_MS);
	assert_string_equal(config->sns.topics.items[1], "arn:aws:sns:us-east-1:123456789012:b");
	assert_string_equal(config->aws.region, "eu-central-1");
	assert_int_equal(config->aws.account_count, 2);
	assert_string_equal(config->aws.accounts[0].id, "012345678901");
	assert_string_equal(config->aws.accounts[1].role_arn, "arn:aws:iam::210987654321:role/a/b");
	assert_string_equal(config_account_name(config, "012345678901"), "prod");
	assert_string_equal(config_account_name(config, "210987654321"), "210987654321");
	assert_string_equal(config_account_name(config, "999999999999"), "999999999999");
	assert_int_equal(config->routes.count, 2);
	assert_string_equal(config->routes.items[0].alarm, "web-*");
	assert_string_equal(config->routes.items[0].account, "123456789012");
	assert_string_equal(config->routes.items[0].namespace_, "AWS/RDS");
	assert_string_equal(config->routes.items[0].state, "OK");
	assert_null(config->routes.items[1].alarm);
	assert_string_equal(config->routes.items[1].channel, "D01234567");
	assert_int_equal(config->incidents.reopen_within_ms, 0);
	assert_false(config->incidents.charts);
	assert_string_equal(config->state.path, "/var/lib/t.db");
	assert_string_equal(config->network.proxy, "http://[::1]:3128");
	assert_string_equal(config->network.connect_to.items[1], "slack.com:443:[::1]:1");
	assert_int_equal(config->log.level, LOG_ERROR);
	config_free(config);
}

static void jira_and_mail_are_stored(void **state)
{
	struct config *least = config_good(
		GOOD "jira: {url: 'https://j.example.com', token: t-1, project: OPS}\n"
		"mail: {topic: arn:aws:sns:us-east-1:123456789012:mail}\n");
	struct config *all = config_good(
		GOOD "jira: {url: 'https://j.example.com/x/', user: bot@example.com, token: t-2, project: A_1,\n"
		"  issue_type: Bug, api: datacenter, resolve_to: Done, reopen_to: 'In Progress', client: ACME,\n"
		"  users: {U0123456789: abc, W0123456789: 'd e'}, fields: {a: 1}}\n"
		"mail: {topic: arn:aws:sns:us-east-1:123456789012:mail, on_ok: true}\n");

	(void)state;
	assert_string_equal(least->jira.url, "https://j.example.com/");
	assert_null(least->jira.user);
	assert_string_equal(secret_reveal(&least->jira.token), "t-1");
	assert_string_equal(least->jira.issue_type, "Incident");
	assert_int_equal(least->jira.api, CONFIG_JIRA_AUTO);
	assert_null(least->jira.resolve_to);
	assert_null(least->jira.reopen_to);
	assert_null(least->jira.client);
	assert_false(least->mail.on_ok);
	config_free(least);

	assert_string_equal(all->jira.url, "https://j.example.com/x/");
	assert_string_equal(all->jira.user, "bot@example.com");
	assert_string_equal(all->jira.project, "A_1");
	assert_string_equal(all->jira.issue_type, "Bug");
	assert_int_equal(all->jira.api, CONFIG_JIRA_DATACENTER);
	assert_string_equal(all->jira.resolve_to, "Done");
	assert_string_equal(all->jira.reopen_to, "In Progress");
	assert_string_equal(all->jira.client, "ACME");
	assert_int_equal(all->jira.user_count, 2);
	assert_string_equal(all->jira.users[0].name, "U0123456789");
	assert_string_equal(all->jira.users[1].value, "d e");
	assert_string_equal(json_print(all->jira.fields), "{\"a\":1}");
	assert_string_equal(all->mail.topic, "arn:aws:sns:us-east-1:123456789012:mail");
	assert_true(all->mail.on_ok);
	config_free(all);
}

/* A field's type is what the file shows; text of the environment stays text. */
static void fields_of_jira_keep_their_types(void **state)
{
	(void)state;
	setenv("TEST_NUMBER", "17", 1);
	struct config *config = config_good(
		GOOD "jira:\n  url: https://j.example.com\n  token: t-1\n  project: OPS\n  fields:\n"
		"    labels: [alarm, 7, '8', -1.5e1]\n"
		"    on: true\n"
		"    'off': \"false\"\n"
		"    nothing: ~\n"
		"    empty: ''\n"
		"    octal: 012\n"
		"    env: ${TEST_NUMBER}\n"
		"    map: {a: {b: []}}\n");
	assert_string_equal(json_print(config->jira.fields),
	                    "{\"labels\":[\"alarm\",7,\"8\",-1.5e1],\"on\":true,\"off\":\"false\","
	                    "\"nothing\":null,\"empty\":\"\",\"octal\":\"012\",\"env\":\"17\","
	                    "\"map\":{\"a\":{\"b\":[]}}}");
	config_free(config);
}

static void runbooks_and_roles_are_stored(void **state)
{
	struct config *config = config_good(
		GOOD "runbooks:\n"
		"  - {name: a, linux: 'echo {{w}} {{u}}', arguments: [{name: w, type: word},\n"
		"     {name: u, type: unit, optional: true}], timeout: 5m, summary: Says it, changes: true,\n"
		"     automatic: true, roles: [approver], on: {metric: M, namespace: N, from: OK, to: ALARM}}\n"
		"  - {name: b, windows: 'Get-Date', on: {alarm: 'x*', to: OK}, roles: [operator]}\n"
		"  - {name: c, linux: '#!/usr/bin/env bash'}\n"
		"roles: {operator: ['@oncall', U0123456789], approver: ['@sre']}\n");
	const struct config_runbook *items = config->runbooks.items;

	(void)state;
	assert_int_equal(config->runbooks.count, 3);
	const struct runbook *a = &items[0].runbook, *b = &items[1].runbook, *c = &items[2].runbook;
	assert_string_equal(a->name, "a");
	assert_string_equal(a->summary, "Says it");
	assert_string_equal(a->linux_script, "echo {{w}} {{u}}");
	assert_null(a->windows_script);
	assert_int_equal(a->timeout_ms, 5 * MINUTE_MS);
	assert_string_equal(a->arguments[0].name, "w");
	assert_string_equal(a->arguments[0].type, "word");
	assert_false(a->arguments[0].optional);
	assert_string_equal(a->arguments[1].type, "unit");
	assert_true(a->arguments[1].optional);
	assert_null(a->arguments[2].name);
	assert_string_equal(a->triggers[0].metric, "M");
	assert_string_equal(a->triggers[0].namespace_, "N");
	assert_string_equal(a->triggers[0].from, "OK");
	assert_string_equal(a->triggers[0].to, "ALARM");
	assert_null(a->triggers[1].to);
	assert_true(a->changes && a->automatic && a->for_approver && !a->for_operator);

	assert_string_equal(b->windows_script, "Get-Date");
	assert_null(b->linux_script);
	assert_int_equal(b->timeout_ms, MINUTE_MS);
	assert_string_equal(b->triggers[0].alarm, "x*");
	assert_true(!b->changes && !b->automatic && !b->for_approver && b->for_operator);
	assert_null(c->triggers[0].to);
	assert_null(c->arguments[0].name);

	assert_int_equal(config->roles.operators.count, 2);
	assert_string_equal(config->roles.operators.items[0], "@oncall");
	assert_string_equal(config->roles.approvers.items[0], "@sre");
	config_free(config);
}

/* Each of these must load; what is refused stands in test_config_errors.c. */
static void the_summary_is_the_default_of_dashboards(void **state)
{
	struct config *config = config_good(GOOD
	                                    "summary: {schedule: '0 9 * * 1-5', timezone: Asia/Tokyo, channel: C0SUMMARY}\n"
	                                    "dashboards:\n"
	                                    "  - {name: a, metrics_table: abc}\n"
	                                    "  - {name: b, metrics_table: abc, timezone: UTC, channel: C0CHECKOUT}\n");

	(void)state;
	assert_string_equal(config->summary.schedule, "0 9 * * 1-5");
	assert_null(config->summary.weekly);
	assert_null(config->dashboards.items[0].schedule);
	assert_string_equal(config->dashboards.items[0].timezone, "Asia/Tokyo");
	assert_string_equal(config->dashboards.items[0].channel, "C0SUMMARY");
	assert_string_equal(config->dashboards.items[1].timezone, "UTC");
	assert_string_equal(config->dashboards.items[1].channel, "C0CHECKOUT");
	config_free(config);
	config = config_good(GOOD "summary: {weekly: '0 9 * * mon'}\n");
	assert_string_equal(config->summary.timezone, "UTC");
	assert_string_equal(config->summary.channel, "C0123456789");
	config_free(config);
	config_free(config_good(GOOD "summary: {channel: C0SUMMARY}\n"
	                             "dashboards: [{name: a, metrics_table: abc, schedule: '0 9 * * *'}]\n"));
}

static void dashboards_are_stored(void **state)
{
	struct config *config = config_good(
		GOOD "prometheus:\n"
		"  - {name: p, url: 'http://p:9090/prom'}\n"
		"  - {name: q, url: 'https://q/', user: u, password: hunter2}\n"
		"  - {name: r, url: 'https://r', region: eu-west-1}\n"
		"  - {name: s, url: 'https://s', token: hunter3}\n"
		"dashboards:\n"
		"  - {name: least, metrics_table: abc}\n"
		"  - {name: web, schedule: '0 9 * * 1-5', timezone: Asia/Tokyo, channel: C0CHECKOUT, range: 2d,\n"
		"     weekend_aware: true, baseline: 7d, prompt: here.pem, metrics: [\n"
		"     {id: a, title: T, namespace: N, metric: M, dimensions: {A: '1', B: '2'}, stat: p90, period: 1m,\n"
		"      account: '123456789012', region: eu-west-1, unit: Seconds, normal: {below: 0.5}, about: x, hidden: true},\n"
		"     {id: e, expression: a / 2, period: 1m, account: '123456789012', region: eu-west-1, normal: {above: -1},\n"
		"      anomaly_band: true},\n"
		"     {id: q, source: p, query: up, period: 15s}]}\n");
	const struct config_dashboard *least = &config->dashboards.items[0], *web = &config->dashboards.items[1];
	const struct metric *a = &web->metrics[0], *e = &web->metrics[1], *q = &web->metrics[2];

	(void)state;
	assert_int_equal(config->prometheus.count, 4);
	assert_string_equal(config->prometheus.items[0].url, "http://p:9090/prom/");
	assert_null(config->prometheus.items[0].user);
	assert_string_equal(config->prometheus.items[1].user, "u");
	assert_string_equal(secret_reveal(&config->prometheus.items[1].password), "hunter2");
	assert_string_equal(config->prometheus.items[2].region, "eu-west-1");
	assert_string_equal(secret_reveal(&config->prometheus.items[3].token), "hunter3");
	assert_string_equal(least->timezone, "UTC");
	assert_int_equal(least->range_ms, 1440 * MINUTE_MS);
	assert_int_equal(least->baseline_ms, INT64_C(14) * 1440 * MINUTE_MS);
	assert_string_equal(least->channel, "C0123456789");
	assert_true(least->schedule == NULL && least->prompt == NULL && !least->weekend_aware);
	assert_int_equal(least->metric_count, 0);
	assert_string_equal(least->metrics_table, "abc");
	assert_string_equal(web->schedule, "0 9 * * 1-5");
	assert_string_equal(web->channel, "C0CHECKOUT");
	assert_string_equal(web->prompt, "x");
	assert_true(web->weekend_aware && web->metrics_table == NULL && web->metric_count == 3);
	assert_true(a->hidden && a->query == NULL && a->expression == NULL);
	assert_string_equal(a->title, "T");
	assert_string_equal(a->source, METRIC_SOURCE_CLOUDWATCH);
	assert_string_equal(json_print(a->dimensions), "{\"A\":\"1\",\"B\":\"2\"}");
	assert_string_equal(a->stat, "p90");
	assert_string_equal(a->account, "123456789012");
	assert_string_equal(a->region, "eu-west-1");
	assert_string_equal(a->unit, "Seconds");
	assert_true(a->period_ms == MINUTE_MS && a->normal_below > 0.49 && isnan(a->normal_above));
	assert_true(isnan(a->anomaly_band) && e->anomaly_band > 1.9 && e->anomaly_band < 2.1);
	assert_string_equal(e->expression, "a / 2");
	assert_true(e->stat == NULL && !e->hidden && isnan(e->normal_below) && e->normal_above < -0.9);
	assert_string_equal(q->source, "p");
	assert_string_equal(q->query, "up");
	assert_true(q->stat == NULL && q->dimensions == NULL && q->period_ms == 15000 && isnan(q->normal_above));
	config_free(config);
}

static void the_model_is_stored(void **state)
{
	struct config *config = config_good(
		GOOD "bedrock:\n"
		"  model: m1-x\n"
		"  region: eu-west-1\n"
		"  guardrail: {id: 'arn:aws:bedrock:eu-west-1:123456789012:guardrail/abc1', version: DRAFT}\n"
		"  max_cost_per_answer: 0.5\n"
		"  max_cost_per_day: 5\n"
		"  prices:\n"
		"    m1-x: {input: 3, output: 15.5, cache_read: 0.3, cache_write: 3.75}\n"
		"    arn:aws:bedrock:eu-west-1::foundation-model/m2:0: {input: 0, output: 1}\n"
		"  language: German\n"
		"  prompt: prompt.md\n"
		"  max_tokens: 700\n");
	const struct config_price *prices = config->bedrock.prices;

	(void)state;
	assert_string_equal(config->bedrock.model, "m1-x");
	assert_string_equal(config->bedrock.region, "eu-west-1");
	assert_string_equal(config->bedrock.guardrail, "arn:aws:bedrock:eu-west-1:123456789012:guardrail/abc1");
	assert_string_equal(config->bedrock.guardrail_version, "DRAFT");
	assert_true(config->bedrock.max_cost_per_answer == 0.5 && config->bedrock.max_cost_per_day == 5);
	assert_int_equal(config->bedrock.price_count, 2);
	assert_string_equal(prices[0].model, "m1-x");
	assert_true(prices[0].input == 3 && prices[0].output == 15.5);
	assert_true(prices[0].cache_read == 0.3 && prices[0].cache_write == 3.75);
	assert_string_equal(prices[1].model, "arn:aws:bedrock:eu-west-1::foundation-model/m2:0");
	assert_true(prices[1].input == 0 && isnan(prices[1].cache_read) && isnan(prices[1].cache_write));
	assert_string_equal(config->bedrock.language, "German");
	assert_string_equal(config->bedrock.prompt, "Say \xc3\xa4h first.\n");
	assert_int_equal(config->bedrock.max_tokens, 700);
	config_free(config);
}

static void answers_are_stored(void **state)
{
	struct config *config = config_good(GOOD "answers: {timezone: Asia/Tokyo, changes: false, log_groups: "
	                                    "['/aws/lambda/*', a?#.b], max_log_scan: 64MiB, remember: 1h}\n");

	(void)state;
	assert_string_equal(config->answers.timezone, "Asia/Tokyo");
	assert_false(config->answers.changes);
	assert_int_equal(config->answers.log_groups.count, 2);
	assert_string_equal(config->answers.log_groups.items[0], "/aws/lambda/*");
	assert_string_equal(config->answers.log_groups.items[1], "a?#.b");
	assert_int_equal(config->answers.max_log_bytes, 64 << 20);
	assert_int_equal(config->answers.remember_ms, 60 * MINUTE_MS);
	config_free(config);
}

/* Nothing of them is tied to what is made at start. */
static void the_model_changes_while_running(void **state)
{
	struct config *old = config_good(GOOD);
	struct config *now = config_good(
		GOOD "bedrock: {model: m1-x, region: eu-west-1, guardrail: {id: a, version: 2}, max_cost_per_day: 1,\n"
		"  max_cost_per_answer: 1, prices: {m1-x: {input: 1, output: 2}}, prompt: prompt.md}\n"
		"answers: {changes: false, log_groups: [a], max_log_scan: 1TiB}\n");
	struct str keys;

	(void)state;
	str_init(&keys, 1000);
	assert_false(config_needs_restart(old, now, &keys));
	assert_string_equal(keys.text, "");
	str_free(&keys);
	config_free(old);
	config_free(now);
}

static void many_forms_are_good(void **state)
{
	static const char *const good[] = {
		SLACK "sns: {topics: [arn:aws-us-gov:sns:us-gov-west-1:123456789012:a_b-C]}\n",
		SLACK "sns: {topics: [arn:aws-eusc:sns:eusc-de-east-1:123456789012:a]}\n",
		SLACK "sns: {topics: [arn:aws-iso-b:sns:us-isob-east-1:123456789012:a]}\n",
		"%YAML 1.1\n---\n" GOOD "...\n",
		GOOD "# a comment at the end without a line break",
		GOOD "jira:\nhttp: ~\nnetwork: null\naws: {region: }\n",
		GOOD "runbooks: [{name: a, linux: b, on: {metric: m, to: OK}}]\n",
		GOOD "runbooks: [{name: a, linux: b, 'on': {alarm: 'x*', to: OK, from: ALARM}}]\n",
		GOOD "runbooks: [{name: a, windows: b, changes: true, automatic: false, roles: []}]\n",
		GOOD "runbooks: [{name: Top, linux: \"#!/bin/bash -eu\\n{{a}} {{ b }} {{.C}} {{json .}} {{{a}}}\",\n"
		"  arguments: [{name: a, type: count}]}]\n",
		GOOD "runbooks: [{name: a, linux: '#!/usr/bin/python3'}]\n",
		GOOD "runbooks: [{name: a, linux: '{{p}}', windows: b, arguments: [{name: p, type: path}]}]\n",
		GOOD "runbooks:\n  - name: a\n    linux: |\n      first\n      \tsecond\n",
		GOOD "dashboards: [{name: a, metrics_table: abc, schedule: '*/5,7 0-23/2 1,15 jan-DEC 0-7'}]\n",
		GOOD "dashboards: [{name: a, metrics_table: abc, schedule: ' 0  9 * * MON-fri '}]\n",
		GOOD "dashboards: [{name: a, metrics_table: abc, metrics: []}]\n",
		GOOD "dashboards: [{name: a, metrics: [{id: a, namespace: n, metric: m, stat: p99.9}]}]\n",
		GOOD "dashboards: [{name: a, metrics: [{id: a, namespace: n, metric: m, stat: 'TM(2%:98%)'}]}]\n",
		GOOD "dashboards: [{name: a, metrics: [{id: a, namespace: n, metric: m, period: 10s}]}]\n",
		GOOD "dashboards: [{name: a, metrics: [{id: a, expression: \"SEARCH('{AWS/EC2,id} x=\\\"y\\\"', 'Sum', 300)\"}, "
		"{id: b, expression: select max(cpu_total) from CWAgent}, {id: c, namespace: n, metric: m, hidden: true}, "
		"{id: d, expression: SUM(METRICS(\"c\"))}]}]\n",
		GOOD "bedrock: {model: m1-x, max_cost_per_day: 0, prices: {m1-x: {input: 1, output: 1.5e1}}}\n",
		GOOD "bedrock: {model: m1-x, prompt: full.md}\n",
		GOOD "bedrock: {model: m1-x, max_cost_per_answer: 1, prices: {m1-x: {input: 1, output: 1}, m2-x: "
		"{input: 0, output: 0}}}\n",
		GOOD "jira: {url: 'http://localhost:1', token: t, project: OPS, resolve_to: '', users: {}, fields: {}}\n",
		GOOD "network: {proxy: '', connect_to: []}\n",
		GOOD "routes: []\nprometheus: []\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		config_free(config_good(good[i]));
}

static void loopback_is_told_by_the_address(void **state)
{
	static const struct {
		const char *host;
		bool loopback;
	} hosts[] = {
		{ "127.0.0.1", true },  { "127.255.0.9", true }, { "::1", true },
		{ "LocalHost", true },  { "128.0.0.1", false },  { "::2", false },
		{ "127.example.com", false }, { "localhost.example.com", false }, { "127.1", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++)
		assert_int_equal(config_host_is_loopback(hosts[i].host), hosts[i].loopback);
}

static void durations_have_one_unit(void **state)
{
	static const char *const wrong[] = { "", "1", "s", "1S", "1.5h", "1h30m", " 1h", "1h ", "-1h",
	                                     "1ms", "1w", "9999999999s" };
	int64_t ms = 7;

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_false(config_parse_duration(wrong[i], &ms));
	assert_int_equal(ms, 7);
	assert_true(config_parse_duration("30s", &ms));
	assert_int_equal(ms, 30000);
	assert_true(config_parse_duration("05m", &ms));
	assert_int_equal(ms, 5 * MINUTE_MS);
	assert_true(config_parse_duration("1h", &ms));
	assert_int_equal(ms, 60 * MINUTE_MS);
	assert_true(config_parse_duration("999999999d", &ms));
	assert_int_equal(ms, INT64_C(999999999) * 86400000);
}

static void environment_is_replaced_anywhere(void **state)
{
	(void)state;
	setenv("TEST_ACCOUNT", "123456789012", 1);
	setenv("TEST_NAME", "${TEST_ACCOUNT}", 1); /* not replaced again */
	struct config *config = config_good(
		SLACK "sns: {topics: ['arn:aws:sns:us-east-1:${TEST_ACCOUNT}:a${EMPTY}b']}\n"
		"state: {path: '/x/${TEST_NAME}/$${TEST_ACCOUNT}/$HOME/$$/$'}\n"
		"network: {proxy: '${EMPTY}'}\n");
	assert_string_equal(config->sns.topics.items[0], "arn:aws:sns:us-east-1:123456789012:ab");
	assert_string_equal(config->state.path, "/x/${TEST_ACCOUNT}/${TEST_ACCOUNT}/$HOME/$$/$");
	assert_null(config->network.proxy);
	config_free(config);
}

static void secrets_come_from_files(void **state)
{
	struct str yaml;

	(void)state;
	config_write("app", "xapp-from-file\n", 15);
	config_write("bot", "xoxb-from-file\r\n", 16);
	setenv("TEST_DIRECTORY", scratch_path("."), 1);
	struct config *config = config_good(
		"slack:\n  app_token: file:app\n  bot_token: file:${TEST_DIRECTORY}/bot\n"
		"  channel: C0123456789\n" SNS);
	assert_string_equal(secret_reveal(&config->slack.app_token), "xapp-from-file");
	assert_string_equal(secret_reveal(&config->slack.bot_token), "xoxb-from-file");

	/* And the log knows them while they are in use. */
	char line[] = "a=xapp-from-file b=xoxb-from-file";
	secret_filter(line);
	assert_string_equal(line, "a=************** b=**************");
	config_free(config);

	/* Only one line break is taken off: a second one is somebody's mistake, and said. */
	config_write("app", "xapp-from-file\n\n", 16);
	str_init(&yaml, 4096);
	config_write("t.yaml", "slack: {app_token: file:app}\n", 29);
	assert_null(config_load(scratch_path("t.yaml"), &yaml));
	assert_non_null(strstr(yaml.text, "slack.app_token: holds a space, a line break"));
	assert_null(strstr(yaml.text, "from-file"));
	str_free(&yaml);
}

static void relative_paths_start_at_the_file(void **state)
{
	struct str problems;
	char *here = getcwd(NULL, 0);

	(void)state;
	str_init(&problems, 4096);
	config_write("t.yaml", GOOD, strlen(GOOD));
	assert_int_equal(chdir(scratch_path("")), 0);
	struct config *config = config_load("t.yaml", &problems);
	assert_int_equal(chdir(here), 0);
	assert_non_null(config);
	assert_true(config->path[0] == '/' && str_ends(config->path, "/t.yaml"));
	assert_true(config->state.path[0] == '/' && str_ends(config->state.path, "/tocsin.db"));
	config_free(config);
	free(here);
	str_free(&problems);
}

static void windows_files_are_good(void **state)
{
	struct config *config = config_good(
		"\xef\xbb\xbfslack:\r\n  app_token: xapp-1\r\n  bot_token: xoxb-1\r\n"
		"  channel: C0123456789\r\nsns:\r\n  topics:\r\n"
		"    - arn:aws:sns:us-east-1:123456789012:alarms\r\n");

	(void)state;
	assert_string_equal(config->slack.channel, "C0123456789");
	assert_string_equal(config->sns.topics.items[0], "arn:aws:sns:us-east-1:123456789012:alarms");
	config_free(config);

	static const struct config_case wrong[] = {
		{ "\xef\xbb\xbf" SLACK "\r\n" SNS "state: 1\r\n",
		  "4: state: must be a map, not one value; write \"key: value\" lines below, indented\n" },
		{ "\xff\xfes", "1: the file is UTF-16; save it as UTF-8\n" },
	};
	config_cases_check(wrong, sizeof(wrong) / sizeof(wrong[0]));
}

/* GOOD, then `count` times `piece`. */
static void load_repeated(const char *piece, size_t count, struct str *problems)
{
	struct str yaml;

	str_init(&yaml, CONFIG_YAML_SIZE * 2);
	str_add(&yaml, GOOD);
	for (size_t i = 0; i < count; i++)
		str_add(&yaml, piece);
	assert_false(yaml.cut);
	str_clear(problems);
	config_free(config_parse(yaml.text, yaml.length, "big.yaml", true, problems));
	str_free(&yaml);
}

static void size_is_bounded(void **state)
{
	struct str problems;

	(void)state;
	str_init(&problems, 65536);
	load_repeated("# comment\n", CONFIG_YAML_SIZE / 10 + 1, &problems);
	assert_string_equal(problems.text, "big.yaml: is larger than 1 MiB; shorten it\n");
	load_repeated("# comment\n", CONFIG_YAML_SIZE / 10 - 100, &problems);
	assert_string_equal(problems.text, "");

	load_repeated("- ", 1, &problems); /* a list below a map */
	assert_true(str_starts(problems.text, "big.yaml:3: not valid YAML: "));
	str_free(&problems);
}

static void depth_is_bounded(void **state)
{
	struct str problems, deep;

	(void)state;
	str_init(&problems, 65536);
	str_init(&deep, 4096);
	/* The file's map, jira's and the innermost value are three of the levels. */
	for (size_t levels = CONFIG_YAML_DEPTH - 3; levels <= CONFIG_YAML_DEPTH - 2; levels++) {
		str_clear(&deep);
		str_add(&deep, GOOD "jira: {url: 'https://j.example.com', token: t, project: OPS, fields: ");
		for (size_t i = 0; i < levels - 1; i++)
			str_add(&deep, "{a: ");
		str_add(&deep, "{a: 1}");
		for (size_t i = 0; i < levels; i++)
			str_add_char(&deep, '}');
		str_add_char(&deep, '\n');
		str_clear(&problems);
		config_free(config_parse(deep.text, deep.length, "deep.yaml", true, &problems));
		if (levels == CONFIG_YAML_DEPTH - 3)
			assert_string_equal(problems.text, "");
		else
			assert_true(str_ends(problems.text, ": nested deeper than 32 levels; flatten it\n"));
	}
	str_free(&deep);
	str_free(&problems);
}

static void width_and_count_are_bounded(void **state)
{
	struct str problems, yaml;

	(void)state;
	str_init(&problems, 65536);
	str_init(&yaml, CONFIG_YAML_SIZE);
	str_add(&yaml, GOOD "routes:\n");
	for (size_t i = 0; i < CONFIG_YAML_WIDTH + 1; i++)
		str_add(&yaml, "- channel: C01234567\n");
	struct config *config = config_parse(yaml.text, yaml.length - 21, "wide.yaml", true, &problems);
	assert_non_null(config);
	assert_int_equal(config->routes.count, CONFIG_YAML_WIDTH);
	config_free(config);
	assert_null(config_parse(yaml.text, yaml.length, "wide.yaml", true, &problems));
	assert_string_equal(problems.text, "wide.yaml:2004: routes: has more than 2000 entries; "
	                    "shorten it\n");

	str_clear(&yaml);
	str_clear(&problems);
	str_add(&yaml, GOOD "x:\n");
	for (size_t i = 0; i < CONFIG_YAML_NODES / 100; i++) {
		str_addf(&yaml, "- [");
		for (size_t j = 0; j < 100; j++)
			str_add(&yaml, "1,");
		str_add(&yaml, "]\n");
	}
	assert_null(config_parse(yaml.text, yaml.length, "many.yaml", true, &problems));
	assert_non_null(strstr(problems.text, ": the file has more than 50000 values; shorten it\n"));
	str_free(&yaml);
	str_free(&problems);
}

static void many_errors_are_counted(void **state)
{
	struct str problems;
	size_t lines = 0;

	(void)state;
	str_init(&problems, 65536);
	static const char yaml[] =
		"log: {level: x}\n" /* checked last, told first */
		"k1: 1\nk2: 1\nk3: 1\nk4: 1\nk5: 1\nk6: 1\nk7: 1\nk8: 1\nk9: 1\nk10: 1\nk11: 1\n"
		"k12: 1\nk13: 1\nk14: 1\nk15: 1\nk16: 1\nk17: 1\nk18: 1\nk19: 1\n" GOOD "k20: 1\nk21: 1\n";
	assert_null(config_parse(yaml, sizeof(yaml) - 1, "m.yaml", true, &problems));
	for (const char *c = problems.text; *c != '\0'; c++)
		lines += *c == '\n';
	assert_int_equal(lines, 21);
	assert_true(str_starts(problems.text, "m.yaml:1: log.level: \"x\" is not one of"));
	assert_non_null(strstr(problems.text, "\nm.yaml:20: k19: unknown key; "));
	assert_true(str_ends(problems.text, "\nm.yaml: and 2 more\n"));
	str_free(&problems);
}

static void files_that_cannot_be_read_are_named(void **state)
{
	struct str problems, expected;

	(void)state;
	str_init(&problems, 4096);
	str_init(&expected, 4096);
	str_addf(&expected, "%s: the configuration cannot be read (No such file or directory); name "
	         "another file with --config\n", scratch_path("absent"));
	assert_null(config_load(scratch_path("absent"), &problems));
	assert_string_equal(problems.text, expected.text);
	str_clear(&problems);
	assert_null(config_load(scratch_path("."), &problems));
	assert_non_null(strstr(problems.text, ": the configuration cannot be read (Is a directory); "));
	str_free(&problems);
	str_free(&expected);
}

static void sealed_reads_nothing_else(void **state)
{
	static const char good[] = GOOD "network: {ca_file: /no/such/file}\n";
	static const char name[] = GOOD "state: {path: '${EMPTY}x'}\n";
	static const char file[] = "slack: {app_token: file:here.pem, bot_token: xoxb-1, "
	                           "channel: C0123456789}\n" SNS;
	struct str problems;

	(void)state;
	str_init(&problems, 4096);
	struct config *config = config_parse(good, sizeof(good) - 1, "t.yaml", true, &problems);
	assert_non_null(config);
	config_free(config);
	assert_null(config_parse(name, sizeof(name) - 1, "t.yaml", true, &problems));
	assert_non_null(strstr(problems.text, "environment variable EMPTY is not set"));
	assert_null(config_parse(file, sizeof(file) - 1, scratch_path("t.yaml"), true, &problems));
	assert_non_null(strstr(problems.text, "here.pem cannot be read here"));
	str_free(&problems);
}

static void a_reload_names_what_needs_a_restart(void **state)
{
	static const struct {
		const char *yaml, *keys;
	} changes[] = {
		{ GOOD, "" },
		{ GOOD "routes: [{channel: C0CHECKOUT}]\nincidents: {reopen_within: 1h}\nlog: {level: debug}\n"
		  "aws: {accounts: [{id: '210987654321'}]}\n", "" },
		{ SLACK "sns: {topics: [arn:aws:sns:us-east-1:123456789012:x], max_age: 2h}\n", "" },
		{ SLACK "sns: {topics: [arn:aws:sns:us-east-2:123456789012:alarms]}\n", "aws.region" },
		{ GOOD "http: {listen: '127.0.0.1:8081'}\nstate: {path: other.db}\n",
		  "http.listen, state.path" },
		{ "slack: {app_token: xapp-2, bot_token: xoxb-1, channel: C9999999999, connections: 3}\n" SNS,
		  "slack.app_token, slack.connections" },
		{ GOOD "network: {connect_to: ['::a:1'], proxy: 'http://p:1', ca_file: here.pem}\n",
		  "network.ca_file, network.connect_to, network.proxy" },
		{ GOOD "http: {tls: {certificate: here.pem, key: here.pem}}\n",
		  "http.tls.certificate, http.tls.key" },
		{ GOOD "mail: {topic: arn:aws:sns:us-east-1:123456789012:m}\nroles: {operator: [U012345]}\n"
		  "runbooks: [{name: a, linux: b}]\n", "" },
		{ GOOD "prometheus: [{name: p, url: 'http://p'}]\n"
		  "dashboards: [{name: d, metrics: [{id: a, source: p, query: q}]}]\n", "" },
		{ GOOD "jira: {url: 'http://localhost:1', token: t, project: OPS}\n",
		  "jira.url, jira.token, jira.project" },
	};
	struct config *old = config_good(GOOD);
	struct str keys;

	(void)state;
	str_init(&keys, 4096);
	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		struct config *now = config_good(changes[i].yaml);
		str_clear(&keys);
		assert_int_equal(config_needs_restart(old, now, &keys), changes[i].keys[0] != '\0');
		assert_string_equal(keys.text, changes[i].keys);
		config_free(now);
	}
	str_free(&keys);
	config_free(old);
	config_free(NULL);
}

#define JIRA "url: 'http://localhost:1', token: t, project: OPS"

static void a_reload_changes_how_jira_is_used_only(void **state)
{
	static const struct {
		const char *yaml, *keys;
	} changes[] = {
		{ GOOD "jira: {" JIRA ", fields: {a: [1]}, resolve_to: Done, reopen_to: Open, client: c, users: "
		  "{U012345: x}}\n", "" },
		{ GOOD "jira: {" JIRA ", fields: {a: [2]}}\n", "jira.fields" },
		{ GOOD "jira: {" JIRA "}\n", "jira.fields" },
		{ GOOD "jira: {" JIRA ", fields: {a: [1]}, user: u, issue_type: Bug, api: cloud}\n",
		  "jira.user, jira.issue_type, jira.api" },
	};
	struct config *old = config_good(GOOD "jira: {" JIRA ", fields: {a: [1]}}\n");
	struct str keys;

	(void)state;
	str_init(&keys, 4096);
	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		struct config *now = config_good(changes[i].yaml);
		str_clear(&keys);
		assert_int_equal(config_needs_restart(old, now, &keys), changes[i].keys[0] != '\0');
		assert_string_equal(keys.text, changes[i].keys);
		config_free(now);
	}
	str_free(&keys);
	config_free(old);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(defaults_are_complete),
		cmocka_unit_test(every_member_is_stored),
		cmocka_unit_test(jira_and_mail_are_stored),
		cmocka_unit_test(fields_of_jira_keep_their_types),
		cmocka_unit_test(runbooks_and_roles_are_stored),
		cmocka_unit_test(the_summary_is_the_default_of_dashboards),
		cmocka_unit_test(dashboards_are_stored),
		cmocka_unit_test(the_model_is_stored),
		cmocka_unit_test(answers_are_stored),
		cmocka_unit_test(the_model_changes_while_running),
		cmocka_unit_test(many_forms_are_good),
		cmocka_unit_test(loopback_is_told_by_the_address),
		cmocka_unit_test(durations_have_one_unit),
		cmocka_unit_test(environment_is_replaced_anywhere),
		cmocka_unit_test(secrets_come_from_files),
		cmocka_unit_test(relative_paths_start_at_the_file),
		cmocka_unit_test(windows_files_are_good),
		cmocka_unit_test(size_is_bounded),
		cmocka_unit_test(depth_is_bounded),
		cmocka_unit_test(width_and_count_are_bounded),
		cmocka_unit_test(many_errors_are_counted),
		cmocka_unit_test(files_that_cannot_be_read_are_named),
		cmocka_unit_test(sealed_reads_nothing_else),
		cmocka_unit_test(a_reload_names_what_needs_a_restart),
		cmocka_unit_test(a_reload_changes_how_jira_is_used_only),
	};

	return cmocka_run_group_tests(tests, config_cases_setup, config_cases_teardown);
}
