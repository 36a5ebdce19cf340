#include "adapters/prometheus/labels.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "bot/mem.h"
#include "bot/str.h"
#include "bot/utf8.h"

#define TEXT_MAX 4096
#define METRIC_NAME "__name__"

void prometheus_labels_add(struct prometheus_labels *labels, const char *name, const char *value)
{
	labels->items = mem_resize(labels->items, (labels->count + 1) * sizeof(labels->items[0]));
	labels->items[labels->count++] = (struct prometheus_label){ mem_copy_string(name), mem_copy_string(value) };
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct prometheus_label *)a)->name, ((const struct prometheus_label *)b)->name);
}

void prometheus_labels_sort(struct prometheus_labels *labels)
{
	if (labels->count > 1)
		qsort(labels->items, labels->count, sizeof(labels->items[0]), by_name);
}

int prometheus_labels_compare(const struct prometheus_labels *a, const struct prometheus_labels *b)
{
	for (size_t i = 0; i < a->count && i < b->count; i++) {
		int order = strcmp(a->items[i].name, b->items[i].name);

		if (order == 0)
			order = strcmp(a->items[i].value, b->items[i].value);
		if (order != 0)
			return order;
	}
	return (a->count > b->count) - (a->count < b->count);
}

void prometheus_labels_free(struct prometheus_labels *labels)
{
	for (size_t i = 0; i < labels->count; i++) {
		free(labels->items[i].name);
		free(labels->items[i].value);
	}
	free(labels->items);
	*labels = (struct prometheus_labels){ 0 };
}

/* --- for people --- */

static const char *value_of(const struct prometheus_labels *labels, const char *name)
{
	for (size_t i = 0; i < labels->count; i++)
		if (strcmp(labels->items[i].name, name) == 0)
			return labels->items[i].value;
	return NULL;
}

static bool shared(const struct prometheus_label *label, const struct prometheus_labels *const *all, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const char *value = value_of(all[i], label->name);

		if (value == NULL || strcmp(value, label->value) != 0)
			return false;
	}
	return true;
}

/* "a-very-long…end": what differs often stands at the end. */
static char *without_middle(const char *clean)
{
	size_t characters = utf8_count(clean), head = PROMETHEUS_LABEL_MAX / 2;
	size_t tail_begins = characters - (PROMETHEUS_LABEL_MAX - head - 1);
	struct str out;

	if (characters <= PROMETHEUS_LABEL_MAX)
		return mem_copy_string(clean);
	str_init(&out, TEXT_MAX);
	for (size_t i = 0; *clean != '\0'; i++) {
		uint32_t c = utf8_next(&clean);

		if (i == head)
			str_add(&out, "…");
		if (i < head || i >= tail_begins)
			utf8_add(&out, c);
	}
	return str_take(&out);
}

char *prometheus_labels_short(const struct prometheus_labels *labels, const struct prometheus_labels *const *all,
                              size_t count)
{
	struct str text;
	char *clean, *label;

	str_init(&text, TEXT_MAX);
	for (size_t i = 0; i < labels->count; i++) {
		const struct prometheus_label *item = &labels->items[i];
		bool bare = strcmp(item->name, METRIC_NAME) == 0;

		if (!shared(item, all, count))
			str_addf(&text, "%s%s%s%s", text.length > 0 ? ", " : "", bare ? "" : item->name,
			         bare ? "" : "=", item->value);
	}
	clean = utf8_clean(text.length > 0 ? text.text : "without labels", true);
	label = without_middle(clean);
	free(clean);
	str_free(&text);
	return label;
}
