/*
 * findings_pattern.h - what a series does by time of day and of week; for bot/findings_model.c.
 *
 * Medians by slot of the local day, so neither a clock change nor one bad day alters them.
 */
#ifndef BOT_FINDINGS_PATTERN_H
#define BOT_FINDINGS_PATTERN_H

#include "bot/findings_private.h"

/*
 * Which pattern foretells y best: fitted to the even days it is judged on the odd ones, and the other way round, so a
 * pattern that only remembers noise loses. y: view->end values.
 */
enum pattern pattern_choose(const struct view *view, const struct sliding_ranks *y);
/*
 * What the pattern says for every bucket, from y's baseline. By folds: a day of the baseline is foretold from the days
 * of the other fold, so that its distances are as great as those of a day that is really ahead.
 */
void pattern_fit(const struct view *view, enum pattern pattern, const struct sliding_ranks *y, bool by_folds,
                 double *expected);
/* How many days one value of the pattern rests on. */
double pattern_days(const struct view *view, enum pattern pattern);

#endif
