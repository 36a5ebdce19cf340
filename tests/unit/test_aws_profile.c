/* The shared files of AWS tools: their syntax, and what a profile says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "adapters/aws/profile.h"
#include "bot/json.h"
#include "bot/str.h"
#include "tests/unit/support/aws_world.h"
#include "tests/unit/support/vectors.h"

static struct aws_ini *parse(const char *text)
{
	struct err err;
	struct aws_ini *ini = aws_ini_parse(text, strlen(text), "t", &err);

	if (ini == NULL)
		fail_msg("%s", err.text);
	return ini;
}

static void lines_are_read(void **state)
{
	struct aws_ini *ini = parse("stray = 1\n# c\n; c\n\n[ a ] # c\r\nKey=v\r\n k2 : v2 \nk3 = x#y ;z\nk4 = \"q # r\"\n"
	                            "[a]\nkey = later\nlong = one\n  two # c\n\tthree\ns3 =\n  nested = 1\n  other=2\n"
	                            "[empty]\n[spaced  \t name]\nx=1\n");

	(void)state;
	assert_string_equal(aws_ini_get(ini, "a", "key", NULL), "later");
	assert_string_equal(aws_ini_get(ini, "a", "k3", NULL), "x#y");
	assert_string_equal(aws_ini_get(ini, "a", "long", NULL), "one\ntwo\nthree");
	assert_string_equal(aws_ini_get(ini, "a", "s3", NULL), "");
	assert_string_equal(aws_ini_get(ini, "a", "s3", "nested"), "1");
	assert_string_equal(aws_ini_get(ini, "a", "s3", "other"), "2");
	assert_null(aws_ini_get(ini, "a", "nested", NULL));
	assert_null(aws_ini_get(ini, "b", "key", NULL));
	assert_string_equal(aws_ini_get(ini, "spaced name", "x", NULL), "1");
	assert_true(aws_ini_has(ini, "empty"));
	assert_false(aws_ini_has(ini, "stray"));
	aws_ini_free(ini);
}

static void broken_files_are_errors_with_a_line(void **state)
{
	static const char *const bad[][2] = {
		{ "[a]\nx=1\nnonsense\n", "line 3" }, { "[a\n", "line 1" },        { "[]\n", "line 1" },
		{ "[[a]\n", "line 1" },              { "[a]]\n", "line 1" },      { "[a #]\n", "line 1" },
		{ "[a]\nk[x] = v\n", "line 2" },     { "[a]\n= v\n", "line 2" },  { "[a]\nx =\n  y\n", "line 3" },
		{ "[a]\nx=\xFF\n", "UTF-8" },        { "[a] b\n", "line 1" },
	};
	struct err err;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (aws_ini_parse(bad[i][0], strlen(bad[i][0]), "the-file", &err) != NULL)
			fail_msg("taken: %s", bad[i][0]);
		assert_int_equal(err.kind, ERR_USAGE);
		assert_non_null(strstr(err.text, "the-file"));
		assert_non_null(strstr(err.text, bad[i][1]));
	}
	assert_null(aws_ini_parse("[a]\0", 4, "t", &err));
}

/* --- vectors of the Go SDK --- */

struct section {
	struct aws_ini *ini;
	const char *file, *name;
};

static bool check_key(void *arg, const char *key, struct json_object *value)
{
	struct section *section = arg;
	struct json_object *holder = json_new_object();
	const char *found;
	char lower[128];

	for (size_t i = 0; i <= strlen(key); i++)
		lower[i] = key[i] >= 'A' && key[i] <= 'Z' ? (char)(key[i] + 32) : key[i];
	json_put(holder, "v", json_keep(value));
	found = aws_ini_get(section->ini, section->name, lower, NULL);
	if (found == NULL || strcmp(found, json_string(holder, "v")) != 0)
		fail_msg("%s: [%s] %s is %s", section->file, section->name, key, found);
	json_free(holder);
	return true;
}

static bool check_section(void *arg, const char *name, struct json_object *value)
{
	struct section *section = arg;

	section->name = name;
	assert_true(aws_ini_has(section->ini, name));
	json_each(value, check_key, section);
	return true;
}

static unsigned checked;

/* escaped_profile: escapes in quotes are the Go SDK's own. */
static void check_valid(const char *name)
{
	char path[256], *text, *wanted;
	size_t length;
	struct section section = { .file = name };
	struct json_object *expected;
	struct err err;

	if (str_ends(name, "_expected") || strcmp(name, "escaped_profile") == 0)
		return;
	(void)snprintf(path, sizeof(path), "credentials/aws-sdk-go-ini/valid/%s", name);
	text = vector_read(path, &length);
	section.ini = aws_ini_parse(text, length, name, &err);
	if (section.ini == NULL)
		fail_msg("%s", err.text);
	(void)snprintf(path, sizeof(path), "credentials/aws-sdk-go-ini/valid/%s_expected", name);
	wanted = vector_read(path, &length);
	expected = json_parse(wanted, length, &err);
	assert_non_null(expected);
	json_each(expected, check_section, &section);
	checked++;
	json_free(expected);
	aws_ini_free(section.ini);
	free(text);
	free(wanted);
}

static void check_invalid(const char *name)
{
	char path[256], *text;
	size_t length;
	struct err err;

	(void)snprintf(path, sizeof(path), "credentials/aws-sdk-go-ini/invalid/%s", name);
	text = vector_read(path, &length);
	if (aws_ini_parse(text, length, name, &err) != NULL)
		fail_msg("%s is taken", name);
	checked++;
	free(text);
}

static void agrees_with_the_go_sdk(void **state)
{
	(void)state;
	if (vector_each_name("credentials/aws-sdk-go-ini/valid", check_valid) == 0)
		skip();
	(void)vector_each_name("credentials/aws-sdk-go-ini/invalid", check_invalid);
	assert_true(checked >= 24);
}

/* --- vectors of botocore --- */

static struct aws_profiles *load_botocore(const char *name, struct err *err)
{
	char path[256], *text;
	size_t length;
	struct aws_profiles *profiles;

	(void)snprintf(path, sizeof(path), "credentials/botocore-cfg/%s", name);
	text = vector_read(path, &length);
	if (text == NULL)
		return NULL;
	aws_world_env("AWS_CONFIG_FILE", aws_world_file(name, text, length));
	free(text);
	profiles = aws_profiles_load(err);
	return profiles;
}

static void agrees_with_botocore(void **state)
{
	struct err err = { 0 };
	struct aws_profiles *profiles = load_botocore("aws_config", &err);

	(void)state;
	if (profiles == NULL)
		skip();
	assert_string_equal(aws_profile_get(profiles, "default", "aws_access_key_id"), "foo");
	assert_string_equal(aws_profile_get(profiles, "personal", "aws_security_token"), "fiebaz");
	aws_profiles_free(profiles);
	profiles = load_botocore("aws_config_nested", &err);
	assert_string_equal(aws_profile_get(profiles, "default", "region"), "us-west-2");
	assert_null(aws_profile_get(profiles, "default", "s3"));
	aws_profiles_free(profiles);
	profiles = load_botocore("aws_services_config", &err);
	assert_string_equal(aws_profile_service(profiles, "my-services", "dynamodb", "endpoint_url"),
	                    "https://localhost:8888/");
	assert_null(aws_profile_service(profiles, "my-services", "ssm", "endpoint_url"));
	aws_profiles_free(profiles);
	profiles = load_botocore("aws_bad_profile", &err); /* odd names are nobody's profile */
	assert_string_equal(aws_profile_get(profiles, "personal1", "aws_access_key_id"), "access_personal1");
	assert_true(aws_profile_exists(profiles, "my profile"));
	assert_false(aws_profile_exists(profiles, "personal"));
	aws_profiles_free(profiles);
	assert_null(load_botocore("aws_config_badbytes", &err));
	assert_non_null(strstr(err.text, "UTF-8"));
	assert_null(load_botocore("aws_config_nested_bad", &err));
}

/* --- both files --- */

static void put_file(const char *path, const char *text)
{
	(void)aws_world_file(path, text, strlen(text));
}

static void the_credentials_file_wins(void **state)
{
	struct aws_profiles *profiles;
	struct err err;

	(void)state;
	put_file(".aws/config", "[default]\nregion = eu-west-1\naws_access_key_id = C\n[profile p]\nregion = eu-west-2\n"
	                        "[p]\nregion = nobody\n[profile default]\nregion = eu-west-3\n");
	put_file(".aws/credentials", "[default]\naws_access_key_id = K\n[p]\naws_access_key_id = P\n[profile q]\nx = 1\n");
	profiles = aws_profiles_load(&err);
	assert_non_null(profiles);
	assert_string_equal(aws_profile_get(profiles, "default", "aws_access_key_id"), "K");
	assert_string_equal(aws_profile_get(profiles, "default", "region"), "eu-west-3");
	assert_string_equal(aws_profile_get(profiles, "p", "region"), "eu-west-2");
	assert_string_equal(aws_profile_get(profiles, "p", "aws_access_key_id"), "P");
	assert_false(aws_profile_exists(profiles, "q"));
	aws_profiles_free(profiles);
}

static void absent_files_are_empty_and_unreadable_ones_errors(void **state)
{
	struct aws_profiles *profiles;
	struct err err;

	(void)state;
	profiles = aws_profiles_load(&err);
	assert_non_null(profiles);
	assert_false(aws_profile_exists(profiles, "default"));
	aws_profiles_free(profiles);
	aws_world_env("AWS_CONFIG_FILE", "/dev/null");
	aws_world_env("AWS_SHARED_CREDENTIALS_FILE", "~/keys");
	put_file("keys", "[default]\naws_access_key_id = T\n");
	profiles = aws_profiles_load(&err);
	assert_string_equal(aws_profile_get(profiles, "default", "aws_access_key_id"), "T");
	aws_profiles_free(profiles);
	aws_world_env("AWS_CONFIG_FILE", "/");
	assert_null(aws_profiles_load(&err));
	assert_non_null(strstr(err.text, "not a file"));
}

/* It passes: nobody is sent to look at permissions. */
static void a_want_of_descriptors_is_said_as_such(void **state)
{
	struct rlimit usual, none;
	struct aws_profiles *profiles;
	struct err err;
	int next = dup(STDOUT_FILENO);

	(void)state;
	assert_true(next >= 0);
	(void)close(next);
	aws_world_env("AWS_CONFIG_FILE", "/proc/self/status");
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &usual), 0);
	none = (struct rlimit){ (rlim_t)next, usual.rlim_max };
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	profiles = aws_profiles_load(&err);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &usual), 0);
	assert_null(profiles);
	assert_int_equal(err.kind, ERR_RETRY);
	assert_string_equal(err.text, "/proc/self/status cannot be read: Too many open files");
}

static void the_profile_is_named_by_the_environment(void **state)
{
	(void)state;
	assert_string_equal(aws_profile_name(), "default");
	aws_world_env("AWS_DEFAULT_PROFILE", "b");
	assert_string_equal(aws_profile_name(), "b");
	aws_world_env("AWS_PROFILE", "a");
	assert_string_equal(aws_profile_name(), "a");
	aws_world_env("AWS_PROFILE", " ");
	assert_string_equal(aws_profile_name(), "b");
}

#define T(name) cmocka_unit_test_setup_teardown(name, aws_world_begin, aws_world_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(lines_are_read),
		T(broken_files_are_errors_with_a_line),
		T(agrees_with_the_go_sdk),
		T(agrees_with_botocore),
		T(the_credentials_file_wins),
		T(absent_files_are_empty_and_unreadable_ones_errors),
		T(a_want_of_descriptors_is_said_as_such),
		T(the_profile_is_named_by_the_environment),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
