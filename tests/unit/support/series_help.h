/* series_help.h - what only tests ask of a series. */
#ifndef TESTS_SERIES_HELP_H
#define TESTS_SERIES_HELP_H

#include "bot/series.h"

size_t series_known(const struct series *series);               /* buckets with data */
void series_copy(struct series *to, const struct series *from); /* `to` is not freed first */

#endif
