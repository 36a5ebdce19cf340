/* Who may run and confirm, for every way in which roles can be configured. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "bot/config.h"
#include "bot/policy.h"
#include "bot/runbook.h"
#include "bot/str.h"
#include "tests/unit/support/config_cases.h"

#define BOB "U0000000B"
#define ANN "U0000000A"
#define EVE "U0000000E"

/* @oncall is Bob, @sre is Ann. */
static bool in_group(void *arg, const char *handle, const char *user)
{
	(void)arg;
	return (strcmp(handle, "oncall") == 0 && strcmp(user, BOB) == 0) ||
	       (strcmp(handle, "sre") == 0 && strcmp(user, ANN) == 0);
}

static const struct policy_groups groups = { in_group, NULL };

static const char *operate(const struct config *config, const char *user)
{
	static struct err err;

	return policy_may_operate(config, &groups, user, &err) ? "yes" : err.text;
}

static const char *run(const struct config *config, const char *name, const char *user)
{
	static struct err err;

	return policy_may_run(config, &groups, runbook_find(config, name), user, &err) ? "yes" : err.text;
}

static const char *approve(const struct config *config, const char *user, const char *requester)
{
	static struct err err = { .kind = ERR_NONE };

	if (policy_may_approve(config, &groups, user, requester, &err))
		return "yes";
	assert_int_equal(err.kind, ERR_REFUSED);
	return err.text;
}

#define RUNBOOKS "runbooks: [{name: any, linux: x}, {name: op, linux: x, roles: [operator]}, " \
	"{name: ap, linux: x, roles: [approver]}, {name: both, linux: x, roles: [operator, approver]}]\n"

static void everybody_may_all_without_roles(void **state)
{
	struct config *config = config_good(GOOD RUNBOOKS);
	static const char *const names[] = { "any", "op", "ap", "both", "agent-restart" };

	(void)state;
	assert_string_equal(operate(config, EVE), "yes");
	assert_string_equal(operate(config, NULL), "yes");
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		assert_string_equal(run(config, names[i], EVE), "yes");
	assert_string_equal(approve(config, EVE, BOB), "yes");
	assert_string_equal(approve(config, EVE, EVE), "yes");
	assert_string_equal(approve(config, EVE, NULL), "yes");
	config_free(config);
}

static void operators_confirm_where_there_is_no_approver(void **state)
{
	struct config *config = config_good(GOOD RUNBOOKS "roles: {operator: ['@oncall', " ANN "]}\n");

	(void)state;
	assert_string_equal(operate(config, BOB), "yes");
	assert_string_equal(operate(config, ANN), "yes");
	assert_string_equal(operate(config, EVE), "only @oncall, " ANN " may run commands (roles.operator)");
	assert_string_equal(operate(config, NULL), "only @oncall, " ANN " may run commands (roles.operator)");
	assert_string_equal(run(config, "ap", BOB), "yes");
	assert_string_equal(run(config, "ap", EVE), "only @oncall, " ANN " may run commands (roles.operator)");
	assert_string_equal(approve(config, BOB, BOB), "yes");
	assert_string_equal(approve(config, EVE, BOB), "only @oncall, " ANN " may confirm this (roles.operator)");
	config_free(config);
}

static void approvers_confirm_what_another_asked_for(void **state)
{
	struct config *config = config_good(GOOD RUNBOOKS "roles: {operator: ['@oncall'], approver: ['@sre']}\n");

	(void)state;
	assert_string_equal(operate(config, ANN), "yes");
	assert_string_equal(operate(config, EVE), "only @oncall may run commands (roles.operator)");
	assert_string_equal(run(config, "any", ANN), "yes");
	assert_string_equal(run(config, "both", BOB), "yes");
	assert_string_equal(run(config, "ap", ANN), "yes");
	assert_string_equal(run(config, "ap", BOB), "only @sre may run this (roles.approver)");
	assert_string_equal(approve(config, ANN, BOB), "yes");
	assert_string_equal(approve(config, ANN, NULL), "yes");
	assert_string_equal(approve(config, BOB, NULL), "only @sre may confirm this (roles.approver)");
	assert_string_equal(approve(config, ANN, ANN), "only @sre may confirm this, and not who asked for it");
	assert_string_equal(approve(config, NULL, NULL), "only @sre may confirm this (roles.approver)");
	config_free(config);

	/* Approvers alone: everybody still operates. */
	config = config_good(GOOD RUNBOOKS "roles: {approver: ['@sre', '@nobody-knows']}\n");
	assert_string_equal(operate(config, EVE), "yes");
	assert_string_equal(run(config, "ap", EVE), "only @sre, @nobody-knows may run this (roles.approver)");
	assert_string_equal(approve(config, EVE, NULL), "only @sre, @nobody-knows may confirm this (roles.approver)");
	config_free(config);
}

static void long_lists_are_counted(void **state)
{
	struct str yaml;

	(void)state;
	str_init(&yaml, 65536);
	str_add(&yaml, GOOD "roles: {operator: [");
	for (int i = 0; i < 60; i++)
		str_addf(&yaml, "%sU00000%04d", i == 0 ? "" : ", ", i);
	str_add(&yaml, "]}\n");
	struct config *config = config_good(yaml.text);
	const char *text = operate(config, EVE);
	assert_true(str_starts(text, "only U000000000, U000000001, "));
	assert_non_null(strstr(text, " and 52 more may run commands (roles.operator)"));
	config_free(config);
	str_free(&yaml);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(everybody_may_all_without_roles),
		cmocka_unit_test(operators_confirm_where_there_is_no_approver),
		cmocka_unit_test(approvers_confirm_what_another_asked_for),
		cmocka_unit_test(long_lists_are_counted),
	};

	return cmocka_run_group_tests(tests, config_cases_setup, config_cases_teardown);
}
