/*
 * log.h - one line an event on standard error; text or JSON.
 *
 * The event name is a fixed string ("sns.refused"); details are key/value pairs, so that the
 * same line is readable as text and parseable as JSON. Values are escaped: foreign text cannot
 * forge a line. Registered secrets are starred out. Repeats of one event beyond 200 lines a second are counted,
 * not written, and the count is written once a second.
 */
#ifndef BOT_LOG_H
#define BOT_LOG_H

#include <stdbool.h>
#include <stdint.h>

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR };
enum log_format { LOG_TEXT, LOG_JSON };

void log_setup(enum log_format format, enum log_level least);
void log_sink(void (*write_line)(const char *line)); /* for tests; NULL restores standard error */

/*
 * log_event(LOG_INFO, "incident.opened", "incident", id, "alarm", name, NULL)
 * Keys and values are strings in turn, ended by NULL; a NULL value ends nothing: it is written
 * as "-". Use LOG_INT for numbers.
 */
void log_event(enum log_level level, const char *event, ...) __attribute__((sentinel));
/* The same line for the case that there is no memory: it takes none, and passes the sink by. why: plain text. */
void log_last_words(const char *event, const char *why);
#define LOG_INT(value) log_int_text((int64_t)(value), (char[24]){ 0 })
const char *log_int_text(int64_t value, char buffer[24]);

#endif
