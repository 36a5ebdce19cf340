/* events.h - what the tests of bot/alarm.h's events share: one parsed event, and what it must be.
 */
#ifndef TESTS_EVENTS_H
#define TESTS_EVENTS_H

#include <stdint.h>

#include "bot/alarm.h"

#define EVENTS_TOPIC "arn:aws:sns:eu-west-1:111122223333:alarms"
#define EVENTS_SENT_MS 1772827200000LL

extern struct event event; /* the last one parsed */

void parse_with(const char *message, const char *subject);
struct alarm *parse_alarm(const char *message);   /* fails when it is a notice */
struct notice *parse_notice(const char *message); /* fails when it is an alarm */
int free_event(void **state); /* teardown of every test */

void assert_text(const char *actual, const char *expected); /* NULL equals NULL */
void assert_number(double actual, double expected);         /* NaN equals NaN */
void assert_time(int64_t actual, const char *expected);
void assert_json(struct json_object *actual, const char *expected);
void assert_condition(const struct alarm *alarm, const char *expected);
void assert_key(const struct alarm *alarm, const char *expected);
const char *detail(const struct notice *notice, const char *name); /* its value, or NULL */

#endif
