/*
 * summary_read.h - the dashboards of a summary, read and judged several at a time.
 */
#ifndef COMMANDS_SUMMARY_READ_H
#define COMMANDS_SUMMARY_READ_H

#include <stddef.h>

#include "bot/err.h"

struct bot;
struct summary_data;

#define SUMMARY_READ_AT_ONCE 3
/* Values kept at one time for charts; dashboards beyond it keep their findings and lose their values. */
#define SUMMARY_VALUES_MAX 6000000

/* progress: of the dashboards; may be NULL. Success also when some or all cannot be read: their `why` says it.
 * ERR_CANCELLED: the program ends. */
void summary_read(struct bot *bot, struct summary_data *data,
                  void (*progress)(void *arg, size_t finished, size_t count), void *arg, struct done done);

#endif
