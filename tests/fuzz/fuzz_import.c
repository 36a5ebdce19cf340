/* Any body of a CloudWatch dashboard: what is written loads as a configuration, or there is a reason why nothing is. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "bot/config.h"
#include "bot/str.h"
#include "commands/import.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char base[] =
	"slack: { app_token: xapp-1-A0123456789-0123456789-abcdef, bot_token: xoxb-0123456789-abcdefgh, channel: "
	"C0123456789 }\nsns: { topics: [ \"arn:aws:sns:us-east-1:123456789012:alarms\" ] }\n";

static void must_load(const char *yaml)
{
	struct str text, problems;
	struct config *config;

	str_init(&text, (size_t)2 << 20);
	str_init(&problems, 1 << 16);
	str_add(&text, base);
	str_add(&text, yaml);
	config = config_parse(text.text, text.length, "fuzz.yaml", true, &problems);
	if (config == NULL || config->dashboards.count != 1)
		abort();
	config_free(config);
	str_free(&text);
	str_free(&problems);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct import_source source = { .name = "4 the \"shop\"", .body = (const char *)data, .length = size,
		.region = size % 2 == 0 ? "eu-west-1" : NULL, .account = "123456789012" };
	struct err err = { .kind = ERR_NONE };
	char *yaml = import_yaml(&source, &err);

	if ((yaml == NULL) != (err.kind != ERR_NONE) || (yaml == NULL && !str_utf8_valid(err.text, strlen(err.text))))
		abort();
	if (yaml != NULL)
		must_load(yaml);
	free(yaml);
	return 0;
}
