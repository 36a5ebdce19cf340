/*
 * labels.h - the label set of a series, and what tells the series of one query from each other.
 */
#ifndef ADAPTERS_PROMETHEUS_LABELS_H
#define ADAPTERS_PROMETHEUS_LABELS_H

#include <stddef.h>

#define PROMETHEUS_LABEL_MAX 60 /* characters of a label for people */

struct prometheus_label {
	char *name, *value;
};

/* Zeroed memory is the empty set. */
struct prometheus_labels {
	struct prometheus_label *items; /* owned; ordered by name once sorted */
	size_t count;
};

void prometheus_labels_add(struct prometheus_labels *labels, const char *name, const char *value); /* copied */
void prometheus_labels_sort(struct prometheus_labels *labels);
int prometheus_labels_compare(const struct prometheus_labels *a, const struct prometheus_labels *b); /* both sorted */
void prometheus_labels_free(struct prometheus_labels *labels);

/*
 * What tells one sorted set from the others: "instance=a, job=web", without the labels that all share. Long ones lose
 * their middle. Plain text of one line; never empty. free() it.
 */
char *prometheus_labels_short(const struct prometheus_labels *labels, const struct prometheus_labels *const *all,
                              size_t count);

#endif
