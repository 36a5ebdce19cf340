/* The manual, the example and the contract agree with the schema. Run from the repository's root. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "bot/config.h"
#include "bot/config_schema.h"
#include "bot/config_value.h"
#include "bot/mem.h"
#include "bot/metric.h"
#include "bot/str.h"
#include "tests/unit/support/config_cases.h"
#include "tests/unit/support/turn.h"

#define CONTRACT "../shared/CONTRACT.md"

static char *read_text(const char *path)
{
	size_t length;
	struct err err;
	char *text = config_read_file(path, 1 << 20, true, &length, &err);

	if (text == NULL)
		fail_msg("%s %s", path, err.text);
	return text;
}

/* The cells of a key's row: "| `slack.channel` | **channel id** | | ...". */
static bool find_row(const char *manual, const char *path, char type[80], char fallback[80])
{
	struct mem mem = { 0 };
	const char *row = strstr(manual, mem_printf(&mem, "\n| `%s` | ", path));
	size_t skip = strlen(path) + 8, length;

	mem_free_all(&mem);
	if (row == NULL)
		return false;
	row += skip;
	length = strcspn(row, "|\n");
	(void)snprintf(type, 80, "%.*s", (int)length, row);
	row += length + 1;
	(void)snprintf(fallback, 80, "%.*s", (int)strcspn(row, "|\n"), row);
	return true;
}

/* As the manual words it: "list of channel id". */
static const char *type_words(const struct config_key *key, struct mem *mem)
{
	switch (key->shape) {
	case CONFIG_VALUE:
		return key->type->name;
	case CONFIG_VALUES:
		return mem_printf(mem, "list of %s", key->type->name);
	case CONFIG_MAP:
		return "map";
	case CONFIG_MAPS:
		return "list of maps";
	case CONFIG_NAMED:
		return key->keys != NULL ? "map of maps" : mem_printf(mem, "map of %s", key->type->name);
	case CONFIG_ANYTHING:
		return "map of anything";
	}
	return "";
}

static bool key_stands_in_manual(void *manual, const char *path, const struct config_key *key)
{
	bool required = (key->flags & CONFIG_REQUIRED) != 0;
	char type[80], fallback[80];
	struct mem mem = { 0 };

	if (!find_row(manual, path, type, fallback))
		fail_msg("docs/CONFIGURATION.md has no row for %s", path);
	const char *words = mem_printf(&mem, required ? "**%s**" : "%s", type_words(key, &mem));
	if (!str_starts(type, words))
		fail_msg("docs/CONFIGURATION.md: %s is of type %s, not %s", path, words, type);
	if (key->fallback != NULL && strstr(fallback, mem_printf(&mem, "`%s`", key->fallback)) == NULL)
		fail_msg("docs/CONFIGURATION.md: the default of %s is %s, not %s", path, key->fallback, fallback);
	mem_free_all(&mem);
	return true;
}

static void every_key_stands_in_the_manual(void **state)
{
	char *manual = read_text("docs/CONFIGURATION.md");

	(void)state;
	config_schema_each(key_stands_in_manual, manual);
	free(manual);
}

static bool path_is(void *path, const char *known, const struct config_key *key)
{
	(void)key;
	if (strcmp(*(const char **)path, known) != 0)
		return true;
	*(const char **)path = NULL;
	return false;
}

static void every_row_of_the_manual_is_a_key(void **state)
{
	char *manual = read_text("docs/CONFIGURATION.md"), *row = manual;

	(void)state;
	while ((row = strstr(row, "\n| `")) != NULL) {
		row += 4;
		char *name = mem_copy_bytes(row, strcspn(row, "`\n"));
		const char *wanted = name;
		config_schema_each(path_is, &wanted);
		if (wanted != NULL)
			fail_msg("docs/CONFIGURATION.md describes %s, which is no key", name);
		free(name);
	}
	free(manual);
}

/* Each "```yaml" block of a text, after the first `skip`, with the two required sections if absent. */
static void every_example_of_the_manual_loads(void **state)
{
	char *manual = read_text("docs/CONFIGURATION.md"), *block = manual;
	size_t count = 0;

	(void)state;
	config_write("corporate-ca.pem", "x", 1);
	setenv("SLACK_BOT_TOKEN", "xoxb-test", 1);
	setenv("SLACK_APP_TOKEN", "xapp-test", 1);
	setenv("JIRA_TOKEN", "jira-test", 1);
	while ((block = strstr(block, "```yaml\n")) != NULL) {
		struct mem mem = { 0 };
		block += 8;
		const char *end = strstr(block, "```");
		char *text = mem_copy_bytes(block, (size_t)(end - block));
		bool files = strstr(text, "/etc/") != NULL || strstr(text, "/run/") != NULL;
		const char *slack = str_starts(text, "slack:") ? "" : SLACK;
		const char *sns = strstr(text, "sns:\n") != NULL ? "" : SNS;
		if (!files) /* those two are loaded by other tests, with files that exist */
			config_free(config_good(mem_printf(&mem, "%s%s%s", slack, sns, text)));
		count++;
		free(text);
		mem_free_all(&mem);
	}
	assert_int_equal(count, 20);
	free(manual);
}

/* Files of a real machine that examples name, replaced by ones that exist. */
static char *with_files_here(const char *text)
{
	static const char *const directories[] = { "/etc/tocsin/", "/etc/ssl/certs/", "prompts/" };
	struct str out;

	str_init(&out, 1 << 20);
	while (*text != '\0') {
		size_t before = out.length;
		for (size_t i = 0; i < sizeof(directories) / sizeof(directories[0]); i++)
			if (str_starts(text, directories[i])) {
				str_add(&out, scratch_path(""));
				text += strlen(directories[i]);
				break;
			}
		if (out.length == before)
			str_add_char(&out, *text++);
	}
	return str_take(&out);
}

static void make_files_of_examples(void)
{
	static const char *const names[] = { "tls.pem", "tls.key", "ca-certificates.crt", "dashboard.md", "answers.md" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		config_write(names[i], "x", 1);
	setenv("SLACK_BOT_TOKEN", "xoxb-test", 1);
	setenv("SLACK_APP_TOKEN", "xapp-test", 1);
	setenv("JIRA_TOKEN", "jira-test", 1);
	setenv("PROMETHEUS_PASSWORD", "prometheus-test", 1);
	setenv("PROMETHEUS_TOKEN", "prometheus-test", 1);
}

static void the_contract_loads(void **state)
{
	(void)state;
	if (access(CONTRACT, R_OK) != 0) {
		print_message("skipped: there is no " CONTRACT "\n");
		skip();
	}
	make_files_of_examples();
	char *contract = read_text(CONTRACT);
	char *yaml = strstr(contract, "```yaml\n");
	assert_non_null(yaml);
	*strstr(yaml + 8, "```") = '\0';
	char *here = with_files_here(yaml + 8);
	struct config *config = config_good(here);
	assert_int_equal(config->bedrock.price_count, 1);
	assert_int_equal(config->routes.count, 1);
	assert_int_equal(config->dashboards.items[0].metric_count, 1);
	assert_string_equal(config->dashboards.items[0].metrics[0].id, "alb_latency");
	assert_string_equal(config->routes.items[0].channel, "C0CHECKOUT");
	assert_string_equal(config_account_name(config, "210987654321"), "prod");
	config_free(config);
	free(here);
	free(contract);
}

/* "#key" and "#  key" are settings that are turned off; "# Words" stays a comment. */
static char *turned_on(const char *text)
{
	struct str out;

	str_init(&out, 1 << 20);
	for (bool start = true; *text != '\0'; text++) {
		bool prose = text[0] == '#' && (text[1] == '\n' || (text[1] == ' ' && text[2] != ' '));
		if (!start || *text != '#' || prose)
			str_add_char(&out, *text);
		start = *text == '\n';
	}
	return str_take(&out);
}

static char *example;

static bool key_stands_in_example(void *arg, const char *path, const struct config_key *key)
{
	struct mem mem = { 0 };

	(void)arg;
	if (strstr(example, mem_printf(&mem, "%s:", key->name)) == NULL)
		fail_msg("deploy/tocsin.example.yaml lacks %s", path);
	mem_free_all(&mem);
	return true;
}

static void the_example_loads(void **state)
{
	(void)state;
	make_files_of_examples();
	example = read_text("deploy/tocsin.example.yaml");
	config_free(config_good(example));

	config_schema_each(key_stands_in_example, NULL);
	char *on = turned_on(example), *here = with_files_here(on);
	struct config *all = config_good(here);
	assert_string_equal(all->bedrock.guardrail_version, "1");
	assert_string_equal(all->http.certificate, scratch_path("tls.pem"));
	assert_int_equal(all->routes.count, 1);
	config_free(all);
	free(here);
	free(on);
	free(example);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_key_stands_in_the_manual),
		cmocka_unit_test(every_row_of_the_manual_is_a_key),
		cmocka_unit_test(every_example_of_the_manual_loads),
		cmocka_unit_test(the_contract_loads),
		cmocka_unit_test(the_example_loads),
	};

	return cmocka_run_group_tests(tests, config_cases_setup, config_cases_teardown);
}
