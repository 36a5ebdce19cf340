/* The app manifest, held against Slack's own JSON Schema where the vectors are at hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <regex.h>

#include "adapters/slack/manifest.h"
#include "adapters/slack/slack.h"
#include "bot/json.h"
#include "bot/str.h"
#include "tests/unit/support/vectors.h"

static const struct slack_manifest_command commands[] = {
	{ "tocsin", "Alarms, incidents and diagnosis", "[ping|help]" },
	{ "top", "Processes of an \"instance\"", NULL },
};

static struct json_object *parse(const char *text)
{
	struct err err;
	struct json_object *json = json_parse(text, strlen(text), &err);

	if (json == NULL)
		fail_msg("%s: %s", err.text, text);
	return json;
}

static struct json_object *manifest(const struct slack_manifest_command *list, size_t count)
{
	char *text = slack_manifest(list, count);
	struct json_object *json = parse(text);

	free(text);
	return json;
}

/* --- a validator of as much JSON Schema as Slack's manifest uses ----------------------------- */

static struct json_object *schema_root;
static char fault[256];

static bool validate(struct json_object *schema, struct json_object *value, const char *at);

static bool wrong(const char *at, const char *what)
{
	(void)snprintf(fault, sizeof(fault), "%s: %s", at, what);
	return false;
}

/* A member whose name may hold dots, which paths cannot name. */
struct lookup {
	const char *key;
	struct json_object *found;
};

static bool look(void *arg, const char *key, struct json_object *value)
{
	struct lookup *lookup = arg;

	if (strcmp(key, lookup->key) != 0)
		return true;
	lookup->found = value;
	return false;
}

static struct json_object *member(struct json_object *object, const char *key)
{
	struct lookup lookup = { key, NULL };

	json_each(object, look, &lookup);
	return lookup.found;
}

static bool has_type(struct json_object *value, const char *type)
{
	const char *text = json_print(value);

	if (strcmp(type, "object") == 0)
		return json_is_object(value);
	if (strcmp(type, "array") == 0)
		return json_is_array(value);
	if (strcmp(type, "string") == 0)
		return json_is_string(value);
	if (strcmp(type, "boolean") == 0)
		return strcmp(text, "true") == 0 || strcmp(text, "false") == 0;
	return strcmp(type, "integer") == 0 && strspn(text, "-0123456789") == strlen(text);
}

static bool validate_string(struct json_object *schema, struct json_object *value, const char *at)
{
	const char *text = json_string(value, ""), *pattern = json_string(schema, "pattern");
	int64_t length = (int64_t)strlen(text);
	regex_t regex;
	bool fits;

	if (length > json_int(schema, "maxLength", INT64_MAX) || length < json_int(schema, "minLength", 0))
		return wrong(at, "length");
	if (pattern == NULL)
		return true;
	assert_int_equal(regcomp(&regex, pattern, REG_EXTENDED | REG_NOSUB), 0);
	fits = regexec(&regex, text, 0, NULL, 0) == 0;
	regfree(&regex);
	return fits || wrong(at, "pattern");
}

struct members {
	struct json_object *schema;
	const char *at;
	bool good;
};

static bool validate_member(void *arg, const char *key, struct json_object *value)
{
	struct members *members = arg;
	struct json_object *known = member(json_get(members->schema, "properties"), key);
	char at[128];

	(void)snprintf(at, sizeof(at), "%s.%s", members->at, key);
	if (known != NULL)
		members->good = validate(known, value, at);
	else if (!json_flag(members->schema, "additionalProperties", true))
		members->good = wrong(at, "unknown member");
	return members->good;
}

static bool validate_object(struct json_object *schema, struct json_object *value, const char *at)
{
	struct json_object *required = json_get(schema, "required");
	struct members members = { schema, at, true };

	for (size_t i = 0; i < json_count(required); i++)
		if (member(value, json_string(json_at(required, i), "")) == NULL)
			return wrong(at, "a required member is missing");
	json_each(value, validate_member, &members);
	return members.good;
}

static bool validate_array(struct json_object *schema, struct json_object *value, const char *at)
{
	int64_t count = (int64_t)json_count(value);

	if (count > json_int(schema, "maxItems", INT64_MAX) || count < json_int(schema, "minItems", 0))
		return wrong(at, "number of items");
	for (size_t i = 0; i < json_count(value); i++)
		if (json_has(schema, "items") && !validate(json_get(schema, "items"), json_at(value, i), at))
			return false;
	return true;
}

static bool validate(struct json_object *schema, struct json_object *value, const char *at)
{
	const char *ref = json_string(schema, "$ref"), *type;

	if (ref != NULL) {
		assert_true(str_starts(ref, "#/definitions/"));
		schema = member(json_get(schema_root, "definitions"), ref + strlen("#/definitions/"));
		assert_non_null(schema);
	}
	type = json_string(schema, "type");
	if (type != NULL && !has_type(value, type))
		return wrong(at, "type");
	if (json_is_string(value))
		return validate_string(schema, value, at);
	if (json_is_array(value))
		return validate_array(schema, value, at);
	return !json_is_object(value) || validate_object(schema, value, at);
}

static bool fits_schema(struct json_object *json)
{
	fault[0] = '\0';
	return validate(schema_root, json, "manifest");
}

/* --- tests ---------------------------------------------------------------------------------- */

static void commands_become_slash_commands(void **state)
{
	struct json_object *json = manifest(commands, 2);

	(void)state;
	assert_int_equal(json_count(json_get(json, "features.slash_commands")), 2);
	assert_string_equal(json_string(json, "features.slash_commands[1].command"), "/top");
	assert_string_equal(json_string(json, "features.slash_commands[1].description"), "Processes of an \"instance\"");
	assert_false(json_has(json, "features.slash_commands[1].usage_hint"));
	assert_true(json_flag(json, "features.slash_commands[0].should_escape", false));
	assert_true(json_flag(json, "settings.socket_mode_enabled", false));
	assert_true(json_flag(json, "settings.interactivity.is_enabled", false));
	json_free(json);
}

static bool lists(struct json_object *array, const char *word)
{
	for (size_t i = 0; i < json_count(array); i++)
		if (strcmp(json_string(json_at(array, i), ""), word) == 0)
			return true;
	return false;
}

/* docs.slack.dev reference/events: what each subscription needs. */
static void every_event_has_its_scope(void **state)
{
	static const char *const needs[][2] = {
		{ "app_mention", "app_mentions:read" }, { "message.channels", "channels:history" },
		{ "message.groups", "groups:history" }, { "message.im", "im:history" },
	};
	struct json_object *json = manifest(commands, 2);
	struct json_object *events = json_get(json, "settings.event_subscriptions.bot_events");
	struct json_object *scopes = json_get(json, "oauth_config.scopes.bot");

	(void)state;
	assert_int_equal(json_count(events), sizeof(needs) / sizeof(needs[0]));
	for (size_t i = 0; i < sizeof(needs) / sizeof(needs[0]); i++) {
		assert_true(lists(events, needs[i][0]));
		assert_true(lists(scopes, needs[i][1]));
	}
	assert_true(lists(scopes, "chat:write"));
	assert_true(lists(scopes, "commands"));
	assert_true(lists(scopes, "channels:join"));
	assert_true(lists(scopes, "usergroups:read"));
	assert_true(lists(scopes, "files:write"));
	assert_true(lists(scopes, "files:read"));
	assert_int_equal(json_count(scopes), 10); /* a scope more needs a reason in manifest.c */
	json_free(json);
}

static void expect_missing(const char *granted, const char *missing)
{
	struct str out;

	str_init(&out, 400);
	slack_manifest_missing(&out, granted);
	assert_string_equal(out.text, missing);
	str_free(&out);
}

static void a_token_may_lack_scopes(void **state)
{
#define REST "app_mentions:read,channels:history,channels:join,chat:write,commands,groups:history,im:history,usergroups:read"

	(void)state;
	expect_missing(REST ",files:read,files:write", "");
	expect_missing("files:read,users:read," REST ",files:write,identify", "");
	expect_missing("files:read, files:write, " REST, "");
	expect_missing(REST, "files:read, files:write");
	expect_missing(REST ",files:writes,afiles:read,,", "files:read, files:write"); /* whole words */
	expect_missing("", "app_mentions:read, channels:history, channels:join, chat:write, commands, files:read, "
	               "files:write, groups:history, im:history, usergroups:read");
}

static void it_fits_slacks_schema(void **state)
{
	size_t length;
	char *text = vector_read("slack-samples/manifest/manifest.schema.2.0.0.json", &length);
	struct slack_manifest_command bad = { "top", "", NULL };
	struct json_object *json;

	(void)state;
	if (text == NULL)
		skip();
	schema_root = parse(text);
	free(text);
	json = manifest(commands, 2);
	if (!fits_schema(json))
		fail_msg("%s", fault);
	/* The validator does find faults. */
	json_put_string(json, "surprise", "x");
	assert_false(fits_schema(json));
	json_free(json);
	json = manifest(&bad, 1);
	assert_false(fits_schema(json));
	assert_non_null(strstr(fault, "slash_commands"));
	json_free(json);
	json = manifest(NULL, 0);
	if (!fits_schema(json))
		fail_msg("%s", fault);
	json_put_int(json_get(json, "display_information"), "name", 7);
	assert_false(fits_schema(json));
	json_free(json);
	json_free(schema_root);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(commands_become_slash_commands),
		cmocka_unit_test(every_event_has_its_scope),
		cmocka_unit_test(a_token_may_lack_scopes),
		cmocka_unit_test(it_fits_slacks_schema),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
