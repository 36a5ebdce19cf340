/* Any bytes as JSON: refused or read; what is read prints to what reads and prints the same, and parts may be altered. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "bot/json.h"
#include "bot/mem.h"
#include "bot/str.h"

static void need(int good)
{
	if (!good)
		abort();
}

static bool visit(void *arg, const char *key, struct json_object *value)
{
	int *depth = arg;
	struct str path;

	(void)json_number(value, "", 0);
	(void)json_int(value, "", 0);
	need((json_text(value, "") == NULL) == (value == NULL || json_is_object(value) || json_is_array(value)));
	need(json_string(value, "") == NULL || strlen(json_string(value, "")) <= json_string_length(value, ""));
	str_init(&path, 1u << 20);
	str_addf(&path, "%s.a[0].b", key);
	(void)json_get(value, path.text);
	str_free(&path);
	if (++*depth > 64)
		return true;
	json_each(value, visit, depth);
	for (size_t i = 0; json_is_array(value) && i < json_count(value); i++)
		(void)visit(depth, "", json_at(value, i));
	return true;
}

static void alter(struct json_object *json)
{
	struct json_object *part = json_keep(json_is_array(json) ? json_at(json, 0) : json_get(json, "a"));

	if (json_is_array(json)) {
		json_append(json, json_keep(part));
		json_append_string(json, "x");
	} else if (json_is_object(json)) {
		json_put(json, "part", json_keep(part));
		json_put_int(json, "a", 1);
		json_put(json, "b", json_new_string("y"));
		json_put(json, "b", NULL);
	}
	json_free(json);
	need(json_print(part) != NULL);
	json_free(part);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *exact = mem_copy_bytes(data, size);
	struct json_object *json, *same;
	char *printed;
	struct err err;
	int depth = 0;

	json = json_parse(exact, size, &err);
	same = json_parse_unique(exact, size, &err);
	need(json != NULL || same == NULL); /* unique is the stricter one */
	json_free(same);
	free(exact);
	if (json == NULL)
		return 0;
	(void)visit(&depth, "", json);
	printed = mem_copy_string(json_print(json));
	same = json_parse_unique(printed, strlen(printed), &err);
	need(same != NULL && strcmp(json_print(same), printed) == 0);
	json_free(same);
	same = json_copy(json);
	need(strcmp(json_print_pretty(same), json_print_pretty(json)) == 0);
	json_free(same);
	free(printed);
	alter(json);
	return 0;
}
