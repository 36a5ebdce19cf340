#include "bot/json.h"

#include <json-c/json.h>
#include <string.h>

#include "bot/mem.h"
#include "bot/str.h"

#define MAX_NAME 256

void json_free(struct json_object *json)
{
	json_object_put(json);
}

struct json_object *json_keep(struct json_object *json)
{
	return json_object_get(json);
}

/* One member or element; *path moves behind it. */
static bool select_one(struct json_object **json, const char **path)
{
	char name[MAX_NAME];
	size_t length;

	if (**path == '[') {
		char *end;
		unsigned long index = strtoul(*path + 1, &end, 10);

		if (*end != ']' || !json_object_is_type(*json, json_type_array))
			return false;
		*json = json_object_array_get_idx(*json, index);
		*path = end + 1;
		return true;
	}
	length = strcspn(*path, ".[");
	if (length >= sizeof(name) || !json_object_is_type(*json, json_type_object))
		return false;
	memcpy(name, *path, length);
	name[length] = '\0';
	*path += length;
	return json_object_object_get_ex(*json, name, json);
}

/* False when absent; *json may become NULL (JSON's null) on true. */
static bool follow(struct json_object **json, const char *path)
{
	while (*path != '\0') {
		if (*json == NULL || !select_one(json, &path))
			return false;
		if (*path == '.')
			path++;
	}
	return true;
}

struct json_object *json_get(struct json_object *json, const char *path)
{
	struct json_object *value;

	/* Most paths are one plain name. */
	if (json_object_is_type(json, json_type_object) && *path != '\0' && path[strcspn(path, ".[")] == '\0')
		return json_object_object_get_ex(json, path, &value) ? value : NULL;
	return follow(&json, path) ? json : NULL;
}

bool json_has(struct json_object *json, const char *path)
{
	return json != NULL && follow(&json, path);
}

const char *json_string(struct json_object *json, const char *path)
{
	struct json_object *value = json_get(json, path);

	return json_object_is_type(value, json_type_string) ? json_object_get_string(value) : NULL;
}

const char *json_text(struct json_object *json, const char *path)
{
	struct json_object *value = json_get(json, path);

	switch (json_object_get_type(value)) {
	case json_type_string:
	case json_type_int:
	case json_type_double:
	case json_type_boolean:
		return json_object_get_string(value);
	default:
		return NULL;
	}
}

size_t json_string_length(struct json_object *json, const char *path)
{
	struct json_object *value = json_get(json, path);

	if (!json_object_is_type(value, json_type_string))
		return 0;
	return (size_t)json_object_get_string_len(value);
}

int64_t json_int(struct json_object *json, const char *path, int64_t fallback)
{
	struct json_object *value = json_get(json, path);

	return json_object_is_type(value, json_type_int) ? json_object_get_int64(value) : fallback;
}

double json_number(struct json_object *json, const char *path, double fallback)
{
	struct json_object *value = json_get(json, path);

	if (json_object_is_type(value, json_type_int) || json_object_is_type(value, json_type_double))
		return json_object_get_double(value);
	return fallback;
}

bool json_flag(struct json_object *json, const char *path, bool fallback)
{
	struct json_object *value = json_get(json, path);

	return json_object_is_type(value, json_type_boolean) ? json_object_get_boolean(value) != 0 : fallback;
}

bool json_is_object(struct json_object *json)
{
	return json_object_is_type(json, json_type_object) != 0;
}

bool json_is_array(struct json_object *json)
{
	return json_object_is_type(json, json_type_array) != 0;
}

bool json_is_string(struct json_object *json)
{
	return json_object_is_type(json, json_type_string) != 0;
}

size_t json_count(struct json_object *json)
{
	if (json_is_array(json))
		return json_object_array_length(json);
	return json_is_object(json) ? (size_t)json_object_object_length(json) : 0;
}

struct json_object *json_at(struct json_object *array, size_t index)
{
	return json_is_array(array) ? json_object_array_get_idx(array, index) : NULL;
}

void json_each(struct json_object *object,
               bool (*each)(void *arg, const char *key, struct json_object *value), void *arg)
{
	if (!json_is_object(object))
		return;
	json_object_object_foreach(object, key, value)
		if (!each(arg, key, value))
			return;
}

static struct json_object *sure(struct json_object *json)
{
	if (json == NULL)
		abort();
	return json;
}

struct json_object *json_new_object(void)
{
	return sure(json_object_new_object());
}

struct json_object *json_new_array(void)
{
	return sure(json_object_new_array());
}

struct json_object *json_new_string(const char *text)
{
	return sure(json_object_new_string(text));
}

struct json_object *json_new_int(int64_t value)
{
	return sure(json_object_new_int64(value));
}

struct json_object *json_new_number(double value)
{
	return sure(json_object_new_double(value));
}

struct json_object *json_new_bool(bool value)
{
	return sure(json_object_new_boolean(value));
}

void json_put(struct json_object *object, const char *key, struct json_object *value)
{
	if (json_object_object_add(object, key, value) != 0)
		abort();
}

void json_put_string(struct json_object *object, const char *key, const char *text)
{
	if (text != NULL)
		json_put(object, key, json_new_string(text));
}

void json_put_int(struct json_object *object, const char *key, int64_t value)
{
	json_put(object, key, json_new_int(value));
}

void json_put_number(struct json_object *object, const char *key, double value)
{
	json_put(object, key, json_new_number(value));
}

void json_put_bool(struct json_object *object, const char *key, bool value)
{
	json_put(object, key, json_new_bool(value));
}

void json_append(struct json_object *array, struct json_object *value)
{
	if (json_object_array_add(array, value) != 0)
		abort();
}

void json_append_string(struct json_object *array, const char *text)
{
	json_append(array, json_new_string(text));
}

struct json_object *json_drop_first(struct json_object *array, size_t count)
{
	struct json_object *rest;

	if (count == 0)
		return array;
	rest = json_new_array();
	for (size_t i = count; i < json_count(array); i++)
		json_append(rest, json_keep(json_at(array, i)));
	json_free(array);
	return rest;
}

const char *json_print(struct json_object *json)
{
	return json_object_to_json_string_ext(json, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE);
}

const char *json_print_pretty(struct json_object *json)
{
	return json_object_to_json_string_ext(json, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED |
	                                                JSON_C_TO_STRING_NOSLASHESCAPE);
}

static void add_object(struct str *out, struct json_object *object)
{
	const char *separator = "";

	str_add_char(out, '{');
	json_object_object_foreach(object, key, value) {
		str_add(out, separator);
		str_add_json(out, key, strlen(key));
		str_add_char(out, ':');
		json_add(out, value);
		separator = ",";
	}
	str_add_char(out, '}');
}

static void add_array(struct str *out, struct json_object *array)
{
	size_t count = json_object_array_length(array);

	str_add_char(out, '[');
	for (size_t i = 0; i < count; i++) {
		if (i > 0)
			str_add_char(out, ',');
		json_add(out, json_object_array_get_idx(array, i));
	}
	str_add_char(out, ']');
}

static void add_int(struct str *out, struct json_object *json)
{
	int64_t value = json_object_get_int64(json);

	if (value == INT64_MAX) /* or more: what json-c keeps beyond it, only itself can print */
		str_add(out, json_print(json));
	else
		str_add_int(out, value);
}

void json_add(struct str *out, struct json_object *json)
{
	switch (json_object_get_type(json)) {
	case json_type_object:
		add_object(out, json);
		break;
	case json_type_array:
		add_array(out, json);
		break;
	case json_type_string:
		str_add_json(out, json_object_get_string(json), (size_t)json_object_get_string_len(json));
		break;
	case json_type_int:
		add_int(out, json);
		break;
	default: /* json-c remembers the digits of a number */
		str_add(out, json == NULL ? "null" : json_print(json));
		break;
	}
}
