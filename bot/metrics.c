#include "bot/metrics.h"

#include <stdlib.h>
#include <string.h>

#include "bot/mem.h"
#include "bot/str.h"

struct series {
	const char *name, *label, *value;
	int64_t number;
};

struct description {
	const char *name, *type, *help;
};

static struct series *series;
static size_t series_count, series_capacity;
static struct description *descriptions;
static size_t description_count;

static bool same(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

/* Series of one name stay together, in the order they came: the text format wants them grouped. */
static struct series *find(const char *name, const char *label, const char *value)
{
	size_t at = series_count;

	/* The texts are literals: mostly the same place finds the same series. */
	for (size_t i = 0; i < series_count; i++)
		if (series[i].name == name && series[i].label == label && series[i].value == value)
			return &series[i];
	for (size_t i = 0; i < series_count; i++) {
		if (!same(series[i].name, name))
			continue;
		if (same(series[i].label, label) && same(series[i].value, value))
			return &series[i];
		at = i + 1;
	}
	if (series_count == series_capacity) {
		series_capacity = series_capacity == 0 ? 64 : series_capacity * 2;
		series = mem_resize(series, series_capacity * sizeof(*series));
	}
	memmove(&series[at + 1], &series[at], (series_count - at) * sizeof(*series));
	series[at] = (struct series){ .name = name, .label = label, .value = value };
	series_count++;
	return &series[at];
}

void metrics_count(const char *name, const char *label, const char *value)
{
	find(name, label, value)->number++;
}

void metrics_add(const char *name, const char *label, const char *value, int64_t amount)
{
	find(name, label, value)->number += amount;
}

void metrics_gauge(const char *name, const char *label, const char *value, int64_t now)
{
	find(name, label, value)->number = now;
}

int64_t metrics_value(const char *name, const char *label, const char *value)
{
	for (size_t i = 0; i < series_count; i++)
		if (same(series[i].name, name) && same(series[i].label, label) && same(series[i].value, value))
			return series[i].number;
	return 0;
}

void metrics_describe(const char *name, const char *type, const char *help)
{
	for (size_t i = 0; i < description_count; i++)
		if (same(descriptions[i].name, name))
			return;
	descriptions = mem_resize(descriptions, (description_count + 1) * sizeof(*descriptions));
	descriptions[description_count++] = (struct description){ name, type, help };
}

static void print_description(const char *name, struct str *out)
{
	for (size_t i = 0; i < description_count; i++) {
		if (!same(descriptions[i].name, name))
			continue;
		str_addf(out, "# HELP %s %s\n# TYPE %s %s\n", name, descriptions[i].help, name,
		         descriptions[i].type);
		return;
	}
}

void metrics_print(struct str *out)
{
	for (size_t i = 0; i < series_count; i++) {
		const struct series *s = &series[i];

		if (i == 0 || !same(series[i - 1].name, s->name))
			print_description(s->name, out);
		str_add(out, s->name);
		if (s->label != NULL)
			str_addf(out, "{%s=\"%s\"}", s->label, s->value);
		str_addf(out, " %lld\n", (long long)s->number);
	}
}

void metrics_reset(void)
{
	free(series);
	free(descriptions);
	series = NULL;
	descriptions = NULL;
	series_count = series_capacity = description_count = 0;
}
