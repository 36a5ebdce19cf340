#include "adapters/aws/cloudwatch_band.h"

#include <math.h>
#include <stdlib.h>

#include "adapters/aws/cloudwatch_result.h"
#include "bot/mem.h"

/* The first value of a bucket waits in `low` for the second: which edge it is of, nobody says. */
static void put(struct series *low, struct series *high, size_t i, double value)
{
	if (isnan(low->values[i])) {
		low->values[i] = value;
		return;
	}
	high->values[i] = fmax(isnan(high->values[i]) ? low->values[i] : high->values[i], value);
	low->values[i] = fmin(low->values[i], value);
}

/* False: the whole reading has no room left. */
static bool make_edges(struct cloudwatch_query *q, size_t *room)
{
	struct metric_result *result = &q->read->result;

	if (result->band_low.count > 0)
		return true;
	cloudwatch_result_empty(q, &result->band_low);
	cloudwatch_result_empty(q, &result->band_high);
	if (2 * result->band_low.count <= *room) {
		*room -= 2 * result->band_low.count;
		return true;
	}
	series_free(&result->band_low);
	series_free(&result->band_high);
	mem_set_string(&result->no_band, "what CloudWatch expects of it is left out, because too many values are read "
	                                 "at one time");
	return false;
}

void cloudwatch_band_add(struct cloudwatch_query *q, const struct cloudwatch_piece *piece, size_t *room)
{
	struct metric_result *result = &q->read->result;
	size_t index;

	if (piece->count == 0 || !make_edges(q, room))
		return;
	for (size_t i = 0; i < piece->count; i++)
		if (cloudwatch_result_place(q, &result->band_low, piece->points[i].at_ms, &index))
			put(&result->band_low, &result->band_high, index, piece->points[i].value);
}

/* A bucket with one edge only is not known. */
static bool drop_halves(struct metric_result *result)
{
	bool known = false;

	for (size_t i = 0; i < result->band_low.count; i++) {
		if (isnan(result->band_high.values[i]))
			result->band_low.values[i] = NAN;
		else
			known = true;
	}
	return known;
}

static const char *why_not(struct mem *mem, const struct cloudwatch_query *q, const struct err *err)
{
	const char *says = q->note != NULL ? "; it says: " : "", *note = q->note != NULL ? q->note : "";

	if (err != NULL)
		return mem_printf(mem, "what CloudWatch expects of it was not read: %s", err->text);
	if (q->status == CLOUDWATCH_COMPLETE)
		return mem_printf(mem, "CloudWatch does not know what to expect of it: no anomaly detection model of "
		                       "this metric and statistic is trained (yet). Let CloudWatch detect its "
		                       "anomalies, or remove anomaly_band%s%s", says, note);
	return mem_printf(mem, "CloudWatch did not give what it expects of it (%s); ask again%s%s",
	                  q->status == CLOUDWATCH_DENIED ? "not allowed" :
	                  q->status == CLOUDWATCH_BROKEN ? "internal error" :
	                  q->status == CLOUDWATCH_PART ? "partial data" : "left out", says, note);
}

void cloudwatch_band_end(struct cloudwatch_query *q, const struct err *err)
{
	struct metric_result *result = &q->read->result;
	bool known = drop_halves(result);
	struct mem mem = { 0 };

	if (!known) {
		series_free(&result->band_low);
		series_free(&result->band_high);
	}
	if (result->no_band == NULL && (!known || err != NULL || q->status != CLOUDWATCH_COMPLETE))
		mem_set_string(&result->no_band, why_not(&mem, q, err));
	mem_free_all(&mem);
}
