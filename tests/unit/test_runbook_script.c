/* What a person typed, in a script: checked, quoted, and read by a real shell as the same words. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <spawn.h>
#include <sys/wait.h>

#include "bot/mem.h"
#include "bot/random.h"
#include "bot/runbook.h"
#include "bot/str.h"

static const struct runbook_trigger never[] = { { .to = NULL } };
static const struct runbook_argument none[] = { { .name = NULL } };
static const struct runbook_argument one_path[] = { { "path", "path", true }, { .name = NULL } };
static const struct runbook_argument unit_and_more[] = {
	{ "unit", "unit", false }, { "lines", "count", true }, { "tag-1", "word", true }, { .name = NULL }
};

static struct runbook with(const struct runbook_argument *arguments, const char *script)
{
	return (struct runbook){ .name = "look", .summary = "", .linux_script = script,
	                         .windows_script = script, .triggers = never, .arguments = arguments };
}

static char *script_of(const struct runbook *runbook, bool windows, const char *typed)
{
	struct err err;
	char *script;

	if (!runbook_script(runbook, windows, typed, &script, &err))
		fail_msg("%s: %s", typed, err.text);
	return script;
}

static void assert_script(const struct runbook *runbook, bool windows, const char *typed,
                          const char *expected)
{
	char *script = script_of(runbook, windows, typed);

	assert_string_equal(script, expected);
	free(script);
}

static void arguments_become_variables(void **state)
{
	struct runbook look = with(unit_and_more, "#!/bin/sh -eu\nsee {{unit}} {{lines}}{{tag-1}} {{ unit }} {{.a}}");
	struct runbook plain = with(none, "echo 1\n");
	struct runbook only_line = with(unit_and_more, "#!/bin/sh");

	(void)state;
	assert_script(&look, false, " nginx.service\t20  web_1 ",
	              "#!/bin/sh -eu\ntocsin_1='nginx.service'\ntocsin_2='20'\ntocsin_3='web_1'\n"
	              "see \"$tocsin_1\" \"$tocsin_2\"\"$tocsin_3\" {{ unit }} {{.a}}");
	assert_script(&look, false, "getty@tty1.service",
	              "#!/bin/sh -eu\ntocsin_1='getty@tty1.service'\ntocsin_2=''\ntocsin_3=''\n"
	              "see \"$tocsin_1\" \"$tocsin_2\"\"$tocsin_3\" {{ unit }} {{.a}}");
	assert_script(&plain, false, NULL, "echo 1\n");
	assert_script(&plain, false, "  \t", "echo 1\n");
	assert_script(&only_line, false, "a", "#!/bin/sh\ntocsin_1='a'\ntocsin_2=''\ntocsin_3=''\n");
	look.windows_script = "see {{unit}} {{lines}}";
	assert_script(&look, true, "W3SVC",
	              "$tocsin_1 = 'W3SVC'\n$tocsin_2 = ''\n$tocsin_3 = ''\nsee ${tocsin_1} ${tocsin_2}");
}

static void quotation_marks_keep_blanks(void **state)
{
	struct runbook look = with(one_path, "ls {{path}}");

	(void)state;
	assert_script(&look, false, "\"/my  files\"", "tocsin_1='/my  files'\nls \"$tocsin_1\"");
	assert_script(&look, false, "/my' 'files", "tocsin_1='/my files'\nls \"$tocsin_1\"");
	assert_script(&look, false, "\"/it's\"", "tocsin_1='/it'\\''s'\nls \"$tocsin_1\"");

}

#define USAGE "; usage: look INSTANCE unit [lines] [tag-1], as in look i-0123456789abcdef0 nginx.service 10 web-1"
#define PATH_USAGE "; usage: look INSTANCE [path], as in look i-0123456789abcdef0 /var/log"
#define WINDOWS_USAGE "; usage: look INSTANCE [path], as in look i-0123456789abcdef0 C:\\Logs"
#define IS_UNIT " must be the name of a unit: letters, digits and :-_.@\\" USAGE
#define IS_COUNT " must be a number from 1 to 50" USAGE
#define IS_PATH " must be an absolute path of at most 1024 bytes, without {{"

static void wrong_arguments_are_explained(void **state)
{
	static const struct {
		const struct runbook_argument *arguments;
		bool windows;
		const char *typed, *error;
	} cases[] = {
		{ none, false, "x", "there are no arguments; usage: look INSTANCE, as in look i-0123456789abcdef0" },
		{ unit_and_more, false, NULL, "unit is missing" USAGE },
		{ unit_and_more, false, "a 1 b c", "there are too many arguments" USAGE },
		{ unit_and_more, false, "'a", "a quotation mark is not closed" USAGE },
		{ unit_and_more, false, "a 1 b \"", "a quotation mark is not closed" USAGE },
		{ unit_and_more, false, "''", "unit" IS_UNIT },
		{ unit_and_more, false, "a;id", "unit \"a;id\"" IS_UNIT },
		{ unit_and_more, false, "-a", "unit \"-a\"" IS_UNIT },
		{ unit_and_more, false, "a/b", "unit \"a/b\"" IS_UNIT },
		{ unit_and_more, false, "a 0", "lines \"0\"" IS_COUNT },
		{ unit_and_more, false, "a 51", "lines \"51\"" IS_COUNT },
		{ unit_and_more, false, "a 010", "lines \"010\"" IS_COUNT },
		{ unit_and_more, false, "a 08", "lines \"08\"" IS_COUNT },
		{ unit_and_more, false, "a -5", "lines \"-5\"" IS_COUNT },
		{ unit_and_more, false, "a +5", "lines \"+5\"" IS_COUNT },
		{ unit_and_more, false, "a 5x", "lines \"5x\"" IS_COUNT },
		{ unit_and_more, false, "a 99999999999999999999", "lines \"99999999999999999999\"" IS_COUNT },
		{ unit_and_more, false, "a 5 $(id)", "tag-1 \"$(id)\" must be at most 64 letters, digits, '.', '_' "
		  "and '-', no '-' first" USAGE },
		{ one_path, false, "var/log", "path \"var/log\"" IS_PATH PATH_USAGE },
		{ one_path, false, "-rf", "path \"-rf\"" IS_PATH PATH_USAGE },
		{ one_path, false, "C:\\x", "path \"C:\\x\"" IS_PATH PATH_USAGE },
		{ one_path, false, "/a\nb", "path" IS_PATH PATH_USAGE },
		{ one_path, false, "/a\x7f", "path" IS_PATH PATH_USAGE },
		{ one_path, false, "/\xff", "path" IS_PATH PATH_USAGE },
		{ one_path, false, "/x/{{ssm:password}}", "path \"/x/{{ssm:password}}\"" IS_PATH PATH_USAGE },
		{ one_path, false, "/1234567890123456789012345678901234567\xc3\xa9\xc3\xa9\x01", "path" IS_PATH PATH_USAGE },
		{ one_path, true, "/var", "path \"/var\"" IS_PATH WINDOWS_USAGE },
		{ one_path, true, "C:x", "path \"C:x\"" IS_PATH WINDOWS_USAGE },
		{ one_path, true, "\\\\host\\share", "path \"\\\\host\\share\"" IS_PATH WINDOWS_USAGE },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct runbook look = with(cases[i].arguments, "true");
		struct err err = { .kind = ERR_NONE };
		char *script = NULL;
		assert_false(runbook_script(&look, cases[i].windows, cases[i].typed, &script, &err));
		assert_int_equal(err.kind, ERR_USAGE);
		assert_string_equal(err.text, cases[i].error);
		assert_null(script);
	}
}

static void lengths_are_bounded(void **state)
{
	struct runbook look = with(one_path, "ls {{path}}");
	char path[RUNBOOK_PATH_MAX + 2], word[300];
	struct err err;
	char *script;

	(void)state;
	memset(path, 'a', sizeof(path));
	path[0] = '/';
	path[RUNBOOK_PATH_MAX] = '\0';
	free(script_of(&look, false, path));
	path[RUNBOOK_PATH_MAX] = 'a';
	path[RUNBOOK_PATH_MAX + 1] = '\0';
	assert_false(runbook_script(&look, false, path, &script, &err));
	assert_true(str_starts(err.text, "path \"/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa...\" must be an absolute"));

	look = with(unit_and_more, "{{unit}}");
	memset(word, 'a', sizeof(word));
	word[256] = '\0';
	assert_false(runbook_script(&look, false, word, &script, &err));
	word[255] = '\0';
	free(script_of(&look, false, word));
	(void)snprintf(word, sizeof(word), "u 1 %065d", 0);
	assert_false(runbook_script(&look, false, word, &script, &err));
	(void)snprintf(word, sizeof(word), "u 1 %064d", 0);
	free(script_of(&look, false, word));

	/* Every {{unit}} is longer once it is a variable: the script may become too long. */
	size_t size = 520 * 1024;
	char *large = mem_alloc(size + 1);
	for (size_t i = 0; i + 8 <= size; i += 8)
		memcpy(large + i, "{{unit}}", 8);
	look = with(unit_and_more, large);
	assert_false(runbook_script(&look, false, "u", &script, &err));
	assert_string_equal(err.text, "the script of look is longer than 512 KiB; shorten it");
	free(large);
}

static void a_platform_without_a_script_is_refused(void **state)
{
	struct runbook look = with(none, "true");
	struct err err;
	char *script;

	(void)state;
	look.windows_script = NULL;
	assert_false(runbook_script(&look, true, NULL, &script, &err));
	assert_string_equal(err.text, "look has no script for Windows; add one to the runbook's configuration");
	look.linux_script = NULL;
	assert_false(runbook_script(&look, false, NULL, &script, &err));
	assert_string_equal(err.text, "look has no script for Linux; add one to the runbook's configuration");
}

static void powershell_quotes_are_doubled(void **state)
{
	static const struct {
		const char *text, *quoted;
	} cases[] = {
		{ "", "''" },
		{ "C:\\a b", "'C:\\a b'" },
		{ "C:\\it's", "'C:\\it''s'" },
		{ "C:\\$(id)`n\"", "'C:\\$(id)`n\"'" },
		{ "C:\\\xe2\x80\x98x\xe2\x80\x99", "'C:\\\xe2\x80\x98\xe2\x80\x98x\xe2\x80\x99\xe2\x80\x99'" },
		{ "\xe2\x80\x9a\xe2\x80\x9b", "'\xe2\x80\x9a\xe2\x80\x9a\xe2\x80\x9b\xe2\x80\x9b'" },
		{ "\xe2\x80\x9c\xe2\x80\x97\xe2\x80", "'\xe2\x80\x9c\xe2\x80\x97\xe2\x80'" }, /* none of the four */
	};
	struct str out;

	(void)state;
	str_init(&out, 1000);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		str_clear(&out);
		runbook_quote_powershell(&out, cases[i].text);
		assert_string_equal(out.text, cases[i].quoted);
	}
	str_free(&out);
}

/* What /bin/sh prints when it runs the script. */
static void run(const char *script, struct str *output)
{
	char *const argv[] = { (char[]){ "sh" }, (char[]){ "-c" }, mem_copy_string(script), NULL };
	char *const environment[] = { NULL };
	posix_spawn_file_actions_t actions;
	int ends[2], status;
	char chunk[4096];
	ssize_t got;
	pid_t pid;

	assert_int_equal(pipe(ends), 0);
	assert_int_equal(posix_spawn_file_actions_init(&actions), 0);
	assert_int_equal(posix_spawn_file_actions_adddup2(&actions, ends[1], 1), 0);
	assert_int_equal(posix_spawn_file_actions_addclose(&actions, ends[0]), 0);
	assert_int_equal(posix_spawn_file_actions_addclose(&actions, ends[1]), 0);
	assert_int_equal(posix_spawn(&pid, "/bin/sh", &actions, NULL, argv, environment), 0);
	(void)close(ends[1]);
	str_clear(output);
	while ((got = read(ends[0], chunk, sizeof(chunk))) > 0)
		str_add_bytes(output, chunk, (size_t)got);
	(void)close(ends[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(posix_spawn_file_actions_destroy(&actions), 0);
	free(argv[2]);
}

static const char *const hostile[] = {
	"", "a b", "'", "''", "'; echo pwned; '", "$(echo pwned)", "`echo pwned`", "${HOME}", "\\", "\\'", "'\\''",
	"\"", "\"$(echo pwned)\"", "a\\nb", "*", "~", "#", "!", "!!", "&", "|", ">", "<(", "%s%n", "--", "-n",
	"\xc3\xa9\xe2\x80\x98", "$'\\x41'", "\t\n ' \n", "a'b'c'd", "{a,b}", "$((1+1))", "=x", "x=1",
};

static void a_shell_reads_the_same_word(void **state)
{
	struct str script, output;

	(void)state;
	str_init(&script, 65536);
	str_init(&output, 65536);
	for (size_t i = 0; i < sizeof(hostile) / sizeof(hostile[0]); i++) {
		str_clear(&script);
		str_add(&script, "printf '%s|' ");
		runbook_quote_sh(&script, hostile[i]);
		str_add(&script, " end");
		run(script.text, &output);
		str_clear(&script);
		str_addf(&script, "%s|end|", hostile[i]);
		assert_string_equal(output.text, script.text);
	}
	/* All bytes at once, in random order. */
	char every[256] = "";
	for (size_t i = 0; i < 255; i++)
		every[i] = (char)(i + 1);
	for (size_t i = 254; i > 0; i--) {
		size_t j = (size_t)random_up_to((int64_t)i);
		char swap = every[i];
		every[i] = every[j];
		every[j] = swap;
	}
	str_clear(&script);
	str_add(&script, "printf %s ");
	runbook_quote_sh(&script, every);
	run(script.text, &output);
	assert_string_equal(output.text, every);
	str_free(&script);
	str_free(&output);
}

/* A runbook's author wrote quotation marks around {{path}}: wrong, but nothing is executed. */
static void nothing_is_executed_within_the_scripts_own_quotes(void **state)
{
	static const char *const scripts[] = { "printf '%s|' {{path}}", "printf '%s|' \"{{path}}\"",
	                                       "printf '%s|' '{{path}}'", "printf '%s|' x{{path}}y",
	                                       "cat <<EOF\n{{path}}|\nEOF", "# {{path}}\n" };
	/* Executed, each of these prints PWNED; as text none of them holds that word. */
	static const char *const paths[] = {
		"'/$(printf P%s WNED)'", "'/`printf P%s WNED`'", "\"/';printf P%s WNED;'\"",
		"'/\";printf P%s WNED;\"'", "'/;printf P%s WNED'", "'/|printf P%s WNED&'",
	};
	struct str output;

	(void)state;
	str_init(&output, 65536);
	for (size_t i = 0; i < sizeof(scripts) / sizeof(scripts[0]); i++) {
		struct runbook look = with(one_path, scripts[i]);
		for (size_t j = 0; j < sizeof(paths) / sizeof(paths[0]); j++) {
			char *script = script_of(&look, false, paths[j]);
			run(script, &output);
			assert_null(strstr(output.text, "PWNED"));
			free(script);
		}
	}
	str_free(&output);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(arguments_become_variables),
		cmocka_unit_test(quotation_marks_keep_blanks),
		cmocka_unit_test(wrong_arguments_are_explained),
		cmocka_unit_test(lengths_are_bounded),
		cmocka_unit_test(a_platform_without_a_script_is_refused),
		cmocka_unit_test(powershell_quotes_are_doubled),
		cmocka_unit_test(a_shell_reads_the_same_word),
		cmocka_unit_test(nothing_is_executed_within_the_scripts_own_quotes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
