/* The chain of credentials: every source, against services that answer as the Kotlin SDK's cases say, and as
 * they do on a bad day. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "adapters/aws/credentials_chain.h"
#include "adapters/aws/credentials_fetch.h"
#include "adapters/aws/credentials_plan.h"
#include "adapters/aws/credentials_process.h"
#include "adapters/aws/profile.h"
#include "bot/clock.h"
#include "bot/json.h"
#include "bot/loop.h"
#include "bot/mem.h"
#include "tests/unit/support/aws_world.h"
#include "tests/unit/support/turn.h"
#include "tests/unit/support/vectors.h"

#define KOTLIN "credentials/aws-sdk-kotlin/default-provider-chain"
#define SAMPLE_END "2026-11-26T12:00:00Z"
#define SAMPLE_END_MS 1795694400000LL

static int64_t now_ms;

static int64_t fixed_now(void)
{
	return now_ms;
}

/* A process whose link-local services are the peer. */
static void start_with_services(void)
{
	static char metadata[64], container[64];
	const char *const lines[] = { metadata, container, NULL };

	(void)snprintf(metadata, sizeof(metadata), "169.254.169.254:80:127.0.0.1:%d", aws_world_port());
	(void)snprintf(container, sizeof(container), "169.254.170.2:80:127.0.0.1:%d", aws_world_port());
	aws_world_client(lines);
	aws_world_env("AWS_ENDPOINT_URL_STS", aws_world_url());
	(void)aws_world_start();
}

static struct aws_given ask(void)
{
	struct aws_chain *chain = aws_chain_new(cloud.bot.aws);
	struct aws_given given = { 0 };

	aws_chain_ask(chain, aws_given_take, &given);
	assert_false(given.end.done);
	aws_end_wait(&given.end);
	aws_chain_free(chain);
	return given;
}

static void put_file(const char *path, const char *text)
{
	(void)aws_world_file(path, text, strlen(text));
}

/* --- cases of the Kotlin SDK --- */

static bool set_variable(void *arg, const char *name, struct json_object *value)
{
	struct json_object *holder = json_new_object();
	const char *text;

	(void)arg;
	json_put(holder, "v", json_keep(value));
	text = json_string(holder, "v");
	if (strcmp(name, "AWS_WEB_IDENTITY_TOKEN_FILE") == 0)
		aws_world_env(name, aws_world_file("token.jwt", "", 0));
	else if (strcmp(name, "HOME") != 0)
		aws_world_env(name, text);
	json_free(holder);
	return true;
}

/* Files name the token by its path from the root: it is put below the home. */
static void copy_file(const char *name, const char *from, const char *to)
{
	char path[256], *text, *token;
	size_t length;
	struct str s;

	(void)snprintf(path, sizeof(path), KOTLIN "/%s/fs/%s", name, from);
	if (!vector_exists(path))
		return;
	text = vector_read(path, &length);
	str_init(&s, 1u << 16);
	for (char *at = text; *at != '\0'; at = token) {
		token = strstr(at, "/token.jwt");
		str_add_bytes(&s, at, token == NULL ? strlen(at) : (size_t)(token - at));
		if (token == NULL)
			break;
		str_addf(&s, "%s/token.jwt", getenv("HOME"));
		token += strlen("/token.jwt");
	}
	(void)aws_world_file(to, s.text, s.length);
	str_free(&s);
	free(text);
}

static struct json_object *read_case(const char *name, const char *file)
{
	char path[256], *text;
	size_t length;
	struct json_object *json;
	struct err err;

	(void)snprintf(path, sizeof(path), KOTLIN "/%s/%s", name, file);
	if (!vector_exists(path))
		return NULL;
	text = vector_read(path, &length);
	json = json_parse(text, length, &err);
	assert_non_null(json);
	free(text);
	return json;
}

static void script_traffic(struct json_object *traffic)
{
	for (size_t i = 0; i < json_count(traffic); i++) {
		struct json_object *one = json_at(traffic, i);
		const char *uri = json_string(one, "request.uri"), *path = strchr(uri + 8, '/');
		const char *body = json_string(one, "response.body"), *action = json_string(one, "request.body");
		char needle[256];

		if (action != NULL)
			(void)snprintf(needle, sizeof(needle), "%.*s&", (int)strcspn(action, "&"), action);
		else
			(void)snprintf(needle, sizeof(needle), "%s %s", json_string(one, "request.method"), path);
		aws_world_answer(needle, (int)json_int(one, "response.status", 500), NULL, body);
	}
}

static void assert_secret(const struct secret *secret, const char *expected)
{
	const char *value = secret_reveal(secret);

	if (expected == NULL)
		assert_null(value);
	else
		assert_string_equal(value, expected);
}

static void check_result(const char *name, struct json_object *wanted, const struct aws_given *given)
{
	struct json_object *good = json_get(wanted, "result.Ok");

	if (good == NULL) {
		if (given->credentials != NULL)
			fail_msg("%s: credentials although \"%s\"", name, json_string(wanted, "result.ErrorContains"));
		assert_true(strlen(given->end.err.text) > 20);
		print_message("%s: %s\n", name, given->end.err.text);
		return;
	}
	if (given->credentials == NULL)
		fail_msg("%s: %s", name, given->end.err.text);
	assert_string_equal(given->credentials->key_id, json_string(good, "access_key_id"));
	assert_secret(&given->credentials->key, json_string(good, "secret_access_key"));
	assert_secret(&given->credentials->token, json_string(good, "session_token"));
	assert_int_equal(given->credentials->expires_ms, json_int(good, "expiry", 0) * 1000);
}

/* Log-in by SSO is not offered, and system properties are Java's. */
static bool is_left_out(const char *name)
{
	return strstr(name, "sso") != NULL || strcmp(name, "prefer_system_properties") == 0;
}

static unsigned checked;

static void check_case(const char *name)
{
	struct json_object *env = read_case(name, "env.json"), *traffic = read_case(name, "http-traffic.json");
	struct json_object *wanted = read_case(name, "test-case.json");
	struct aws_given given;

	if (!is_left_out(name)) {
		assert_int_equal(aws_world_begin(NULL), 0);
		json_each(env, set_variable, NULL);
		copy_file(name, "home/.aws/config", ".aws/config");
		copy_file(name, "home/.aws/credentials", ".aws/credentials");
		copy_file(name, "token.jwt", "token.jwt");
		script_traffic(traffic);
		now_ms = (json_int(wanted, "result.Ok.expiry", 1700000000) - 3000) * 1000;
		clock_replace(fixed_now);
		start_with_services();
		given = ask();
		check_result(name, wanted, &given);
		assert_int_equal(aws_world_unused(), 0);
		aws_given_drop(&given);
		(void)aws_world_end(NULL);
		checked++;
	}
	json_free(env);
	json_free(traffic);
	json_free(wanted);
}

static void agrees_with_the_kotlin_sdk(void **state)
{
	(void)state;
	if (vector_each_name(KOTLIN, check_case) == 0)
		skip();
	assert_int_equal(checked, 20);
}

/* --- the sources, always here --- */

#define STS_GOOD(name, id) \
	"<" name "Response><" name "Result><Credentials><AccessKeyId>" id "</AccessKeyId><SecretAccessKey>key-of-" id \
	"</SecretAccessKey><SessionToken>token-of-" id "</SessionToken><Expiration>" SAMPLE_END "</Expiration>" \
	"</Credentials></" name "Result></" name "Response>"

static void profiles_lead_from_role_to_role(void **state)
{
	struct aws_given given;

	(void)state;
	put_file(".aws/config", "[profile top]\nrole_arn = arn:aws:iam::111111111111:role/top\nsource_profile = middle\n"
	                        "external_id = ex/1\nrole_session_name = me\nduration_seconds = 900\n"
	                        "[profile middle]\nrole_arn = arn:aws:iam::222222222222:role/middle\nsource_profile = base\n");
	put_file(".aws/credentials", "[base]\naws_access_key_id = AKIDBASE\naws_secret_access_key = base-secret\n");
	aws_world_env("AWS_PROFILE", "top");
	aws_world_answer("222222222222", 200, NULL, STS_GOOD("AssumeRole", "ASIAMIDDLE"));
	aws_world_answer("111111111111", 200, NULL, STS_GOOD("AssumeRole", "ASIATOP"));
	start_with_services();
	given = ask();
	assert_int_equal(given.end.err.kind, ERR_NONE);
	assert_string_equal(given.credentials->key_id, "ASIATOP");
	assert_int_equal(given.credentials->expires_ms, SAMPLE_END_MS);
	assert_string_equal(cloud.asked[0].body, "Action=AssumeRole&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A"
	                    "222222222222%3Arole%2Fmiddle&RoleSessionName=tocsin");
	assert_string_equal(cloud.asked[1].body, "Action=AssumeRole&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A"
	                    "111111111111%3Arole%2Ftop&RoleSessionName=me&ExternalId=ex%2F1&DurationSeconds=900");
	assert_non_null(strstr(aws_world_header(0, "Authorization"), "Credential=AKIDBASE/"));
	assert_non_null(strstr(aws_world_header(1, "Authorization"), "Credential=ASIAMIDDLE/"));
	assert_string_equal(aws_world_header(1, "X-Amz-Security-Token"), "token-of-ASIAMIDDLE");
	assert_null(strstr(cloud.log.text, "key-of"));
	aws_given_drop(&given);
}

static void web_identity_is_not_signed(void **state)
{
	struct aws_given given;

	(void)state;
	aws_world_env("AWS_WEB_IDENTITY_TOKEN_FILE", aws_world_file("token", "jwt.x+y\n", 8));
	aws_world_env("AWS_ROLE_ARN", "arn:aws:iam::111111111111:role/pod");
	aws_world_env("AWS_REGION", "eu-north-1");
	aws_world_answer("WebIdentityToken=jwt.x%2By&RoleArn=arn%3Aaws%3Aiam%3A%3A111111111111%3Arole%2Fpod&"
	                 "RoleSessionName=tocsin", 200, NULL, STS_GOOD("AssumeRoleWithWebIdentity", "ASIAPOD"));
	start_with_services();
	given = ask();
	assert_int_equal(given.end.err.kind, ERR_NONE);
	assert_string_equal(given.credentials->key_id, "ASIAPOD");
	assert_string_equal(aws_world_header(0, "Authorization"), "");
	aws_given_drop(&given);
	aws_world_env("AWS_WEB_IDENTITY_TOKEN_FILE", "/nonexistent/token");
	given = ask();
	assert_int_equal(given.end.err.kind, ERR_REFUSED);
	assert_non_null(strstr(given.end.err.text, "/nonexistent/token cannot be read"));
}

/* A pipe that nobody writes to would hold up the loop for ever. */
static void tokens_are_read_from_files_only(void **state)
{
	char path[512];
	struct aws_given given;

	(void)state;
	(void)snprintf(path, sizeof(path), "%s.pipe", aws_world_file("token", "jwt\n", 4));
	assert_int_equal(mkfifo(path, 0600), 0);
	aws_world_env("AWS_CONTAINER_CREDENTIALS_FULL_URI", aws_world_url());
	aws_world_env("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", path);
	start_with_services();
	given = ask();
	assert_int_equal(given.end.err.kind, ERR_REFUSED);
	assert_non_null(strstr(given.end.err.text, "TOKEN_FILE cannot be read (not a regular file)"));
	aws_given_drop(&given);
	aws_world_env("AWS_WEB_IDENTITY_TOKEN_FILE", path);
	aws_world_env("AWS_ROLE_ARN", "arn:aws:iam::111111111111:role/pod");
	given = ask();
	assert_int_equal(given.end.err.kind, ERR_REFUSED);
	assert_non_null(strstr(given.end.err.text, ".pipe cannot be read (not a regular file)"));
	aws_given_drop(&given);
	assert_int_equal(remove(path), 0);
}

static void containers_are_asked_with_their_token(void **state)
{
	struct aws_given given;
	char url[128];
	const char *token;

	(void)state;
	(void)snprintf(url, sizeof(url), "%s/creds", aws_world_url());
	token = aws_world_file("token", "Bearer one\n", 11);
	aws_world_env("AWS_CONTAINER_CREDENTIALS_FULL_URI", url);
	aws_world_env("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", token);
	aws_world_answer("GET /creds", 200, NULL, "{\"AccessKeyId\":\"ASIAPOD\",\"SecretAccessKey\":\"secret-of-pod\","
	                 "\"Token\":\"token-of-pod\",\"Expiration\":\"" SAMPLE_END "\"}");
	start_with_services();
	given = ask();
	assert_int_equal(given.end.err.kind, ERR_NONE);
	assert_string_equal(given.credentials->source, "the container");
	assert_int_equal(given.credentials->expires_ms, SAMPLE_END_MS);
	assert_string_equal(aws_world_header(0, "Authorization"), "Bearer one");
	aws_given_drop(&given);
	(void)aws_world_file("token", "two", 3); /* read anew each time */
	aws_world_answer("GET /creds", 500, NULL, "");
	aws_world_answer("GET /creds", 403, NULL, "no");
	given = ask();
	assert_int_equal(given.end.err.kind, ERR_RETRY);
	assert_non_null(strstr(given.end.err.text, "it answers 403"));
	assert_string_equal(aws_world_header(2, "Authorization"), "two");
	(void)aws_world_file("token", "a\nb", 3);
	given = ask();
	assert_non_null(strstr(given.end.err.text, "line break"));
	assert_int_equal(cloud.count, 3);
}

static void container_urls_are_limited(void **state)
{
	static const char *const good[] = { "https://any.example/x", "http://localhost/x", "http://127.0.0.1:51679/x",
		"http://127.3.2.1/", "http://[::1]:80/x", "http://169.254.170.2/", "http://169.254.170.23/v1/credentials",
		"http://[fd00:ec2::23]/v1/credentials" };
	static const char *const bad[] = { "http://169.254.169.254/", "http://evil.example/", "http://10.0.0.1/",
		"http://127.0.0.1.evil.example/", "http://localhost.evil/", "http://localhost@evil/", "ftp://localhost/",
		"http://[fd00:ec2::24]/", "http://1270.0.0.1/", "" };
	struct aws_given given;

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		if (!aws_fetch_url_allowed(good[i]))
			fail_msg("refused: %s", good[i]);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (aws_fetch_url_allowed(bad[i]))
			fail_msg("allowed: %s", bad[i]);
	aws_world_env("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://evil.example/");
	start_with_services();
	given = ask();
	assert_int_equal(given.end.err.kind, ERR_REFUSED);
	assert_non_null(strstr(given.end.err.text, "must be https"));
}

static void metadata_is_asked_by_its_second_version(void **state)
{
	struct aws_given given;

	(void)state;
	aws_world_answer("PUT /latest/api/token", 200, NULL, "session-1");
	aws_world_answer("GET /latest/meta-data/iam/security-credentials/ HTTP", 200, NULL, "a-role\n");
	aws_world_answer("GET /latest/meta-data/iam/security-credentials/a-role HTTP", 200, NULL,
	                 "{\"Code\":\"Success\",\"AccessKeyId\":\"ASIAROLE\",\"SecretAccessKey\":\"secret-of-role\","
	                 "\"Token\":\"token-of-role\",\"Expiration\":\"2020-01-01T00:00:00Z\"}");
	start_with_services();
	given = ask();
	assert_int_equal(given.end.err.kind, ERR_NONE);
	assert_string_equal(aws_world_header(0, "x-aws-ec2-metadata-token-ttl-seconds"), "21600");
	assert_string_equal(aws_world_header(2, "x-aws-ec2-metadata-token"), "session-1");
	/* Over already: used on for a while, since the instance cannot renew them now. */
	assert_in_range(given.credentials->expires_ms, clock_wall_ms() + 14 * 60000, clock_wall_ms() + 24 * 60000);
	assert_non_null(strstr(cloud.log.text, "aws.stale_credentials_kept"));
	aws_given_drop(&given);
	aws_world_answer("PUT", 200, NULL, "session-2");
	aws_world_answer("GET", 200, NULL, "a-role");
	aws_world_answer("GET", 200, NULL, "{\"Code\":\"AssumeRoleUnauthorizedAccess\"}");
	given = ask();
	assert_non_null(strstr(given.end.err.text, "AssumeRoleUnauthorizedAccess"));
}

static void a_machine_without_services_says_what_was_tried(void **state)
{
	struct aws_given given;

	(void)state;
	aws_world_env("AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://127.0.0.1:1/");
	start_with_services();
	given = ask();
	assert_int_equal(given.end.err.kind, ERR_REFUSED);
	assert_non_null(strstr(given.end.err.text, "none in environment, profile or container"));
	assert_non_null(strstr(given.end.err.text, "set AWS_ACCESS_KEY_ID"));
	assert_true(strlen(given.end.err.text) < sizeof(given.end.err.text) - 1);
	aws_world_answer("PUT", 200, NULL, "session");
	aws_world_answer("GET", 404, NULL, "");
	aws_world_env("AWS_EC2_METADATA_SERVICE_ENDPOINT", aws_world_url());
	given = ask();
	assert_int_equal(given.end.err.kind, ERR_REFUSED);
	assert_non_null(strstr(given.end.err.text, "no instance profile"));
}

/* --- credential_process --- */

static struct aws_given ask_process(const char *command)
{
	char config[1024];

	(void)snprintf(config, sizeof(config), "[default]\ncredential_process = %s\n", command);
	put_file(".aws/config", config);
	return ask();
}

static void programs_give_credentials(void **state)
{
	static const char script[] = "#!/bin/sh\n[ \"$(ls /proc/$$/fd | wc -l)\" -le 8 ] || exit 9\nprintf '{\"Version\":1,\"AccessKeyId\":\"ASIA%s\",\"SecretAccessKey\":"
		"\"secret-of-prog\",\"SessionToken\":\"t-o-k-e-n\",\"Expiration\":\"" SAMPLE_END "\"}' \"$2\"; echo no >&2\n";
	struct aws_given given;
	char command[600];
	const char *path = aws_world_file("a program", script, sizeof(script) - 1);
	int ours[12];

	(void)state;
	for (int i = 0; i < 12; i++)
		ours[i] = dup(2); /* none of its business */
	assert_int_equal(chmod(path, 0700), 0);
	(void)snprintf(command, sizeof(command), "\"%s\" --for 'x y;$(z)'", path);
	start_with_services();
	given = ask_process(command);
	if (given.credentials == NULL)
		fail_msg("%s", given.end.err.text);
	assert_string_equal(given.credentials->key_id, "ASIAx y;$(z)"); /* no shell looked at it */
	assert_secret(&given.credentials->token, "t-o-k-e-n");
	assert_int_equal(given.credentials->expires_ms, SAMPLE_END_MS);
	aws_given_drop(&given);
	for (int i = 0; i < 12; i++)
		(void)close(ours[i]);
}

static void failing_programs_say_how(void **state)
{
	static const char *const cases[][2] = {
		{ "/bin/false", "status 1" },
		{ "/nonexistent/program", "cannot be started" },
		{ "/bin/echo hello", "gives no JSON" },
		{ "/bin/echo {}", "no AccessKeyId" },
		{ "/bin/sh -c 'kill -9 $$'", "signal 9" },
		{ "'open", "a quote is not closed" },
		{ "/usr/bin/yes", "prints too much" },
	};

	(void)state;
	start_with_services();
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct aws_given given = ask_process(cases[i][0]);

		assert_null(given.credentials);
		if (strstr(given.end.err.text, cases[i][1]) == NULL)
			fail_msg("%s: %s", cases[i][0], given.end.err.text);
	}
}

static void the_end_does_not_wait_for_a_program(void **state)
{
	struct aws_chain *chain;
	struct aws_given given = { 0 };
	int64_t began_ms = clock_mono_ms();

	(void)state;
	put_file(".aws/config", "[default]\ncredential_process = /bin/sleep 300\n");
	start_with_services();
	chain = aws_chain_new(cloud.bot.aws);
	aws_chain_ask(chain, aws_given_take, &given);
	turn_for(cloud.loop, 100);
	aws_chain_free(chain);
	assert_false(given.end.done);
	assert_true(clock_mono_ms() - began_ms < 15000);
}

static void command_lines_are_split(void **state)
{
	static const struct {
		const char *line, *words; /* "|" behind each */
	} cases[] = {
		{ "a b  c", "a|b|c|" },         { " \"a b\" c ", "a b|c|" }, { "a' 'b\"c\"", "a bc|" },
		{ "a\\ b \"\\\"\" '\\'", "a b|\"|\\|" }, { "\"\" x", "|x|" },  { "C:\\\\x", "C:\\x|" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char **words = aws_process_split(cases[i].line);
		struct str s;

		assert_non_null(words);
		str_init(&s, 1000);
		for (char **word = words; *word != NULL; word++) {
			str_addf(&s, "%s|", *word);
			free(*word);
		}
		assert_string_equal(s.text, cases[i].words);
		str_free(&s);
		free(words);
	}
	assert_null(aws_process_split(""));
	assert_null(aws_process_split("  "));
	assert_null(aws_process_split("a 'b"));
}

/* --- the plan --- */

static void wrong_settings_say_what_to_do(void **state)
{
	static const struct {
		const char *profile, *config, *words;
	} cases[] = {
		{ "absent", "", "\"absent\" (AWS_PROFILE) is in neither" },
		{ "p", "[profile p]\naws_access_key_id = x\n", "only one of" },
		{ "p", "[profile p]\nrole_arn = x\n", "neither source_profile nor credential_source" },
		{ "p", "[profile p]\nrole_arn = x\nsource_profile = p\ncredential_source = Environment\n", "both" },
		{ "p", "[profile p]\nrole_arn = x\nsource_profile = q\n", "source_profile \"q\" does not exist" },
		{ "p", "[profile p]\nrole_arn = x\nsource_profile = q\n[profile q]\nrole_arn = y\nsource_profile = p\n",
		  "in a circle" },
		{ "p", "[profile p]\nrole_arn = x\nsource_profile = q\n[profile q]\nregion = y\n", "holds no credentials" },
		{ "p", "[profile p]\nrole_arn = x\nsource_profile = q\nmfa_serial = m\n[profile q]\nregion = y\n", "MFA" },
		{ "p", "[profile p]\nrole_arn = x\ncredential_source = Else\n", "none of Environment" },
		{ "p", "[profile p]\nrole_arn = x\ncredential_source = EcsContainer\n", "wants the container" },
		{ "p", "[profile p]\nsso_session = x\n", "uses SSO" },
		{ "p", "[profile p]\nsso_start_url = x\n", "uses SSO" },
		{ "p", "[profile p]\nweb_identity_token_file = x\n", "without role_arn" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct aws_profiles *profiles;
		struct aws_plan plan;
		struct err err;

		(void)aws_world_begin(state);
		aws_world_env("AWS_PROFILE", cases[i].profile);
		put_file(".aws/config", cases[i].config);
		profiles = aws_profiles_load(&err);
		assert_false(aws_plan_make(&plan, profiles, &err));
		assert_int_equal(err.kind, ERR_REFUSED);
		if (strstr(err.text, cases[i].words) == NULL)
			fail_msg("case %zu: %s", i, err.text);
		assert_true(strlen(err.text) < sizeof(err.text) - 1);
		aws_plan_free(&plan);
		aws_profiles_free(profiles);
		(void)aws_world_end(state);
	}
}

static void metadata_that_is_switched_off_is_not_asked(void **state)
{
	struct aws_given given;

	(void)state;
	aws_world_env("AWS_EC2_METADATA_DISABLED", "TRUE");
	start_with_services();
	given = ask();
	assert_int_equal(given.end.err.kind, ERR_REFUSED);
	assert_non_null(strstr(given.end.err.text, "AWS_EC2_METADATA_DISABLED is set"));
	put_file(".aws/config", "[default]\nrole_arn = r\ncredential_source = Ec2InstanceMetadata\n");
	given = ask();
	assert_non_null(strstr(given.end.err.text, "AWS_EC2_METADATA_DISABLED switches off"));
	assert_int_equal(cloud.count, 0);
}

static void a_mended_file_is_enough(void **state)
{
	struct aws_given given;

	(void)state;
	start_with_services();
	put_file(".aws/credentials", "[default\n");
	given = ask();
	assert_int_equal(given.end.err.kind, ERR_REFUSED);
	assert_non_null(strstr(given.end.err.text, ".aws/credentials, line 1"));
	put_file(".aws/credentials", "[default]\naws_access_key_id = A\naws_secret_access_key = secret-b\n");
	given = ask();
	assert_int_equal(given.end.err.kind, ERR_NONE);
	aws_given_drop(&given);
}

static enum aws_base base_of(struct aws_plan *plan)
{
	struct err err;
	struct aws_profiles *profiles = aws_profiles_load(&err);
	enum aws_base base;

	assert_non_null(profiles);
	if (!aws_plan_make(plan, profiles, &err))
		fail_msg("%s", err.text);
	base = plan->base;
	aws_plan_free(plan);
	aws_profiles_free(profiles);
	return base;
}

static void the_first_source_that_is_configured_decides(void **state)
{
	struct aws_plan plan;

	(void)state;
	assert_int_equal(base_of(&plan), AWS_BASE_METADATA);
	put_file(".aws/config", "[default]\nregion = eu-west-1\n");
	assert_int_equal(base_of(&plan), AWS_BASE_METADATA);
	aws_world_env("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/x");
	assert_int_equal(base_of(&plan), AWS_BASE_CONTAINER);
	put_file(".aws/config", "[default]\ncredential_process = x\n");
	assert_int_equal(base_of(&plan), AWS_BASE_PROCESS);
	put_file(".aws/config", "[default]\nrole_arn = r\nsource_profile = default\naws_access_key_id = i\n"
	                        "aws_secret_access_key = s\n");
	assert_int_equal(base_of(&plan), AWS_BASE_KEYS);
	assert_int_equal(plan.role_count, 1);
	aws_world_env("AWS_WEB_IDENTITY_TOKEN_FILE", "/t");
	aws_world_env("AWS_ROLE_ARN", "r");
	assert_int_equal(base_of(&plan), AWS_BASE_WEB_IDENTITY);
	aws_world_env("AWS_ACCESS_KEY_ID", "i");
	aws_world_env("AWS_SECRET_ACCESS_KEY", "s");
	assert_int_equal(base_of(&plan), AWS_BASE_KEYS);
	assert_int_equal(plan.role_count, 0);
}

#define T(name) cmocka_unit_test_setup_teardown(name, aws_world_begin, aws_world_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(agrees_with_the_kotlin_sdk),
		T(profiles_lead_from_role_to_role),
		T(web_identity_is_not_signed),
		T(tokens_are_read_from_files_only),
		T(containers_are_asked_with_their_token),
		T(container_urls_are_limited),
		T(metadata_is_asked_by_its_second_version),
		T(a_machine_without_services_says_what_was_tried),
		T(programs_give_credentials),
		T(failing_programs_say_how),
		T(the_end_does_not_wait_for_a_program),
		cmocka_unit_test(command_lines_are_split),
		cmocka_unit_test(wrong_settings_say_what_to_do),
		T(metadata_that_is_switched_off_is_not_asked),
		T(a_mended_file_is_enough),
		T(the_first_source_that_is_configured_decides),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
