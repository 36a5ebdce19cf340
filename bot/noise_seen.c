/* Does the present setting, followed over the series, fire when the alarm was recorded to fire? */
#include "bot/noise_private.h"

#define LATE_MS ((int64_t)3 * 60 * 1000) /* values arrive late, and evaluation takes its turn */
#define ALIKE_TENTHS 8                   /* so many tenths of them must match */

static int64_t tolerance_ms(const struct noise_request *request)
{
	return 2 * request->alarm->setting.period_ms + LATE_MS;
}

static int64_t seen_end(const struct noise_request *request, const struct noise_seen *seen)
{
	return seen->to_ms == 0 ? request->to_ms : seen->to_ms;
}

static bool overlaps(const struct noise_request *request, const struct noise_seen *seen, int64_t from_ms,
                     int64_t to_ms)
{
	int64_t tolerance = tolerance_ms(request);

	return seen->from_ms <= to_ms + tolerance && from_ms <= seen_end(request, seen) + tolerance;
}

bool noise_acted(const struct noise_request *request, int64_t from_ms, int64_t to_ms)
{
	for (size_t i = 0; i < request->seen_count; i++)
		if (request->seen[i].acted && overlaps(request, &request->seen[i], from_ms, to_ms))
			return true;
	return false;
}

/* What was recorded just behind the beginning may have begun before it by its metric, */
static bool is_cut_at_begin(const struct noise_report *report, const struct noise_request *request,
                            const struct noise_seen *seen)
{
	return seen->from_ms - report->from_ms < tolerance_ms(request);
}

/* and what begins just before the end may be recorded behind it. */
static bool is_cut_at_end(const struct noise_report *report, const struct noise_request *request,
                          const struct noise_firing *firing)
{
	return report->to_ms - firing->from_ms <= tolerance_ms(request);
}

/*
 * One to one, in order of time: the beginnings lie together. *most: how many there are to match, of whichever side has
 * more; those whose other half may lie outside do not count when they have none.
 */
static size_t match(const struct noise_report *report, const struct noise_request *request,
                    const struct noise_firing *firings, size_t count, size_t *most)
{
	int64_t tolerance = tolerance_ms(request);
	size_t alike = 0, seen_cut = 0, firings_cut = 0, i = 0, j = 0;

	while (i < request->seen_count || j < count) {
		int64_t late = i == request->seen_count ? INT64_MAX :
		               j == count               ? INT64_MIN :
		                                          request->seen[i].from_ms - firings[j].from_ms;

		if (late > tolerance) {
			firings_cut += is_cut_at_end(report, request, &firings[j++]);
		} else if (late < -tolerance) {
			seen_cut += is_cut_at_begin(report, request, &request->seen[i++]);
		} else {
			alike++;
			i++;
			j++;
		}
	}
	*most = count - firings_cut;
	if (request->seen_count - seen_cut > *most)
		*most = request->seen_count - seen_cut;
	return alike;
}

static bool explains(const struct noise_request *request, const struct noise_seen *seen,
                     const struct noise_firing *firings, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (overlaps(request, seen, firings[i].from_ms, firings[i].to_ms))
			return true;
	return false;
}

bool noise_alike(struct noise_report *report, const struct noise_request *request, const struct noise_firing *firings,
                 size_t count)
{
	size_t most;

	if (request->seen == NULL)
		return true;
	report->seen = request->seen_count;
	report->seen_alike = match(report, request, firings, count, &most);
	if (report->seen_alike * 10 < most * ALIKE_TENTHS)
		return false;
	for (size_t i = 0; i < request->seen_count; i++)
		if (request->seen[i].acted && !is_cut_at_begin(report, request, &request->seen[i]) &&
		    !explains(request, &request->seen[i], firings, count))
			return false;
	return true;
}
