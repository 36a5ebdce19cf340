#include "tests/unit/support/series_help.h"

#include <math.h>
#include <string.h>

size_t series_known(const struct series *series)
{
	size_t known = 0;

	for (size_t i = 0; i < series->count; i++)
		known += isnan(series->values[i]) ? 0 : 1;
	return known;
}

void series_copy(struct series *to, const struct series *from)
{
	series_make_empty(to, from->start_ms, from->step_ms, from->count);
	if (from->count > 0)
		memcpy(to->values, from->values, from->count * sizeof(double));
}
