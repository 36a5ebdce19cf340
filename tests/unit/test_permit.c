/* Who may do what: commands/permit.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "bot/bot.h"
#include "bot/chat.h"
#include "bot/config.h"
#include "bot/runbook.h"
#include "commands/permit.h"

static enum chat_membership oncall; /* of U2 in @oncall */

static enum chat_membership in_group(struct chat *chat, const char *group, const char *user)
{
	(void)chat;
	assert_string_equal(group, "@oncall");
	return strcmp(user, "U2") == 0 ? oncall : oncall == CHAT_MEMBERS_UNKNOWN ? oncall : CHAT_NO_MEMBER;
}

static const struct chat_ops ops = { .in_group = in_group };
static struct chat chat = { &ops };
static struct config config;
static struct bot bot = { .chat = &chat, .config = &config };
static struct err err;

static char alarms[] = "C0ALARMS";
static char u1[] = "U1", u3[] = "U3", group[] = "@oncall";

static struct permit_act in_channel(const char *user)
{
	return (struct permit_act){ user, "C0ALARMS" };
}

static void configure(char **operators, size_t operator_count, char **approvers, size_t approver_count)
{
	config.roles.operators = (struct config_list){ operators, operator_count };
	config.roles.approvers = (struct config_list){ approvers, approver_count };
	config.slack.channel = alarms;
	oncall = CHAT_IS_MEMBER;
}

static void without_roles_only_channels_of_incidents_count(void **state)
{
	static char checkout[] = "C0CHECKOUT";
	static struct config_route routes[] = { { .channel = checkout } };
	const struct permit_act elsewhere = { "U9", "C0OTHER" }, direct = { "U9", "D0U9" }, nowhere = { "U9", NULL },
		routed = { "U9", "C0CHECKOUT" };
	char *operators[] = { u1 };

	(void)state;
	configure(NULL, 0, NULL, 0);
	assert_false(permit_operator(&bot, elsewhere, &err));
	assert_non_null(strstr(err.text, "`roles`"));
	assert_false(permit_operator(&bot, direct, &err));
	assert_false(permit_operator(&bot, nowhere, &err));
	assert_false(permit_operator(&bot, routed, &err));
	config.routes.items = routes;
	config.routes.count = 1;
	assert_true(permit_operator(&bot, routed, &err));
	config.routes.count = 0;
	configure(operators, 1, NULL, 0);
	assert_true(permit_operator(&bot, (struct permit_act){ "U1", "D0U1" }, &err)); /* whoever is listed, anywhere */
}

static void without_roles_everybody_may(void **state)
{
	const struct runbook runbook = { .changes = true };

	(void)state;
	configure(NULL, 0, NULL, 0);
	assert_true(permit_operator(&bot, in_channel("U9"), &err));
	assert_true(permit_runbook(&bot, &runbook, in_channel("U9"), &err));
	assert_true(permit_approval(&bot, &runbook, "U9", in_channel("U9"), &err)); /* the requester too */
	assert_true(permit_approval(&bot, &runbook, NULL, in_channel("U9"), &err));
}

static void operators_are_people_and_groups(void **state)
{
	char *operators[] = { u1, group };

	(void)state;
	configure(operators, 2, NULL, 0);
	assert_true(permit_operator(&bot, in_channel("U1"), &err));
	assert_true(permit_operator(&bot, in_channel("U2"), &err));
	assert_false(permit_operator(&bot, in_channel("U9"), &err));
	assert_int_equal(err.kind, ERR_REFUSED);
	assert_non_null(strstr(err.text, "U1, @oncall"));
}

static void a_group_that_could_not_be_read_is_no_permission(void **state)
{
	char *operators[] = { group };

	(void)state;
	configure(operators, 1, NULL, 0);
	oncall = CHAT_MEMBERS_UNKNOWN;
	assert_false(permit_operator(&bot, in_channel("U2"), &err));
	assert_non_null(strstr(err.text, "not read Slack's groups"));
}

static void an_approver_is_an_operator_too(void **state)
{
	char *operators[] = { u1 }, *approvers[] = { u3 };
	const struct runbook reserved = { .for_approver = true }, both = { .for_approver = true, .for_operator = true };

	(void)state;
	configure(operators, 1, approvers, 1);
	assert_true(permit_operator(&bot, in_channel("U3"), &err));
	assert_true(permit_runbook(&bot, &reserved, in_channel("U3"), &err));
	assert_false(permit_runbook(&bot, &reserved, in_channel("U1"), &err));
	assert_non_null(strstr(err.text, "approver"));
	assert_true(permit_runbook(&bot, &both, in_channel("U1"), &err));
}

static void where_there_are_approvers_four_eyes_decide(void **state)
{
	char *approvers[] = { u3, group };
	const struct runbook runbook = { .changes = true };

	(void)state;
	configure(NULL, 0, approvers, 2);
	assert_true(permit_approval(&bot, &runbook, "U9", in_channel("U3"), &err));
	assert_false(permit_approval(&bot, &runbook, "U3", in_channel("U3"), &err));
	assert_non_null(strstr(err.text, "somebody else"));
	assert_true(permit_approval(&bot, &runbook, NULL, in_channel("U3"), &err)); /* tocsin's own proposal */
	assert_true(permit_approval(&bot, &runbook, "U3", in_channel("U2"), &err));
	assert_false(permit_approval(&bot, &runbook, NULL, in_channel("U9"), &err));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_roles_everybody_may),
		cmocka_unit_test(without_roles_only_channels_of_incidents_count),
		cmocka_unit_test(operators_are_people_and_groups),
		cmocka_unit_test(a_group_that_could_not_be_read_is_no_permission),
		cmocka_unit_test(an_approver_is_an_operator_too),
		cmocka_unit_test(where_there_are_approvers_four_eyes_decide),
	};

	return cmocka_run_group_tests_name("permit", tests, NULL, NULL);
}
