#include "tests/unit/support/config_cases.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "bot/config.h"
#include "bot/mem.h"
#include "bot/str.h"
#include "tests/unit/support/turn.h"

void config_write(const char *name, const char *text, size_t length)
{
	FILE *file = fopen(scratch_path(name), "wb");

	assert_non_null(file);
	assert_int_equal(fwrite(text, 1, length, file), length);
	assert_int_equal(fclose(file), 0);
}

static void write_of_size(const char *name, size_t size)
{
	char *text = mem_alloc(size);

	memset(text, 'x', size);
	config_write(name, text, size);
	free(text);
}

int config_cases_setup(void **state)
{
	static const char nul[] = "xoxb-\0x";

	(void)state;
	scratch_make();
	config_write("empty", "", 0);
	config_write("nul", nul, sizeof(nul) - 1);
	config_write("here.pem", "x", 1);
	config_write("prompt.md", "Say \xc3\xa4h first.\n", 15);
	config_write("latin1.md", "Say \xe4h first.\n", 14);
	write_of_size("full.md", 32 << 10);
	write_of_size("long.md", (32 << 10) + 1);
	setenv("EMPTY", "", 1);
	setenv("SECRET_IN_ENV", "hunter2-from-env", 1);
	setenv("NOT_UTF8", "\xff", 1);
	unsetenv("NO_SUCH_NAME");
	unsetenv("NO_SUCH_2");
	return 0;
}

int config_cases_teardown(void **state)
{
	(void)state;
	scratch_remove();
	return 0;
}

/* The lines of a case as the loader writes them. */
static void expand(const char *lines, struct str *out)
{
	const char *file = scratch_path("t.yaml");
	const char *directory = scratch_path("");

	str_clear(out);
	for (bool start = true; *lines != '\0'; lines++) {
		if (start)
			str_addf(out, "%s:", file);
		start = *lines == '\n';
		if (str_starts(lines, "DIR/")) {
			str_add(out, directory);
			lines += strlen("DIR/") - 1;
		} else {
			str_add_char(out, *lines);
		}
	}
}

void config_cases_check(const struct config_case *cases, size_t count)
{
	struct str expected, problems;

	str_init(&expected, 65536);
	str_init(&problems, 65536);
	for (size_t i = 0; i < count; i++) {
		expand(cases[i].problems, &expected);
		str_clear(&problems);
		config_write("t.yaml", cases[i].yaml, strlen(cases[i].yaml));
		struct config *config = config_load(scratch_path("t.yaml"), &problems);
		if (config != NULL || strcmp(problems.text, expected.text) != 0)
			print_error("%s--- got:\n%s--- expected:\n%s", cases[i].yaml, problems.text, expected.text);
		assert_null(config);
		assert_string_equal(problems.text, expected.text);
		assert_null(strstr(problems.text, "hunter2"));
	}
	str_free(&expected);
	str_free(&problems);
}

struct config *config_good(const char *yaml)
{
	struct str problems;
	struct config *config;

	str_init(&problems, 65536);
	config_write("t.yaml", yaml, strlen(yaml));
	config = config_load(scratch_path("t.yaml"), &problems);
	if (config == NULL)
		fail_msg("%s--- is refused:\n%s", yaml, problems.text);
	str_free(&problems);
	return config;
}
