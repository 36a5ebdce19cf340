/* Any bytes as a configuration: no crash, no leak, and either a configuration or a reason. */
#include <stddef.h>
#include <stdint.h>

#include "bot/config.h"
#include "bot/str.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str problems, keys;

	str_init(&problems, 1 << 20);
	str_init(&keys, 1 << 16);
	struct config *config = config_parse((const char *)data, size, "fuzz.yaml", true, &problems);
	if ((config == NULL) != (problems.length > 0) || !str_utf8_valid(problems.text, problems.length))
		abort();
	if (config != NULL && config_needs_restart(config, config, &keys))
		abort();
	config_free(config);
	str_free(&keys);
	str_free(&problems);
	return 0;
}
