/* `tocsin detect` and `tocsin findings`: what they print for a file, and what they say of wrong words and files. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "bot/clock.h"
#include "bot/detect_csv.h"
#include "bot/findings_csv.h"
#include "bot/mem.h"
#include "bot/str.h"

static char folder[] = "/tmp/tocsin-csv-XXXXXX";
static char csv[64], out[64], said[1 << 16];

static const char *path_of(char *path, const char *name)
{
	(void)snprintf(path, sizeof(csv), "%s/%s", folder, name);
	return path;
}

static void write_csv(const char *text)
{
	FILE *file = fopen(csv, "w");

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

static int begin(void **state)
{
	(void)state;
	assert_non_null(mkdtemp(folder));
	(void)path_of(csv, "series.csv");
	(void)path_of(out, "out");
	return 0;
}

static int end(void **state)
{
	(void)state;
	(void)unlink(csv);
	(void)unlink(out);
	return rmdir(folder);
}

/* Runs a command with everything that it prints in `said`. */
static int run(int (*command)(int argc, char **argv), const char *const *words)
{
	char *argv[16] = { NULL };
	int argc = 0, status, old_out, old_err, file = open(out, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	ssize_t length;

	for (; words[argc] != NULL; argc++)
		argv[argc] = mem_copy_string(words[argc]);
	assert_int_equal(fflush(NULL), 0);
	old_out = dup(STDOUT_FILENO);
	old_err = dup(STDERR_FILENO);
	assert_true(dup2(file, STDOUT_FILENO) >= 0 && dup2(file, STDERR_FILENO) >= 0);
	status = command(argc, argv);
	(void)fflush(NULL);
	(void)dup2(old_out, STDOUT_FILENO);
	(void)dup2(old_err, STDERR_FILENO);
	(void)close(old_out);
	(void)close(old_err);
	length = pread(file, said, sizeof(said) - 1, 0);
	(void)close(file);
	assert_true(length >= 0);
	said[length] = '\0';
	for (int i = 0; i < argc; i++)
		free(argv[i]);
	return status;
}

/* Their words, up to NULL. */
#define DETECT(...) run(detect_csv, (const char *const[]){ "tocsin", "detect", __VA_ARGS__ })
#define FINDINGS(...) run(findings_csv, (const char *const[]){ "tocsin", "findings", __VA_ARGS__ })

static void says(const char *what)
{
	if (strstr(said, what) == NULL)
		fail_msg("no \"%s\" in: %s", what, said);
}

/* Two weeks of hours around 50, the last six at 90. */
static void write_jump(void)
{
	struct str text;
	char at[CLOCK_TEXT_SIZE];

	str_init(&text, 1 << 16);
	str_add(&text, "timestamp,value\n");
	for (int i = 0; i < 336; i++) {
		clock_format_iso(1764000000000 + (int64_t)i * 3600000, at);
		str_addf(&text, "%s,%d\n", at, i >= 330 ? 90 : 48 + i * 7 % 5);
	}
	write_csv(text.text);
	str_free(&text);
}

static void each_row_gets_a_score(void **state)
{
	(void)state;
	write_csv("timestamp,value\n2025-11-27 00:05:00,1.50\n2025-11-27 00:00:00,\n2025-11-27 00:10:00,2\n");
	assert_int_equal(DETECT("--csv", csv, NULL), 0);
	says("timestamp,value,score\n2025-11-27 00:05:00,1.50,0.0000\n2025-11-27 00:00:00,,0.0000\n");
	says("rows earlier than the row before: 1;");
}

static void detect_is_told_wrongly(void **state)
{
	(void)state;
	assert_int_equal(DETECT(NULL), 2);
	says("which series? --csv FILE");
	assert_int_equal(DETECT("--csv", NULL), 2);
	says("unknown or incomplete option --csv");
	assert_int_equal(DETECT("--json", csv, NULL), 2);
	says("unknown or incomplete option --json");
	write_csv("timestamp,value\n2025-11-27 00:00:00,x\n");
	assert_int_equal(DETECT("--csv", csv, NULL), 2);
	says("series.csv: ");
	assert_int_equal(DETECT("--csv", "/nowhere/at/all.csv", NULL), 2);
	says("/nowhere/at/all.csv: ");
}

static void a_jump_is_found(void **state)
{
	(void)state;
	write_jump();
	assert_int_equal(FINDINGS("--csv", csv, "--judge", "12h", "--unit", "Percent", "--title", "CPU", "--zone", "Asia/Tokyo",
	                          "--normal-above", "10", NULL), 0);
	says("\"abnormal\":true");
	says("\"text\":\"CPU ");
	assert_int_equal(FINDINGS("--csv", csv, "--normal-below", "80", NULL), 0);
	says("\"kind\":\"limit\"");
	says("\"limit\":80");
	says("\"text\":\"series.csv ");
	assert_int_equal(FINDINGS("--csv", csv, "--judge", "300d", NULL), 0); /* no more is judged than there is */
}

static void findings_is_told_wrongly(void **state)
{
	(void)state;
	write_jump();
	assert_int_equal(FINDINGS(NULL), 2);
	says("which series? --csv FILE");
	assert_int_equal(FINDINGS("series.csv", NULL), 2);
	says("what is meant by series.csv");
	assert_int_equal(FINDINGS("--csv", NULL), 2);
	says("nothing stands behind --csv");
	assert_int_equal(FINDINGS("--until", "now", NULL), 2);
	says("unknown option --until");
	assert_int_equal(FINDINGS("--judge", "soon", NULL), 2);
	says("--judge is a duration like 12h or 1d, not soon");
	assert_int_equal(FINDINGS("--judge", "0s", NULL), 2);
	assert_int_equal(FINDINGS("--normal-below", "1e999", NULL), 2);
	says("--normal-below is a number, not 1e999");
	assert_int_equal(FINDINGS("--normal-above", "nan", NULL), 2);
	says("--normal-above is a number, not nan");
	assert_int_equal(FINDINGS("--csv", csv, "--normal-above", "5", "--normal-below", "5", NULL), 2);
	says("--normal-above must be less than --normal-below");
	assert_int_equal(FINDINGS("--csv", csv, "--zone", "Mars/Olympus", NULL), 2);
	says("--zone: ");
}

static void files_without_a_series(void **state)
{
	(void)state;
	assert_int_equal(FINDINGS("--csv", "/nowhere/at/all.csv", NULL), 2);
	says("/nowhere/at/all.csv: ");
	write_csv("timestamp,value\n2025-11-27 00:00:00,1\n");
	(void)FINDINGS("--csv", csv, "--zone", "Europe/Berlin", NULL);
	write_csv("timestamp,value\n");
	assert_int_equal(FINDINGS("--csv", csv, NULL), 2);
	says("series.csv: ");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_row_gets_a_score),
		cmocka_unit_test(detect_is_told_wrongly),
		cmocka_unit_test(a_jump_is_found),
		cmocka_unit_test(findings_is_told_wrongly),
		cmocka_unit_test(files_without_a_series),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
