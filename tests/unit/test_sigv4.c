/* Signature Version 4: the stages against AWS's own test suite, and a few cases that are always here. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "adapters/aws/sigv4.h"
#include "bot/http_client.h"
#include "bot/json.h"
#include "bot/mem.h"
#include "bot/str.h"
#include "tests/unit/support/vectors.h"

#define SUITE "sigv4/aws-c-auth/v4"
#define SECRET "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
#define DATE "20150830T123600Z"
#define MAX_HEADERS 24

/* --- AWS's suite --- */

/* request.txt: "GET /path?query HTTP/1.1", header lines (perhaps folded), an empty line, the body. */
struct plain {
	char *text, *method, *path, *query, *body;
	struct http_header headers[MAX_HEADERS];
	size_t count;
};

static void read_headers(struct plain *p, char *rest)
{
	for (char *line; (line = strsep(&rest, "\n")) != NULL;) {
		if (*line == '\0')
			break;
		if (*line == ' ' || *line == '\t') {
			line[-1] = '\n'; /* the value goes on */
			continue;
		}
		assert_true(p->count < MAX_HEADERS - 5);
		p->headers[p->count].name = strsep(&line, ":");
		p->headers[p->count++].value = line;
	}
	p->body = rest != NULL ? rest : p->text + strlen(p->text);
}

static void read_plain(struct plain *p, char *text)
{
	char *rest = text, *line = strsep(&rest, "\n"), *version;

	memset(p, 0, sizeof(*p));
	p->text = text;
	p->method = strsep(&line, " ");
	p->path = line;
	version = strstr(line, " HTTP/1.1");
	assert_non_null(version);
	*version = '\0';
	p->query = strchr(line, '?');
	if (p->query != NULL)
		*p->query++ = '\0';
	read_headers(p, rest == NULL ? text + strlen(text) : rest);
}

static char *part(const char *name, const char *file)
{
	char path[256];
	size_t length;
	char *text;

	(void)snprintf(path, sizeof(path), SUITE "/%s/%s", name, file);
	text = vector_read(path, &length);
	assert_non_null(text);
	return text;
}

static void assert_part(const char *name, const char *file, const char *actual)
{
	char *expected = part(name, file);

	if (strcmp(actual, expected) != 0)
		fail_msg("%s/%s:\n%s\n--- expected:\n%s", name, file, actual, expected);
	free(expected);
}

static unsigned checked;

static void check_case(const char *name)
{
	static struct sigv4_keys keys;
	char *context_text = part(name, "context.json"), hash[SIGV4_HEX_SIZE], signature[SIGV4_HEX_SIZE];
	struct err err;
	struct json_object *context = json_parse(context_text, strlen(context_text), &err);
	const char *token = json_string(context, "credentials.token"), *key_id, *secret;
	struct sigv4_scope scope = { DATE, json_string(context, "region"), json_string(context, "service") };
	struct sigv4_request request = { .body_hash = hash };
	struct str canonical, to_sign, whole;
	struct plain plain;

	read_plain(&plain, part(name, "request.txt"));
	sigv4_hash(plain.body, strlen(plain.body), hash);
	plain.headers[plain.count++] = (struct http_header){ "X-Amz-Date", DATE };
	if (json_flag(context, "sign_body", false))
		plain.headers[plain.count++] = (struct http_header){ "x-amz-content-sha256", hash };
	if (token != NULL && !json_flag(context, "omit_session_token", false))
		plain.headers[plain.count++] = (struct http_header){ "X-Amz-Security-Token", token };
	request = (struct sigv4_request){ plain.method, plain.path, plain.query, plain.headers, hash,
		!json_flag(context, "normalize", true) };
	key_id = json_string(context, "credentials.access_key_id");
	secret = json_string(context, "credentials.secret_access_key");
	str_init(&canonical, 1u << 20);
	str_init(&to_sign, 1u << 20);
	str_init(&whole, 1u << 20);
	sigv4_canonical_request(&request, &canonical);
	assert_part(name, "header-canonical-request.txt", canonical.text);
	sigv4_string_to_sign(&scope, canonical.text, &to_sign);
	assert_part(name, "header-string-to-sign.txt", to_sign.text);
	sigv4_signature(&keys, &scope, key_id, secret, to_sign.text, signature);
	assert_part(name, "header-signature.txt", signature);
	sigv4_authorization(&keys, &request, &scope, key_id, secret, &whole);
	free(plain.text);
	plain.text = part(name, "header-signed-request.txt");
	assert_non_null(strstr(plain.text, whole.text));
	assert_int_equal(keys.derived, 1); /* one day, region, service, key: one key */
	str_free(&canonical);
	str_free(&to_sign);
	str_free(&whole);
	free(plain.text);
	free(context_text);
	json_free(context);
	checked++;
}

static void agrees_with_the_suite(void **state)
{
	(void)state;
	if (vector_each_name(SUITE, check_case) == 0)
		skip();
	assert_true(checked >= 38);
}

/* --- always here --- */

static void assert_canonical(const char *method, const char *path, const char *query,
                             const struct http_header *headers, bool raw, const char *expected)
{
	const struct sigv4_request request = { method, path, query, headers, "HASH", raw };
	struct str out;

	str_init(&out, 1u << 16);
	sigv4_canonical_request(&request, &out);
	assert_string_equal(out.text, expected);
	str_free(&out);
}

static void paths_and_queries_are_canonical(void **state)
{
	static const struct http_header host[] = { { "Host", "h" }, { NULL, NULL } };
	static const struct {
		const char *path, *query;
		bool raw;
		const char *expected_path, *expected_query;
	} cases[] = {
		{ "", NULL, false, "/", "" },
		{ "/", "", false, "/", "" },
		{ "/a//b/", NULL, false, "/a/b/", "" },
		{ "/a//b/", NULL, true, "/a//b/", "" },
		{ "/./a/../../b/.", NULL, false, "/b", "" },
		{ "/../..", NULL, false, "/", "" },
		{ "/a/..", NULL, true, "/a/..", "" },
		{ "/model/x%3A0/converse", NULL, false, "/model/x%253A0/converse", "" },
		{ "/a b~c!*'()", NULL, false, "/a%20b~c%21%2A%27%28%29", "" },
		{ "/", "b=2&a=1&a=0", false, "/", "a=0&a=1&b=2" },
		{ "/", "a&b=&&c==", false, "/", "a=&b=&c=%3D" },
		{ "/", "a=%2f&b=%zz&c=x%", false, "/", "a=%2F&b=%25zz&c=x%25" },
		{ "/", "a-b=1&a=2", false, "/", "a=2&a-b=1" },
	};
	char expected[512];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		(void)snprintf(expected, sizeof(expected), "GET\n%s\n%s\nhost:h\n\nhost\nHASH", cases[i].expected_path,
		               cases[i].expected_query);
		assert_canonical("GET", cases[i].path, cases[i].query, host, cases[i].raw, expected);
	}
}

static void headers_are_canonical(void **state)
{
	static const struct http_header headers[] = {
		{ "X-B", " a \t b\n  c " }, { "x-b", "" }, { "X-A-Z", "1" }, { "X-A", "\"q  r\"" }, { "Host", "h:8443" },
		{ "User-Agent", "u" }, { "Connection", "close" }, { "Proxy-Authorization", "p" }, { NULL, NULL },
	};

	(void)state;
	assert_canonical("POST", "/", NULL, headers, false,
	                 "POST\n/\n\nhost:h:8443\nx-a:\"q r\"\nx-a-z:1\nx-b:a b c,\n\nhost;x-a;x-a-z;x-b\nHASH");
}

/* The worked example of the documentation ("Examples of how to derive a signing key", and its request). */
static void signs_as_documented(void **state)
{
	static const struct http_header headers[] = {
		{ "Content-Type", "application/x-www-form-urlencoded; charset=utf-8" }, { "Host", "iam.amazonaws.com" },
		{ "X-Amz-Date", DATE }, { NULL, NULL },
	};
	const struct sigv4_scope scope = { DATE, "us-east-1", "iam" };
	struct sigv4_keys keys = { 0 };
	char hash[SIGV4_HEX_SIZE];
	const struct sigv4_request request = {
		.method = "GET", .path = "/", .query = "Action=ListUsers&Version=2010-05-08", .headers = headers,
		.body_hash = hash,
	};
	struct str out;

	(void)state;
	str_init(&out, 4096);
	sigv4_hash("", 0, hash);
	assert_string_equal(hash, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	sigv4_authorization(&keys, &request, &scope, "AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", &out);
	assert_string_equal(out.text, "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request, "
	                    "SignedHeaders=content-type;host;x-amz-date, "
	                    "Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7");
	str_free(&out);
	sigv4_keys_clear(&keys);
}

static void derived_keys_are_kept_and_told_apart(void **state)
{
	static const struct {
		const char *date, *region, *service, *id, *secret;
	} cases[] = {
		{ DATE, "us-east-1", "ssm", "A", SECRET },
		{ "20150831T000000Z", "us-east-1", "ssm", "A", SECRET },
		{ DATE, "eu-west-1", "ssm", "A", SECRET },
		{ DATE, "us-east-1", "ec2", "A", SECRET },
		{ DATE, "us-east-1", "ssm", "B", SECRET },
		{ DATE, "us-east-1", "ssm", "A", "corrected" },
	};
	struct sigv4_keys keys = { 0 };
	char signatures[6][SIGV4_HEX_SIZE], again[SIGV4_HEX_SIZE];

	(void)state;
	for (size_t round = 0; round < 2; round++)
		for (size_t i = 0; i < 6; i++) {
			const struct sigv4_scope scope = { cases[i].date, cases[i].region, cases[i].service };

			sigv4_signature(&keys, &scope, cases[i].id, cases[i].secret, "x", round == 0 ? signatures[i] : again);
			if (round == 1)
				assert_string_equal(signatures[i], again);
		}
	assert_int_equal(keys.derived, 6);
	for (size_t i = 1; i < 6; i++)
		if (i != 4) /* another id with the same secret signs alike */
			assert_string_not_equal(signatures[0], signatures[i]);
	for (unsigned i = 0; i < 40; i++) { /* more than fit */
		char region[16];

		(void)snprintf(region, sizeof(region), "r-%u", i);
		sigv4_signature(&keys, &(struct sigv4_scope){ DATE, region, "ssm" }, "A", SECRET, "x", again);
	}
	sigv4_signature(&keys, &(struct sigv4_scope){ DATE, "us-east-1", "ssm" }, "A", SECRET, "x", again);
	assert_string_equal(signatures[0], again);
	sigv4_keys_clear(&keys);
}

static void dates_are_written_in_utc(void **state)
{
	char date[SIGV4_DATE_SIZE];

	(void)state;
	sigv4_date(1440938160999, date);
	assert_string_equal(date, DATE);
	sigv4_date(INT64_MAX, date);
	assert_int_equal(strlen(date), 16);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(agrees_with_the_suite),
		cmocka_unit_test(paths_and_queries_are_canonical),
		cmocka_unit_test(headers_are_canonical),
		cmocka_unit_test(signs_as_documented),
		cmocka_unit_test(derived_keys_are_kept_and_told_apart),
		cmocka_unit_test(dates_are_written_in_utc),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
