/*
 * metrics.h - tocsin's own counters and gauges, in Prometheus text format.
 *
 * A metric is a static struct that registers itself on first use; label values come from small
 * fixed sets (a reason, a kind), never from outside text.
 */
#ifndef BOT_METRICS_H
#define BOT_METRICS_H

#include <stdint.h>

struct str;

/* name: "tocsin_sns_refused_total"; label: "reason" and its value, or NULL for both. The strings
 * must be literals (they are kept, not copied). */
void metrics_count(const char *name, const char *label, const char *value);
void metrics_add(const char *name, const char *label, const char *value, int64_t amount);
void metrics_gauge(const char *name, const char *label, const char *value, int64_t now);
int64_t metrics_value(const char *name, const char *label, const char *value); /* 0 when never set */
/* One line of help per metric, shown as # HELP. Called once at start by the owner. */
void metrics_describe(const char *name, const char *type, const char *help);
void metrics_print(struct str *out);
void metrics_reset(void); /* for tests */

#endif
