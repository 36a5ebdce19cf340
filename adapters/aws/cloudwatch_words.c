#include "adapters/aws/cloudwatch_words.h"

#include <string.h>

#include "bot/json.h"

#define NAME_MAX_LENGTH 255
#define VALUE_MAX_LENGTH 1024

static bool is_text(const char *text, size_t max)
{
	size_t length = strlen(text);

	for (size_t i = 0; i < length; i++)
		if (text[i] < ' ' || text[i] > '~')
			return false;
	return length <= max && strspn(text, " ") < length;
}

static bool is_name(const char *text)
{
	return text != NULL && text[0] != ':' && is_text(text, NAME_MAX_LENGTH);
}

static bool check_dimension(void *arg, const char *name, struct json_object *value)
{
	const char *text = json_string(value, "");
	bool *good = arg;

	*good = is_name(name) && text != NULL && is_text(text, VALUE_MAX_LENGTH);
	return *good;
}

bool cloudwatch_words_check(const struct metric *metric, struct metric_result *result)
{
	bool good = true;

	if (metric->expression != NULL)
		return true;
	json_each(metric->dimensions, check_dimension, &good);
	if (is_name(metric->namespace_) && is_name(metric->metric) && good)
		return true;
	metric_result_fail(result, "CloudWatch knows no such metric: %s may only have ASCII characters, and not too "
	                   "many", good ? "its namespace and name" : "a dimension");
	result->misasked = true;
	return false;
}
