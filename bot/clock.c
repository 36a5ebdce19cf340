#include "bot/clock.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "bot/log.h"
#include "bot/metrics.h"

#define RIGHT_WITHIN_MS 60000 /* a Date is whole seconds and may have been long on its way */
#define LOOK_BACK_MS (24LL * 3600 * 1000)

static int64_t (*replaced)(void);
static struct {
	int64_t date_ms; /* heard last; 0: nothing yet */
	int64_t mono_ms; /* then */
	bool wrong;      /* our wall clock, then */
} heard;
static double scale = 1.0;

static int64_t read_us(clockid_t id)
{
	struct timespec now;

	(void)clock_gettime(id, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

int64_t clock_wall_ms(void)
{
	return replaced != NULL ? replaced() : read_us(CLOCK_REALTIME) / 1000;
}

int64_t clock_thread_us(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

int64_t clock_mono_us(void)
{
	return replaced != NULL ? replaced() * 1000 : read_us(CLOCK_MONOTONIC);
}

int64_t clock_mono_ms(void)
{
	return clock_mono_us() / 1000;
}

static bool is_right(int64_t off_ms)
{
	return off_ms <= RIGHT_WITHIN_MS && off_ms >= -RIGHT_WITHIN_MS;
}

int64_t clock_true_ms(void)
{
	int64_t wall_ms = clock_wall_ms(), true_ms = heard.date_ms + clock_mono_ms() - heard.mono_ms;

	return heard.date_ms == 0 || is_right(wall_ms - true_ms) ? wall_ms : true_ms;
}

void clock_heard(int64_t date_ms)
{
	int64_t off_ms = clock_wall_ms() - date_ms;
	bool wrong = !is_right(off_ms);

	if (date_ms <= 0)
		return;
	heard.date_ms = date_ms;
	heard.mono_ms = clock_mono_ms();
	if (wrong != heard.wrong) {
		metrics_describe("tocsin_clock_off_seconds", "gauge",
		                 "How far the wall clock is ahead of Slack's; 0 within a minute.");
		log_event(wrong ? LOG_ERROR : LOG_INFO, wrong ? "clock.wrong" : "clock.right", "ahead_s",
		          LOG_INT(off_ms / 1000), NULL);
	}
	heard.wrong = wrong;
	if (wrong || metrics_value("tocsin_clock_off_seconds", NULL, NULL) != 0)
		metrics_gauge("tocsin_clock_off_seconds", NULL, NULL, wrong ? off_ms / 1000 : 0);
}

int64_t clock_true_since_ms(int64_t then_ms)
{
	int64_t now_ms = clock_true_ms();

	return then_ms > now_ms + RIGHT_WITHIN_MS ? now_ms - LOOK_BACK_MS : then_ms;
}

void clock_replace(int64_t (*now_ms)(void))
{
	replaced = now_ms;
	heard.date_ms = 0;
	heard.wrong = false;
}

void clock_set_scale(double value)
{
	scale = value;
}

double clock_scale(void)
{
	return scale;
}

int64_t clock_wait_ms(int64_t ms)
{
	int64_t scaled = (int64_t)((double)ms * scale);

	return scaled < 1 ? 1 : scaled;
}

static char *put_digits(char *out, int count, int value)
{
	for (int i = count - 1; i >= 0; i--, value /= 10)
		out[i] = (char)('0' + value % 10);
	return out + count;
}

void clock_format_iso(int64_t wall_ms, char out[CLOCK_TEXT_SIZE])
{
	int64_t milliseconds = wall_ms % 1000;
	time_t seconds = (time_t)(wall_ms / 1000);
	struct tm tm;

	if (milliseconds < 0) {
		milliseconds += 1000;
		seconds--;
	}
	if (gmtime_r(&seconds, &tm) == NULL || tm.tm_year < -1900 || tm.tm_year > 9999 - 1900)
		memset(&tm, 0, sizeof(tm));
	out = put_digits(out, 4, tm.tm_year + 1900);
	*out++ = '-';
	out = put_digits(out, 2, tm.tm_mon + 1);
	*out++ = '-';
	out = put_digits(out, 2, tm.tm_mday);
	*out++ = 'T';
	out = put_digits(out, 2, tm.tm_hour);
	*out++ = ':';
	out = put_digits(out, 2, tm.tm_min);
	*out++ = ':';
	out = put_digits(out, 2, tm.tm_sec);
	*out++ = '.';
	out = put_digits(out, 3, (int)milliseconds);
	*out++ = 'Z';
	*out = '\0';
}

static bool read_digits(const char **text, int count, int *value)
{
	*value = 0;
	for (int i = 0; i < count; i++, (*text)++) {
		if (**text < '0' || **text > '9')
			return false;
		*value = *value * 10 + (**text - '0');
	}
	return true;
}

static bool read_char(const char **text, const char *allowed)
{
	if (**text == '\0' || strchr(allowed, **text) == NULL)
		return false;
	(*text)++;
	return true;
}

static int read_fraction_ms(const char **text)
{
	int milliseconds = 0, weight = 100;

	if (**text != '.' && **text != ',')
		return 0;
	(*text)++;
	while (**text >= '0' && **text <= '9') {
		milliseconds += weight * (**text - '0');
		weight /= 10;
		(*text)++;
	}
	return milliseconds;
}

/* Z, +hhmm, +hh:mm, +hh or nothing. */
static bool read_zone_s(const char **text, int *offset_s)
{
	int sign = **text == '-' ? -1 : 1, hours, minutes = 0;

	*offset_s = 0;
	if (**text == '\0')
		return true;
	if (read_char(text, "Zz"))
		return **text == '\0';
	if (!read_char(text, "+-") || !read_digits(text, 2, &hours))
		return false;
	(void)read_char(text, ":");
	if (**text != '\0' && !read_digits(text, 2, &minutes))
		return false;
	*offset_s = sign * (hours * 3600 + minutes * 60);
	return **text == '\0' && hours < 24 && minutes < 60;
}

static bool in_calendar(const struct tm *tm)
{
	static const int days[] = { 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };

	return tm->tm_mon >= 0 && tm->tm_mon < 12 && tm->tm_mday >= 1 &&
	       tm->tm_mday <= days[tm->tm_mon] && tm->tm_hour < 24 && tm->tm_min < 60 && tm->tm_sec <= 60;
}

int64_t clock_day_number(int year, int month, int day)
{
	int64_t y = year - (month <= 2 ? 1 : 0), era = (y >= 0 ? y : y - 399) / 400, of_era = y - era * 400;
	int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;

	return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

int64_t clock_utc_s(const struct tm *tm)
{
	int64_t days = clock_day_number(tm->tm_year + 1900, tm->tm_mon + 1, tm->tm_mday);

	return ((days * 24 + tm->tm_hour) * 60 + tm->tm_min) * 60 + tm->tm_sec;
}

bool clock_parse_iso(const char *text, int64_t *wall_ms)
{
	struct tm tm = { 0 };
	int year, month, milliseconds, offset_s;

	if (text == NULL || !read_digits(&text, 4, &year) || !read_char(&text, "-") ||
	    !read_digits(&text, 2, &month) || !read_char(&text, "-") ||
	    !read_digits(&text, 2, &tm.tm_mday) || !read_char(&text, "Tt ") ||
	    !read_digits(&text, 2, &tm.tm_hour) || !read_char(&text, ":") ||
	    !read_digits(&text, 2, &tm.tm_min))
		return false;
	if (read_char(&text, ":") && !read_digits(&text, 2, &tm.tm_sec))
		return false;
	milliseconds = read_fraction_ms(&text);
	tm.tm_year = year - 1900;
	tm.tm_mon = month - 1;
	if (!read_zone_s(&text, &offset_s) || !in_calendar(&tm))
		return false;
	*wall_ms = (clock_utc_s(&tm) - offset_s) * 1000 + milliseconds;
	return true;
}

void clock_format_duration(int64_t ms, char out[CLOCK_TEXT_SIZE])
{
	long seconds = ms < 0 ? 0 : (long)(ms / 1000);
	long minutes = seconds / 60, hours = minutes / 60, days = hours / 24;

	if (seconds < 60)
		(void)snprintf(out, CLOCK_TEXT_SIZE, "%ld s", seconds);
	else if (minutes < 60)
		(void)snprintf(out, CLOCK_TEXT_SIZE, "%ld min", minutes);
	else if (hours < 24)
		(void)snprintf(out, CLOCK_TEXT_SIZE, "%ld h %ld min", hours, minutes % 60);
	else
		(void)snprintf(out, CLOCK_TEXT_SIZE, "%ld d %ld h", days, hours % 24);
}
