/*
 * chart.c - what a chart costs: chart NAME draws that example of tests/unit/support/chart_cases.h six times and prints
 * CPU of the first (fonts are looked up) and the median of the others, and the peak memory of the whole process.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "tests/unit/support/chart_cases.h"

#define TIMES 6

static double cpu_ms(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

/* Not getrusage's: that one begins with what the parent had before this program was started. */
static double peak_mib(void)
{
	FILE *file = fopen("/proc/self/status", "r");
	char line[256];
	double kib = 0;

	while (file != NULL && fgets(line, sizeof(line), file) != NULL)
		if (strncmp(line, "VmHWM:", 6) == 0)
			kib = strtod(line + 6, NULL);
	if (file == NULL || kib == 0)
		abort();
	(void)fclose(file);
	return kib / 1024;
}

static int by_size(const void *a, const void *b)
{
	double left = *(const double *)a, right = *(const double *)b;

	return (left > right) - (left < right);
}

int main(int argc, char **argv)
{
	struct chart_case c;
	double took[TIMES];
	size_t size = 0;

	if (argc != 2)
		return 2;
	chart_case_make(&c, argv[1]);
	for (int i = 0; i < TIMES; i++) {
		double before = cpu_ms();
		unsigned char *png;
		struct err err;

		if (!chart_draw(&c.chart, &png, &size, &err)) {
			(void)fprintf(stderr, "%s\n", err.text);
			return 1;
		}
		took[i] = cpu_ms() - before;
		free(png);
	}
	qsort(took + 1, TIMES - 1, sizeof(took[0]), by_size);
	(void)printf("{\"first_ms\": %.3f, \"ms\": %.3f, \"peak_mib\": %.3f, \"kib\": %.1f}\n", took[0], took[TIMES / 2],
	             peak_mib(), (double)size / 1024);
	chart_case_free(&c);
	return 0;
}
