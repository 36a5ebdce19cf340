/* Which runbook is meant, when one runs by itself, and where. Arguments: test_runbook_script.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "bot/alarm.h"
#include "bot/config.h"
#include "bot/json.h"
#include "bot/runbook.h"
#include "bot/str.h"
#include "tests/unit/support/config_cases.h"

static void built_in_ones_are_complete(void **state)
{
	static const char *const names[] = { "top", "memory", "disk", "agent", "agent-restart" };
	struct config *config = config_good(GOOD);

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const struct runbook *runbook = runbook_find(config, names[i]);
		assert_non_null(runbook);
		assert_string_equal(runbook->name, names[i]);
		assert_int_equal(runbook->changes, strcmp(names[i], "agent-restart") == 0);
		assert_false(runbook->automatic);
		assert_true(runbook->timeout_ms >= 60000);
		assert_true(strlen(runbook->summary) > 10);
		assert_non_null(strstr(runbook->linux_script, "title"));
		assert_non_null(strstr(runbook->windows_script, "\nexit 0\n"));
		assert_true(str_starts(runbook->linux_script, "# shellcheck shell=sh\n# common.sh"));
		assert_true(str_ends(runbook->linux_script, "\n"));
		assert_true(str_ends(runbook->windows_script, "exit 0\n"));
	}
	assert_null(runbook_find(config, "Top"));
	assert_null(runbook_find(config, ""));
	config_free(config);
}

static void add_name(void *arg, const struct runbook *runbook)
{
	str_addf(arg, "%s%s ", runbook->name, strcmp(runbook->summary, "mine") == 0 ? "!" : "");
}

static void configured_ones_replace_and_add(void **state)
{
	struct config *config = config_good(
		GOOD "runbooks: [{name: disk, linux: df, summary: mine}, {name: other, linux: id}]\n");
	struct str names;

	(void)state;
	str_init(&names, 1000);
	runbook_each(config, add_name, &names);
	assert_string_equal(names.text, "top memory disk! agent agent-restart other ");
	assert_string_equal(runbook_find(config, "disk")->linux_script, "df");
	assert_null(runbook_find(config, "disk")->windows_script);
	assert_string_equal(runbook_find(config, "other")->linux_script, "id");
	str_free(&names);
	config_free(config);
}

static const char *name_for(const struct config *config, const char *namespace_, const char *metric,
                            const char *from, const char *to)
{
	char name[] = "web-1 is busy", copies[4][64];
	const char *const given[4] = { namespace_, metric, from, to };
	struct alarm alarm = { .name = name };

	for (size_t i = 0; i < 4; i++)
		(void)snprintf(copies[i], sizeof(copies[i]), "%s", given[i] == NULL ? "" : given[i]);
	alarm.namespace_ = namespace_ == NULL ? NULL : copies[0];
	alarm.metric = metric == NULL ? NULL : copies[1];
	alarm.old_state = from == NULL ? NULL : copies[2];
	alarm.state = copies[3];
	const struct runbook *runbook = runbook_for(config, &alarm);
	return runbook == NULL ? "none" : runbook->name;
}

/* A name that merely holds "CPU" or "Mem" says nothing about use: it is another metric. */
static void metrics_run_their_own_runbook_only(void **state)
{
	static const struct {
		const char *namespace_, *metric, *runbook;
	} cases[] = {
		{ "AWS/EC2", "CPUUtilization", "top" },
		{ "CWAgent", "cpu_usage_active", "top" },
		{ "CWAgent", "cpu_usage_user", "top" },
		{ "CWAgent", "cpu_usage_idle", "top" },
		{ "CWAgent", "Processor % Processor Time", "top" },
		{ "CWAgent", "mem_used_percent", "memory" },
		{ "CWAgent", "mem_available_percent", "memory" },
		{ "CWAgent", "Memory % Committed Bytes In Use", "memory" },
		{ "CWAgent", "disk_used_percent", "disk" },
		{ "CWAgent", "disk_inodes_free", "disk" },
		{ "CWAgent", "LogicalDisk % Free Space", "disk" },
		{ "AWS/EC2", "CPUCreditBalance", "none" },
		{ "AWS/EC2", "CPUSurplusCreditBalance", "none" },
		{ "AWS/EC2", "cpuutilization", "none" },
		{ "AWS/RDS", "CPUUtilization", "none" },
		{ "AWS/EC2", "mem_used_percent", "none" },
		{ "CWAgent", "MemberCount", "none" },
		{ "AWS/ElastiCache", "MemberCount", "none" },
		{ "CWAgent", "diskio_reads", "none" },
		{ "Custom", "disk_used_percent", "none" },
		{ NULL, "CPUUtilization", "none" }, /* of metric math */
		{ "AWS/EC2", NULL, "none" },
		{ NULL, NULL, "none" },
	};
	struct config *config = config_good(GOOD);

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *namespace_ = cases[i].namespace_, *metric = cases[i].metric;
		assert_string_equal(name_for(config, namespace_, metric, "OK", "ALARM"), cases[i].runbook);
		assert_string_equal(name_for(config, namespace_, metric, "INSUFFICIENT_DATA", "ALARM"),
		                    cases[i].runbook);
		assert_string_equal(name_for(config, namespace_, metric, NULL, "ALARM"), cases[i].runbook);
		assert_string_equal(name_for(config, namespace_, metric, "ALARM", "OK"), "none");
		assert_string_equal(name_for(config, namespace_, metric, "ALARM", "INSUFFICIENT_DATA"), "none");
	}
	config_free(config);
}

static void configured_triggers_come_first_in_order(void **state)
{
	struct config *config = config_good(GOOD
		"runbooks:\n"
		"- {name: a, linux: x, on: {metric: M, namespace: N, from: OK, to: ALARM}}\n"
		"- {name: b, linux: x, on: {metric: M, to: ALARM}}\n"
		"- {name: c, linux: x, on: {alarm: 'web-? is *', from: ALARM, to: OK}}\n"
		"- {name: d, linux: x, on: {metric: CPUUtilization, to: ALARM}}\n"
		"- {name: e, linux: x}\n"
		"- {name: memory, linux: x}\n");

	(void)state;
	assert_string_equal(name_for(config, "N", "M", "OK", "ALARM"), "a");
	assert_string_equal(name_for(config, "N", "M", NULL, "ALARM"), "b"); /* nobody knows from what */
	assert_string_equal(name_for(config, "O", "M", "OK", "ALARM"), "b");
	assert_string_equal(name_for(config, "N", "m", "OK", "ALARM"), "none");
	assert_string_equal(name_for(config, NULL, NULL, "ALARM", "OK"), "c");
	assert_string_equal(name_for(config, NULL, NULL, "INSUFFICIENT_DATA", "OK"), "none");
	assert_string_equal(name_for(config, "AWS/EC2", "CPUUtilization", "OK", "ALARM"), "d");
	/* The built-in memory is replaced, trigger and all. */
	assert_string_equal(name_for(config, "CWAgent", "mem_used_percent", "OK", "ALARM"), "none");
	assert_string_equal(name_for(config, "CWAgent", "disk_used_percent", "OK", "ALARM"), "disk");
	config_free(config);
}

static void instance_ids_have_their_form(void **state)
{
	static const char *const good[] = { "i-0123456789abcdef0", "i-1a2b3c4d", "mi-0123456789abcdef0" };
	static const char *const bad[] = {
		"", "i", "i-", "i-0123456789abcdef", "i-0123456789abcdef01", "i-0123456789ABCDEF0",
		"i-0123456789abcdeg0", "I-1a2b3c4d", "mi-1a2b3c4d", "xi-1a2b3c4d", "ami-0123456789abcdef0",
		"i-1a2b3c4d ", " i-1a2b3c4d", "i-1a2b3c4d\n", "i-1a2b3c4d;id", "i--1a2b3c4", "i-1a2b-3c4d",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		assert_true(runbook_instance_valid(good[i]));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(runbook_instance_valid(bad[i]));
}

#define A "{\"dimensions\":{\"InstanceId\":\"i-aaaaaaaa\",\"x\":\"y\"}}"
#define B "{\"dimensions\":{\"InstanceId\":\"i-bbbbbbbb\"}}"
#define GROUP "{\"dimensions\":{\"AutoScalingGroupName\":\"g\"}}"
#define EXPRESSION "{\"expression\":\"a+b\"}"
#define WRONG "{\"dimensions\":{\"InstanceId\":\"web-1\"}}"

static void an_alarm_names_one_instance_or_none(void **state)
{
	static const struct {
		const char *dimensions, *metrics, *instance;
	} cases[] = {
		{ NULL, NULL, NULL },
		{ "{\"InstanceId\":\"i-aaaaaaaa\"}", NULL, "i-aaaaaaaa" },
		{ "{\"InstanceId\":\"i-aaaaaaaa\"}", "[" B "]", "i-aaaaaaaa" },
		{ "{\"instanceid\":\"i-aaaaaaaa\"}", NULL, NULL },
		{ "{\"InstanceId\":\"web-1\"}", NULL, NULL },
		{ "{\"InstanceId\":7}", NULL, NULL },
		{ "{\"DBInstanceIdentifier\":\"i-aaaaaaaa\"}", "[]", NULL },
		{ NULL, "[" A "]", "i-aaaaaaaa" },
		{ NULL, "[" EXPRESSION "," A "," GROUP "," A "]", "i-aaaaaaaa" },
		{ NULL, "[" A "," B "]", NULL },
		{ NULL, "[" B "," EXPRESSION "," A "]", NULL },
		{ NULL, "[" A "," WRONG "]", NULL },
		{ NULL, "[" GROUP "," EXPRESSION "]", NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct alarm alarm = { .name = NULL };
		struct err err;
		if (cases[i].dimensions != NULL)
			alarm.dimensions = json_parse(cases[i].dimensions, strlen(cases[i].dimensions), &err);
		if (cases[i].metrics != NULL)
			alarm.metrics = json_parse(cases[i].metrics, strlen(cases[i].metrics), &err);
		const char *found = runbook_instance_of(&alarm);
		if (cases[i].instance == NULL)
			assert_null(found);
		else
			assert_string_equal(found, cases[i].instance);
		json_free(alarm.dimensions);
		json_free(alarm.metrics);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(built_in_ones_are_complete),
		cmocka_unit_test(configured_ones_replace_and_add),
		cmocka_unit_test(metrics_run_their_own_runbook_only),
		cmocka_unit_test(configured_triggers_come_first_in_order),
		cmocka_unit_test(instance_ids_have_their_form),
		cmocka_unit_test(an_alarm_names_one_instance_or_none),
	};

	return cmocka_run_group_tests(tests, config_cases_setup, config_cases_teardown);
}
