#include "bot/detect_csv.h"

#include <math.h>

#include "bot/detect.h"
#include "bot/mem.h"
#include "bot/series_csv.h"

static int wrong_usage(const char *what, const char *detail)
{
	(void)fprintf(stderr, "tocsin: %s%s\nusage:\n" DETECT_CSV_USAGE, what, detail);
	return 2;
}

/* 0, or the exit status after having said what is wrong. */
static int parse(int argc, char **argv, const char **file)
{
	for (int i = 2; i < argc; i++) {
		bool has_value = i + 1 < argc;

		if (strcmp(argv[i], "--csv") == 0 && has_value)
			*file = argv[++i];
		else
			return wrong_usage("unknown or incomplete option ", argv[i]);
	}
	return *file != NULL ? 0 : wrong_usage("which series? --csv FILE", "");
}

static int read_csv(const char *file, struct series_csv *csv)
{
	struct err err;

	if (series_csv_read(csv, file, &err))
		return 0;
	(void)fprintf(stderr, "tocsin: %s: %s\n", file, err.text);
	return 2;
}

/* A score that is printed as the threshold has reached it. */
static double rounded_down(double score)
{
	return floor(score * 10000.0) / 10000.0;
}

static void warn_of_order(const struct series_csv *csv)
{
	size_t back = 0;

	for (size_t i = 1; i < csv->count; i++)
		back += csv->points[i].at_ms < csv->points[i - 1].at_ms ? 1 : 0;
	if (back > 0)
		(void)fprintf(stderr, "tocsin: rows earlier than the row before: %zu; all are judged as they stand\n",
		              back);
}

static int detect(const char *file)
{
	struct series_csv csv;
	double *scores;
	int status = read_csv(file, &csv);

	if (status != 0)
		return status;
	warn_of_order(&csv);
	scores = mem_alloc(csv.count * sizeof(*scores));
	detect_scores(csv.points, csv.count, scores);
	(void)printf("timestamp,value,score\n");
	for (size_t i = 0; i < csv.count; i++)
		(void)printf("%s,%s,%.4f\n", csv.times[i], csv.values[i], rounded_down(scores[i]));
	free(scores);
	series_csv_free(&csv);
	if (fflush(stdout) == 0)
		return 0;
	(void)fprintf(stderr, "tocsin: the output could not be written\n");
	return 1;
}

int detect_csv(int argc, char **argv)
{
	const char *file = NULL;
	int status = parse(argc, argv, &file);

	return status != 0 ? status : detect(file);
}
