/* Noise in words. */
#include <stdlib.h>

#include "bot/noise.h"
#include "bot/str.h"
#include "bot/utf8.h"

#define NAME_MAX_UNITS 120
#define TEXT_MAX 1000 /* bytes */

/* "6 min", "1 h", "1 min 30 s": nothing is cut off. */
static void add_duration(struct str *out, int64_t ms)
{
	static const struct {
		int64_t ms;
		const char *name;
	} units[] = { { 86400000, "d" }, { 3600000, "h" }, { 60000, "min" }, { 1000, "s" } };
	const char *space = "";

	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (ms < units[i].ms)
			continue;
		str_addf(out, "%s%lld %s", space, (long long)(ms / units[i].ms), units[i].name);
		ms %= units[i].ms;
		space = " ";
	}
	if (space[0] == '\0')
		str_add(out, "0 s");
}

static void add_times(struct str *out, size_t count)
{
	if (count == 1)
		str_add(out, "once");
	else
		str_addf(out, "%zu times", count);
}

static void add_setting(struct str *out, const struct noise_setting *setting, const struct noise_setting *other)
{
	str_addf(out, "%zu of %zu datapoint%s", setting->datapoints, setting->evaluation_periods,
	         setting->evaluation_periods == 1 ? "" : "s");
	if (other == NULL)
		return;
	if (setting->period_ms != other->period_ms) {
		str_add(out, " of ");
		add_duration(out, setting->period_ms);
	}
	if (setting->missing != other->missing)
		str_addf(out, ", missing data as %s", noise_missing_name(setting->missing));
}

char *noise_setting_text(const struct noise_setting *setting, const struct noise_setting *other)
{
	struct str out;

	str_init(&out, TEXT_MAX);
	add_setting(&out, setting, other);
	return str_take(&out);
}

static void add_fired(struct str *out, const struct noise_report *report, const char *name, const char *span)
{
	char *clean = utf8_clean(name, true), *cut = utf8_shorten(clean, NAME_MAX_UNITS);

	str_add(out, cut);
	free(cut);
	free(clean);
	if (report->before == 0 && report->outcome != NOISE_UNLIKE) {
		str_addf(out, " did not fire %s.", span);
		return;
	}
	str_add(out, " fired ");
	add_times(out, report->outcome == NOISE_UNLIKE ? report->seen : report->before);
	str_addf(out, " %s", span);
	if (report->outcome == NOISE_UNLIKE) {
		str_add(out, ".");
		return;
	}
	if (report->seen > 0 && report->seen != report->before)
		str_addf(out, " by its metric (%zu were recorded)", report->seen);
	if (report->before > 1 && report->short_count > 0) {
		if (report->short_count == report->before)
			str_add(out, ", each time for under ");
		else
			str_addf(out, ", %zu of them for under ", report->short_count);
		add_duration(out, report->short_ms);
	}
	str_add(out, ".");
}

/* "... instead of 1 of 1", shorter when only M and N differ. */
static void add_instead(struct str *out, const struct noise_report *report)
{
	const struct noise_setting *now = &report->now, *new = &report->proposed;
	bool counts = now->datapoints != new->datapoints || now->evaluation_periods != new->evaluation_periods;

	str_add(out, " ");
	add_setting(out, new, now);
	str_add(out, " instead of ");
	if (counts && now->period_ms == new->period_ms && now->missing == new->missing)
		str_addf(out, "%zu of %zu", now->datapoints, now->evaluation_periods);
	else
		add_setting(out, now, new);
}

static void add_hidden(struct str *out, const struct noise_report *report)
{
	str_add(out, ": it would have hidden nothing");
	if (report->hidden > 0) {
		str_add(out, " longer than ");
		add_duration(out, report->longest_hidden_ms);
	}
}

static bool any_kept(const struct noise_report *report)
{
	for (size_t i = 0; i < report->count; i++)
		if (report->episodes[i].fate == NOISE_KEPT)
			return true;
	return false;
}

static void add_delay(struct str *out, const struct noise_report *report)
{
	if (any_kept(report)) {
		if (report->worst_delay_ms == 0) {
			str_add(out, ", and been no later.");
			return;
		}
		str_add(out, ", and been ");
		add_duration(out, report->worst_delay_ms);
		str_add(out, " later at worst.");
		return;
	}
	if (report->lasting_delay_ms == 0) {
		str_add(out, ".");
		return;
	}
	str_add(out, "; a breach that lasts would be told ");
	add_duration(out, report->lasting_delay_ms);
	str_add(out, " later.");
}

static void add_proposal(struct str *out, const struct noise_report *report)
{
	add_instead(out, report);
	if (report->after == 0) {
		str_add(out, " would not have fired");
	} else {
		str_add(out, " would have fired ");
		add_times(out, report->after);
	}
	add_hidden(out, report);
	add_delay(out, report);
}

char *noise_text(const struct noise_report *report, const char *name, const char *span)
{
	struct str out;

	str_init(&out, TEXT_MAX);
	add_fired(&out, report, name, span);
	switch (report->outcome) {
	case NOISE_QUIET:
		break;
	case NOISE_UNLIKE:
		str_add(&out, " By its metric it should have fired ");
		add_times(&out, report->before);
		str_addf(&out, ", of which %zu agree with the record: not enough to propose a setting.",
		         report->seen_alike);
		break;
	case NOISE_AS_GOOD:
		str_add(&out, " No other setting would be clearly quieter and hide nothing that counts.");
		break;
	case NOISE_PROPOSED:
		add_proposal(&out, report);
		break;
	}
	return str_take(&out);
}
