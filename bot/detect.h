/*
 * detect.h - how surprising each value of a series is, given only what came before it. docs/FINDINGS.md explains how.
 *
 * Pure: no clock, no network, no globals; runs on a worker.
 */
#ifndef BOT_DETECT_H
#define BOT_DETECT_H

#include <stddef.h>

#include "bot/series.h"

#define DETECT_THRESHOLD 0.5 /* at or above it a value is worth a person's attention: the only threshold there is */

/*
 * scores[i], 0 ... 1, of rows in the order of their arrival; it depends on rows 0 ... i only. Rows need not
 * lie on a grid; what is not finite scores 0. An episode passes the threshold at its first value that is worth
 * attention, and again only when it becomes clearly more surprising than all of the twelve hours before.
 */
void detect_scores(const struct series_point *rows, size_t count, double *scores);

#endif
