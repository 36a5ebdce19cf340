/* Errors of AWS: read from every form they come in, sorted by what can be done about them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "adapters/aws/fault.h"
#include "bot/json.h"
#include "bot/str.h"
#include "tests/unit/support/vectors.h"

#define PARSING "protocols/botocore-response-parsing"

static const struct aws_fault_headers none;

static struct aws_fault read_text(enum aws_protocol protocol, int status, const char *body)
{
	struct aws_fault fault;

	aws_fault_read(&fault, protocol, status, body, strlen(body), &none);
	return fault;
}

static void forms_are_read(void **state)
{
	static const struct {
		enum aws_protocol protocol;
		const char *body, *code, *message, *request_id;
	} cases[] = {
		{ AWS_JSON_1_1, "{\"__type\":\"InvalidInstanceId\",\"message\":\"no\\nway\"}", "InvalidInstanceId", "no way", "" },
		{ AWS_JSON_1_1, "{\"__type\":\"a.b#Code:http://x/#y\",\"Message\":\"M\"}", "Code", "M", "" },
		{ AWS_JSON_1_0, "{}", "", "", "" },
		{ AWS_JSON_1_0, "<html>", "", "", "" },
		{ AWS_JSON_1_0, "", "", "", "" },
		{ AWS_JSON_1_0, "[1]", "", "", "" },
		{ AWS_QUERY, "<ErrorResponse><Error><Code>A</Code><Message>m</Message></Error><RequestId>r</RequestId>"
		             "</ErrorResponse>", "A", "m", "r" },
		{ AWS_EC2_QUERY, "<Response><Errors><Error><Code>B</Code><Message>\xC3\xA4</Message></Error></Errors>"
		                 "<RequestID>q</RequestID></Response>", "B", "  ", "q" },
		{ AWS_QUERY, "<Error><Code>C</Code></Error>", "C", "", "" },
		{ AWS_QUERY, "{\"__type\":\"X\"}", "", "", "" },
		{ AWS_QUERY, "<ErrorResponse/>", "", "", "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct aws_fault fault = read_text(cases[i].protocol, 400, cases[i].body);

		assert_string_equal(fault.code, cases[i].code);
		assert_string_equal(fault.message, cases[i].message);
		assert_string_equal(fault.request_id, cases[i].request_id);
		assert_int_equal(fault.status, 400);
	}
}

static void headers_come_first(void **state)
{
	const struct aws_fault_headers headers = { "a#FromHeader:http://x", NULL, "id-1" };
	const struct aws_fault_headers query = { "a#New", "AWS.Old.Code;Sender", "id-2" };
	struct aws_fault fault;

	(void)state;
	aws_fault_read(&fault, AWS_JSON_1_0, 500, "{\"__type\":\"FromBody\"}", 21, &headers);
	assert_string_equal(fault.code, "FromHeader");
	assert_string_equal(fault.request_id, "id-1");
	aws_fault_read(&fault, AWS_JSON_1_0, 500, "", 0, &query);
	assert_string_equal(fault.code, "AWS.Old.Code");
}

static void long_texts_are_cut(void **state)
{
	struct str s;
	struct aws_fault fault;

	(void)state;
	str_init(&s, 10000);
	str_add(&s, "{\"__type\":\"");
	for (int i = 0; i < 1000; i++)
		str_add_char(&s, 'T');
	str_add(&s, "\",\"message\":\"");
	for (int i = 0; i < 1000; i++)
		str_add_char(&s, 'm');
	str_add(&s, "\"}");
	fault = read_text(AWS_JSON_1_1, 400, s.text);
	assert_int_equal(strlen(fault.code), sizeof(fault.code) - 1);
	assert_int_equal(strlen(fault.message), sizeof(fault.message) - 1);
	str_free(&s);
}

static void kinds_are_told_apart(void **state)
{
	static const struct {
		int status;
		const char *code;
		enum aws_fault_kind kind;
	} cases[] = {
		{ 400, "ThrottlingException", AWS_FAULT_THROTTLED }, { 503, "RequestLimitExceeded", AWS_FAULT_THROTTLED },
		{ 503, "SlowDown", AWS_FAULT_THROTTLED },           { 429, "", AWS_FAULT_THROTTLED },
		{ 400, "LimitExceededException", AWS_FAULT_THROTTLED }, { 429, "Else", AWS_FAULT_FINAL },
		{ 500, "", AWS_FAULT_TRANSIENT },                   { 502, "X", AWS_FAULT_TRANSIENT },
		{ 503, "ServiceUnavailable", AWS_FAULT_TRANSIENT }, { 504, "", AWS_FAULT_TRANSIENT },
		{ 400, "RequestTimeout", AWS_FAULT_TRANSIENT },     { 400, "IDPCommunicationError", AWS_FAULT_TRANSIENT },
		{ 501, "", AWS_FAULT_FINAL },                       { 400, "ValidationException", AWS_FAULT_FINAL },
		{ 403, "RequestTimeTooSkewed", AWS_FAULT_SKEWED },  { 400, "RequestExpired", AWS_FAULT_SKEWED },
		{ 403, "SignatureDoesNotMatch", AWS_FAULT_SIGNATURE }, { 401, "AuthFailure", AWS_FAULT_SIGNATURE },
		{ 400, "InvalidSignatureException", AWS_FAULT_SIGNATURE }, { 403, "ExpiredToken", AWS_FAULT_EXPIRED },
		{ 400, "ExpiredTokenException", AWS_FAULT_EXPIRED }, { 403, "InvalidClientTokenId", AWS_FAULT_EXPIRED },
		{ 400, "UnrecognizedClientException", AWS_FAULT_EXPIRED }, { 302, "", AWS_FAULT_FINAL },
		{ 403, "AccessDenied", AWS_FAULT_FINAL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct aws_fault fault = { .status = cases[i].status };

		(void)snprintf(fault.code, sizeof(fault.code), "%s", cases[i].code);
		if (aws_fault_kind(&fault) != cases[i].kind)
			fail_msg("%d %s is %d", cases[i].status, cases[i].code, aws_fault_kind(&fault));
	}
	assert_true(aws_fault_is_denied(&(struct aws_fault){ .code = "UnauthorizedOperation" }));
	assert_true(aws_fault_is_denied(&(struct aws_fault){ .code = "AccessDeniedException" }));
	assert_false(aws_fault_is_denied(&(struct aws_fault){ .code = "ValidationException" }));
}

/* --- botocore's cases --- */

static unsigned checked;

static struct json_object *read_json(const char *folder, const char *name)
{
	char path[256];
	size_t length;
	char *text;
	struct json_object *json;
	struct err err;

	(void)snprintf(path, sizeof(path), "%s/%s", folder, name);
	text = vector_read(path, &length);
	json = json_parse(text, length, &err);
	free(text);
	assert_non_null(json);
	return json;
}

static void check_file(const char *folder, const char *name, const char *expected_folder, enum aws_protocol protocol)
{
	char path[256], *body;
	size_t length;
	struct json_object *expected;
	struct aws_fault fault;
	char json_name[128];

	(void)snprintf(path, sizeof(path), "%s/%s", folder, name);
	body = vector_read(path, &length);
	(void)snprintf(json_name, sizeof(json_name), "%.*s.json", (int)strcspn(name, "."), name);
	expected = read_json(expected_folder, json_name);
	aws_fault_read(&fault, protocol, 400, body, length, &none);
	if (json_string(expected, "Error.Code") != NULL && strcmp(fault.code, json_string(expected, "Error.Code")) != 0)
		fail_msg("%s: code %s", name, fault.code);
	if (json_string(expected, "Error.Message") != NULL)
		assert_int_equal(strncmp(fault.message, json_string(expected, "Error.Message"), 60), 0);
	if (protocol != AWS_JSON_1_1 && json_string(expected, "ResponseMetadata.RequestId") != NULL)
		assert_string_equal(fault.request_id, json_string(expected, "ResponseMetadata.RequestId"));
	checked++;
	json_free(expected);
	free(body);
}

static void check_json_file(const char *name)
{
	check_file(PARSING "/json/errors", name, PARSING "/json/expected", AWS_JSON_1_1);
}

static void check_xml_file(const char *name)
{
	if (str_ends(name, ".xml"))
		check_file(PARSING "/xml/errors", name, PARSING "/xml/errors", AWS_QUERY);
}

static void botocores_errors_are_read(void **state)
{
	(void)state;
	if (vector_each_name(PARSING "/json/errors", check_json_file) == 0)
		skip();
	(void)vector_each_name(PARSING "/xml/errors", check_xml_file);
	assert_true(checked >= 18);
}

static void check_case(struct json_object *one, enum aws_protocol protocol)
{
	const char *code = json_string(one, "errorCode"), *body = json_string(one, "response.body");
	const struct aws_fault_headers headers = { json_string(one, "response.headers.X-Amzn-Errortype"), NULL, NULL };
	struct aws_fault fault;

	if (code == NULL)
		return;
	aws_fault_read(&fault, protocol, (int)json_int(one, "response.status_code", 0), body == NULL ? "" : body,
	               body == NULL ? 0 : strlen(body), &headers);
	if (strcmp(fault.code, code) != 0)
		fail_msg("%s: %s instead of %s", json_string(one, "id"), fault.code, code);
	if (json_string(one, "errorMessage") != NULL)
		assert_string_equal(fault.message, json_string(one, "errorMessage"));
	checked++;
}

static void protocol_cases_are_read(void **state)
{
	static const struct {
		const char *file;
		enum aws_protocol protocol;
	} files[] = {
		{ "json.json", AWS_JSON_1_1 },
		{ "json_1_0.json", AWS_JSON_1_0 },
		{ "query.json", AWS_QUERY },
		{ "ec2.json", AWS_EC2_QUERY },
	};
	char *present;
	size_t length;

	(void)state;
	checked = 0;
	present = vector_read("protocols/botocore/output/json.json", &length);
	if (present == NULL)
		skip();
	free(present);
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		struct json_object *suites = read_json("protocols/botocore/output", files[i].file);

		for (size_t s = 0; s < json_count(suites); s++) {
			struct json_object *cases = json_get(json_at(suites, s), "cases");

			for (size_t c = 0; c < json_count(cases); c++)
				check_case(json_at(cases, c), files[i].protocol);
		}
		json_free(suites);
	}
	assert_true(checked >= 28);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(forms_are_read),
		cmocka_unit_test(headers_come_first),
		cmocka_unit_test(long_texts_are_cut),
		cmocka_unit_test(kinds_are_told_apart),
		cmocka_unit_test(botocores_errors_are_read),
		cmocka_unit_test(protocol_cases_are_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
