#include "bot/zone.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "bot/mem.h"
#include "bot/zone_private.h"

#define FOLDER "/usr/share/zoneinfo"
#define FILE_MAX ((size_t)128 * 1024) /* the largest one of the database has 4 KiB */
#define HEADER_SIZE 44
#define TYPE_SIZE 6
#define DAY_S 86400
#define YEARS_S ((int64_t)146097 * DAY_S) /* of ZONE_YEARS */
#define RULE_FROM_YEAR 1900               /* of a file with a rule but without transitions */

struct zone {
	char *name;
	struct zone_type first;      /* before the first change */
	struct zone_change *changes; /* strictly ascending */
	size_t count;
	bool repeats; /* the last ZONE_YEARS of changes are those of all times after them */
};

/* The counts of a TZif header (RFC 9636, 3.1). */
struct header {
	uint32_t utc_count, standard_count, leap_count, time_count, type_count, char_count;
	size_t time_size;
};

struct reader {
	const unsigned char *at;
	size_t left;
	struct header header;
};

static uint32_t get_32(const unsigned char *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static int64_t get_time(const unsigned char *p, size_t size)
{
	if (size == 4)
		return (int32_t)get_32(p);
	return (int64_t)((uint64_t)get_32(p) << 32 | get_32(p + 4));
}

static bool read_header(struct reader *reader, char *version)
{
	const unsigned char *p = reader->at;

	if (reader->left < HEADER_SIZE || memcmp(p, "TZif", 4) != 0 || (p[4] != '\0' && (p[4] < '2' || p[4] > '9')))
		return false;
	*version = (char)p[4];
	reader->header = (struct header){
		.utc_count = get_32(p + 20), .standard_count = get_32(p + 24), .leap_count = get_32(p + 28),
		.time_count = get_32(p + 32), .type_count = get_32(p + 36), .char_count = get_32(p + 40),
	};
	reader->at += HEADER_SIZE;
	reader->left -= HEADER_SIZE;
	return true;
}

/* Of the block behind the header; SIZE_MAX: it cannot be. */
static size_t block_size(const struct header *h)
{
	if (h->time_count > FILE_MAX || h->type_count > 256 || h->char_count > FILE_MAX || h->leap_count > FILE_MAX ||
	    h->utc_count > 256 || h->standard_count > 256)
		return SIZE_MAX;
	return h->time_count * (h->time_size + 1) + h->type_count * (size_t)TYPE_SIZE + h->char_count +
	       h->leap_count * (h->time_size + 4) + h->standard_count + h->utc_count;
}

static bool read_type(const struct header *h, const unsigned char *record, const char *names, struct zone_type *type)
{
	size_t begin = record[5], length;

	type->offset_s = (int32_t)get_32(record);
	if (!zone_offset_is_valid(type->offset_s) || record[4] > 1 || begin >= h->char_count)
		return false;
	length = strnlen(names + begin, h->char_count - begin);
	if (begin + length == h->char_count || length >= sizeof(type->abbreviation))
		return false;
	for (size_t i = 0; i < length; i++)
		if (!isalnum((unsigned char)names[begin + i]) && strchr("+-", names[begin + i]) == NULL)
			return false;
	memcpy(type->abbreviation, names + begin, length + 1);
	return true;
}

static bool read_block(struct zone *zone, struct reader *reader)
{
	const struct header *h = &reader->header;
	size_t size = block_size(h);
	const unsigned char *times = reader->at, *indexes, *records;
	struct zone_type types[256] = { 0 };
	const char *names;

	if (size > reader->left || h->type_count == 0 || h->leap_count != 0)
		return false;
	indexes = times + h->time_count * h->time_size;
	records = indexes + h->time_count;
	names = (const char *)records + h->type_count * TYPE_SIZE;
	for (uint32_t i = 0; i < h->type_count; i++)
		if (!read_type(h, records + i * TYPE_SIZE, names, &types[i]))
			return false;
	zone->first = types[0];
	zone->count = h->time_count;
	zone->changes = mem_alloc((zone->count + 1) * sizeof(*zone->changes));
	for (size_t i = 0; i < zone->count; i++) {
		int64_t at_s = get_time(times + i * h->time_size, h->time_size);

		if (indexes[i] >= h->type_count || (i > 0 && at_s <= zone->changes[i - 1].at_s))
			return false;
		zone->changes[i] = (struct zone_change){ at_s, types[indexes[i]] };
	}
	reader->at += size;
	reader->left -= size;
	return true;
}

static void calendar(int64_t at_s, struct tm *tm)
{
	time_t seconds = at_s;

	if (gmtime_r(&seconds, tm) == NULL) /* a year beyond an int: no time of ours, in ms, is so far */
		memset(tm, 0, sizeof(*tm));
}

static void add_change(struct zone *zone, const struct zone_change *change)
{
	size_t at = zone->count;

	while (at > 0 && zone->changes[at - 1].at_s > change->at_s)
		at--;
	memmove(zone->changes + at + 1, zone->changes + at, (zone->count - at) * sizeof(*zone->changes));
	zone->changes[at] = *change;
	zone->count++;
}

/* Two changes at one instant (saving time all the year): what comes later in the year's order holds. */
static void drop_twins(struct zone *zone)
{
	size_t kept = 0;

	for (size_t i = 0; i < zone->count; i++) {
		if (kept > 0 && zone->changes[kept - 1].at_s == zone->changes[i].at_s)
			kept--;
		zone->changes[kept++] = zone->changes[i];
	}
	zone->count = kept;
}

/* The rule's changes behind those of the file, until they would repeat themselves. */
static bool extend(struct zone *zone, const struct zone_rule *rule)
{
	bool bare = zone->count == 0;
	int64_t last_s = bare ? INT64_MIN : zone->changes[zone->count - 1].at_s;
	int year = RULE_FROM_YEAR;
	struct tm tm;

	if (!rule->has_saving) {
		if (bare)
			zone->first = rule->standard;
		return true;
	}
	if (!bare) {
		calendar(last_s, &tm);
		year = tm.tm_year + 1900;
	}
	if (year < -9999 || year > 9999)
		return false;
	zone->changes = mem_resize(zone->changes, (zone->count + 2 * (ZONE_YEARS + 3)) * sizeof(*zone->changes));
	for (int i = -1; i <= ZONE_YEARS + 1; i++) {
		struct zone_change pair[2];
		int earlier;

		zone_rule_changes(rule, year + i, pair);
		earlier = pair[1].at_s < pair[0].at_s ? 1 : 0;
		if (pair[earlier].at_s > last_s)
			add_change(zone, &pair[earlier]);
		if (pair[1 - earlier].at_s > last_s)
			add_change(zone, &pair[1 - earlier]);
	}
	drop_twins(zone);
	zone->repeats = true;
	return true;
}

/* "\n" rule "\n"; an empty rule says nothing about later times. */
static bool read_footer(struct zone *zone, const struct reader *reader)
{
	struct zone_rule rule;
	char text[128];
	size_t length;
	const char *end;

	if (reader->left < 2 || reader->at[0] != '\n')
		return false;
	end = memchr(reader->at + 1, '\n', reader->left - 1);
	if (end == NULL)
		return false;
	length = (size_t)(end - (const char *)reader->at) - 1;
	if (length == 0)
		return true;
	if (length >= sizeof(text))
		return false;
	memcpy(text, reader->at + 1, length);
	text[length] = '\0';
	return zone_rule_read(&rule, text) && extend(zone, &rule);
}

static bool read_file(struct zone *zone, struct reader *reader)
{
	size_t size;
	char version;

	if (!read_header(reader, &version))
		return false;
	reader->header.time_size = 4;
	if (version == '\0')
		return read_block(zone, reader);
	size = block_size(&reader->header);
	if (size > reader->left)
		return false;
	reader->at += size;
	reader->left -= size;
	if (!read_header(reader, &version))
		return false;
	reader->header.time_size = 8;
	return read_block(zone, reader) && read_footer(zone, reader);
}

struct zone *zone_read(const char *name, const unsigned char *bytes, size_t size, struct err *err)
{
	struct zone *zone = mem_alloc(sizeof(*zone));
	struct reader reader = { .at = bytes, .left = size };

	zone->name = mem_copy_string(name);
	if (size <= FILE_MAX && read_file(zone, &reader))
		return zone;
	(void)err_set(err, ERR_USAGE, "the file of the time zone %.64s is damaged; reinstall the package tzdata", name);
	zone_free(zone);
	return NULL;
}

static struct zone *make_utc(void)
{
	struct zone *zone = mem_alloc(sizeof(*zone));

	zone->name = mem_copy_string("UTC");
	memcpy(zone->first.abbreviation, "UTC", sizeof("UTC"));
	return zone;
}

bool zone_name_is_valid(const char *name)
{
	if (!isalpha((unsigned char)name[0]) || strlen(name) > 63)
		return false;
	for (; *name != '\0'; name++)
		if (!isalnum((unsigned char)*name) && strchr("/_+-", *name) == NULL)
			return false;
	return true;
}

/* The whole of a regular file; SIZE_MAX: there is none, or it is too large. */
static size_t read_whole(int fd, unsigned char *bytes, size_t max)
{
	struct stat about;
	size_t size = 0;

	if (fstat(fd, &about) != 0 || !S_ISREG(about.st_mode))
		return SIZE_MAX;
	while (size < max) {
		ssize_t count = read(fd, bytes + size, max - size);

		if (count < 0)
			return SIZE_MAX;
		if (count == 0)
			return size;
		size += (size_t)count;
	}
	return SIZE_MAX;
}

struct zone *zone_load(const char *name, struct err *err)
{
	struct mem mem = { 0 };
	unsigned char *bytes = NULL;
	size_t size = SIZE_MAX;
	struct zone *zone = NULL;
	int fd = -1;

	if (strcmp(name, "UTC") == 0)
		return make_utc();
	if (zone_name_is_valid(name))
		fd = open(mem_printf(&mem, FOLDER "/%s", name), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd >= 0) {
		bytes = mem_zalloc(&mem, FILE_MAX + 1);
		size = read_whole(fd, bytes, FILE_MAX + 1);
		(void)close(fd);
	}
	if (size != SIZE_MAX)
		zone = zone_read(name, bytes, size, err);
	else
		(void)err_set(err, ERR_USAGE, "there is no time zone %s in " FOLDER "; write one like Asia/Tokyo, "
		              "Europe/Berlin or UTC (package tzdata)",
		              zone_name_is_valid(name) ? name : "of that name");
	mem_free_all(&mem);
	return zone;
}

void zone_free(struct zone *zone)
{
	if (zone == NULL)
		return;
	free(zone->changes);
	free(zone->name);
	free(zone);
}

static bool is_same_type(const struct zone_type *a, const struct zone_type *b)
{
	return a->offset_s == b->offset_s && strcmp(a->abbreviation, b->abbreviation) == 0;
}

bool zone_is_same(const struct zone *a, const struct zone *b)
{
	if (a->count != b->count || a->repeats != b->repeats || !is_same_type(&a->first, &b->first))
		return false;
	for (size_t i = 0; i < a->count; i++)
		if (a->changes[i].at_s != b->changes[i].at_s ||
		    !is_same_type(&a->changes[i].type, &b->changes[i].type))
			return false;
	return true;
}

const char *zone_name(const struct zone *zone)
{
	return zone->name;
}

/* How many changes are at or before then. */
static size_t changes_until(const struct zone *zone, int64_t at_s)
{
	size_t low = 0, high = zone->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (zone->changes[middle].at_s <= at_s)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* The same moment in a year that the table knows. */
static int64_t into_table(const struct zone *zone, int64_t at_s)
{
	int64_t last_s;

	if (!zone->repeats)
		return at_s;
	last_s = zone->changes[zone->count - 1].at_s;
	return at_s < last_s ? at_s : at_s - ((at_s - last_s) / YEARS_S + 1) * YEARS_S;
}

/* What holds at this time, and the instant at which it ends (INT64_MAX: never). */
static const struct zone_type *type_at(const struct zone *zone, int64_t at_s, int64_t *until_s)
{
	int64_t inside_s = into_table(zone, at_s);
	size_t count = changes_until(zone, inside_s);

	if (until_s != NULL)
		*until_s = count == zone->count ? INT64_MAX : zone->changes[count].at_s + (at_s - inside_s);
	return count == 0 ? &zone->first : &zone->changes[count - 1].type;
}

static int64_t floor_seconds(int64_t wall_ms)
{
	return wall_ms / 1000 - (wall_ms % 1000 < 0);
}

void zone_local(const struct zone *zone, int64_t wall_ms, struct zone_time *local)
{
	int64_t at_s = floor_seconds(wall_ms);
	const struct zone_type *type = type_at(zone, at_s, NULL);
	struct tm tm;

	calendar(at_s + type->offset_s, &tm);
	*local = (struct zone_time){
		.year = tm.tm_year + 1900, .month = tm.tm_mon + 1, .day = tm.tm_mday,
		.hour = tm.tm_hour, .minute = tm.tm_min, .second = tm.tm_sec,
		.weekday = tm.tm_wday, .offset_s = type->offset_s,
	};
	memcpy(local->abbreviation, type->abbreviation, sizeof(local->abbreviation));
}

int64_t zone_instant(const struct zone *zone, int year, int month, int day, int hour, int minute)
{
	struct tm tm = {
		.tm_year = year - 1900, .tm_mon = month - 1, .tm_mday = day, .tm_hour = hour, .tm_min = minute,
	};
	int64_t local_s = timegm(&tm);
	int64_t from_s = local_s - 26 * 3600; /* no zone is so far ahead */

	for (;;) {
		int64_t until_s;
		int64_t at_s = local_s - type_at(zone, from_s, &until_s)->offset_s;

		if (at_s <= from_s)
			return from_s * 1000;
		if (at_s < until_s)
			return at_s * 1000;
		from_s = until_s;
	}
}

int64_t zone_day_start(const struct zone *zone, int64_t wall_ms)
{
	struct zone_time local;

	zone_local(zone, wall_ms, &local);
	return zone_instant(zone, local.year, local.month, local.day, 0, 0);
}
