/* bot/zone.c: against glibc's own reading of the same database, its edges by hand, and damaged files. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "bot/mem.h"
#include "bot/str.h"
#include "bot/zone.h"

#define HOUR_MS (3600 * (int64_t)1000)
#define DAY_MS (24 * HOUR_MS)

static const char *const names[] = {
	"UTC", "Asia/Tokyo", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata",
	"America/Sao_Paulo", "Africa/Casablanca", "Pacific/Apia", "Europe/Dublin", "America/St_Johns",
	"Asia/Kathmandu", "Antarctica/Troll", "Pacific/Chatham", "America/Caracas", "Etc/GMT+5",
};

static struct zone *load(const char *name)
{
	struct err err;
	struct zone *zone = zone_load(name, &err);

	if (zone == NULL)
		fail_msg("%s", err.text);
	return zone;
}

static int64_t utc(const char *text)
{
	struct tm tm = { 0 };

	assert_non_null(strptime(text, "%Y-%m-%d %H:%M", &tm));
	return timegm(&tm) * (int64_t)1000;
}

static const char *local_text(const char *name, int64_t wall_ms)
{
	static char text[128];
	struct zone *zone = load(name);
	struct zone_time t;

	zone_local(zone, wall_ms, &t);
	(void)snprintf(text, sizeof(text), "%d-%02d-%02d %02d:%02d:%02d %s", t.year, t.month, t.day, t.hour, t.minute,
	               t.second, t.abbreviation);
	zone_free(zone);
	return text;
}

static void same_as_glibc(const struct zone *zone, time_t at)
{
	struct zone_time mine;
	struct tm tm;

	zone_local(zone, at * (int64_t)1000 + 999, &mine);
	assert_non_null(localtime_r(&at, &tm));
	if (mine.year != tm.tm_year + 1900 || mine.month != tm.tm_mon + 1 || mine.day != tm.tm_mday ||
	    mine.hour != tm.tm_hour || mine.minute != tm.tm_min || mine.second != tm.tm_sec ||
	    mine.weekday != tm.tm_wday || mine.offset_s != tm.tm_gmtoff || strcmp(mine.abbreviation, tm.tm_zone) != 0)
		fail_msg("%s at %lld: %d-%02d-%02d %02d:%02d:%02d %s, glibc: %d-%02d-%02d %02d:%02d:%02d %s", zone_name(zone),
		         (long long)at, mine.year, mine.month, mine.day, mine.hour, mine.minute, mine.second,
		         mine.abbreviation, tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec,
		         tm.tm_zone);
}

/* Days from 1900 to 2500 at odd times, and each half hour of the years around now. */
static void test_local_time_is_glibcs(void **state)
{
	const time_t from = -2208988800, to = 16725225600, now = 1577836800, then = 1893456000;
	const time_t step = getenv("TOCSIN_UNDER_VALGRIND") != NULL ? 20 * 86400 : 86400;

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct zone *zone = load(names[i]);

		(void)setenv("TZ", names[i], 1);
		tzset();
		for (time_t at = from; at < to; at += 3 * step + 12347)
			same_as_glibc(zone, at);
		for (time_t at = now; at < then; at += step / 24 + 1)
			same_as_glibc(zone, at);
		zone_free(zone);
	}
	(void)unsetenv("TZ");
	tzset();
}

static void test_changes_come_at_their_second(void **state)
{
	(void)state;
	assert_string_equal(local_text("Europe/Berlin", utc("2026-03-29 01:00") - 1), "2026-03-29 01:59:59 CET");
	assert_string_equal(local_text("Europe/Berlin", utc("2026-03-29 01:00")), "2026-03-29 03:00:00 CEST");
	assert_string_equal(local_text("Europe/Berlin", utc("2026-10-25 01:00")), "2026-10-25 02:00:00 CET");
	assert_string_equal(local_text("Australia/Lord_Howe", utc("2026-04-04 15:00")), "2026-04-05 01:30:00 +1030");
	assert_string_equal(local_text("Pacific/Apia", utc("2011-12-30 10:00")), "2011-12-31 00:00:00 +14");
	/* Far beyond the table, and back into it: the calendar repeats after 400 years. */
	assert_string_equal(local_text("America/New_York", utc("2926-07-04 12:00")), "2926-07-04 08:00:00 EDT");
	assert_string_equal(local_text("America/New_York", utc("9999-12-31 12:00")), "9999-12-31 07:00:00 EST");
	assert_string_equal(local_text("UTC", -1), "1969-12-31 23:59:59 UTC");
}

static void test_instants_of_local_times(void **state)
{
	struct zone *berlin = load("Europe/Berlin"), *apia = load("Pacific/Apia"), *tokyo = load("Asia/Tokyo");

	(void)state;
	assert_int_equal(zone_instant(berlin, 2026, 3, 29, 1, 59), utc("2026-03-29 00:59"));
	assert_int_equal(zone_instant(berlin, 2026, 3, 29, 2, 30), utc("2026-03-29 01:00")); /* skipped */
	assert_int_equal(zone_instant(berlin, 2026, 3, 29, 3, 0), utc("2026-03-29 01:00"));
	assert_int_equal(zone_instant(berlin, 2026, 10, 25, 2, 30), utc("2026-10-25 00:30")); /* twice */
	assert_int_equal(zone_instant(berlin, 2026, 10, 25, 3, 0), utc("2026-10-25 02:00"));
	assert_int_equal(zone_instant(apia, 2011, 12, 30, 12, 0), utc("2011-12-30 10:00")); /* that day never was */
	assert_int_equal(zone_instant(tokyo, 2026, 13, 0, 24, 0), utc("2026-12-31 15:00")); /* carried over */
	assert_int_equal(zone_instant(berlin, 2926, 7, 1, 0, 0), utc("2926-06-30 22:00"));
	zone_free(berlin);
	zone_free(apia);
	zone_free(tokyo);
}

static void test_a_day_begins_where_its_date_begins(void **state)
{
	struct zone *paulo = load("America/Sao_Paulo"), *berlin = load("Europe/Berlin");

	(void)state;
	/* Until 2019 summer time began at midnight: the day began at 01:00. */
	assert_int_equal(zone_day_start(paulo, utc("2018-11-04 12:00")), utc("2018-11-04 03:00"));
	assert_int_equal(zone_day_start(berlin, utc("2026-03-29 20:00")), utc("2026-03-28 23:00"));
	assert_int_equal(zone_day_start(berlin, utc("2026-10-25 22:59")), utc("2026-10-24 22:00"));
	assert_int_equal(zone_day_start(berlin, utc("2026-10-25 23:00")), utc("2026-10-25 23:00"));
	zone_free(paulo);
	zone_free(berlin);
}

/* There and back again, in every zone. */
static void test_instant_and_local_time_agree(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct zone *zone = load(names[i]);

		for (int64_t at = utc("2010-01-01 00:00"); at < utc("2030-01-01 00:00"); at += 31 * HOUR_MS) {
			struct zone_time t, again;
			int64_t back, start = zone_day_start(zone, at);

			zone_local(zone, at, &t);
			back = zone_instant(zone, t.year, t.month, t.day, t.hour, t.minute);
			zone_local(zone, back, &again);
			assert_true(back == at || (back < at && again.hour == t.hour && again.minute == t.minute));
			assert_true(start <= at && at - start <= 26 * HOUR_MS);
			zone_local(zone, start - 1, &again);
			assert_int_not_equal(again.day, t.day);
		}
		zone_free(zone);
	}
}

static void test_names_cannot_lead_elsewhere(void **state)
{
	static const char *const bad[] = { "", ".", "../../../etc/passwd", "/etc/localtime", "Asia/../Asia/Tokyo", "Asia",
		"Mars/Olympus", "Asia/Tokyo\n", "zone.tab", "right/Asia/Tokyo", "tzdata.zi", "-Asia", "Asia/Tok%o" };
	char longer[200];
	struct err err;

	(void)state;
	memset(longer, 'a', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_null(zone_load(bad[i], &err));
		assert_int_equal(err.kind, ERR_USAGE);
	}
	assert_null(zone_load(longer, &err));
	assert_null(zone_load("Mars/Olympus", &err));
	assert_string_equal(err.text, "there is no time zone Mars/Olympus in /usr/share/zoneinfo; write one like "
	                    "Asia/Tokyo, Europe/Berlin or UTC (package tzdata)");
}

/* A file of version 2 with one type and a rule; `rule` is its footer. */
static struct zone *with_rule(const char *rule, struct err *err)
{
	static const unsigned char head[44] = { 'T', 'Z', 'i', 'f', '2', [39] = 1, [43] = 4 };
	static const unsigned char type[10] = { 0, 0, 0, 0, 0, 0, 'L', 'M', 'T', 0 };
	struct str file;
	struct zone *zone;

	str_init(&file, 1000);
	for (int i = 0; i < 2; i++) {
		str_add_bytes(&file, head, sizeof(head));
		str_add_bytes(&file, type, sizeof(type));
	}
	str_addf(&file, "\n%s\n", rule);
	zone = zone_read("Test/Rule", (const unsigned char *)file.text, file.length, err);
	str_free(&file);
	return zone;
}

static const char *ruled(const char *rule, const char *at)
{
	static char text[64];
	struct err err;
	struct zone *zone = with_rule(rule, &err);
	struct zone_time t;

	if (zone == NULL)
		return "refused";
	zone_local(zone, utc(at), &t);
	(void)snprintf(text, sizeof(text), "%02d-%02d %02d:%02d %s", t.month, t.day, t.hour, t.minute, t.abbreviation);
	zone_free(zone);
	return text;
}

static void test_rules_of_every_form(void **state)
{
	(void)state;
	assert_string_equal(ruled("JST-9", "2026-06-01 00:00"), "06-01 09:00 JST");
	assert_string_equal(ruled("<+0330>-3:30", "2026-06-01 00:00"), "06-01 03:30 +0330");
	assert_string_equal(ruled("EST5EDT,M3.2.0,M11.1.0", "2026-03-08 06:59"), "03-08 01:59 EST");
	assert_string_equal(ruled("EST5EDT,M3.2.0,M11.1.0", "2026-03-08 07:00"), "03-08 03:00 EDT");
	/* Day 60 of a Julian rule is 1 March in every year, day 59 of a counted one is not. */
	assert_string_equal(ruled("AAA0BBB,J60/0,J61/0", "2024-02-29 12:00"), "02-29 12:00 AAA");
	assert_string_equal(ruled("AAA0BBB,J60/0,J61/0", "2024-03-01 12:00"), "03-01 13:00 BBB");
	assert_string_equal(ruled("AAA0BBB,59/0,61/0", "2024-02-29 12:00"), "02-29 13:00 BBB");
	assert_string_equal(ruled("AAA0BBB,59/0,61/0", "2025-03-01 12:00"), "03-01 13:00 BBB");
	/* Summer time all the year; hours of the day before; a negative saving, as in Dublin. */
	assert_string_equal(ruled("XXX3EDT4,0/0,J365/23", "2026-01-01 04:00"), "01-01 00:00 EDT");
	assert_string_equal(ruled("<-02>2<-01>,M3.5.0/-1,M10.5.0/0", "2026-03-29 00:59"), "03-28 22:59 -02");
	assert_string_equal(ruled("<-02>2<-01>,M3.5.0/-1,M10.5.0/0", "2026-03-29 01:00"), "03-29 00:00 -01");
	assert_string_equal(ruled("IST-1GMT0,M10.5.0,M3.5.0/1", "2026-12-24 12:00"), "12-24 12:00 GMT");
	assert_string_equal(ruled("NZST-12NZDT,M9.5.0,M4.1.0/3", "2026-01-01 00:00"), "01-01 13:00 NZDT");
	assert_string_equal(ruled("", "2026-06-01 00:00"), "06-01 00:00 LMT");
}

static void test_broken_rules_are_refused(void **state)
{
	static const char *const bad[] = { "J", "JST", "JST-", "JST-99", "JST-9:60", "JST-9:00:00:00", "<JST-9", "<+9-9", "JST-9x",
		"AAA0BBB", "AAA0BBB,", "AAA0BBB,M3.2.0", "AAA0BBB,M13.1.0,M1.1.0", "AAA0BBB,M1.6.0,M1.1.0", "AAA0BBB,M1.1.7,M1.1.0",
		"AAA0BBB,J0,J1", "AAA0BBB,J366,J1", "AAA0BBB,366,1", "AAA0BBB,1/168,2", "AAA0BBB,1,2/", "AAA0BBB,1,2,3",
		"AAAAAAAAAAAAAAAAAAAA0", "AAA-25:30BBB-26,1,2", "AAA99999999999999999999" };
	struct err err;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (with_rule(bad[i], &err) != NULL)
			fail_msg("%s was taken", bad[i]);
	assert_string_equal(err.text, "the file of the time zone Test/Rule is damaged; reinstall the package tzdata");
}

/* Each byte of a real file in turn becomes something else, and the file ends at each byte: never a crash, and
 * where it is still taken, an answer. */
static void test_damaged_files_never_hurt(void **state)
{
	FILE *file = fopen("/usr/share/zoneinfo/Europe/Dublin", "rb");
	unsigned char bytes[8192];
	size_t size, taken = 0, step = getenv("TOCSIN_UNDER_VALGRIND") != NULL ? 41 : 1;
	struct zone_time t;
	struct zone *zone;
	struct err err;

	(void)state;
	assert_non_null(file);
	size = fread(bytes, 1, sizeof(bytes), file);
	(void)fclose(file);
	for (size_t i = 0; i < size; i += step) {
		char *part = mem_copy_bytes(bytes, i); /* an end of its own, so that reading past it is seen */
		unsigned char before = bytes[i];

		assert_null(zone_read("x", (unsigned char *)part, i, &err));
		free(part);
		bytes[i] = (unsigned char)(before ^ (i % 3 == 0 ? 0xFF : i % 3 == 1 ? 0x01 : 0x80));
		zone = zone_read("x", bytes, size, &err);
		bytes[i] = before;
		if (zone == NULL)
			continue;
		taken++;
		for (int64_t at = -4000; at < 4000; at += 500) {
			zone_local(zone, at * 365 * DAY_MS, &t);
			(void)zone_day_start(zone, at * 365 * DAY_MS);
		}
		zone_local(zone, INT64_MAX, &t);
		zone_local(zone, INT64_MIN, &t);
		zone_free(zone);
	}
	assert_true(taken > 0);
}

static bool is_same(const char *left, const char *right)
{
	struct err err;
	struct zone *a = zone_load(left, &err), *b = zone_load(right, &err);
	bool same;

	assert_non_null(a);
	assert_non_null(b);
	same = zone_is_same(a, b);
	zone_free(a);
	zone_free(b);
	return same;
}

static void test_one_zone_has_several_names(void **state)
{
	(void)state;
	assert_true(is_same("UTC", "Etc/UTC"));
	assert_true(is_same("UTC", "Zulu"));
	assert_true(is_same("Europe/Berlin", "Europe/Berlin"));
	assert_true(is_same("Asia/Kolkata", "Asia/Calcutta"));
	assert_false(is_same("UTC", "Europe/London"));
	assert_false(is_same("Europe/Berlin", "Africa/Lagos")); /* until summer */
	assert_false(is_same("Asia/Tokyo", "Asia/Seoul"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_local_time_is_glibcs),
		cmocka_unit_test(test_changes_come_at_their_second),
		cmocka_unit_test(test_instants_of_local_times),
		cmocka_unit_test(test_a_day_begins_where_its_date_begins),
		cmocka_unit_test(test_instant_and_local_time_agree),
		cmocka_unit_test(test_names_cannot_lead_elsewhere),
		cmocka_unit_test(test_rules_of_every_form),
		cmocka_unit_test(test_broken_rules_are_refused),
		cmocka_unit_test(test_damaged_files_never_hurt),
		cmocka_unit_test(test_one_zone_has_several_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
