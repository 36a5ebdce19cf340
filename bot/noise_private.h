/* noise_private.h - what the parts of noise share; for bot/noise*.c and their tests. */
#ifndef BOT_NOISE_PRIVATE_H
#define BOT_NOISE_PRIVATE_H

#include "bot/noise.h"

/* One datapoint beside the threshold. */
#define NOISE_POINT_GAP (-1)
#define NOISE_POINT_INSIDE 0
#define NOISE_POINT_BREACH 1

/* How many periods CloudWatch looks at. */
size_t noise_range(const struct noise_setting *setting);

/*
 * The state after one evaluation. newest: the newest datapoint; the one a period before it lies `stride` before it,
 * and so on, `range` of them. state: the one before.
 */
enum noise_state noise_decide(const struct noise_setting *setting, const signed char *newest, size_t stride,
                              size_t range, enum noise_state state);

/* NOISE_POINT_* of the window of that period that ends with each bucket; as many as the series has. free() it. */
signed char *noise_points(const struct noise_alarm *alarm, int64_t period_ms, const struct series *series);
/* noise_simulate with these points, which must be of the setting's period. */
void noise_follow(struct noise_run *run, const struct noise_setting *setting, const struct series *series,
                  const signed char *points);

/* noise_seen.c: matches firings with what was recorded; fills report->seen and seen_alike. False: not alike. */
bool noise_alike(struct noise_report *report, const struct noise_request *request, const struct noise_firing *firings,
                 size_t count);
/* Did somebody act upon what happened then? */
bool noise_acted(const struct noise_request *request, int64_t from_ms, int64_t to_ms);

#endif
