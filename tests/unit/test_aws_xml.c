/* XML of EC2, STS and SNS: the tree, its bounds, and answers that botocore's tests hold. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "adapters/aws/xml.h"
#include "bot/json.h"
#include "bot/str.h"
#include "tests/unit/support/vectors.h"

#define RESPONSES "protocols/botocore-response-parsing/xml/responses"

static struct xml *parse(const char *text)
{
	struct err err;
	struct xml *xml = xml_parse(text, strlen(text), &err);

	if (xml == NULL)
		fail_msg("%s", err.text);
	return xml;
}

static void trees_are_read_by_paths(void **state)
{
	struct xml *xml = parse("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<n:r xmlns:n=\"http://x/\" a=\"1\">\n <set>\n"
	                        "  <item><id>1</id><e/></item>\n  <item><id>2 &amp; &#228; <![CDATA[<3]]></id></item>\n"
	                        " </set>\n <!-- c --><n:other> t </n:other>\n</n:r>");
	const struct xml_node *root = xml_root(xml);

	(void)state;
	assert_string_equal(xml_name(root), "r");
	assert_string_equal(xml_text(root, ""), "");
	assert_string_equal(xml_text(root, "set"), "");
	assert_string_equal(xml_text(root, "set.item.id"), "1");
	assert_string_equal(xml_text(root, "set.item[1].id"), "2 & \xC3\xA4 <3");
	assert_string_equal(xml_text(root, "set.item.e"), "");
	assert_string_equal(xml_text(root, "other"), " t ");
	assert_null(xml_text(root, "set.item[2].id"));
	assert_null(xml_text(root, "set.ite"));
	assert_null(xml_text(root, "set.items"));
	assert_null(xml_get(NULL, "x"));
	assert_null(xml_text(xml_get(root, "none"), "x"));
	assert_int_equal(xml_count(root, "set.item"), 2);
	assert_int_equal(xml_count(root, "none.item"), 0);
	assert_int_equal(xml_count(NULL, "item"), 0);
	assert_string_equal(xml_text(xml_at(root, "set.item", 1), "id"), "2 & \xC3\xA4 <3");
	assert_null(xml_at(root, "set.item", 2));
	xml_free(xml);
}

static void refuses(const char *text, size_t length, const char *why)
{
	struct err err;
	struct xml *xml = xml_parse(text, length, &err);

	assert_null(xml);
	assert_int_equal(err.kind, ERR_USAGE);
	if (strstr(err.text, why) == NULL)
		fail_msg("%s is not said of it: %s", why, err.text);
}

static void hostile_documents_are_refused(void **state)
{
	static const char *const bad[][2] = {
		{ "", "no element" },
		{ "not xml", "syntax error" },
		{ "<a><b></a>", "mismatched" },
		{ "<a/><b/>", "junk" },
		{ "<a>&undefined;</a>", "entity" },
		{ "<!DOCTYPE a><a/>", "document type" },
		{ "<!DOCTYPE a [<!ENTITY x \"y\">]><a>&x;</a>", "document type" },
		{ "<!DOCTYPE a SYSTEM \"file:///etc/passwd\"><a/>", "document type" },
		{ "<a>\xFF</a>", "not well-formed" },
	};
	struct str s;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		refuses(bad[i][0], strlen(bad[i][0]), bad[i][1]);
	refuses("<a/>\0", 5, "");
	str_init(&s, 8u << 20);
	for (int i = 0; i < 33; i++)
		str_add(&s, "<a>");
	refuses(s.text, s.length, "nested too deeply");
	str_clear(&s);
	str_add(&s, "<r>");
	for (int i = 0; i < 100000; i++)
		str_add(&s, "<a/>");
	str_add(&s, "</r>");
	refuses(s.text, s.length, "too many elements");
	str_clear(&s);
	while (s.length <= 4u << 20)
		str_add(&s, "<aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa/>");
	refuses(s.text, s.length, "larger");
	str_free(&s);
}

static void depth_up_to_the_bound_is_fine(void **state)
{
	struct str s;
	struct xml *xml;

	(void)state;
	str_init(&s, 1000);
	for (int i = 0; i < 32; i++)
		str_add(&s, "<a>");
	for (int i = 0; i < 32; i++)
		str_add(&s, "</a>");
	xml = parse(s.text);
	assert_non_null(xml_get(xml_root(xml), "a.a.a.a"));
	xml_free(xml);
	str_free(&s);
}

static unsigned checked;

static void check_response(const char *name)
{
	char path[256], *text;
	size_t length;
	struct err err;
	struct xml *xml;

	if (!str_ends(name, ".xml"))
		return;
	(void)snprintf(path, sizeof(path), RESPONSES "/%s", name);
	text = vector_read(path, &length);
	assert_non_null(text);
	xml = xml_parse(text, length, &err);
	if (xml == NULL)
		fail_msg("%s: %s", name, err.text);
	assert_true(str_ends(xml_name(xml_root(xml)), "Response"));
	checked++;
	xml_free(xml);
	free(text);
}

static void botocores_answers_can_be_read(void **state)
{
	(void)state;
	if (vector_each_name(RESPONSES, check_response) == 0)
		skip();
	assert_true(checked >= 14);
}

static struct json_object *expected_of(const char *name)
{
	char path[256];
	size_t length;
	char *text;
	struct json_object *json;
	struct err err;

	(void)snprintf(path, sizeof(path), RESPONSES "/%s.json", name);
	text = vector_read(path, &length);
	json = json_parse(text, length, &err);
	free(text);
	assert_non_null(json);
	return json;
}

static void values_are_those_of_botocore(void **state)
{
	static const struct {
		const char *file, *xml, *json;
	} cases[] = {
		{ "ec2-describe-instances", "reservationSet.item.instancesSet.item.instanceId",
		  "Reservations[0].Instances[0].InstanceId" },
		{ "ec2-describe-instances", "reservationSet.item.instancesSet.item.instanceState.name",
		  "Reservations[0].Instances[0].State.Name" },
		{ "ec2-describe-instances", "reservationSet.item.instancesSet.item.instanceType",
		  "Reservations[0].Instances[0].InstanceType" },
		{ "ec2-describe-instances", "reservationSet.item.instancesSet.item.reason",
		  "Reservations[0].Instances[0].StateTransitionReason" },
		{ "ec2-describe-instances", "reservationSet.item[1].instancesSet.item.instanceId",
		  "Reservations[1].Instances[0].InstanceId" },
		{ "ec2-stop-instances", "instancesSet.item.currentState.name", "StoppingInstances[0].CurrentState.Name" },
		{ "sts-get-session-token", "GetSessionTokenResult.Credentials.AccessKeyId", "Credentials.AccessKeyId" },
		{ "sts-get-session-token", "GetSessionTokenResult.Credentials.SecretAccessKey", "Credentials.SecretAccessKey" },
		{ "sts-get-session-token", "GetSessionTokenResult.Credentials.SessionToken", "Credentials.SessionToken" },
		{ "sts-get-session-token", "ResponseMetadata.RequestId", "ResponseMetadata.RequestId" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char path[256], *text;
		size_t length;
		struct json_object *json;
		struct xml *xml;
		const char *actual, *wanted;

		(void)snprintf(path, sizeof(path), RESPONSES "/%s.xml", cases[i].file);
		text = vector_read(path, &length);
		if (text == NULL)
			skip();
		xml = parse(text);
		json = expected_of(cases[i].file);
		actual = xml_text(xml_root(xml), cases[i].xml);
		wanted = json_string(json, cases[i].json);
		if (wanted == NULL ? actual != NULL : actual == NULL || strcmp(actual, wanted) != 0)
			fail_msg("%s, %s: %s instead of %s", cases[i].file, cases[i].xml, actual, wanted);
		json_free(json);
		xml_free(xml);
		free(text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(trees_are_read_by_paths),
		cmocka_unit_test(hostile_documents_are_refused),
		cmocka_unit_test(depth_up_to_the_bound_is_fine),
		cmocka_unit_test(botocores_answers_can_be_read),
		cmocka_unit_test(values_are_those_of_botocore),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
