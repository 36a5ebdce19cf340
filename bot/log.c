#include "bot/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bot/clock.h"
#include "bot/mem.h"
#include "bot/secret.h"
#include "bot/str.h"

#define LINE_MAX_BYTES 8192
#define LINES_PER_SECOND 200
#define EVENTS_WATCHED 128

/* How often one event was written in the present second; the rest is only counted. */
struct repeat {
	const char *event;
	int64_t second;
	unsigned written, held_back;
};

static enum log_format format = LOG_TEXT;
static enum log_level least = LOG_INFO;
static void (*sink)(const char *line);
static struct repeat repeats[EVENTS_WATCHED];

static const char *const level_names[] = { "debug", "info", "warn", "error" };

void log_setup(enum log_format new_format, enum log_level new_least)
{
	format = new_format;
	least = new_least;
}

void log_sink(void (*write_line)(const char *line))
{
	sink = write_line;
}

const char *log_int_text(int64_t value, char buffer[24])
{
	(void)snprintf(buffer, 24, "%lld", (long long)value);
	return buffer;
}

static bool is_plain(const char *value)
{
	if (*value == '\0')
		return false;
	for (; *value != '\0'; value++)
		if ((unsigned char)*value <= ' ' || *value == '"' || *value == '=' || *value == '\\' ||
		    (unsigned char)*value >= 0x7F)
			return false;
	return true;
}

static void add_value(struct str *line, const char *value)
{
	size_t length;

	if (value == NULL)
		value = "-";
	length = strlen(value);
	if (format == LOG_TEXT && is_plain(value))
		str_add(line, value);
	else if (str_utf8_valid(value, length))
		str_add_json(line, value, length);
	else
		str_add(line, "\"(not UTF-8)\"");
}

static void write_out(struct str *line)
{
	secret_filter(line->text);
	if (sink != NULL) {
		sink(line->text);
		return;
	}
	str_add_char(line, '\n');
	/* One write a line: lines of several processes on one terminal do not mix. */
	if (write(STDERR_FILENO, line->text, line->length) < 0)
		return; /* nobody is left to be told */
}

static void begin(struct str *line, enum log_level level, const char *event)
{
	char now[CLOCK_TEXT_SIZE];

	str_init(line, LINE_MAX_BYTES);
	clock_format_iso(clock_wall_ms(), now);
	if (format == LOG_JSON)
		str_addf(line, "{\"time\":\"%s\",\"level\":\"%s\",\"event\":\"%s\"", now, level_names[level], event);
	else
		str_addf(line, "%s %-5s %s", now, level_names[level], event);
}

static void add_pair(struct str *line, const char *key, const char *value)
{
	if (format == LOG_JSON)
		str_addf(line, ",\"%s\":", key);
	else
		str_addf(line, " %s=", key);
	add_value(line, value);
}

static void finish(struct str *line)
{
	if (line->cut) { /* too long to be one valid line: say only that */
		line->length = str_utf8_prefix(line->text, line->length, 200);
		for (char *c = line->text; c < line->text + line->length; c++)
			if (*c == '"' || *c == '\\')
				*c = '\'';
		line->text[line->length] = '\0';
	} else if (format == LOG_JSON) {
		str_add_char(line, '}');
	}
	write_out(line);
	str_free(line);
}

static void say_held_back(struct repeat *repeat)
{
	struct str line;

	begin(&line, LOG_WARN, "log.held_back");
	add_pair(&line, "of", repeat->event);
	add_pair(&line, "lines", LOG_INT(repeat->held_back));
	finish(&line);
}

static bool may_write(const char *event)
{
	size_t slot = ((size_t)(const void *)event >> 3) % EVENTS_WATCHED;
	struct repeat *repeat = &repeats[slot];
	int64_t second = clock_mono_ms() / 1000;

	if (repeat->event != event || repeat->second != second) {
		if (repeat->held_back > 0)
			say_held_back(repeat);
		*repeat = (struct repeat){ .event = event, .second = second };
	}
	if (repeat->written < LINES_PER_SECOND) {
		repeat->written++;
		return true;
	}
	repeat->held_back++;
	return false;
}

void log_last_words(const char *event, const char *why)
{
	char line[512], now[CLOCK_TEXT_SIZE];
	int length;

	clock_format_iso(clock_wall_ms(), now);
	length = snprintf(line, sizeof(line),
	                  format == LOG_JSON ? "{\"time\":\"%s\",\"level\":\"error\",\"event\":\"%s\",\"why\":\"%s\"}\n"
	                                     : "%s error %s why=\"%s\"\n",
	                  now, event, why);
	if (length > 0 && write(STDERR_FILENO, line, (size_t)length) < 0)
		return; /* nobody is left to be told */
}

void log_event(enum log_level level, const char *event, ...)
{
	struct str line;
	const char *key;
	va_list args;

	if (level < least || !may_write(event))
		return;
	begin(&line, level, event);
	va_start(args, event);
	while ((key = va_arg(args, const char *)) != NULL)
		add_pair(&line, key, va_arg(args, const char *));
	va_end(args);
	finish(&line);
}
