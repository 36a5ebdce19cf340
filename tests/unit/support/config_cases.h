/* config_cases.h - configuration files that are wrong, and every line that is said about them. */
#ifndef TESTS_CONFIG_CASES_H
#define TESTS_CONFIG_CASES_H

#include <stddef.h>

struct config;

/* The two lines of the smallest good file. */
#define SLACK "slack: {app_token: xapp-1, bot_token: xoxb-1, channel: C0123456789}\n"
#define SNS "sns: {topics: [arn:aws:sns:us-east-1:123456789012:alarms]}\n"
#define GOOD SLACK SNS

struct config_case {
	const char *yaml;
	const char *problems; /* "LINE: KEY: ...\n" each; "DIR/" is the directory of the file */
};

/* For cmocka's group: a scratch directory with the files and the environment that cases use. */
int config_cases_setup(void **state);
int config_cases_teardown(void **state);

void config_cases_check(const struct config_case *cases, size_t count);

/* Writes a file into the directory. */
void config_write(const char *name, const char *text, size_t length);
/* Loads yaml as DIR/t.yaml, which must be good; the caller's to free. */
struct config *config_good(const char *yaml);

#endif
